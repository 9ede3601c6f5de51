"""Folders of artifacts as one .zip, and names in it that lead nowhere else."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest
import requests
from runjson_server import folder
from runjson_tracker import files
from runjson_tracker.store import Store

from tests.served import served
from tests.server.runs import add

LARGE = bytes(range(256)) * 12_000
ODD = {
    "odd/a\\..\\..\\b.txt": "odd/a/_/_/b.txt", 'odd/c:"<x>|?*.txt': "odd/c___x____.txt", "odd/con.txt": "odd/_con.txt",
    "odd/name. ": "odd/name", "odd/\u202etxt.exe": "odd/_txt.exe", "odd/é 数.txt": "odd/é 数.txt",
    "odd/Same.txt": "odd/Same.txt", "odd/same.txt": "odd/same (2).txt",
}  # fmt: skip


@pytest.fixture
def ask(place):
    """Asks for a folder of the run r of the project p."""
    with Store.open(place) as store:
        names = {
            "model/layers/first": b"one",
            "model/large": LARGE,
            "model/empty": b"",
            "models": b"x",
            "MODEL/y": b"y",
        }
        names |= dict.fromkeys(ODD, b"odd") | {"100%/a_b": b"%", "100x/a_b": b"x", "gone/a": b"gone"}
        held = [("artifacts", name, None, "path", content) for name, content in names.items()]
        inside = {"data": base64.b64encode(b"in it").decode(), "media_type": "text/plain"}
        said = {name: {"path": "path"} for name in names if not name.startswith("gone/")}
        said |= {"model/inside": inside, "model/far": {"uri": "s3://x"}, "gone": None}
        add(store, "r", record={"artifacts": said}, files=[*held, ("images", "model/image", 0, "0.png", b"image")])
        second = [("artifacts", "model/large", None, "path", b"of w")]
        add(
            store, "r", writer="w", record={"writer": "w", "artifacts": {"model/large": {"path": "path"}}}, files=second
        )
        add(store, "bare")
        with served(place) as address:

            def ask(name=None, run="r", **more):
                asked = {"project": "p", "id": run, **more} | ({} if name is None else {"name": name})
                return requests.get(f"{address}/api/v1/folder", asked, timeout=60)

            ask.store = store
            yield ask


def read(answer):
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}
        return {one.filename: archive.read(one) for one in archive.infolist()}


def test_a_folder_comes_with_all_below_it(ask):
    answer = ask("model", writer="")
    assert read(answer) == {
        "model/layers/first": b"one", "model/large": LARGE, "model/empty": b"", "model/inside": b"in it",
    }  # fmt: skip
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"model.zip\"; filename*=UTF-8''model.zip"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert read(ask("model/layers/")) == {"layers/first": b"one"}
    assert read(ask("100%")) == {"100%/a_b": b"%"}


def test_of_several_writers_all_files_come_or_those_of_one(ask):
    assert read(ask("model", writer="w")) == {"model/large": b"of w"}
    together = read(ask("model"))
    assert (together["model/large"], together["model/large (2)"]) == (LARGE, b"of w")


def test_names_in_an_archive_lead_nowhere_else_and_no_two_are_alike(ask):
    found = read(ask("odd"))
    assert set(found) == set(ODD.values())
    whole = read(ask())
    assert {"models", "MODEL/y", "odd/_con.txt"} <= set(whole)
    for name in whole:
        assert not name.startswith("/")
        assert ".." not in name.split("/")


def test_many_files_are_looked_up_some_at_a_time(ask, monkeypatch):
    monkeypatch.setattr(files, "_PAGE", 2)
    monkeypatch.setattr(files, "_files_below", files._files_below.limit(2))
    monkeypatch.setattr(folder, "PIECE", 1000)
    assert len(read(ask())) == len(read(ask("odd"))) + 9


def test_where_there_is_nothing_it_says_so(ask):
    for name in ("none", "models", "gone", "..", "/", "model//layers", "mod", "100_"):
        answer = ask(name)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json"), name
    assert ask("model", writer="x").status_code == 404
    assert ask(run="bare").status_code == 404
    assert ask(run="none").status_code == 404


def test_an_archive_with_more_than_four_gigabytes_has_the_greater_numbers(monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    one = folder._File(None, "a/large", len(LARGE), LARGE)
    content = b"".join(folder._zipped(iter([one, one]), 0))
    assert read_bytes(content) == {"a/large": LARGE, "a/large (2)": LARGE}


def read_bytes(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def test_a_file_that_is_gone_from_the_store_breaks_nothing_but_the_download(ask):
    digest = next(one.sha256 for one in ask.store.source("p", "r", "").files if one.name == "model/layers/first")
    ask.store.blobs.remove(digest, 1e12)
    assert ask("model/layers").status_code == 404
