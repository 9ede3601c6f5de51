"""A grown stream is read behind what is tracked of it, and what becomes of it is as if all had been read."""

from __future__ import annotations

import io
import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_tracker.exports.canonical import canonical_run
from runjson_tracker.store import Store
from runjson_tracker.tables import runs
from runjson_uploader.upload import upload
from sqlalchemy import select

from tests.strategies import line, streams

NUMBERS = itertools.count()
HEAD = {"runjson": "1.0", "id": "r1"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("shared") / "store") as opened:
        yield opened


@pytest.fixture
def store(place):
    with Store.open(place) as opened:
        yield opened


def stream(*records) -> bytes:
    return b"".join(line(record) + b"\n" for record in records)


def state(store, project):
    """All that is tracked of the run, and how far it was read."""
    source = store.source(project, "r1", "")
    if source is None:
        return None
    return canonical_run(store, project, "r1"), source.counts, source.kind, source.read_bytes, source.read_digest


@given(records=streams(most=7), data=st.data())
@settings(max_examples=80)
def test_what_becomes_of_a_stream_is_the_same_when_all_of_it_is_read(shared, tmp_path_factory, records, data):
    folder = tmp_path_factory.getbasetemp()
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for record in records:
        record.pop("artifacts", None)
        record.pop("images", None)
        if data.draw(st.integers(0, 3)) == 0:
            record["images"] = {"i": "a.png"}
    texts = [line(record) for record in records]
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(1, len(texts)))
        wrong = st.sampled_from(
            [b"", b'{"series": {"lo', b'{"series": {"loss": null}}', b"{}x", b'{"status": "running"}']
        )
        texts.insert(place, data.draw(wrong))
    whole = data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + b"".join(
        text + data.draw(st.sampled_from([b"\n", b"\r\n"])) for text in texts
    )
    if data.draw(st.booleans()):
        whole = whole.rstrip()
    states = [whole[: data.draw(st.integers(len(texts[0]), len(whole)))] for _ in range(3)]
    if data.draw(st.integers(0, 2)):
        states.sort(key=len)  # else it shrinks now and then
    if data.draw(st.integers(0, 4)) == 0:
        place = data.draw(st.integers(0, len(whole) - 1))
        states.append(whole[:place] + b"7" + whole[place + 1 :])  # another past
    number = next(NUMBERS)
    ours, full = f"ours{number}", f"full{number}"
    behind = data.draw(st.sampled_from([b"\n", b"", b" ", b"x"])) + b'{"series": {"loss": 1}}'
    for part in [*states, whole, whole.rstrip(), whole.rstrip() + behind]:
        name = data.draw(st.sampled_from(["run.jsonl", "run.jsonl", "run.json"]))
        one = upload(io.BytesIO(part), name, folder, shared, project=ours)
        other = upload(io.BytesIO(part), name, folder, shared, project=full, resume=False)
        one, other = replace(one, warnings=[], project=""), replace(other, warnings=[], project="")
        assert one == other
        assert state(shared, ours) == state(shared, full)


def test_what_was_read_before_is_hashed_and_not_read_again(store, tmp_path):
    old = stream(HEAD, *({"step": step, "series": {"a": step}} for step in range(50_000)))
    upload(io.BytesIO(old), "run.jsonl", tmp_path, store)
    new = old + stream({"step": 50_000, "series": {"a": 50_000}}, {"status": "succeeded"})
    asked = []
    points = type(store.source("default", "r1", "")).points

    def counted(self, *where):
        asked.append(where)
        return points(self, *where)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runjson_tracker.sources.TrackedSource.points", counted)
        patch.setattr("runjson_uploader.upload._Attempt.whole", None)  # the whole is not read
        outcome = upload(io.BytesIO(new), "run.jsonl", tmp_path, store)
    assert (outcome.answer, outcome.points) == ("grown", 1)
    assert sum(stop - start for _, _, start, stop in (where for where in asked if len(where) == 4)) == 0
    source = store.source("default", "r1", "")
    assert source.points("series", "a").values.tolist() == list(range(50_001))
    assert source.read_bytes == len(new)
    assert source.record["status"] == "succeeded"


