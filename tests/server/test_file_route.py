"""The files of runs over HTTP: ranges, caches, types, and names that are no paths."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise

import numpy as np
import pytest
import requests
from runjson_schema.points import Points
from runjson_tracker.store import Store

from tests.served import served

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
# Two pieces, and some more.
LARGE = np.random.default_rng(3).bytes((2 << 20) + 12_345)
ARTIFACTS = {
    "weights": ("out/weights.bin", None, b"0123456789"), "large": ("large.bin", None, LARGE), "empty": ("e", None, b""),
    "page": ("page.html", "text/html", b"<script>alert(1)</script>"), "drawing": ("a.svg", "image/svg+xml", SVG),
    "xhtml": ("a.png", "application/xhtml+xml", b"<html/>"), "notes": ("n.txt", None, b"hello"),
    "told": ("t.bin", "TEXT/PLAIN; charset=utf-16", b"hello"), "json": ("j.json", None, b"{}"),
    "names/a b\u202e\"é;'\\c.bin": ("x", None, b"odd"), ".hidden": (".bashrc", None, b"odd"),
    "faked": ("x.png", "image/png\r\nSet-Cookie: a=b", b"odd"), "script": ("x.js", "text/javascript", b"alert(1)"),
    "pdf": ("x.pdf", "application/pdf", b"%PDF"),
}  # fmt: skip


@pytest.fixture
def ask(place):
    """Asks for a file of the run r of the project a/b."""
    with Store.open(place) as store:
        image = {"data": base64.b64encode(PNG).decode(), "media_type": "image/png"}
        record = {
            "runjson": "1.0", "id": "r",
            "artifacts": {name: {"path": path} for name, (path, _, _) in ARTIFACTS.items()}
            | {"inside": {"data": base64.b64encode(b"in it").decode(), "media_type": "text/plain"}, "far": {"uri": "s3://x"}},
        }  # fmt: skip
        with store.ingest("a/b", "r", "", None) as ingest:
            ingest.append("images", "plots/x", Points([{"path": "0.png"}, image, {"uri": "https://example.org/x.png"}]))
            ingest.add_file("images", "plots/x", 0, "0.png", "image/png", PNG + b"first")
            for name, (path, media_type, content) in ARTIFACTS.items():
                ingest.add_file("artifacts", name, None, path, media_type, content)
            ingest.commit(record, "", "document", None, None, record)
    with served(place) as address:

        def ask(name, headers=None, method="GET", kind="artifacts", **asked):
            asked = {"project": "a/b", "id": "r", "kind": kind, "name": name, **asked}
            return requests.request(method, f"{address}/api/v1/file", params=asked, headers=headers, timeout=60)

        ask.address = address
        yield ask


def test_a_file_comes_as_it_is(ask):
    answer = ask("weights")
    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["ETag"] == f'"{hashlib.sha256(b"0123456789").hexdigest()}"'
    assert (answer.headers["Content-Length"], answer.headers["Accept-Ranges"]) == ("10", "bytes")
    assert ask("large").content == LARGE
    assert ask("empty").content == b""
    assert ask("plots/x", kind="images").content == PNG + b"first"
    assert ask("plots/x", kind="images", index=1).content == PNG
    assert ask("inside").content == b"in it"
    for name, asked in (("far", {}), ("none", {}), ("plots/x", {"kind": "images", "index": 2}),
                        ("plots/x", {"kind": "images", "index": 3}), ("weights", {"writer": "w"})):  # fmt: skip
        assert ask(name, **asked).status_code == 404


RANGES = [
    ("bytes=0-0", 206, b"0", "bytes 0-0/10"),
    ("bytes=2-5", 206, b"2345", "bytes 2-5/10"),
    ("bytes=7-", 206, b"789", "bytes 7-9/10"),
    ("bytes=7-99999999999999", 206, b"789", "bytes 7-9/10"),
    ("bytes=-3", 206, b"789", "bytes 7-9/10"),
    ("bytes=-30", 206, b"0123456789", "bytes 0-9/10"),
    ("bytes=10-", 416, b"", "bytes */10"),
    ("bytes=-0", 416, b"", "bytes */10"),
    ("bytes=99-100", 416, b"", "bytes */10"),
    # What is no single range is not looked at.
    ("bytes=-", 200, b"0123456789", None),
    ("bytes=5-2", 200, b"0123456789", None),
    ("bytes=0-1,4-5", 200, b"0123456789", None),
    ("items=0-1", 200, b"0123456789", None),
    ("bytes=a-b", 200, b"0123456789", None),
    ("bytes=" + "9" * 5000 + "-", 200, b"0123456789", None),
]


def test_a_range_is_the_part_that_was_asked_for(ask):
    for range_, status, content, said in RANGES:
        answer = ask("weights", {"Range": range_})
        found = (answer.status_code, answer.content, answer.headers.get("Content-Range"))
        assert found == (status, content, said), range_
        head = ask("weights", {"Range": range_}, "HEAD")
        assert (head.status_code, head.headers["Content-Length"], head.content) == (200, "10", b"")


def test_ranges_of_a_large_file_make_it_up_again(ask):
    cuts = [0, 1, 1 << 20, (1 << 20) + 1, 2_000_000, len(LARGE)]
    parts = [ask("large", {"Range": f"bytes={a}-{b - 1}"}) for a, b in pairwise(cuts)]
    assert {one.status_code for one in parts} == {206}
    assert b"".join(one.content for one in parts) == LARGE
    etag = parts[0].headers["ETag"]
    for if_range, status in (
        (etag, 206),
        (f"W/{etag}", 200),
        ('"another"', 200),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 200),
    ):
        answer = ask("large", {"Range": "bytes=5-9", "If-Range": if_range})
        assert (answer.status_code, answer.content) == (status, LARGE[5:10] if status == 206 else LARGE)
    assert ask("empty", {"Range": "bytes=0-"}).status_code == 416


def test_what_a_client_has_is_not_sent_again(ask):
    etag = ask("weights").headers["ETag"]
    for given in (etag, f'"x", {etag}', f"W/{etag}", "*"):
        answer = ask("weights", {"If-None-Match": given})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert ask("weights", {"If-None-Match": '"x"'}).status_code == 200
    assert ask("weights").headers["Cache-Control"] == "private, no-cache"
    digest = etag.strip('"')
    assert ask("weights", sha256=digest).headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert ask("notes", sha256=digest).status_code == 404


SHOWN = {
    "notes": "text/plain; charset=utf-8", "told": "text/plain; charset=utf-8", "json": "text/plain; charset=utf-8",
    "inside": "text/plain; charset=utf-8",
}  # fmt: skip


def test_nothing_is_shown_that_a_browser_would_run(ask):
    for name in (*ARTIFACTS, "inside"):
        for headers in ({}, {"Range": "bytes=0-0"}, {"If-None-Match": "*"}):
            demand_harmless(name, ask(name, headers))


def demand_harmless(name, answer):
    how, _, file_name = answer.headers["Content-Disposition"].partition("; ")
    assert how == ("inline" if name in SHOWN else "attachment")
    assert re.fullmatch(r"filename=\"[^\"\\/\x00-\x1f\x7f-\uffff.][^\"\\/\x00-\x1f\x7f-\uffff]*\"; "
                        r"filename\*=UTF-8''[A-Za-z0-9._~%-]+", file_name), name  # fmt: skip
    if answer.status_code in {200, 206}:
        assert answer.headers["Content-Type"] == SHOWN.get(name, "application/octet-stream")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer.headers


def test_pictures_are_shown_and_names_are_harmless(ask):
    image = ask("plots/x", kind="images")
    assert (image.headers["Content-Type"], image.headers["Content-Disposition"][:6]) == ("image/png", "inline")
    assert ask("plots/x", kind="images", index=1).headers["Content-Type"] == "image/png"
    assert 'filename="_bashrc"' in ask(".hidden").headers["Content-Disposition"]


OUT = [
    f"{before}{step * times}{target}"
    for step in (
        "../", "..\\", "..%2f", "..%5c", "%2e%2e%2f", "%2e%2e/", "%252e%252e%252f", "..%c0%af", "....//", "..\0/",
    )
    for times in (1, 8)
    for target in ("etc/passwd", "tracker.sqlite")
    for before in ("", "out/")
] + [
    "/etc/passwd", "//etc/passwd", "\\etc\\passwd", "C:\\windows\\win.ini", "C:/windows/win.ini", "c:weights",
    "file:///etc/passwd", "file://localhost/etc/passwd", "file:/etc/passwd", "http://127.0.0.1/", "~/.ssh/id_rsa",
    "\\\\host\\share", "weights\0.png", "weights%00", ".", "..", "", "/", "./weights", "out/weights.bin",
    "/proc/self/environ", "\u2024\u2024/etc/passwd", "\uff0e\uff0e/etc/passwd",
]  # fmt: skip


def test_no_name_leads_out_of_the_run(ask, tmp_path):
    refused = {404, 422}
    digest = hashlib.sha256(b"0123456789").hexdigest()
    for text in [*OUT, digest, f"{digest[:2]}/{digest}", f"../blobs/{digest[:2]}/{digest}", str(tmp_path)]:
        for kind in ("artifacts", "images"):
            assert ask(text, kind=kind).status_code in refused, text
        assert ask("weights", id=text).status_code in refused, text
        assert ask("weights", project=text).status_code in refused, text
        assert ask("weights", writer=text).status_code in (refused if text else {200}), text
        assert ask("weights", kind=text).status_code in refused, text
        assert ask("weights", sha256=text).status_code in ({200} if text == digest else refused), text
        assert ask("plots/x", kind="images", index=text).status_code in refused, text
    for raw in ("../file", "%2e%2e/%2e%2e/etc/passwd", "file/../../../etc/passwd", "file%00", "..%5c..%5cetc"):
        prepared = requests.Request("GET", f"{ask.address}/").prepare()
        prepared.url = f"{ask.address}/api/v1/{raw}"
        answer = requests.Session().send(prepared, timeout=60)
        assert answer.status_code in {400, 404, 422}, raw


def test_a_file_in_object_storage_comes_in_ranges_too(postgresql, s3):
    server, template = postgresql
    with server.database(template) as address:
        place = f"{address}&blobs={s3()}"
        with Store.open(place) as store, store.ingest("p", "r", "", None) as ingest:
            ingest.add_file("artifacts", "large", None, "large.bin", None, LARGE)
            ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
        with served(place) as answering:
            asked = {"project": "p", "id": "r", "kind": "artifacts", "name": "large"}
            for range_, part in ((None, slice(None)), ("bytes=1048570-1048577", slice(1048570, 1048578))):
                headers = {"Range": range_} if range_ else {}
                answer = requests.get(f"{answering}/api/v1/file", asked, headers=headers, timeout=60)
                assert (answer.status_code, answer.content) == (206 if range_ else 200, LARGE[part])
