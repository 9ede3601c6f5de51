"""One tracker with 10,000 runs and 10^8 points: how it is filled, how large it is, and how soon it answers.

SQLite always; PostgreSQL if RUNJSON_POSTGRESQL is the address of an empty database, such as postgresql:///benchmark.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from data import columns, name
from measure import Row, check_points, disk

_SERIES, _POINTS, _PAGE, _CURVES = 10, 1000, 50, 100
_FIRST = f"series.`{name(0)}`"
_COLUMNS = ["parameters.lr", "parameters.model", f"{_FIRST}.last"]
_WHERE = f'parameters.lr < 0.01 and parameters.model == "mlp" and {_FIRST}.max > 0.5 and status == "succeeded"'
# So many sets of points are made, and each is given to many runs: to make 10^8 would take longer than to track them.
_DRAWN = 50


def scaling(place: Path, *, quick: bool) -> list[Row]:
    """Fill each database, and ask."""
    runs = 200 if quick else 10_000
    rows = list(_of(f"SQLite, {runs:,} runs", str(place / "store"), runs, place / "store"))
    address = os.environ.get("RUNJSON_POSTGRESQL")
    if address is None:
        print("PostgreSQL is left out: RUNJSON_POSTGRESQL names no empty database.", file=sys.stderr)
        return rows
    joined = "&" if "?" in address else "?"
    return rows + list(_of(f"PostgreSQL, {runs:,} runs", f"{address}{joined}blobs={place / 'blobs'}", runs, None))


def _of(database: str, location: str, runs: int, folder: Path | None) -> Iterator[Row]:
    from runjson_tracker.store import Store

    drawn = [[columns(_POINTS, seed * _SERIES + index) for index in range(_SERIES)] for seed in range(_DRAWN)]
    with Store.open(location) as store:
        begun = time.perf_counter()
        for run in range(runs):
            _track(store, run, drawn[run % _DRAWN])
        took = time.perf_counter() - begun
        points = runs * _SERIES * _POINTS
        yield Row(
            f"{database}: runs of {_SERIES} series × {_POINTS:,} points, one after another",
            "runs/s",
            [runs / took],
            None,
            "more",
        )
        yield Row(f"{database}: the same", "points/s", [points / took], None, "more")
        yield Row(f"{database}: on disk", "bytes a point", [_size(store, folder) / points], None, "less")
        _check(store, runs, drawn)
        yield from _asked(database, store, runs, drawn)
        yield from _followed(database, store)


def _track(store: Any, run: int, series: list[Any]) -> None:
    from runjson_schema.points import Points

    record = {
        "runjson": "1.0", "id": f"r{run}", "name": f"run {run}", "status": "succeeded",
        "started_at": "2026-11-21T03:13:41Z",
        "parameters": {"lr": 10.0 ** -(1 + run % 5), "model": ("cnn", "mlp", "rnn")[run % 3], "seed": run},
    }  # fmt: skip
    with store.ingest("benchmark", f"r{run}", "", None) as ingest:
        for index, (values, steps, times) in enumerate(series):
            ingest.append("series", name(index), Points(values, steps, times))
        ingest.commit(record, "", "stream", 0, "", record)


def _size(store: Any, folder: Path | None) -> int:
    from sqlalchemy import text

    if folder is not None:
        return disk(folder)
    with store.engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar())


def _check(store: Any, runs: int, drawn: list[Any]) -> None:
    """Fail unless the counts are right, and the points of some runs bit for bit."""
    from runjson_tracker.tables import runs as table
    from sqlalchemy import func, select

    with store.engine.connect() as connection:
        found = connection.execute(select(func.count(), func.sum(table.c.points))).one()
    if tuple(map(int, found)) != (runs, runs * _SERIES * _POINTS):
        raise AssertionError(f"{found} instead of {runs} runs")
    for run in range(0, runs, max(runs // 20, 1)):
        source = store.source("benchmark", f"r{run}", "")
        for index, wanted in enumerate(drawn[run % _DRAWN]):
            check_points(source.points("series", name(index)), *wanted)


def _asked(database: str, store: Any, runs: int, drawn: list[Any]) -> Iterator[Row]:
    from runjson_tracker.query.groups import group_runs
    from runjson_tracker.query.table import select_runs

    engine, sort = store.engine, [f"-{_FIRST}.last"]
    few = [f"r{run}" for run in range(0, runs, runs // _CURVES)]

    def page() -> Any:
        return select_runs(engine, project="benchmark", where=_WHERE, sort=sort, columns=_COLUMNS, limit=_PAGE)

    def newest() -> Any:
        return select_runs(engine, project="benchmark", columns=_COLUMNS, limit=_PAGE)

    def grouped() -> Any:
        return group_runs(engine, ["parameters.lr"], [f"{_FIRST}.last"], project="benchmark")

    def curves() -> Any:
        return [store.source("benchmark", run, "").points("series", name(0)) for run in few]

    if len(page().rows) != min(_PAGE, page().total) or page().total == 0:
        raise AssertionError("the page has other runs")
    yield Row(f"{database}: filtered by four tests, sorted, {_PAGE} rows", "s", _turns(page), None, "less")
    yield Row(f"{database}: the newest {_PAGE} rows", "s", _turns(newest), None, "less")
    if sum(one.runs for one in grouped()) != runs:
        raise AssertionError("the groups have other runs")
    yield Row(f"{database}: mean and std of a series by a parameter", "s", _turns(grouped), None, "less")
    for run, points in zip(few, curves(), strict=True):
        check_points(points, *drawn[int(run[1:]) % _DRAWN][0])
    yield Row(
        f"{database}: one series of each of {_CURVES} runs, {_CURVES * _POINTS:,} points, run by run",
        "s",
        _turns(curves),
        None,
        "less",
    )


def _turns(question: Any, turns: int = 9) -> list[float]:
    took = []
    for _ in range(turns):
        begun = time.perf_counter()
        question()
        took.append(time.perf_counter() - begun)
    return took[1:]


def _followed(database: str, store: Any) -> Iterator[Row]:
    """A point more for each of many running runs, committed together as `--follow` does."""
    from runjson_schema.points import Points

    live = 200
    record = {"runjson": "1.0", "status": "running"}
    tracked: dict[int, Any] = dict.fromkeys(range(live))
    took = []
    for turn in range(12):
        begun = time.perf_counter()
        with store.transaction() as connection:
            for run in range(live):
                with store.ingest("live", f"l{run}", "", tracked[run]) as ingest:
                    ingest.append("series", "loss", Points(np.array([float(turn)]), np.array([float(turn)])))
                    said = record | {"id": f"l{run}"}
                    tracked[run] = ingest.commit(said, "", "stream", turn, "", said, within=connection)
        took.append(time.perf_counter() - begun)
    for run in range(live):
        np.testing.assert_array_equal(
            store.source("live", f"l{run}", "").points("series", "loss").values, np.arange(12.0)
        )
    yield Row(
        f"{database}: a point more of each of {live} running runs, in one transaction", "s", took[2:], None, "less"
    )