@pytest.mark.parametrize("name", ["run.jsonl", "run.json"])
@pytest.mark.parametrize(
    ("more", "answer"),
    [(b' {"series": {"a": 2}}\n', "refused"), (b"7\n", "refused"), (b"\n", "unchanged"),
     (b' \r\n{"series": {"a": 2}}\n', "grown"), (b'\n{"series": {"a": 2}}', "grown")],
)  # fmt: skip
def test_what_is_appended_to_a_whole_line_is_seen(store, tmp_path, name, more, answer):
    old = stream(HEAD, {"series": {"a": 1}}).rstrip()
    upload(io.BytesIO(old), name, tmp_path, store)
    assert store.source("default", "r1", "").read_bytes == len(old)
    assert upload(io.BytesIO(old + more), name, tmp_path, store).answer == answer
    if answer == "grown":
        assert store.source("default", "r1", "").points("series", "a").values.tolist() == [1, 2]


def test_an_image_of_the_past_that_changed_or_vanished_is_found(store, tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n1")
    old = stream(HEAD, {"images": {"i": "a.png"}})
    more = old + stream({"series": {"a": 1}})
    upload(io.BytesIO(old), "run.jsonl", tmp_path, store)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n2")
    outcome = upload(io.BytesIO(more), "run.jsonl", tmp_path, store)
    assert outcome.why == ['images "i", point 0: the bytes of a.png changed']
    (tmp_path / "a.png").unlink()
    outcome = upload(io.BytesIO(more), "run.jsonl", tmp_path, store)
    assert outcome.faulty
    assert "RJ301" in outcome.why[0]
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n1")
    assert upload(io.BytesIO(more), "run.jsonl", tmp_path, store).answer == "grown"


def test_a_new_version_of_an_artifact_of_the_past_is_found(store, tmp_path):
    (tmp_path / "m").write_bytes(b"one")
    data = stream(HEAD, {"artifacts": {"model": "m"}})
    upload(io.BytesIO(data), "run.jsonl", tmp_path, store)
    (tmp_path / "m").write_bytes(b"second")
    outcome = upload(io.BytesIO(data), "run.jsonl", tmp_path, store)
    assert (outcome.answer, outcome.files, outcome.bytes) == ("grown", 1, 6)
    (tmp_path / "m").unlink()
    assert "RJ301" in upload(io.BytesIO(data), "run.jsonl", tmp_path, store).why[0]


def test_an_error_behind_the_past_is_told_with_its_line(store, tmp_path):
    old = stream(HEAD, {"parameters": {"lr": 1}}, {"series": {"a": 1}})
    upload(io.BytesIO(old), "run.jsonl", tmp_path, store)
    outcome = upload(io.BytesIO(old + stream({"parameters": {"lr": 2}})), "run.jsonl", tmp_path, store)
    assert outcome.faulty
    assert outcome.why[0].startswith("4:23: RJ202")


def test_a_dry_run_behind_the_past_tracks_nothing(store, tmp_path):
    old = stream(HEAD, {"series": {"a": 1}})
    upload(io.BytesIO(old), "run.jsonl", tmp_path, store)
    before = state(store, "default")
    outcome = upload(io.BytesIO(old + stream({"series": {"a": 2}})), "run.jsonl", tmp_path, store, dry_run=True)
    assert (outcome.answer, outcome.points) == ("grown", 1)
    assert state(store, "default") == before


def test_when_the_file_was_written_is_when_its_writer_was_heard(store, tmp_path):
    upload(io.BytesIO(json.dumps(HEAD).encode()), "run.json", tmp_path, store, heard=1_700_000_000.0)
    with store.engine.connect() as connection:
        assert connection.execute(select(runs.c.heard)).scalars().all() == [1_700_000_000.0]


def test_a_run_in_the_trash_is_left_there(store, tmp_path):
    data = stream(HEAD, {"series": {"a": 1}})
    upload(io.BytesIO(data), "run.jsonl", tmp_path, store)
    store.put_away([("default", "r1")])
    outcome = upload(io.BytesIO(data + stream({"series": {"a": 2}})), "run.jsonl", tmp_path, store)
    assert outcome.answer == "trashed"
    assert "trash" in outcome.why[0]
