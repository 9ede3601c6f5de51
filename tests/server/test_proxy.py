"""What a proxy in front says of the client and of the person, and from whom it is believed."""

from __future__ import annotations

import pytest
import requests
from runjson_server.proxies import client_address, household
from runjson_server.settings import Settings
from runjson_tracker.store import Store
from starlette.requests import Request

from tests.serving import bearer, serving
from tests.test_commands import run

WORDS = ("--proxy", "127.0.0.0/8", "--person-header", "X-Remote-User")


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """A server that believes whoever asks from 127.0.0.1, as a proxy there does."""
    with serving(tmp_path_factory.mktemp("behind") / "store", *WORDS) as server:
        yield server


def person(server, headers):
    answer = requests.get(f"{server.address}/api/v1/session", headers=headers, timeout=30)
    return answer.json()["person"] if answer.ok else answer.status_code


def test_whom_the_proxy_names_is_added_and_signed_in(behind):
    assert person(behind, {}) is None
    assert person(behind, {"X-Remote-User": "anna@example.org"}) == "anna@example.org"
    assert person(behind, {"x-remote-user": "anna@example.org"}) == "anna@example.org"
    with Store.open(behind.place) as store:
        (row,) = (row for row in store.access.audit() if row.action == "person.add")
        assert (row.person, row.detail["by"]) == ("anna@example.org", "proxy")
        assert not store.access.person("anna@example.org").admin


def test_the_same_header_from_somebody_else_is_not_looked_at(tmp_path):
    with serving(tmp_path / "store", "--proxy", "192.0.2.7", *WORDS[2:]) as server:
        server.token("root", admin=True)
        assert person(server, {"X-Remote-User": "root"}) is None
        assert person(server, {"X-Remote-User": "root", "X-Forwarded-For": "192.0.2.7"}) is None
        with Store.open(server.place) as store:
            assert [one.name for one in store.access.people()] == ["root"]


def test_a_name_that_came_twice_is_refused_as_the_client_may_have_given_one(behind):
    connection = run_raw(behind, "X-Remote-User: root", "X-Remote-User: anna")
    assert b" 400 " in connection.splitlines()[0]


def run_raw(server, *lines):
    """What the server answers to a request with exactly these headers, some perhaps twice."""
    import socket

    with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
        head = ["GET /api/v1/session HTTP/1.1", f"Host: 127.0.0.1:{server.port}", *lines, "Connection: close", "", ""]
        connection.sendall("\r\n".join(head).encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_what_can_be_no_name_is_refused(behind):
    for name in ("two words", "a/b", "x" * 200, "é"):
        assert person(behind, {"X-Remote-User": name.encode()}) == 403


def test_the_proxys_own_password_is_not_in_the_way_and_a_token_counts_more(behind):
    assert person(behind, {"X-Remote-User": "anna", "Authorization": "Basic YW5uYTpwYXNz"}) == "anna"
    assert person(behind, {"Authorization": "Basic YW5uYTpwYXNz"}) == 401
    assert person(behind, bearer(behind.token("berta")) | {"X-Remote-User": "anna"}) == "berta"


def test_somebody_who_is_disabled_stays_out_whatever_the_proxy_says(behind):
    assert person(behind, {"X-Remote-User": "gone"}) == "gone"
    with Store.open(behind.place) as store:
        store.access.disable("gone")
    assert person(behind, {"X-Remote-User": "gone"}) == 403


def test_another_site_can_not_use_that_the_proxy_knows_the_browser(behind):
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}):
        answer = requests.post(
            f"{behind.address}/api/v1/tokens", json={"name": "stolen"}, timeout=30,
            headers={"X-Remote-User": "anna", **headers},
        )  # fmt: skip
        assert answer.status_code == 403


def test_with_invited_only_the_proxy_brings_nobody_new(tmp_path):
    with serving(tmp_path / "store", *WORDS, "--invited-only") as server:
        assert person(server, {"X-Remote-User": "anna"}) == 403
        server.token("anna")
        assert person(server, {"X-Remote-User": "anna"}) == "anna"


# -- the address of the client -----------------------------------------------------------------------------------------


def address(client, *forwarded, proxies=("10.0.0.0/8", "127.0.0.1")):
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    scope = {"type": "http", "client": (client, 1), "headers": headers}
    return client_address(Request(scope), Settings(tracker="x", proxies=proxies))


@pytest.mark.parametrize(
    ("client", "forwarded", "found"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("198.51.100.9",), "192.0.2.1"),
        ("127.0.0.1", ("192.0.2.1",), "192.0.2.1"),
        ("::ffff:127.0.0.1", ("192.0.2.1",), "192.0.2.1"),
        ("127.0.0.1", ("6.6.6.6, 192.0.2.1",), "192.0.2.1"),
        ("127.0.0.1", ("6.6.6.6", "192.0.2.1"), "192.0.2.1"),
        ("127.0.0.1", ("6.6.6.6, 192.0.2.1, 10.1.2.3",), "192.0.2.1"),
        ("127.0.0.1", ("10.9.9.9, 10.1.2.3",), "10.9.9.9"),
        ("127.0.0.1", (), "127.0.0.1"),
        ("127.0.0.1", (" , ",), "127.0.0.1"),
        ("127.0.0.1", ("6.6.6.6, " + "x" * 100,), "x" * 64),
    ],
)
def test_the_client_is_the_last_one_that_no_proxy_of_ours_is(client, forwarded, found):
    assert address(client, *forwarded) == found


def test_addresses_that_one_client_can_take_at_will_count_as_one():
    assert household("2001:db8::1") == household("2001:db8::ffff:1") != household("2001:db8:0:1::1")
    assert household("192.0.2.1") == household("::ffff:192.0.2.1") != household("192.0.2.2")


def test_the_log_of_what_was_done_has_the_clients_address(behind):
    headers = {"X-Remote-User": "anna", "X-Forwarded-For": "6.6.6.6, 192.0.2.44"}
    answer = requests.post(
        f"{behind.address}/api/v1/projects", json={"name": "from far"}, headers=headers, timeout=30
    )  # fmt: skip
    assert answer.status_code == 201
    with Store.open(behind.place) as store:
        (row,) = store.access.audit(project="from far")
        assert (row.person, row.address, row.action) == ("anna", "192.0.2.44", "project.make")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--person-header", "X-Remote-User"), b"--person-header needs --proxy"),
        (("--proxy", "somewhere"), b'the proxy "somewhere" is no address'),
        (("--openid-issuer", "https://id.example.org"), b"go together"),
        (
            (
                "--openid-issuer",
                "http://id.example.org",
                "--openid-client",
                "x",
                "--address",
                "https://runs.example.org",
            ),
            b"is no https address",
        ),
    ],
)
def test_settings_that_would_believe_anybody_are_refused(tmp_path, words, told):
    done = run("serve", "--to", tmp_path / "store", *words)
    assert done.returncode == 2
    assert told in done.stderr
