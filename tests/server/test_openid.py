"""Signing in by OpenID Connect: at a real provider, and at one that lies."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from contextlib import ExitStack
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from runjson_tracker.store import Store

from tests.server.issuers import SECRET, Stub, new_key, provider
from tests.serving import serving
from tests.storage import free_port

__all__ = ["provider"]  # a fixture
START, DONE = "/api/v1/openid/start", "/api/v1/openid/done"


def words(issuer, client="runs"):
    return ["--openid-issuer", issuer, "--openid-client", client, "--address", "{address}"]


def person(server, browser):
    return browser.get(f"{server.address}/api/v1/session", timeout=30).json()["person"]


# -- a real provider ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["runs", "public"])
def signing_in(request, provider, tmp_path_factory):
    """A server, and oidc-provider, which knows it as a client with a secret, or without one."""
    port = free_port()
    secret = SECRET if request.param == "runs" else ""
    place = tmp_path_factory.mktemp("openid") / "store"
    with ExitStack() as stack:
        issuer = f"http://127.0.0.1:{port}"
        server = stack.enter_context(serving(place, *words(issuer, request.param), RUNJSON_OPENID_SECRET=secret))
        stack.enter_context(provider(port, server.address + DONE))
        yield server, issuer


def come_back(server, browser, name, to="/"):
    """Sign in at the provider, as a person does; the address at which one comes back."""
    answer = browser.get(server.address + START, params={"next": to}, allow_redirects=False, timeout=30)
    assert answer.status_code == 303, answer.text
    place = answer.headers["Location"]
    for _ in range(10):
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(place))
        answer = browser.get(place, allow_redirects=False, timeout=30)
        if answer.status_code == 200:
            prompt = "login" if 'value="login"' in answer.text else "consent"
            given = {"prompt": prompt, "login": f"subject-of-{name}", "password": "any"}
            answer = browser.post(place, data=given, allow_redirects=False, timeout=30)
        place = requests.compat.urljoin(origin, answer.headers["Location"])
        if place.startswith(server.address):
            return place
    raise AssertionError(place)


def test_somebody_signs_in_at_a_provider_and_comes_back_to_the_page(signing_in):
    server, issuer = signing_in
    browser = requests.Session()
    assert browser.get(f"{server.address}/api/v1/session", timeout=30).json()["openid"] is True
    place = come_back(server, browser, "anna", "/runs?where=parameters.lr<1#top")
    answer = browser.get(place, allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/runs?where=parameters.lr<1#top".replace("<", "%3C"),
    )
    assert person(server, browser) == "anna"
    with Store.open(server.place) as store:
        found = store.access.person("anna")
        assert (found.subject, found.admin) == (f"{issuer} subject-of-anna", False)
        row = next(row for row in store.access.audit() if row.action == "person.add")
        assert (row.person, row.detail["by"]) == ("anna", "openid")
    assert urlsplit(place).query not in server.log


def test_the_second_time_one_is_the_same_person(signing_in):
    server, _ = signing_in
    for _ in range(2):
        browser = requests.Session()
        browser.get(come_back(server, browser, "berta"), allow_redirects=False, timeout=30)
        assert person(server, browser) == "berta"
    with Store.open(server.place) as store:
        assert [one.name for one in store.access.people()].count("berta") == 1


def test_a_code_is_good_once(signing_in):
    server, _ = signing_in
    browser = requests.Session()
    place = come_back(server, browser, "carl")
    kept = browser.cookies.copy()
    assert browser.get(place, allow_redirects=False, timeout=30).status_code == 303
    # In the browser the cookie is gone; with it the provider knows the code no more.
    assert browser.get(place, allow_redirects=False, timeout=30).status_code == 403
    answer = requests.get(place, cookies=kept, allow_redirects=False, timeout=30)
    assert answer.status_code == 403
    assert "does not know" in answer.json()["detail"]
    assert "Set-Cookie" not in answer.headers


def test_a_code_is_of_use_in_the_browser_alone_that_asked(signing_in):
    server, _ = signing_in
    victim, other = requests.Session(), requests.Session()
    place = come_back(server, victim, "dora")
    assert requests.get(place, allow_redirects=False, timeout=30).status_code == 403
    other.get(server.address + START, allow_redirects=False, timeout=30)
    assert other.get(place, allow_redirects=False, timeout=30).status_code == 403
    # With the state of the other browser the code has the wrong verifier.
    theirs = dict(parse_qsl(urlsplit(come_back(server, other, "eve")).query))
    stolen = dict(parse_qsl(urlsplit(place).query))
    forged = other.get(
        server.address + DONE, params=theirs | {"code": stolen["code"]}, allow_redirects=False, timeout=30
    )
    assert forged.status_code == 403
    assert person(server, other) is None


# -- an issuer that lies -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lying(tmp_path_factory):
    stub = Stub()
    place = tmp_path_factory.mktemp("lying") / "store"
    with stub.running(), serving(place, *words(stub.address), RUNJSON_OPENID_SECRET="s") as server:
        yield server, stub


@pytest.fixture
def stub(lying):
    """The issuer, which tells the truth until a test has it lie."""
    _, stub = lying
    stub.token, stub.keys, stub.more, stub.asked = stub.good, [stub.key], {}, []
    return stub


def begin(server, browser, to="/"):
    """Begin to sign in; what the server asks the issuer."""
    answer = browser.get(server.address + START, params={"next": to}, allow_redirects=False, timeout=30)
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query)), answer


def finish(server, browser, asked, **others):
    given = {"state": asked["state"], "code": json.dumps(asked)} | others
    return browser.get(server.address + DONE, params=given, allow_redirects=False, timeout=30)


def test_what_is_asked_is_bound_to_this_browser(lying, stub):
    server, _ = lying
    browser = requests.Session()
    asked, answer = begin(server, browser)
    assert asked["tenant"] == "1"
    assert asked["redirect_uri"] == server.address + DONE
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", "runs")
    cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "max-age=600" in cookie
    assert finish(server, browser, asked).status_code == 303
    assert person(server, browser) == "anna"
    digest = hashlib.sha256(stub.asked[0]["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    again, _ = begin(server, browser)
    assert not {again["state"], again["nonce"], again["code_challenge"]} & set(asked.values())


OTHER = new_key()
NOW = int(time.time())
LIES = {
    "signed with another key": lambda stub, asked: stub.signed(stub.claims(asked), OTHER),
    "signed with a key that nobody knows": lambda stub, asked: stub.signed(stub.claims(asked), OTHER, kid="other"),
    "not signed": lambda stub, asked: stub.by_hand(stub.claims(asked), None),
    "signed with the public key as a secret": lambda stub, asked: stub.by_hand(
        stub.claims(asked), stub.key.as_pem(private=False)
    ),
    "signed with the client's secret": lambda stub, asked: stub.by_hand(stub.claims(asked), b"s"),
    "changed behind the signature": lambda stub, asked: stub.good(asked)[:-8] + "AAAAAAAA",
    "expired": lambda stub, asked: stub.good(asked, exp=NOW - 3600),
    "without an end": lambda stub, asked: stub.good(asked, exp=None),
    "issued in the future": lambda stub, asked: stub.good(asked, iat=NOW + 36000),
    "for another audience": lambda stub, asked: stub.good(asked, aud="others"),
    "for two, of which the other one asked": lambda stub, asked: stub.good(asked, aud=["runs", "others"], azp="others"),
    "for two, and nobody says who asked": lambda stub, asked: stub.good(asked, aud=["runs", "others"]),
    "for nobody": lambda stub, asked: stub.good(asked, aud=None),
    "of another issuer": lambda stub, asked: stub.good(asked, iss="https://evil.example"),
    "with the nonce of another time": lambda stub, asked: stub.good(asked, nonce="x" * 43),
    "without a nonce": lambda stub, asked: stub.good(asked, nonce=None),
    "about nobody": lambda stub, asked: stub.good(asked, sub=None),
    "about an empty name": lambda stub, asked: stub.good(asked, sub=""),
    "no token at all": lambda stub, asked: "not.a.token",
    "no text": lambda stub, asked: {"sub": "s1"},
    "missing": lambda stub, asked: None,
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_token_is_not_believed_that_is(lying, stub, lie):
    server, _ = lying
    stub.token = lambda asked: LIES[lie](stub, asked)
    browser = requests.Session()
    asked, _ = begin(server, browser)
    answer = finish(server, browser, asked)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert "Set-Cookie" not in answer.headers
    assert person(server, browser) is None


@pytest.mark.parametrize(
    "given",
    [
        {"state": "x" * 43}, {"state": ""}, {"code": ""}, {"error": "access_denied"},
        {"iss": "https://evil.example"}, {"error": "<script>"},
    ],
)  # fmt: skip
def test_whoever_comes_back_otherwise_than_they_went_is_not_signed_in(lying, stub, given):
    server, _ = lying
    browser = requests.Session()
    asked, _ = begin(server, browser)
    answer = finish(server, browser, asked, **given)
    assert answer.status_code == 403
    assert "<script>" not in answer.text
    assert person(server, browser) is None


@pytest.mark.parametrize("cookie", ["", "not base64 !", "e30=", base64.urlsafe_b64encode(b'{"state": ""}').decode()])
def test_a_cookie_that_is_none_of_ours_signs_nobody_in(lying, stub, cookie):
    server, _ = lying
    given = {"state": "", "code": "x"}
    answer = requests.get(server.address + DONE, params=given, cookies={"runjson_openid": cookie}, timeout=30)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("to", "place"),
    [
        ("/runs", "/runs"),
        ("/a/b?c=d&e=%2F#f", "/a/b?c=d&e=%2F#f"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        (" //evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_one_comes_back_to_a_page_of_this_server_alone(lying, stub, to, place):
    server, _ = lying
    browser = requests.Session()
    asked, _ = begin(server, browser, to)
    answer = finish(server, browser, asked)
    assert (answer.status_code, answer.headers["Location"]) == (303, place)


def test_a_place_in_the_cookie_that_was_forged_leads_nowhere_else(lying, stub):
    server, _ = lying
    browser = requests.Session()
    asked, _ = begin(server, browser)
    kept = json.loads(base64.urlsafe_b64decode(browser.cookies["runjson_openid"].strip('"')))
    forged = base64.urlsafe_b64encode(json.dumps(kept | {"next": "//evil.example"}).encode()).decode()
    given = {"state": asked["state"], "code": json.dumps(asked)}
    answer = requests.get(
        server.address + DONE, params=given, cookies={"runjson_openid": forged}, allow_redirects=False, timeout=30
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_nobody_takes_over_a_person_by_the_name_that_they_chose_elsewhere(lying, stub):
    server, _ = lying
    server.token("root", admin=True)
    for name in ("root", "two words", "x" * 200, "", None, 7):
        stub.token = lambda asked, name=name: stub.good(asked, sub=f"evil {name}", preferred_username=name)
        stub.more = {"sub": f"evil {name}"}
        browser = requests.Session()
        asked, _ = begin(server, browser)
        answer = finish(server, browser, asked)
        assert answer.status_code == 403
        assert f"{stub.address} evil" in answer.json()["detail"]
        assert person(server, browser) is None


def test_who_takes_another_name_elsewhere_stays_the_same_person(lying, stub):
    server, _ = lying
    for name in ("fritz", "frederick"):
        stub.token = lambda asked, name=name: stub.good(asked, sub="s2", preferred_username=name)
        browser = requests.Session()
        asked, _ = begin(server, browser)
        finish(server, browser, asked)
        assert person(server, browser) == "fritz"


def test_somebody_who_is_disabled_does_not_come_in_elsewhere(lying, stub):
    server, _ = lying
    stub.token = lambda asked: stub.good(asked, sub="s3", preferred_username="gone")
    for expected in (303, 403):
        browser = requests.Session()
        asked, _ = begin(server, browser)
        assert finish(server, browser, asked).status_code == expected
        with Store.open(server.place) as store:
            store.access.disable("gone")


def test_what_another_person_is_called_is_not_believed(lying, stub):
    server, _ = lying
    stub.token = lambda asked: stub.good(asked, sub="s4", preferred_username=None)
    for sub, expected in (("s5", 403), ("s4", 303)):
        stub.more = {"sub": sub, "preferred_username": "hanna"}
        browser = requests.Session()
        asked, _ = begin(server, browser)
        assert finish(server, browser, asked).status_code == expected
    assert person(server, browser) == "hanna"


def test_an_issuer_may_take_a_new_key(lying, stub):
    new = new_key("second")
    with serving(lying[0].place, *words(stub.address)) as fresh:  # which has asked for no keys so far
        browser = requests.Session()
        asked, _ = begin(fresh, browser)
        assert finish(fresh, browser, asked).status_code == 303
        stub.keys = [new]
        stub.token = lambda asked: stub.signed(stub.claims(asked), new, kid="second")
        asked, _ = begin(fresh, browser)
        assert finish(fresh, browser, asked).status_code == 303


def test_with_invited_only_the_issuer_brings_those_alone_whom_an_admin_added(tmp_path, stub):
    with serving(tmp_path / "store", *words(stub.address), "--invited-only") as server:
        browser = requests.Session()
        asked, _ = begin(server, browser)
        answer = finish(server, browser, asked)
        assert answer.status_code == 403
        assert f"{stub.address} s1" in answer.json()["detail"]
        added = requests.post(
            f"{server.address}/api/v1/people", json={"name": "anne", "subject": f"{stub.address} s1"}, timeout=30,
            headers={"Authorization": f"Bearer {server.token('root', 'admin', admin=True)}"},
        )  # fmt: skip
        assert added.status_code == 201
        asked, _ = begin(server, browser)
        assert finish(server, browser, asked).status_code == 303
        assert person(server, browser) == "anne"


def test_an_issuer_that_calls_itself_otherwise_or_is_away_is_not_asked(tmp_path, stub):
    there = stub.configuration
    stub.configuration = there | {"issuer": "https://evil.example"}
    try:
        with serving(tmp_path / "store", *words(stub.address)) as server:
            answer = requests.get(server.address + START, allow_redirects=False, timeout=30)
            assert answer.status_code == 502
            assert "evil.example" in server.log
    finally:
        stub.configuration = there
    with serving(tmp_path / "store", *words(f"http://127.0.0.1:{free_port()}")) as server:
        assert requests.get(server.address + START, allow_redirects=False, timeout=30).status_code == 502
