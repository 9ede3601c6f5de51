"""Questions to a table of many runs, beside MLflow's `search_runs`."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from measure import Row

_PARAMETERS, _SERIES, _PAGE = 30, 10, 50
MODELS = ("cnn", "mlp", "rnn", "transformer", "unet")
WHERE = (
    'parameters.lr < 0.01 and parameters.model in ["cnn", "mlp"] and series.validation/accuracy.max > 0.5 '
    'and status == "succeeded"'
)
SORT = "-series.validation/accuracy.max"
COLUMNS = (
    "parameters.lr",
    "parameters.model",
    "parameters.layers",
    "series.validation/accuracy.max",
    "series.train/loss.last",
)


def queries(place: Path, *, quick: bool) -> list[Row]:
    """A page of runs, filtered and sorted, and groups of runs: at 1,000, 10,000 and 100,000 runs."""
    turns = 3 if quick else 15
    # Runs, and the targets in seconds for a page and for groups.
    sizes: list[tuple[int, float | None, float | None]] = [
        (1000, None, None),
        (10_000, 0.020, None),
        (100_000, 0.250, 0.400),
    ]
    if quick:
        sizes = [(50, None, None), (1000, None, None)]
    peer_runs = 50 if quick else 1000
    rows, theirs = [], _peer(place / "mlflow", Runs.make(peer_runs), turns)
    for size, target, grouped in sizes:
        runs = Runs.make(size)
        engine = runs.store(place / f"store-{size}")
        what = f"{size:,} runs: "
        pages, firsts, groups, bests = _measured(engine, runs, turns)
        told = f"`search_runs`, {peer_runs:,} runs"
        page = f"{what}filtered by four tests, sorted, {_PAGE} rows of 5 columns"
        rows += [
            Row(page, "s", pages, target, "less", *((told, theirs) if size == peer_runs else ())),
            Row(f"{what}the newest {_PAGE} rows of 5 columns", "s", firsts, target, "less"),
            Row(f"{what}mean and std of a series by a parameter", "s", groups, grouped, "less"),
            Row(f"{what}the best run for each value of a parameter", "s", bests, grouped, "less"),
        ]
        engine.dispose()
    return rows


@dataclass(frozen=True)
class Runs:
    """What many runs have that differs between them; numbers by run."""

    lr: np.ndarray[Any, np.dtype[np.float64]]
    model: np.ndarray[Any, np.dtype[np.int64]]
    accuracy: np.ndarray[Any, np.dtype[np.float64]]
    failed: np.ndarray[Any, np.dtype[np.bool_]]

    @classmethod
    def make(cls, count: int) -> Runs:
        """So many runs, always the same."""
        rng = np.random.default_rng(count)
        return cls(
            10 ** rng.uniform(-5, -1, count), rng.integers(0, len(MODELS), count), rng.uniform(0, 1, count),
            rng.random(count) < 0.1,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.lr)

    def page(self) -> list[str]:
        """The ids of the first page."""
        matching = (self.lr < 0.01) & (self.model < 2) & (self.accuracy > 0.5) & ~self.failed
        best = np.flatnonzero(matching)[np.argsort(-self.accuracy[matching], kind="stable")]
        return [f"r{run}" for run in best[:_PAGE]]

    def total(self) -> int:
        """How many runs match."""
        return int(((self.lr < 0.01) & (self.model < 2) & (self.accuracy > 0.5) & ~self.failed).sum())

    def store(self, location: str | Path, project: str = "benchmark", after: int = 0) -> Any:
        """A store with these runs in a new project, whose rows have numbers greater than `after`, and its engine.

        The rows that questions read are inserted as they are, with no run files, records or points behind them: to
        track 100,000 runs would take ten minutes, and would leave the same rows.
        """
        from runjson_tracker.database import writing
        from runjson_tracker.store import Store
        from runjson_tracker.tables import field_series, field_values, fields, projects, runs
        from sqlalchemy import insert, text

        engine = Store.open(location).engine
        begun = 1.79e9
        with writing(engine).begin() as connection:
            connection.execute(insert(projects), [{"id": after + 1, "name": project, "created": begun}])
            connection.execute(
                insert(runs),
                [
                    {
                        "id": after + run + 1, "project": after + 1, "run": f"r{run}", "name": f"run {run}",
                        "status": "failed" if failed else "succeeded", "started": begun + run,
                        "ended": begun + run + 60, "created": begun + run, "changed": begun + run,
                        "heard": begun + run, "sources": 1, "points": 1000, "series": _SERIES,
                    }
                    for run, failed in enumerate(self.failed.tolist())
                ],
            )  # fmt: skip
            names = [("parameters", f"/{name}") for name in _parameters()] + [("series", name) for name in _series()]
            connection.execute(
                insert(fields),
                [
                    {"id": after + at + 1, "project": after + 1, "kind": kind, "name": name}
                    for at, (kind, name) in enumerate(names)
                ],
            )
            for at, (kind, name) in enumerate(names):
                if kind == "series":
                    numbers = self._numbers(name, at)
                    connection.execute(
                        insert(field_series),
                        [
                            {
                                "field": after + at + 1, "run": after + run + 1, "count": 100, "nonfinite": 0,
                                "minimum": number / 2, "maximum": number, "mean": number * 0.75, "last": number * 0.875,
                            }
                            for run, number in enumerate(numbers)
                        ],
                    )  # fmt: skip
                elif name == "/model":
                    models = [MODELS[one] for one in self.model.tolist()]
                    values = [("text", None, model) for model in models]
                    rows = [_value(after + at, after + run, *one) for run, one in enumerate(values)]
                    connection.execute(insert(field_values), rows)
                else:
                    numbers = self._numbers(name.removeprefix("/"), at)
                    rows = [
                        _value(after + at, after + run, "number", number, None) for run, number in enumerate(numbers)
                    ]
                    connection.execute(insert(field_values), rows)
            if engine.dialect.name == "postgresql":  # rows were given with their numbers
                for table in (projects, runs, fields):
                    sequence = f"SELECT setval('{table.name}_id_seq', (SELECT max(id) FROM {table.name}))"
                    connection.execute(text(sequence))
        if engine.dialect.name == "postgresql":  # which it does by itself within a minute
            with engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
        return engine

    def _numbers(self, name: str, seed: int) -> list[float]:
        known = {"lr": self.lr, "validation/accuracy": self.accuracy}
        if name in known:
            found: list[float] = known[name].tolist()
            return found
        drawn: list[float] = np.random.default_rng(seed).uniform(0, 100, len(self)).tolist()
        return [float(int(number)) for number in drawn] if name == "layers" else drawn


def _value(at: int, run: int, kind: str, number: float | None, text: str | None) -> dict[str, Any]:
    return {"field": at + 1, "run": run + 1, "type": kind, "number": number, "text": text}


def _parameters() -> list[str]:
    return ["lr", "model", "layers", *(f"p{index}" for index in range(_PARAMETERS - 3))]


def _series() -> list[str]:
    return ["validation/accuracy", "train/loss", *(f"s{index}" for index in range(_SERIES - 2))]


def _measured(engine: Any, runs: Runs, turns: int) -> tuple[list[float], list[float], list[float], list[float]]:
    from runjson_tracker.query.groups import best, group_runs
    from runjson_tracker.query.table import select_runs

    pages, firsts, groups, bests = [], [], [], []
    # The first turn imports, and touches the file for the first time: it is not counted.
    for turn in range(turns + 1):
        begun = time.perf_counter()
        page = select_runs(engine, project="benchmark", where=WHERE, sort=[SORT], columns=COLUMNS, limit=_PAGE)
        pages.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        first = select_runs(engine, project="benchmark", columns=COLUMNS, limit=_PAGE)
        firsts.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        grouped = group_runs(engine, ["parameters.model"], ["series.validation/accuracy.max"], project="benchmark")
        groups.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        leaders = best(engine, "series.validation/accuracy.max", "parameters.model", "maximize", project="benchmark")
        bests.append(time.perf_counter() - begun)
        if turn == 0:
            _check([row.id for row in page.rows], runs.page())
            _check([set(row.values) for row in page.rows], [set(COLUMNS)] * len(page.rows))
            _check(page.total, runs.total())
            _check([row.id for row in first.rows], [f"r{run}" for run in reversed(range(len(runs) - _PAGE, len(runs)))])
            for index, (group, leader) in enumerate(zip(grouped, leaders, strict=True)):
                told = runs.accuracy[runs.model == index]
                found = group.statistics["series.validation/accuracy.max"]
                _check((group.key, group.runs, leader.value), ((MODELS[index],), len(told), told.max()))
                assert found.mean is not None
                assert found.std is not None
                _check(math.isclose(found.mean, told.mean(), rel_tol=1e-13), True)
                _check(math.isclose(found.std, told.std(ddof=1), rel_tol=1e-12), True)
    return pages[1:], firsts[1:], groups[1:], bests[1:]


def _peer(place: Path, runs: Runs, turns: int) -> list[float]:
    """How long `search_runs` takes for the same question to fewer runs, of as many parameters and metrics."""
    from mlflow.entities import Metric, Param
    from mlflow.tracking import MlflowClient

    # After the import, which sets the levels itself.
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    place.mkdir()
    client = MlflowClient(tracking_uri=f"sqlite:///{place / 'mlflow.db'}")
    experiment = client.create_experiment("benchmark")
    for run in range(len(runs)):
        parameters = dict.fromkeys(_parameters(), "1") | {"model": MODELS[int(runs.model[run])]}
        # MLflow's parameters are texts: what is compared as a number is a metric.
        metrics = dict.fromkeys(_series(), 0.5) | {
            "validation/accuracy": float(runs.accuracy[run]), "lr": float(runs.lr[run]),
        }  # fmt: skip
        made = client.create_run(experiment, run_name=f"r{run}").info.run_id
        client.log_batch(
            made,
            metrics=[Metric(name, value, 0, 0) for name, value in metrics.items()],
            params=[Param(name, value) for name, value in parameters.items()],
        )
        client.set_terminated(made, "FAILED" if runs.failed[run] else "FINISHED")
    # Its filters know no `in` for parameters, and no `or`: two models are asked for by what they are not.
    models = " and ".join(f"params.model != '{name}'" for name in MODELS[2:])
    where = f"metrics.lr < 0.01 and {models} and metrics.`validation/accuracy` > 0.5 and status = 'FINISHED'"
    order = ["metrics.`validation/accuracy` DESC"]
    took = []
    for _ in range(turns + 1):
        begun = time.perf_counter()
        found = client.search_runs([experiment], where, max_results=_PAGE, order_by=order)
        took.append(time.perf_counter() - begun)
        _check([one.info.run_name for one in found], runs.page())
    return took[1:]


def _check(found: object, expected: object) -> None:
    if found != expected:
        raise AssertionError(f"{found!r} instead of {expected!r}")
