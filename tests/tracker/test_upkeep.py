"""The trash, what is freed, and the check that finds every kind of damage."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from runjson_schema.points import Points
from runjson_tracker.store import RunTrashed, Store
from runjson_tracker.tables import blobs, chunks, field_series, field_values, fields, files, records, runs, sources
from runjson_tracker.upkeep.freeing import DAY
from sqlalchemy import func, select, text, update

from tests.tracker.points import numbers


@pytest.fixture
def filled(store, tmp_path):
    """Two runs of several series, texts and files; the second run's model is its own, the data are both's."""
    for run in ("a", "b"):
        with store.ingest("p", run, "", None) as ingest:
            ingest.append("series", "loss", numbers(10_000))
            ingest.append("series", "nothing", Points(np.full(10, np.nan)))
            ingest.append("text", "log", Points(["one", "two"]))
            ingest.add_file("artifacts", "data", None, "data", None, b"data of both")
            ingest.add_file("artifacts", "model", None, "model", None, f"model of {run}".encode())
            record = {"id": run, "parameters": {"lr": 0.1, "seed": ord(run)}, "tags": [f"tag {run}"]}
            ingest.commit(record, "", "document", None, None, lambda records: records[""])
    return store


def rows(store, table):
    with store._engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def change(store, statement, **values):
    with store.transaction() as connection:
        told = text(statement) if isinstance(statement, str) else statement
        assert connection.execute(told, values).rowcount >= 1


def age(store, days):
    """Make all blobs and the stay in the trash older."""
    then = time.time() - days * DAY
    for sha256, _ in store.blobs.all():
        os.utime(store.blobs.path(sha256), (then, then))
    with store.transaction() as connection:
        connection.execute(text("UPDATE runs SET trashed = trashed - :age"), {"age": days * DAY})


def test_a_run_in_the_trash_is_out_of_sight_and_comes_back_as_it_was(filled):
    assert filled.put_away([("p", "a"), ("p", "none")]) == 1
    assert filled.put_away([("p", "a")]) == 0
    assert [one.id for one in filled.runs()] == ["b"]
    assert filled.find("a") == []
    (away,) = filled.trash()
    assert (away.project, away.id, away.points) == ("p", "a", 10_012)
    assert filled.take_back([("p", "a")]) == 1
    assert {one.id for one in filled.runs()} == {"a", "b"}
    assert filled.trash() == []
    assert filled.check().problems == []


def test_nothing_is_added_to_a_run_in_the_trash(filled):
    filled.put_away([("p", "a")])
    with filled.ingest("p", "a", "", filled.source("p", "a", "")) as ingest:
        ingest.append("series", "loss", numbers(1))
        with pytest.raises(RunTrashed, match="runjson rm --restore p/a"):
            ingest.commit({"id": "a"}, "", "document", None, None, {"id": "a"})


def test_what_lay_in_the_trash_for_seven_days_is_freed_with_all_that_was_its_own(filled):
    filled.put_away([("p", "a")])
    age(filled, 6.9)
    assert filled.free().runs == 0
    age(filled, 7.1)
    expected = filled.free(dry_run=True)
    assert rows(filled, runs) == 2
    freed = filled.free()
    assert freed == expected
    assert (freed.runs, freed.points, freed.blobs, freed.bytes) == (1, 10_012, 1, len("model of a"))
    for table, count in ((runs, 1), (records, 1), (sources, 1), (files, 2), (blobs, 2), (field_series, 2)):
        assert rows(filled, table) == count, table.name
    assert rows(filled, field_values) == 3
    assert rows(filled, fields) == 5  # loss, nothing, lr, seed and the other run's tag
    assert filled.check().problems == []
    assert filled.run("p", "b").points("series", "loss").values.size == 10_000
    assert filled.free() == type(freed)()


def test_a_young_blob_that_nobody_names_is_left_for_the_upload_that_brought_it(filled, tmp_path):
    sha256, _ = filled.blobs.add(b"on its way")
    assert filled.free().blobs == 0
    age(filled, 2)
    filled.blobs.add(b"on its way")  # asked for again
    assert filled.free().blobs == 0
    assert sha256 in filled.blobs
    age(filled, 2)
    assert filled.free().blobs == 1
    assert sha256 not in filled.blobs
    assert filled.check().problems == []


def test_a_blob_that_is_asked_for_while_it_is_removed_stays(filled, monkeypatch):
    sha256, _ = filled.blobs.add(b"wanted")
    age(filled, 2)
    is_older = type(filled.blobs).is_older

    def asked_for_in_between(self, name, moment):
        answer = is_older(self, name, moment)
        os.utime(self.path(name))
        return answer

    monkeypatch.setattr(type(filled.blobs), "is_older", asked_for_in_between)
    assert filled.blobs.remove(sha256, time.time() - DAY) is False
    assert filled.blobs.path(sha256).read_bytes() == b"wanted"


def test_a_replaced_source_leaves_blobs_that_are_freed_later(filled):
    with filled.ingest("p", "a", "", filled.source("p", "a", "")) as ingest:
        ingest.replace_all()
        ingest.commit({"id": "a"}, "", "document", None, None, {"id": "a"})
    age(filled, 2)
    assert filled.free().blobs == 1
    assert filled.check().problems == []


DAMAGES = {
    "the bytes of a chunk": (update(chunks).values(values=b"\0" * 200), "other bytes"),
    "a checksum": ("UPDATE chunks SET checksum = 1 WHERE first = 4096", "other bytes"),
    "a summary of a chunk": ("UPDATE chunks SET maximum = 99 WHERE first = 4096", "not as its summary says"),
    "a mark of a chunk": ("UPDATE chunks SET argmin_step = 1.5 WHERE first = 4096", "not as its summary says"),
    "a chunk that is gone": ("DELETE FROM chunks WHERE first = 4096", "should begin at 4,096"),
    "the last chunk that is gone": ("DELETE FROM chunks WHERE first = 8192", "not that of its chunks"),
    "a series' count": ("UPDATE series SET count = count + 1 WHERE name = 'loss'", "not that of its chunks"),
    "a series that is gone": ("DELETE FROM series WHERE name = 'nothing'", "chunks and no name"),
    "a source's count": ("UPDATE sources SET points = points + 1", "counts 10,013 points"),
    "a run's count": ("UPDATE runs SET points = points + 1", "counts 1 source, 10,013 points"),
    "a run's record": (update(records).values(record=b"\3{}"), "not what its sources say"),
    "a field": ("UPDATE field_values SET number = 7 WHERE type = 'number'", "not those of its record"),
    "a field that is gone": ("DELETE FROM field_values", "not those of its record"),
    "what is told of a series": ("UPDATE field_series SET last = 7", "told of its series"),
    "a file without its blob": ("UPDATE files SET sha256 = 'ab' WHERE name = 'model'", "not among the blobs"),
    "a blob's size": ("UPDATE blobs SET bytes = bytes + 1", "other bytes than were stored"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_check_finds(damage, filled):
    assert filled.check().problems == []
    statement, said = DAMAGES[damage]
    change(filled, statement)
    assert any(said in problem for problem in filled.check().problems), filled.check().problems


def test_the_check_finds_blobs_that_are_gone_or_changed(filled):
    (first, _), (second, size), *_ = sorted(filled.blobs.all())
    filled.blobs.path(first).unlink()
    filled.blobs.path(second).chmod(0o644)
    filled.blobs.path(second).write_bytes(b"x" * size)
    told = "\n".join(filled.check().problems)
    assert f"{first} is missing" in told
    assert f"{second} has other bytes" in told


def test_the_check_finds_another_digest(store, track):
    with store.ingest("p", "r", "", None) as ingest:
        ingest.commit({"runjson": "1.0"}, "0" * 64, "document", None, None, {"runjson": "1.0"})
    assert "digest" in store.check().problems[0]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_the_check_finds_a_damaged_database(share, tmp_path):
    with Store.open(tmp_path) as store, store.ingest("p", "r", "", None) as ingest:
        ingest.append("series", "loss", numbers(100_000))
        ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
    path = tmp_path / "tracker.sqlite"
    data = bytearray(path.read_bytes())
    place = int(len(data) * share)
    data[place : place + 16384] = b"\xff" * 16384
    path.write_bytes(data)
    with Store.open(tmp_path) as store:
        assert any("database" in problem or "chunk" in problem for problem in store.check().problems)


def test_the_check_counts_what_it_looked_at(filled):
    checked = filled.check()
    assert (checked.runs, checked.points, checked.chunks, checked.files) == (2, 20_024, 10, 4)


def test_freeing_that_fails_in_its_midst_is_gone_on_with(filled, monkeypatch):
    for index in range(4):
        filled.blobs.add(b"unneeded %d" % index)
    age(filled, 2)
    remove = type(filled.blobs).remove
    calls = []

    def failing(self, sha256, before):
        calls.append(sha256)
        if len(calls) == 3:
            raise OSError(5, "gone away")
        return remove(self, sha256, before)

    monkeypatch.setattr(type(filled.blobs), "remove", failing)
    with pytest.raises(OSError, match="gone away"):
        filled.free()
    assert filled.check().problems == []
    assert filled.free().blobs == 2
    assert filled.check().problems == []
