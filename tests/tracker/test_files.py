"""The bytes of files are stored once, whole, under their digest."""

from __future__ import annotations

import os

import pytest
from runjson_tracker.store import Store

from tests.tracker.points import RECORD


def test_files_are_stored_once_by_their_digest(store, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"x" * 3_000_000)
    with store.ingest("p", "r", "", None) as ingest:
        sha256, size = ingest.add_file("images", "plot", 0, "a.png", "image/png", path)
        assert ingest.add_file("images", "plot", 1, "b.png", None, path.read_bytes()) == (sha256, size)
        ingest.add_file("artifacts", "model", None, "m.bin", "a\0b", b"")
        ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    first, *rest = store.source("p", "r", "").files
    assert (first.kind, first.name, first.index, first.bytes) == ("artifacts", "model", None, 0)
    assert [(one.index, one.path, one.sha256, one.bytes) for one in rest] == [
        (0, "a.png", sha256, 3_000_000),
        (1, "b.png", sha256, 3_000_000),
    ]
    assert store.blobs.path(sha256).read_bytes() == path.read_bytes()
    assert sha256 in store.blobs
    assert len([one for one in store.blobs.folder.rglob("*") if one.is_file()]) == 2


def test_images_are_added_and_artifacts_replaced(store):
    for content in (b"one", b"two"):
        tracked = store.source("p", "r", "")
        with store.ingest("p", "r", "", tracked) as ingest:
            ingest.add_file("images", "plot", 0 if tracked is None else 1, "a.png", None, content)
            ingest.add_file("artifacts", "model", None, "m", None, content)
            ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    files = store.source("p", "r", "").files
    assert [(one.kind, one.index) for one in files] == [("artifacts", None), ("images", 0), ("images", 1)]
    assert store.blobs.path(files[0].sha256).read_bytes() == b"two"


def test_a_file_that_is_missing_leaves_nothing(store, tmp_path):
    with store.ingest("p", "r", "", None) as ingest, pytest.raises(FileNotFoundError):
        ingest.add_file("artifacts", "model", None, "m", None, tmp_path / "none")
    assert [one for one in store.blobs.folder.rglob("*") if one.is_file()] == []


def test_half_written_blobs_are_swept_once_they_are_old(tmp_path):
    incoming = tmp_path / "blobs" / "incoming"
    incoming.mkdir(parents=True)
    for name in ("old", "young"):
        (incoming / name).write_bytes(b"x")
    os.utime(incoming / "old", (0, 0))
    Store.open(tmp_path).close()
    assert [one.name for one in incoming.iterdir()] == ["young"]
