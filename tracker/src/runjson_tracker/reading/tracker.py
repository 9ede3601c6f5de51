"""A tracker as Python asks it: projects, runs, and the series of many runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from runjson_schema.points import Floats, Points

from runjson_tracker.aggregate import aggregate
from runjson_tracker.errors import RunMissing
from runjson_tracker.joining import joined
from runjson_tracker.reading.frames import Frame
from runjson_tracker.reading.opening import open_reading
from runjson_tracker.reading.run import Run
from runjson_tracker.reading.values import at

if TYPE_CHECKING:
    from runjson_tracker.query.groups import Best, Goal
    from runjson_tracker.read import RunRow
    from runjson_tracker.reading.interface import Portion, Reading, RunKey

_STATISTICS = ("mean", "std", "min", "max", "count")


class Tracker:
    """A tracker that is open. A context manager."""

    def __init__(self, opened: Reading) -> None:
        self._opened = opened

    @classmethod
    def open(cls, tracker: str | os.PathLike[str] | None = None) -> Self:
        """Open a tracker.

        Args:
            tracker: its folder, `postgresql://...`, or the address of a server; without it `RUNJSON_TRACKER`, or else
                the one in the user's data folder.

        Raises:
            StoreMissing: there is none.
            StoreError: it can not be used.
        """
        return cls(open_reading(tracker))

    def close(self) -> None:
        """Let go of it."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<tracker {self._opened.location}>"

    # -- projects and runs -------------------------------------------------------------------------------------------

    def projects(self) -> Frame:
        """The projects: name, how many runs, when one of them last changed."""
        rows = self._opened.projects()
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
        if group_by is not None:
            return self._groups(_texts(group_by), _texts(columns), project, where, trash=trash)
        page = self._opened.select_runs(
            project=project, where=where, sort=_texts(sort), columns=_texts(columns), limit=limit, offset=offset,
            trash=trash,
        )  # fmt: skip
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

    def _groups(
        self, by: list[str], columns: list[str], project: str | None, where: str | None, *, trash: bool
    ) -> Frame:
        groups = self._opened.group_runs(by, columns, project=project, where=where, trash=trash)
        found: dict[str, list[Any]] = {name: [one.key[index] for one in groups] for index, name in enumerate(by)}
        found["runs"] = [one.runs for one in groups]
        for column in columns:
            for what in _STATISTICS:
                found[f"{what}({column})"] = [getattr(one.statistics[column], what) for one in groups]
        return Frame(found)

    def fields(self, project: str | None = None) -> list[str]:
        """All fields that filters, sorts and columns may name."""
        return self._opened.field_names(project)

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
        return self._opened.best(by, _texts(per), goal, project=project, where=where)

    def run(self, run: str) -> Run:
        """One run.

        Args:
            run: its id, the beginning of it, or `PROJECT/ID`.

        Raises:
            RunMissing: there is none, or there are several.
        """
        found = _only(run, self._opened.find(run))
        return Run(self._opened, found.project, found.id)

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
        keys: dict[RunKey, tuple[Any, ...]] = {}  # Any: values of any type
        if runs is None:
            page = self._opened.select_runs(project=project, where=where, columns=by or ())
            keys = {(row.project, row.id): tuple(row.values.get(one) for one in by or ()) for row in page.rows}
            chosen = list(keys)
        else:
            if by is not None:
                raise ValueError("group_by goes with a filter, not with runs.")
            chosen = [(one.project, one.id) for one in map(_only, runs, self._opened.find_each(runs))]
        if by is None:
            return _long(self._opened.series_of(chosen, wanted, most=points), wanted)
        return _grouped(self._opened, keys, wanted, by)


def _only(text: str, found: Sequence[RunRow]) -> RunRow:
    """The one run that a text means."""
    if not found:
        raise RunMissing(f'The tracker has no run "{text}".')
    if len(found) > 1:
        first = ", ".join(f"{one.project}/{one.id}" for one in found[:5])
        raise RunMissing(f'"{text}" may be {first}{" and more" if len(found) > 5 else ""}: give PROJECT/ID.')
    return found[0]


def _long(portions: Iterable[Portion], names: Sequence[str]) -> Frame:
    parts: list[Portion] = []
    for _, of_run in groupby(portions, lambda one: (one.project, one.run)):
        by_name: dict[str, list[Portion]] = {}
        for one in of_run:
            by_name.setdefault(one.name, []).append(one)
        for name in dict.fromkeys(names):
            found = by_name.get(name, [])
            writers = dict.fromkeys(repr(one.writer) for one in found)
            if len(writers) > 1:
                raise RunMissing(
                    f'series "{name}" of {found[0].project}/{found[0].run} has several writers: '
                    f"writer= {', '.join(writers)}."
                )
            parts += found
    lengths = [len(one.points) for one in parts]

    def repeated(texts: list[str]) -> Any:  # Any: an array of texts
        return np.repeat(np.array(texts, dtype=object), lengths)

    def joined(arrays: list[Any]) -> Any:  # Any: an array of numbers
        return np.concatenate(arrays) if arrays else np.empty(0)

    return Frame(
        {
            "project": repeated([one.project for one in parts]),
            "run": repeated([one.run for one in parts]),
            "series": repeated([one.name for one in parts]),
            "index": joined([one.indices for one in parts]),
            "step": joined([_column(one.points.steps, len(one.points)) for one in parts]),
            "time": joined([_column(one.points.times, len(one.points)) for one in parts]),
            "value": joined([one.points.values for one in parts]),
        }
    )


def _grouped(opened: Reading, keys: Mapping[RunKey, tuple[Any, ...]], names: list[str], by: list[str]) -> Frame:
    members: dict[tuple[str, ...], list[RunKey]] = {}
    for run, key in keys.items():
        members.setdefault(tuple(map(repr, key)), []).append(run)
    columns: dict[str, list[Any]] = {name: [] for name in (*by, "series", "step", *_STATISTICS)}
    for _, group in sorted(members.items()):
        # A group at a time: the points of all runs may be more than there is memory for.
        found: dict[str, list[Points]] = {}
        of_group = opened.series_of(group, names)
        for (*_, name), portions in groupby(of_group, lambda one: (one.project, one.run, one.writer, one.name)):
            found.setdefault(name, []).append(joined([one.points for one in portions]))
        for name in names:
            parts = found.get(name)
            if parts is None:
                continue
            told = aggregate(parts)
            length = len(told.steps)
            for field, value in zip(by, keys[group[0]], strict=True):
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


def _column(column: Floats | None, length: int) -> Floats:
    """The steps or times of points; NaN where there are none."""
    return np.full(length, np.nan) if column is None else column


def _texts(one: str | Sequence[str]) -> list[str]:
    return [one] if isinstance(one, str) else list(one)
