"""A tracker as Python asks it: projects, runs, and the series of many runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
from runjson_schema.points import Points

from runjson_tracker.aggregate import aggregate
from runjson_tracker.errors import RunMissing
from runjson_tracker.query.groups import Best, Goal, best, group_runs
from runjson_tracker.query.table import field_names, select_runs
from runjson_tracker.reading.frames import Frame
from runjson_tracker.reading.run import Run
from runjson_tracker.reading.series import Series
from runjson_tracker.reading.values import at
from runjson_tracker.store import Store

# A point more than all of them would be reduced to nothing less.
_STATISTICS = ("mean", "std", "min", "max", "count")


class Tracker:
    """A tracker that is open. A context manager."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def open(cls, tracker: str | os.PathLike[str] | None = None) -> Self:
        """Open a tracker.

        Args:
            tracker: its folder; without it `RUNJSON_TRACKER`, or else the one in the user's data folder.

        Raises:
            StoreMissing: there is none.
            StoreError: it can not be used.
        """
        return cls(Store.open(tracker, create=False))

    def close(self) -> None:
        """Let go of it."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<tracker {self._store.location}>"

    # -- projects and runs -------------------------------------------------------------------------------------------

    def projects(self) -> Frame:
        """The projects: name, how many runs, when one of them last changed."""
        rows = self._store.projects()
        return Frame(
            {
                "name": [one.name for one in rows],
                "runs": [one.runs for one in rows],
                "changed": [at(one.changed) for one in rows],
            }
        )

    def runs(
        self,
        project: str | None = None,
        *,
        where: str | None = None,
        sort: str | Sequence[str] = (),
        columns: str | Sequence[str] = (),
        group_by: str | Sequence[str] | None = None,
        limit: int | None = None,
        offset: int = 0,
        trash: bool = False,
    ) -> Frame:
        """The runs that match, one a row; with `group_by` the groups of them.

        Args:
            project: whose runs; None for all.
            where: a filter, such as `parameters.lr < 0.1 and "baseline" in tags`.
            sort: fields, each with a leading `-` for descending; the newest first by default.
            columns: fields, or patterns of them such as `parameters.*`, beside what every run has.
            group_by: fields; runs with equal values in them are one row, with mean, standard deviation, minimum,
                maximum and count of each column over its runs.
            limit: how many at most.
            offset: how many to leave out first.
            trash: whether to look in the trash, and nowhere else.

        Raises:
            QueryError: a filter or a field can not be understood.
        """
        scope: dict[str, Any] = {"project": project, "where": where, "trash": trash, "silence": self._store.silence}
        if group_by is not None:
            return self._groups(_texts(group_by), _texts(columns), scope)
        page = select_runs(
            self._store.engine, sort=_texts(sort), columns=_texts(columns), limit=limit, offset=offset, **scope
        )
        fixed = {
            "project": [row.project for row in page.rows],
            "id": [row.id for row in page.rows],
            "name": [row.name for row in page.rows],
            "group": [row.group for row in page.rows],
            "status": [row.status for row in page.rows],
            "started": [at(row.started) for row in page.rows],
            "ended": [at(row.ended) for row in page.rows],
            "duration": [row.duration for row in page.rows],
            "tags": [list(row.tags) for row in page.rows],
            "points": [row.points for row in page.rows],
        }
        return Frame(fixed | {name: [row.values.get(name) for row in page.rows] for name in page.columns})

    def _groups(self, by: list[str], columns: list[str], scope: dict[str, Any]) -> Frame:
        groups = group_runs(self._store.engine, by, columns, **scope)
        found: dict[str, list[Any]] = {name: [one.key[index] for one in groups] for index, name in enumerate(by)}
        found["runs"] = [one.runs for one in groups]
        for column in columns:
            for what in _STATISTICS:
                found[f"{what}({column})"] = [getattr(one.statistics[column], what) for one in groups]
        return Frame(found)

    def fields(self, project: str | None = None) -> list[str]:
        """All fields that filters, sorts and columns may name."""
        return field_names(self._store.engine, project)

    def best(
        self,
        by: str,
        *,
        per: str | Sequence[str] = (),
        goal: Goal | None = None,
        project: str | None = None,
        where: str | None = None,
    ) -> list[Best]:
        """The best run, or the best of each group.

        Args:
            by: a field with numbers, such as `series.validation/accuracy.max`.
            per: fields; the best of the runs with equal values in them.
            goal: `maximize` or `minimize`; by default as the series says, or else `maximize`.
            project: whose runs; None for all.
            where: a filter.

        Raises:
            QueryError: a filter or a field can not be understood.
        """
        scope: dict[str, Any] = {"project": project, "where": where, "silence": self._store.silence}
        return best(self._store.engine, by, per=_texts(per), goal=goal, **scope)

    def run(self, run: str) -> Run:
        """One run.

        Args:
            run: its id, the beginning of it, or `PROJECT/ID`.

        Raises:
            RunMissing: there is none, or there are several.
        """
        found = self._store.find(run)
        if not found:
            raise RunMissing(f'The tracker has no run "{run}".')
        if len(found) > 1:
            first = ", ".join(f"{one.project}/{one.id}" for one in found[:5])
            raise RunMissing(f'"{run}" may be {first}{" and more" if len(found) > 5 else ""}: give PROJECT/ID.')
        return Run(self._store, found[0].project, found[0].id)

    # -- points of many runs -----------------------------------------------------------------------------------------

    def series(
        self,
        names: str | Iterable[str],
        *,
        runs: Sequence[str] | None = None,
        project: str | None = None,
        where: str | None = None,
        points: int | None = None,
        group_by: str | Sequence[str] | None = None,
    ) -> Frame:
        """Points of series of many runs.

        Args:
            names: of the series; runs that lack one are left out.
            runs: ids, or `PROJECT/ID`; those that match the filter by default.
            project: whose runs; None for all.
            where: a filter.
            points: at most so many points of each series, extremes and marks of non-finite points among them.
            group_by: fields; the series of runs with equal values in them are taken together, step by step.

        Returns:
            project, run, series, index, step, time, value; with `group_by` the fields, and series, step, mean, std,
            min, max, count.

        Raises:
            QueryError: a filter or a field can not be understood.
            RunMissing: one of `runs` is not there.
        """
        wanted = [names] if isinstance(names, str) else list(names)
        by = None if group_by is None else _texts(group_by)
        if runs is None:
            page = select_runs(
                self._store.engine, project=project, where=where, columns=by or (), silence=self._store.silence
            )
            chosen = [(row.project, row.id, tuple(row.values.get(one) for one in by or ())) for row in page.rows]
        else:
            if by is not None:
                raise ValueError("group_by goes with a filter, not with runs.")
            found = [self.run(one) for one in runs]
            chosen = [(one.project, one.id, ()) for one in found]
        if by is None:
            return _long(self._store, chosen, wanted, points)
        return _grouped(self._store, chosen, wanted, by)


def _long(store: Store, chosen: Sequence[tuple[str, str, Any]], names: list[str], most: int | None) -> Frame:
    parts: list[tuple[str, str, Series]] = []
    for project, run, _ in chosen:
        opened = Run(store, project, run)
        there = set(opened.series_names)
        for one in opened.series([name for name in names if name in there], points=most).values():
            parts.append((project, run, one))
    lengths = [len(one) for _, _, one in parts]

    def repeated(texts: list[str]) -> Any:  # Any: an array of texts
        return np.repeat(np.array(texts, dtype=object), lengths)

    def joined(arrays: list[Any]) -> Any:  # Any: an array of numbers
        return np.concatenate(arrays) if arrays else np.empty(0)

    return Frame(
        {
            "project": repeated([project for project, _, _ in parts]),
            "run": repeated([run for _, run, _ in parts]),
            "series": repeated([one.name for _, _, one in parts]),
            "index": joined([one.indices for _, _, one in parts]),
            "step": joined([one.steps for _, _, one in parts]),
            "time": joined([one.times for _, _, one in parts]),
            "value": joined([one.values for _, _, one in parts]),
        }
    )


def _grouped(store: Store, chosen: Sequence[tuple[str, str, Any]], names: list[str], by: list[str]) -> Frame:
    members: dict[tuple[str, ...], list[tuple[str, str, Any]]] = {}
    for one in chosen:
        members.setdefault(tuple(map(repr, one[2])), []).append(one)
    columns: dict[str, list[Any]] = {name: [] for name in (*by, "series", "step", *_STATISTICS)}
    for _, group in sorted(members.items()):
        for name in names:
            parts: list[Points] = []
            for project, run, _ in group:
                parts += [source.points("series", name) for source in store.run(project, run).sources
                          if ("series", name) in source.series]  # fmt: skip
            if not parts:
                continue
            told = aggregate(parts)
            length = len(told.steps)
            for field, value in zip(by, group[0][2], strict=True):
                cells = np.empty(length, dtype=object)
                cells[:] = [value] * length
                columns[field].append(cells)
            columns["series"].append(np.full(length, name, dtype=object))
            for column, numbers in (
                ("step", told.steps), ("mean", told.mean), ("std", told.std), ("min", told.minimum),
                ("max", told.maximum), ("count", told.count),
            ):  # fmt: skip
                columns[column].append(numbers)
    return Frame({name: np.concatenate(parts) if parts else [] for name, parts in columns.items()})


def _texts(one: str | Sequence[str]) -> list[str]:
    return [one] if isinstance(one, str) else list(one)
