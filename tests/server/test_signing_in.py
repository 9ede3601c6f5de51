"""Signing in and out in a browser: cookies, the header against other sites, guessing, passwords, invitations."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie

import pytest
import requests
from runjson_server.passwords import NOTED, Noting
from runjson_server.proxies import household
from runjson_tracker.access.secret import digest, public_id
from runjson_tracker.store import Store

from tests.server.cast import PASSWORD
from tests.serving import bearer, serving


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("signing") / "store") as server:
        yield server


class Browser:
    """Keeps cookies, and sends what a page of the server sends."""

    def __init__(self, server):
        self.address, self.own, self.csrf = f"{server.address}/api/v1", requests.Session(), None

    def ask(self, method, path, body=None, **headers):
        headers |= {"X-CSRF-Token": self.csrf} if self.csrf else {}
        return self.own.request(method, self.address + path, json=body, headers=headers, timeout=60)

    def sign_in(self, name, password=PASSWORD):
        answer = self.ask("POST", "/session", {"name": name, "password": password})
        self.csrf = answer.json().get("csrf")
        return answer

    @property
    def person(self):
        return self.ask("GET", "/session").json()["person"]


@pytest.fixture
def person(request, running):
    """The name of somebody whom no other test knows."""
    name = f"p{abs(hash(request.node.name))}"
    with Store.open(running.place) as store:
        store.access.add_person(name, PASSWORD)
    return name


@pytest.fixture
def browser(running):
    return Browser(running)


def morsel(answer):
    """The cookie that an answer sets."""
    (found,) = SimpleCookie(answer.headers["Set-Cookie"]).values()
    return found


def test_whoever_signs_in_is_asked_no_more_until_they_sign_out(browser, person):
    assert browser.person is None
    told = browser.sign_in(person).json()
    assert (told["person"], told["admin"], told["writes"], told["token"]) == (person, False, True, None)
    assert browser.person == person
    assert browser.ask("DELETE", "/session").status_code == 204
    assert not browser.own.cookies
    assert browser.person is None


def test_a_session_that_was_signed_out_of_is_over_for_who_kept_its_cookie(running, browser, person):
    browser.sign_in(person)
    kept = dict(browser.own.cookies)
    browser.ask("DELETE", "/session")
    told = requests.get(f"{running.address}/api/v1/session", cookies=kept, timeout=30).json()
    assert told["person"] is None


def test_signing_in_again_ends_the_session_before(running, browser, person):
    browser.sign_in(person)
    kept = dict(browser.own.cookies)
    browser.sign_in(person)
    assert dict(browser.own.cookies) != kept
    assert requests.get(f"{running.address}/api/v1/session", cookies=kept, timeout=30).json()["person"] is None


def test_somebody_lists_their_sessions_and_ends_one_or_all_others(running, browser, person):
    browser.sign_in(person)
    others = [Browser(running) for _ in range(3)]
    for other in others:
        other.sign_in(person)
    told = browser.ask("GET", "/sessions").json()["sessions"]
    assert [one["current"] for one in told].count(True) == 1
    assert len({one["id"] for one in told}) == 4
    kept = [*browser.own.cookies.values(), *(cookie for one in others for cookie in one.own.cookies.values())]
    assert not any(secret in repr(told) for secret in kept)
    theirs = next(one["id"] for one in others[0].ask("GET", "/sessions").json()["sessions"] if one["current"])
    assert browser.ask("POST", "/sessions/end", {"id": theirs}).json() == {"ended": 1}
    assert [one.person for one in others] == [None, person, person]
    assert browser.ask("POST", "/sessions/end", {"id": theirs}).status_code == 404
    # Nobody who forgets to say which one ends all of them.
    assert browser.ask("POST", "/sessions/end", {}).status_code == 422
    assert browser.ask("POST", "/sessions/end", {"id": ""}).status_code == 404
    assert browser.ask("POST", "/sessions/end", {"id": None}).json() == {"ended": 2}
    assert [browser.person, *(one.person for one in others)] == [person, None, None, None]
    with Store.open(running.place) as store:
        rows = store.access.audit(person=person, action="session.revoke")
        assert [one.detail for one in rows] == [{"count": 2}, {"id": theirs}]
        assert rows[0].address == "127.0.0.1"


def test_with_a_token_that_may_do_all_every_session_is_ended(running, browser, person):
    browser.sign_in(person)
    headers = bearer(running.token(person, "admin"))
    address = f"{running.address}/api/v1/sessions"
    assert [one["current"] for one in requests.get(address, headers=headers, timeout=30).json()["sessions"]] == [False]
    assert requests.post(f"{address}/end", json={"id": None}, headers=headers, timeout=30).json() == {"ended": 1}
    assert browser.person is None


def test_no_script_and_no_other_site_gets_the_cookie(browser, person):
    cookie = morsel(browser.sign_in(person))
    assert (cookie.key, cookie["httponly"], cookie["samesite"], cookie["path"]) == ("runjson_session", True, "lax", "/")
    assert not cookie["domain"]
    assert not cookie["secure"]
    assert cookie.value not in browser.ask("GET", "/session").text


def test_under_https_the_cookie_is_for_https_and_this_host_alone(tmp_path):
    with serving(tmp_path / "store", "--address", "https://runs.example.org") as server:
        server.token("ada")
        answer = requests.post(
            f"{server.address}/api/v1/session", json={"name": "ada", "password": PASSWORD}, timeout=60,
            headers={"Origin": "https://runs.example.org"},
        )  # fmt: skip
        cookie = morsel(answer)
        assert cookie.key == "__Host-runjson_session"
        assert cookie["secure"] and cookie["httponly"] and cookie["path"] == "/" and not cookie["domain"]
        # A cookie that somebody on plain HTTP, or on a sibling host, could have set counts for nothing.
        for name, expected in (("__Host-runjson_session", "ada"), ("runjson_session", None)):
            told = requests.get(f"{server.address}/api/v1/session", cookies={name: cookie.value}, timeout=30).json()
            assert told["person"] == expected
        wrong = requests.post(f"{server.address}/api/v1/session", headers={"Origin": server.address}, timeout=30)
        assert wrong.status_code == 403


def test_a_change_needs_the_header_that_only_a_page_of_the_server_knows(browser, person):
    browser.sign_in(person)
    known = browser.csrf
    for wrong in (None, "", known[:-1], "0" * 64, known + "0"):
        browser.csrf = wrong
        assert browser.ask("POST", "/tokens", {"name": "x"}).status_code == 403
    assert browser.ask("GET", "/session").json()["csrf"] == known
    browser.csrf = known
    assert browser.ask("POST", "/tokens", {"name": "x"}).status_code == 201


def test_the_header_of_one_session_is_none_of_another(running, browser, person):
    other = Browser(running)
    browser.sign_in(person)
    other.sign_in(person)
    browser.csrf = other.csrf
    assert browser.ask("POST", "/tokens", {"name": "y"}).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_signs_nobody_in(browser, person, headers):
    answer = browser.ask("POST", "/session", {"name": person, "password": PASSWORD}, **headers)
    assert answer.status_code == 403
    assert not browser.own.cookies


def test_a_token_needs_no_such_header(running, person):
    token = running.token(person, "admin")
    answer = requests.post(
        f"{running.address}/api/v1/tokens", json={"name": "z"}, headers=bearer(token), timeout=30
    )  # fmt: skip
    assert answer.status_code == 201


# -- passwords ---------------------------------------------------------------------------------------------------------


def test_another_password_ends_all_sessions_and_needs_the_old_one(running, browser, person):
    other = Browser(running)
    browser.sign_in(person)
    other.sign_in(person)
    change = {"name": person, "password": "another password"}
    for wrong in ({}, {"old": "not the password"}):
        assert browser.ask("POST", "/people/password", change | wrong).status_code == 403
    answer = browser.ask("POST", "/people/password", change | {"old": PASSWORD})
    assert answer.status_code == 204
    assert not browser.own.cookies
    assert other.person is None
    assert Browser(running).sign_in(person).status_code == 401
    assert Browser(running).sign_in(person, "another password").status_code == 200


def test_somebody_who_is_disabled_is_signed_out_at_once_and_cannot_come_back(running, browser, person):
    browser.sign_in(person)
    admin = bearer(running.token("root", "admin", admin=True))
    answer = requests.post(
        f"{running.address}/api/v1/people/disable", json={"name": person}, headers=admin, timeout=30
    )  # fmt: skip
    assert answer.status_code == 204
    assert browser.person is None
    assert Browser(running).sign_in(person).status_code == 401


def test_an_admin_does_not_shut_out_themselves(running):
    admin = bearer(running.token("root", "admin", admin=True))
    answer = requests.post(
        f"{running.address}/api/v1/people/disable", json={"name": "root"}, headers=admin, timeout=30
    )  # fmt: skip
    assert answer.status_code == 409


def test_what_is_wrong_with_a_password_is_told_without_it(browser):
    for path, body in (
        ("/session", {"password": "hunter2 hunter2"}),
        ("/session", {"name": 5, "password": ["hunter2"]}),
        ("/people", {"name": "anna", "password": "hunter2"}),
        ("/invitations/accept", {"secret": "x", "name": "anna", "password": "hunter2"}),
        ("/invitations/asked", {"secret": "hunter2" * 100}),
    ):
        answer = browser.ask("POST", path, body)
        assert answer.status_code == 422
        assert "hunter2" not in answer.text


# -- guessing ----------------------------------------------------------------------------------------------------------


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_network_of_ipv6_is_one_guesser():
    assert household("2001:db8::1") == household("2001:db8::ffff:1") != household("2001:db8:0:1::1")
    assert household("10.0.0.1") != household("10.0.0.2")


def test_no_more_than_so_many_wrong_passwords_an_hour_are_in_the_log():
    clock = Clock()
    noting = Noting(clock)
    assert sum(noting.take() for _ in range(NOTED + 50)) == NOTED
    clock.now += 3600
    assert noting.take()


def test_guesses_at_once_are_not_more_than_guesses_in_turn(running, person):
    start = threading.Barrier(12)

    def guess(_):
        browser = Browser(running)
        start.wait(30)
        return browser.sign_in(person, "wrong wrong")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess, range(12)))
    statuses = [one.status_code for one in answers]
    # The wait after the fifth lasts a second: those that come behind it on a slow machine may pass.
    assert set(statuses) == {401, 429}
    assert statuses.count(429) >= 3
    assert all(int(one.headers["Retry-After"]) >= 1 for one in answers if one.status_code == 429)


def test_a_name_that_nobody_has_is_answered_as_a_wrong_password_is(running, person):
    wrong, nobody = Browser(running).sign_in(person, "wrong wrong"), Browser(running).sign_in("nobody", "wrong wrong")
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()


def test_each_sign_in_that_failed_is_in_the_log_and_none_that_had_to_wait(running, browser, person):
    def failed(name):
        with Store.open(running.place) as store:
            rows = store.access.audit(action="sign-in.fail", limit=1000)
        return [(one.person, one.address, one.detail) for one in rows if one.detail["name"] == name]

    browser.sign_in(person)
    assert failed(person) == []
    nobody = f"{person} nobody"
    for name in (person, nobody, "n" * 129):
        answers = [Browser(running).sign_in(name, "wrong wrong").status_code for _ in range(9)]
        assert failed(name) == [(None, "127.0.0.1", {"name": name})] * answers.count(401)
    assert set(answers) == {422}  # a name of no such length is looked at
    assert 5 <= len(failed(nobody)) < 9
    assert "wrong wrong" not in repr(failed(person))


# -- invitations -------------------------------------------------------------------------------------------------------


@pytest.fixture
def invited(running):
    """The secret of an invitation to the project "digits", made by its owner."""
    token = running.token("olga", "admin")
    with Store.open(running.place) as store:
        store.access.make_project("digits", owner=store.access.person("olga"))
    answer = requests.post(
        f"{running.address}/api/v1/invitations", json={"project": "digits", "role": "contributor"},
        headers=bearer(token), timeout=30,
    )  # fmt: skip
    return answer.json()["secret"]


def test_a_guest_comes_in_once_with_a_name_and_a_password(running, browser, invited):
    told = browser.ask("POST", "/invitations/asked", {"secret": invited}).json()
    assert (told["by"], told["project"], told["role"]) == ("olga", "digits", "contributor")
    answer = browser.ask(
        "POST", "/invitations/accept", {"secret": invited, "name": "gast", "password": PASSWORD}
    )  # fmt: skip
    assert answer.json() == {"person": "gast", "project": "digits"}
    assert browser.person == "gast"
    again = Browser(running).ask(
        "POST", "/invitations/accept", {"secret": invited, "name": "gast2", "password": PASSWORD}
    )
    assert again.status_code == 409
    assert Browser(running).ask("POST", "/invitations/asked", {"secret": invited}).status_code == 404
    assert Browser(running).sign_in("gast").status_code == 200


def test_an_owner_lists_invitations_and_withdraws_one(running, invited):
    headers, address = bearer(running.token("olga", "admin")), f"{running.address}/api/v1/invitations"
    (told,) = [
        one
        for one in requests.get(address, params={"project": "digits"}, headers=headers, timeout=30).json()[
            "invitations"
        ]
        if one["id"] == public_id(digest(invited))
    ]
    assert (told["by"], told["project"], told["role"]) == ("olga", "digits", "contributor")
    assert invited not in repr(told)
    old = {"project": "digits", "id": told["id"]}
    assert requests.post(f"{address}/withdraw", json=old, headers=headers, timeout=30).status_code == 204
    again = requests.post(f"{address}/withdraw", json=old, headers=headers, timeout=30)
    assert (again.status_code, "that stands" in again.json()["detail"]) == (404, True)
    assert Browser(running).ask("POST", "/invitations/asked", {"secret": invited}).status_code == 404
    log = requests.get(
        f"{running.address}/api/v1/audit", timeout=30, headers=headers,
        params={"project": "digits", "person": "olga", "action": "invitation.withdraw"},
    ).json()["rows"]  # fmt: skip
    assert [one["detail"] for one in log] == [{"id": told["id"], "by": "olga", "role": "contributor"}]


def test_who_is_signed_in_becomes_a_member(running, browser, person, invited):
    browser.sign_in(person)
    answer = browser.ask("POST", "/invitations/accept", {"secret": invited})
    assert answer.json() == {"person": person, "project": "digits"}
    with Store.open(running.place) as store:
        assert any(one.name == person and one.role == "contributor" for one in store.access.members("digits"))
