"""`runjson ui`: one person on this machine is served, and no page of another site, whatever name it has for itself."""

from __future__ import annotations

import re
import socket
import time

import pytest
import requests

from tests.serving import serving

KEY = re.compile(r"http://127\.0\.0\.1:\d+/\?key=([\w-]{20,})")


@pytest.fixture(scope="module")
def ui(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("ui") / "store", "--no-browser", command="ui") as server:
        yield server


@pytest.fixture(scope="module")
def key(ui):
    end = time.monotonic() + 30
    while (found := KEY.search(ui.log)) is None:
        assert time.monotonic() < end, ui.log
    return found[1]


def status(ui, method="GET", **headers):
    answer = requests.request(method, f"{ui.address}/api/v1/session", headers=headers, timeout=30)
    return answer.status_code


def test_who_has_the_key_may_do_everything(ui, key):
    answer = requests.get(f"{ui.address}/api/v1/session", headers={"Authorization": f"Bearer {key}"}, timeout=30)
    assert answer.json()["admin"] is True
    made = requests.post(
        f"{ui.address}/api/v1/projects", json={"name": "mine"}, headers={"Authorization": f"Bearer {key}"}, timeout=30
    )  # fmt: skip
    assert made.status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Cookie": "runjson_key=wrong"},
        {"Cookie": 'runjson_key="'},
        {"X-Remote-User": "root"},
        {"X-Forwarded-For": "127.0.0.1"},
    ],
)
def test_nobody_gets_in_without_the_key(ui, key, headers):
    assert status(ui, **headers) == 401
    for place in ("/", "/api/v1/openapi.json", "/api/v1/runs", "/?key=wrong", "/?key=", f"/?key={key[:-1]}"):
        assert requests.get(ui.address + place, headers=headers, timeout=30).status_code == 401


def test_a_browser_without_the_key_is_told_in_words_where_it_is(ui, key):
    page = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for place in ("/", "/runs?project=secret", "/?key=wrong", "/?key="):
        answer = requests.get(ui.address + place, headers=page, allow_redirects=False, timeout=30)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "the terminal in which" in answer.text
        assert key not in answer.text and "secret" not in answer.text and "wrong" not in answer.text
        assert "<script" not in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    for method, place, accept in (
        ("GET", "/api/v1/runs", page),
        ("GET", "/api", page),
        ("POST", "/", page),
        ("GET", "/", {}),
    ):
        answer = requests.request(method, ui.address + place, headers=accept, timeout=30)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
    # A name that means this machine of a sudden is told nothing, key or not.
    assert requests.get(f"{ui.address}/", headers=page | {"Host": "evil.example"}, timeout=30).status_code == 421


def test_a_name_that_was_bound_anew_to_this_machine_is_not_answered(ui, key):
    allowed = {"Authorization": f"Bearer {key}"}
    for host in ("evil.example", f"evil.example:{ui.port}", "127.0.0.1", f"127.0.0.1.evil.example:{ui.port}", ""):
        assert status(ui, **allowed, Host=host) == 421
    for host in (f"127.0.0.1:{ui.port}", f"localhost:{ui.port}", f"LOCALHOST:{ui.port}"):
        assert status(ui, **allowed, Host=host) == 200


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Origin": "null"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://127.0.0.1:1"}, False),
        ({"Origin": "file://"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({}, True),
    ],
)
def test_a_change_comes_from_no_page_of_another_site(ui, key, headers, passes):
    allowed = {"Authorization": f"Bearer {key}"}
    assert (status(ui, "DELETE", **allowed, **headers) == 204) is passes
    if not passes:
        assert status(ui, "DELETE", **allowed, **headers) == 403
    assert status(ui, "DELETE", **allowed, Origin=ui.address) == 204


def test_the_key_leaves_the_address_and_becomes_a_cookie(ui, key):
    answer = requests.get(f"{ui.address}/runs?a=1&key={key}&b=%26", allow_redirects=False, timeout=30)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/runs?a=1&b=%26"
    cookie = answer.headers["Set-Cookie"].lower()
    assert f"runjson_key_{ui.port}={key}".lower() in cookie
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    browser = requests.Session()
    browser.get(f"{ui.address}/?key={key}", allow_redirects=False, timeout=30)
    assert browser.get(f"{ui.address}/api/v1/session", timeout=30).json()["admin"] is True


@pytest.mark.parametrize("path", ["//evil.example/x", "/%2Fevil.example/x", "/\\evil.example/x", "///evil.example/x"])
def test_the_key_leads_to_no_other_host(ui, key, path):
    with socket.create_connection(("127.0.0.1", ui.port), 30) as connection:
        head = f"GET {path}?key={key} HTTP/1.1\r\nHost: 127.0.0.1:{ui.port}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert b"\nlocation: /evil.example/x\r" in answer.lower()


def test_a_wrong_key_beside_the_cookie_leads_nowhere(ui, key):
    answer = requests.get(
        f"{ui.address}/?key=wrong", cookies={f"runjson_key_{ui.port}": key}, allow_redirects=False, timeout=30
    )
    assert answer.status_code == 401


def test_the_address_that_a_browser_is_begun_with_is_good_once(tmp_path):
    told = tmp_path / "told"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > {told}.new\nmv {told}.new {told}\n')
    script.chmod(0o755)
    with serving(tmp_path / "store", command="ui", BROWSER=f"{script} %s") as server:
        end = time.monotonic() + 30
        while not told.exists():
            assert time.monotonic() < end, server.log
            time.sleep(0.02)
        address = told.read_text()
        assert address.removeprefix(f"{server.address}/?key=") not in server.log
        browser = requests.Session()
        assert browser.get(address, allow_redirects=False, timeout=30).status_code == 303
        assert browser.get(f"{server.address}/api/v1/session", timeout=30).status_code == 200
        assert requests.get(address, allow_redirects=False, timeout=30).status_code == 401
        printed = KEY.search(server.log)[0]
        assert requests.get(printed, allow_redirects=False, timeout=30).status_code == 303


def test_it_listens_at_loopback_alone(ui):
    # Of each socket that listens the address and the port, in hexadecimal digits.
    with open("/proc/net/tcp") as four, open("/proc/net/tcp6") as six:  # noqa: PTH123  both are no files on a disk
        lines = [line.split() for line in (*four.readlines()[1:], *six.readlines()[1:])]
    places = {line[1].rpartition(":")[0] for line in lines if line[3] == "0A" and int(line[1][-4:], 16) == ui.port}
    assert places == {"0100007F"}


def test_no_page_of_another_site_reads_or_frames_an_answer(ui):
    headers = requests.get(
        f"{ui.address}/api/v1/session", headers={"Origin": "https://evil.example"}, timeout=30
    ).headers
    assert not any(name.lower().startswith("access-control-") for name in headers)
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
