"""The bytes of files, in a folder and in object storage: one contract, and whole stores over each."""

from __future__ import annotations

import hashlib
import os
import time

import numpy as np
import pytest
from runjson_schema.points import Points
from runjson_tracker import blobs as module
from runjson_tracker.blobs import FolderBlobs, open_blobs
from runjson_tracker.store import Store, StoreError
from runjson_tracker.upkeep.freeing import DAY

LARGE = 12_000_000  # bytes: an object of several parts
KINDS = ["folder", pytest.param("s3", marks=pytest.mark.once), pytest.param("azure", marks=pytest.mark.once)]


@pytest.fixture(params=KINDS)
def address(request, tmp_path):
    """Where blobs may be: nothing is there yet."""
    return str(tmp_path / "blobs") if request.param == "folder" else request.getfixturevalue(request.param)()


@pytest.fixture
def blobs(address):
    return open_blobs(address)


def test_bytes_come_back_under_their_digest(blobs, tmp_path):
    large = np.random.default_rng(1).bytes(LARGE)
    (tmp_path / "large").write_bytes(large)
    wanted = {b"": b"", b"\0\xff": b"\0\xff", large: tmp_path / "large"}
    for content, source in wanted.items():
        assert blobs.add(source) == (hashlib.sha256(content).hexdigest(), len(content))
    for content in wanted:
        sha256 = hashlib.sha256(content).hexdigest()
        assert sha256 in blobs
        with blobs.open(sha256) as opened:
            assert opened.read() == content
    with blobs.open(hashlib.sha256(large).hexdigest()) as opened:
        opened.seek(LARGE // 2)
        assert opened.read(100) == large[LARGE // 2 : LARGE // 2 + 100]
    assert sorted(blobs.all()) == sorted((hashlib.sha256(one).hexdigest(), len(one)) for one in wanted)


def test_the_same_bytes_are_stored_once(blobs):
    assert blobs.add(b"twice") == blobs.add(b"twice")
    assert len(list(blobs.all())) == 1


def test_a_blob_that_is_not_there_is_missing(blobs):
    assert "ab" * 32 not in blobs
    with pytest.raises(FileNotFoundError):
        blobs.open("ab" * 32).read()


def test_a_file_that_changes_while_it_is_read_is_never_under_a_wrong_digest(blobs, tmp_path, monkeypatch):
    path = tmp_path / "growing"
    path.write_bytes(b"a" * LARGE)
    opened = module.opened
    times = []

    def grown_in_between(source):
        times.append(source)
        with path.open("ab") as more:
            more.write(b"b")
        return opened(source)

    monkeypatch.setattr(module, "opened", grown_in_between)
    if isinstance(blobs, FolderBlobs):
        blobs.add(path)  # what is copied is what is digested
    else:
        path_class = type(path)
        reading = path_class.open

        def grown_before_it_is_sent(self, mode="r", *args, **options):
            if self == path and mode == "rb":
                with reading(path, "ab") as more:
                    more.write(b"c")
            return reading(self, mode, *args, **options)

        monkeypatch.setattr(path_class, "open", grown_before_it_is_sent)
        with pytest.raises(OSError, match="changes while it is read"):
            blobs.add(path)
    assert times
    monkeypatch.undo()
    for sha256, size in blobs.all():
        with blobs.open(sha256) as found:
            content = found.read()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (sha256, size)


@pytest.mark.parametrize("size", [1000, LARGE])
def test_a_file_that_is_emptied_before_it_is_sent_is_not_stored_as_what_it_was(blobs, size, tmp_path, monkeypatch):
    path = tmp_path / "checkpoint"
    path.write_bytes(b"a" * size)
    if isinstance(blobs, FolderBlobs):
        return  # what is copied is what is digested
    asked = type(blobs).ask_for

    def emptied_meanwhile(self, sha256):
        path.write_bytes(b"")
        return asked(self, sha256)

    monkeypatch.setattr(type(blobs), "ask_for", emptied_meanwhile)
    assert blobs.add(path) == (hashlib.sha256(b"").hexdigest(), 0)
    assert list(blobs.all()) == [(hashlib.sha256(b"").hexdigest(), 0)]


def test_only_what_is_old_is_removed(blobs):
    sha256, _ = blobs.add(b"old")
    assert list(blobs.older(time.time() - DAY)) == []
    assert not blobs.remove(sha256, time.time() - DAY)
    assert list(blobs.older(time.time() + DAY)) == [(sha256, 3)]
    assert blobs.remove(sha256, time.time() + DAY)
    assert not blobs.remove(sha256, time.time() + DAY)
    assert sha256 not in blobs


# -- a store -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(postgresql, address):
    """A store whose database is in PostgreSQL, with its files there."""
    server, _ = postgresql
    with server.database() as url:
        yield f"{url}&blobs={address}"


def track(store, run, content, replace=False):
    with store.ingest("p", run, "", store.source("p", run, "")) as ingest:
        if replace:
            ingest.replace_all()
        ingest.append("series", "loss", Points(np.array([1.0])))
        ingest.add_file("artifacts", "model", None, "model.bin", None, content)
        record = {"runjson": "1.0", "id": run, "artifacts": {"model": {"path": "model.bin"}}}
        ingest.commit(record, "", "document", None, None, record)


@pytest.mark.once
def test_a_store_keeps_its_files_there(place, tmp_path):
    import runjson

    with Store.open(place) as store:
        track(store, "a", b"weights")
        track(store, "b", b"weights")
        assert store.check().problems == []
        assert store.check().files == 2
    with runjson.open(place) as tracker:
        run = tracker.run("a")
        assert run.artifacts["model"].read() == b"weights"
        assert run.artifacts["model"].download(tmp_path / "got").read_bytes() == b"weights"
    with Store.open(place) as store:
        store.put_away([("p", "a"), ("p", "b")])
        assert store.free(kept=0, now=time.time() + 2 * DAY).blobs == 1
        assert list(store.blobs.all()) == []
        assert store.check().problems == []


@pytest.mark.once
def test_a_file_that_was_freed_before_the_commit_is_told_and_the_next_upload_brings_it(place):
    with Store.open(place) as store:
        sha256, _ = store.blobs.add(b"weights")
        with store.ingest("p", "r", "", None) as ingest:
            ingest.add_file("artifacts", "model", None, "model.bin", None, b"weights")
            if isinstance(store.blobs, FolderBlobs):
                return  # a folder remembers who asked: test_upkeep.py
            assert store.blobs.remove(sha256, time.time() + DAY)
            with pytest.raises(StoreError, match="The bytes of model were freed from the tracker meanwhile: upload"):
                ingest.commit({"runjson": "1.0", "id": "r"}, "", "document", None, None, {"id": "r"})
        assert store.runs() == []
        track(store, "r", b"weights")
        assert store.check().problems == []


@pytest.mark.once
@pytest.mark.parametrize("kind", ["s3", "azure"])
def test_storage_that_can_not_be_used_is_told_in_a_line(kind, request):
    address = request.getfixturevalue(kind)()
    scheme, _, rest = address.partition("://")
    gone = open_blobs(f"{scheme}://not-there-{os.getpid()}/{rest.partition('/')[2]}")
    with pytest.raises(
        StoreError, match=r"files at .* cannot be reached: The specified (bucket|container) does not"
    ) as caught:
        gone.add(b"x")
    assert "\n" not in str(caught.value)
