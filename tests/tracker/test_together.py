"""Changes of many sources are written together as each would be alone, and what is wrong with one harms no other."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from runjson_schema.points import Points
from runjson_tracker.database import lock_run, writing
from runjson_tracker.steps import Left, finish, perform, perform_together
from runjson_tracker.store import RunTrashed, SourceChanged, Store, StoreError, TrackedSource
from runjson_tracker.tables import chunks, field_series, fields, projects, records, runs, series, sources
from sqlalchemy import DDL, select

from tests.tracker.points import equal, numbers
from tests.tracker.threads import failures_of

TABLES = (runs, records, sources, series, chunks, field_series)
SERIES = ["loss", "accuracy", "läuft/λ", "x.y", "d", "e"]
APART = {"id", "project", "run", "source", "field", "created", "changed", "heard"}


@pytest.fixture
def gathering(store):
    store.gather_commits()
    return store


def steps(store, run, tracked=None, record=None, merged=None, project="p", files=(), **points):
    """A change of a source that waits to be written."""
    with store.ingest(project, run, "", tracked) as ingest:
        for name, some in points.items():
            ingest.append("series", name, some)
        for name, content in files:
            ingest.add_file("artifacts", name, None, name, None, content)
        record = record or {"id": run}
        return (yield from ingest.steps(record, "0" * 64, "stream", None, None, merged or record))


def together(store, *changes):
    """What each change came to, or raised: those that are left are written by themselves."""
    found = []
    for one in perform_together(changes, store.write_all):
        try:
            found.append(finish(one, store.write))
        except Exception as error:
            found.append(error)
    return found


def begin(store, names, project="p", **points):
    """Sources that have some points, by run."""
    for name in names:
        with store.ingest(project, name, "", None) as ingest:
            for one, some in points.items():
                ingest.append("series", one, some)
            ingest.commit({"id": name}, "0" * 64, "stream", None, None, {"id": name})
    return {name: store.source(project, name, "") for name in names}


def stored(store, project):
    """All that commits write of the runs of a project, but for numbers that the database gives, and times."""
    of = {runs: runs.c.id, records: records.c.run, sources: sources.c.run, field_series: field_series.c.run}
    found = {}
    with store.engine.connect() as connection:
        for table in TABLES:
            if table in of:
                joined = table if table is runs else table.join(runs, of[table] == runs.c.id)
                order = [runs.c.run]
                if table is field_series:
                    joined = joined.join(fields, field_series.c.field == fields.c.id)
                    order += [fields.c.name]
            else:
                joined = table.join(sources, table.c.source == sources.c.id).join(runs, sources.c.run == runs.c.id)
                order = [runs.c.run, table.c.number, *([chunks.c.first] if table is chunks else [])]
            joined = joined.join(projects, runs.c.project == projects.c.id)
            statement = select(*(one.label(f"of_{one.name}") for one in order[:2]), table).select_from(joined)
            found[table.name] = [
                {name: repr(value) for name, value in row.items() if name not in APART}
                for row in connection.execute(statement.where(projects.c.name == project).order_by(*order)).mappings()
            ]
    return found


def values(store, run, name="a", writer=""):
    return store.run("p", run).points("series", name, writer).values.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_together_is_what_each_change_writes_alone(seed, gathering):
    rng = random.Random(seed)
    names = [f"r{number}" for number in range(5)]
    points = {name: numbers(30_000, seed=at) for at, name in enumerate(names)}
    known = {way: begin(gathering, names, way, a=numbers(3), b=numbers(40)) for way in ("alone", "together")}
    at = dict.fromkeys(names, 0)
    for _ in range(12):
        turn = {name: rng.choice([0, 1, 1, 2, 30, 500, 5000]) for name in names}
        # Series of the same names become known by one run or another, in this turn or a later one.
        new = {name: {one: numbers(2) for one in rng.sample(SERIES, rng.choice([0, 0, 1, 3]))} for name in names}
        for way, known_here in known.items():
            parts = {name: points[name][at[name] : at[name] + more] for name, more in turn.items() if more}
            work = [
                steps(gathering, name, known_here[name], project=way, a=part, b=part[:1], **new[name])
                for name, part in parts.items()
            ]
            joined = way == "together"
            done = together(gathering, *work) if joined else [perform(one, gathering.write) for one in work]
            known_here |= dict(zip(parts, done, strict=True))
        at = {name: at[name] + more for name, more in turn.items()}
    found = stored(gathering, "alone")
    assert found == stored(gathering, "together")
    assert [len(found[one]) for one in ("runs", "sources")] == [5, 5]
    assert len(found["series"]) == len(found["field_series"]) > 15
    assert {row["of_name"] for row in found["field_series"]} == {repr(name) for name in ("a", "b", *SERIES)}
    for name in names:
        equal(gathering.run("together", name).points("series", "a")[3:], points[name][: at[name]])


def test_first_points_of_series_are_written_with_others(gathering):
    known = begin(gathering, ["r", "s", "t"])
    # Of the names that two of them bring one is known, by another run's series.
    begin(gathering, ["before"], a=numbers(1))
    news = {"r": {"a": numbers(3), "b": numbers(2)}, "s": {"b": numbers(1), "c": numbers(4)}, "t": {"a": numbers(2)}}
    work = [steps(gathering, run, known[run], **some) for run, some in news.items()]
    found = perform_together(work, gathering.write_all)
    assert [one.point_count for one in found] == [5, 5, 2]
    rows = {(row["of_run"], row["of_name"]): row["count"] for row in stored(gathering, "p")["field_series"]}
    told = {(repr(run), repr(name)): repr(len(some)) for run, of in news.items() for name, some in of.items()}
    assert rows == {("'before'", "'a'"): "1"} | told


def test_of_two_changes_of_one_source_one_is_told_that_it_changed(gathering):
    (known,) = begin(gathering, ["r"], a=numbers(3)).values()
    # They would not be in each other's way by the places of their chunks.
    parts = [numbers(1, seed=1), numbers(50, seed=2)]
    came = together(gathering, *(steps(gathering, "r", known, a=part) for part in parts))
    assert [type(one) for one in came[1:]] == [SourceChanged]
    assert came[0].point_count == 4
    assert values(gathering, "r") == [*numbers(3).values.tolist(), *parts[0].values.tolist()]


def test_what_is_wrong_with_one_change_harms_no_other(gathering):
    known = begin(gathering, ["good", "trashed", "stale", "two", "bad", "also"], a=numbers(3))
    gathering.put_away([("p", "trashed")])
    together(gathering, steps(gathering, "stale", known["stale"], a=Points(np.array([1.0]))))
    with gathering.ingest("p", "two", "w", None) as ingest:
        ingest.append("series", "a", Points(np.array([5.0])))
        ingest.commit({"id": "two"}, "0" * 64, "stream", None, None, lambda records: {"id": "two"})

    def refused(_):
        raise ValueError("they disagree")

    more = Points(np.array([9.0]))
    came = together(
        gathering,
        steps(gathering, "trashed", known["trashed"], a=more),
        steps(gathering, "good", known["good"], a=more),
        steps(gathering, "stale", known["stale"], a=more),
        steps(gathering, "two", known["two"], a=more),
        steps(gathering, "bad", known["bad"], record={"id": "bad", "name": "b"}, merged=refused, a=more),
        steps(gathering, "new", None, a=more, files=[("model", b"some bytes")]),
        steps(gathering, "also", known["also"], a=more, new=more),
    )
    told = [type(one) if isinstance(one, Exception) else one.point_count for one in came]
    assert told == [RunTrashed, 4, SourceChanged, 4, ValueError, 1, 5]
    assert "runjson rm --restore p/trashed" in str(came[0])
    three = numbers(3).values.tolist()
    assert values(gathering, "good") == [*three, 9.0]
    assert values(gathering, "stale") == [*three, 1.0]
    assert (values(gathering, "two"), values(gathering, "two", writer="w")) == ([*three, 9.0], [5.0])
    assert values(gathering, "bad") == three
    assert values(gathering, "new") == [9.0]
    assert values(gathering, "also", "new") == [9.0]
    # What is told of a run is told of all of its sources.
    (of_two,) = (row for row in stored(gathering, "p")["field_series"] if row["of_run"] == "'two'")
    assert (of_two["count"], of_two["maximum"]) == ("5", "9.0")


def test_what_the_database_refuses_of_one_change_is_told_to_it_alone(gathering):
    known = begin(gathering, ["r", "s", "t"], a=numbers(3))
    number = known["s"].id
    if gathering.engine.dialect.name == "sqlite":
        rule = (
            f"CREATE TRIGGER no BEFORE INSERT ON chunks WHEN NEW.source = {number} BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    else:
        rule = f"ALTER TABLE chunks ADD CONSTRAINT no CHECK (source <> {number}) NOT VALID"
    with writing(gathering.engine).begin() as connection:
        connection.execute(DDL(rule))
    came = together(gathering, *(steps(gathering, run, known[run], a=Points(np.array([4.0]))) for run in known))
    assert isinstance(came[1], StoreError)
    assert "cannot be written" in str(came[1])
    three = numbers(3).values.tolist()
    assert {run: values(gathering, run) for run in known} == {"r": [*three, 4.0], "s": three, "t": [*three, 4.0]}


def test_a_run_that_somebody_else_changes_keeps_no_other_waiting(gathering):
    if gathering.engine.dialect.name == "sqlite":
        return  # one writes at a time
    known = begin(gathering, ["a", "b", "c"], a=numbers(3))
    with gathering.transaction() as connection:
        lock_run(connection, "p", "b")
        changes = [steps(gathering, run, known[run], a=Points(np.array([4.0]))) for run in known]
        found = perform_together(changes, gathering.write_all)
        assert [type(one) for one in found] == [TrackedSource, Left, TrackedSource]
        assert [values(gathering, run)[3:] for run in known] == [[4.0], [], [4.0]]
        (alone,) = perform_together([steps(gathering, "a", found[0], a=Points(np.array([5.0])))], gathering.write_all)
        assert alone.point_count == 5
    assert finish(found[1], gathering.write).point_count == 4
    assert values(gathering, "b")[3:] == [4.0]


def test_where_nothing_can_be_written_all_are_told_at_once(gathering, place):
    if gathering.engine.dialect.name == "postgresql":
        return  # those who write other runs do not keep these waiting
    names = [f"r{number}" for number in range(10)]
    known = begin(gathering, names, a=numbers(3))
    gathering.wait_at_most(1)
    with Store.open(place) as other, other.transaction():
        begun = time.monotonic()
        came = together(gathering, *(steps(gathering, run, known[run], a=numbers(1)) for run in names))
        assert {type(one) for one in came} == {StoreError}
        assert time.monotonic() - begun < 5  # and not one second for each
    assert values(gathering, "r0") == numbers(3).values.tolist()


def test_what_gives_up_in_the_midst_of_others_is_told_as_written_to_nobody(gathering):
    class Panic(BaseException):
        """What a part that is written in Rust raises when it gives up."""

    def gives_up(_):
        raise Panic

    known = begin(gathering, ["a", "b"], a=numbers(3))
    more = Points(np.array([4.0]))
    last = steps(gathering, "new", None, record={"id": "new"}, merged=gives_up, a=more)
    if gathering.engine.dialect.name == "postgresql":
        found = perform_together(
            [*(steps(gathering, run, known[run], a=more) for run in known), last], gathering.write_all
        )
        assert isinstance(found[-1], Left)  # it is new: no other waits for it
        with pytest.raises(Panic):
            finish(found[-1], gathering.write)
        assert [values(gathering, run)[3:] for run in known] == [[4.0], [4.0]]
        return
    asked = []
    entries = [steps(gathering, run, known[run], a=more) for run in known]
    with pytest.raises(Panic):
        perform_together([*entries, last], lambda wanted: asked.extend(wanted) or gathering.write_all(wanted))
    assert [values(gathering, run)[3:] for run in known] == [[], []]
    assert [gathering.write(one)[1] for one in asked[:2]] == [2, 2]


def test_stores_that_write_the_same_runs_in_other_orders_do_not_stop_each_other(gathering, place):
    names = [f"r{number}" for number in range(8)]
    begin(gathering, names, a=numbers(1))
    with Store.open(place) as other:
        other.gather_commits()

        def grow(number):
            store, left = (gathering, other)[number % 2], dict.fromkeys(names, 12)
            while left:
                order = random.Random(f"{number}{sum(left.values())}").sample(sorted(left), len(left))
                known = {run: store.source("p", run, "") for run in order}
                one = Points(np.array([float(number)]))
                came = together(store, *(steps(store, run, known[run], a=one) for run in order))
                for run, what in zip(order, came, strict=True):
                    if not isinstance(what, SourceChanged):
                        assert not isinstance(what, Exception), what
                        left[run] -= 1
                        if not left[run]:
                            del left[run]

        assert failures_of(grow, 4) == []
    for name in names:
        assert sorted(values(gathering, name)[1:]) == sorted([0.0, 1.0, 2.0, 3.0] * 12)
        equal(gathering.run("p", name).points("series", "a")[:1], numbers(1))
