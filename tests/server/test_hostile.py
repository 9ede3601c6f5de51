"""Clients that mean ill, or are broken: the server says no, stays small, and goes on for the others."""

from __future__ import annotations

import gzip
import re
import socket
import time
from pathlib import Path

import pytest
import requests
from runjson_server.body import zstd
from runjson_tracker.store import Store

from tests.serving import bearer, serving

RUN = b'{"runjson": "1.0", "id": "good", "series": {"loss": [1]}}\n'
MEGABYTES = 250


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("hostile") / "store", "--stall", "1", "--largest", "4") as server:
        yield server


@pytest.fixture(autouse=True)
def unharmed(running):
    """After each attack a good client is served, nothing was tracked but its run, and the server is small."""
    yield
    good = requests.post(f"{running.address}/api/v1/runs", data=RUN, headers=bearer(running.token("good")), timeout=30)
    assert good.json()["answer"] in {"new", "unchanged"}
    with Store.open(running.place) as store:
        assert [one.id for one in store.runs()] == ["good"]
    for process in running.workers:
        status = Path(f"/proc/{process}/status").read_text()
        most = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        assert most < MEGABYTES * 1024, f"{most} kB"


@pytest.fixture(scope="module")
def header(running):
    return bearer(running.token("ada"))


def connected(running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", running.port), timeout=30)


def answer_to(connection: socket.socket) -> bytes:
    """What the server says: a whole answer, or all that comes until it closes the connection."""
    said = b""
    try:
        while not is_whole(said) and (piece := connection.recv(65536)):
            said += piece
    except ConnectionResetError:
        pass
    return said


def is_whole(said: bytes) -> bool:
    head, end, body = said.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return bool(end) and length is not None and len(body) >= int(length[1])


def head(header, *more: str) -> bytes:
    lines = ["POST /api/v1/runs HTTP/1.1", "Host: x", f"Authorization: {header['Authorization']}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def test_a_head_that_never_ends_is_cut_off(running):
    with connected(running) as connection:
        connection.sendall(b"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nX-A: ")
        assert b" 200 " not in answer_to(connection)


def test_a_body_that_never_comes_is_cut_off(running, header):
    with connected(running) as connection:
        connection.sendall(head(header, "Content-Length: 1000000") + b'{"runjson"')
        said = answer_to(connection)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"nothing was done" in said


@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/v1/blobs/missing", "/api/v1/session"])
def test_a_body_that_drips_is_cut_off(running, header, path):
    with connected(running) as connection:
        start = head(header, "Content-Length: 100000", "Content-Type: application/json").replace(
            b"/api/v1/runs", path.encode()
        )
        connection.sendall(start)
        connection.settimeout(0.1)
        said = b""
        for _ in range(300):
            try:
                connection.sendall(b" ")
                said += connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            break
    assert b" 408 " in said or b" 400 " in said, said


def test_two_hundred_clients_that_stall_keep_nobody_out(running, header):
    stalled = [connected(running) for _ in range(200)]
    try:
        for number, connection in enumerate(stalled):
            start = head(header, "Content-Length: 1000000")
            connection.sendall(start[: len(start) // 2] if number % 2 else start + b"{")
        begun = time.monotonic()
        assert requests.get(f"{running.address}/api/v1/session", timeout=30).status_code == 200
        assert time.monotonic() - begun < 20
    finally:
        for connection in stalled:
            connection.close()


def test_a_body_that_is_too_large_is_refused_before_it_comes(running, header):
    with connected(running) as connection:
        connection.sendall(head(header, f"Content-Length: {5 << 20}"))
        assert answer_to(connection).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_no_stated_size_is_refused_once_it_is_too_large(running, header):
    def pieces():
        for _ in range(64):
            yield b" " * (1 << 20)

    try:
        status = requests.post(f"{running.address}/api/v1/runs", data=pieces(), headers=header).status_code
    except requests.ConnectionError:
        status = 413  # the connection was closed while it still sent
    assert status == 413


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_is_refused(running, header, encoding):
    data = (gzip.compress if encoding == "gzip" else zstd.compress)(bytes(1 << 30))
    answer = requests.post(
        f"{running.address}/api/v1/runs", data=data, headers={**header, "Content-Encoding": encoding}
    )
    assert answer.status_code == 413


def test_a_window_that_would_take_much_memory_is_refused(running, header):
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.enable_long_distance_matching: 1}
    # A frame whose size is not stated has to name its window.
    compressor = zstd.ZstdCompressor(options=options)
    data = compressor.compress(RUN) + compressor.flush()
    answer = requests.post(f"{running.address}/api/v1/runs", data=data, headers={**header, "Content-Encoding": "zstd"})
    assert (answer.status_code, "8 MiB" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("encoding", "data", "status"),
    [
        ("gzip", b"no gzip", 400),
        # Without the time, which would be another one in each of the processes that share these tests.
        ("gzip", gzip.compress(RUN, mtime=0)[:-9], 400),
        ("zstd", b"no zstd", 400),
        ("zstd", zstd.compress(RUN)[:-5], 400),
        ("br", RUN, 415),
        ("gzip, gzip", RUN, 415),
        ("identity", b"", 422),
        ("identity", b"[" * 200_000, 422),
        ("identity", b'{"a":' * 200_000, 422),
        ("identity", b"\xff\xfe\x00\x01", 422),
        ("identity", b'{"runjson": "1.0", "id": "' + b"x" * 100_000 + b'"}', 422),
        ("identity", b"\0" * 100_000, 422),
    ],
)
def test_malformed_bodies_are_refused_in_words(running, header, encoding, data, status):
    answer = requests.post(
        f"{running.address}/api/v1/runs?project=of-ada", data=data, headers={**header, "Content-Encoding": encoding},
        timeout=60,
    )  # fmt: skip
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told.get("detail") or told["report"]["findings"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n", 400),
        ("multipart/form-data; boundary=x", b"--y--", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="../../etc/passwd"; filename="a"\r\n\r\nq\r\n'
            b'--x\r\nContent-Disposition: form-data; name="run"; filename="a"\r\n\r\n{}\r\n--x--\r\n',
            422,
        ),
        (
            "multipart/form-data; boundary=x",
            b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nq\r\n' % n for n in range(2000))
            + b"--x--",
            400,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="f"\r\n\r\n{"a": "b"}\r\n'
            b'--x\r\nContent-Disposition: form-data; name="run"; filename="a"\r\n\r\n{}\r\n--x--\r\n',
            422,
        ),
    ],
)
def test_malformed_forms_are_refused_in_words(running, header, kind, body, status):
    answer = requests.post(f"{running.address}/api/v1/runs", data=body, headers={**header, "Content-Type": kind})
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), answer.text


@pytest.mark.parametrize(
    "params",
    [
        {"project": "../../etc"},
        {"project": "a/../b"},
        {"project": "a\0b"},
        {"project": "x" * 5000},
        {"project": "p", "offset": "-1"},
        {"project": "p", "offset": "1e9"},
        {"project": "p", "offset": "1", "digest": "../../x"},
        {"project": "p", "age": "nan"},
        {"project": "p", "age": "-1"},
        {"project": "p", "name": "x" * 5000},
    ],
)
def test_parameters_that_make_no_sense_are_refused(running, header, params):
    answer = requests.post(f"{running.address}/api/v1/runs", params=params, data=RUN, headers=header)
    assert answer.status_code == 422, answer.text


def test_json_that_is_too_large_to_hold_is_refused(running, header):
    body = b'{"project": "p", "sha256": ["' + b"a" * (9 << 20) + b'"]}'
    answer = requests.post(
        f"{running.address}/api/v1/blobs/missing", data=body, headers={**header, "Content-Type": "application/json"}
    )
    assert answer.status_code == 413


def test_what_no_route_has_is_answered_in_words_too(running):
    for method, path in (
        ("GET", "/api/v1/nothing"),
        ("DELETE", "/api/v1/runs"),
        ("TRACE", "/api/v1/runs"),
    ):
        answer = requests.request(method, running.address + path)
        assert answer.status_code in {404, 405}
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]
