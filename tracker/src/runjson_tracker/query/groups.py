"""Groups of runs: how many there are, statistics of their numbers, and the best run of each."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, Engine, case, func, null, select

from runjson_tracker.chunks import decode_json
from runjson_tracker.database import planned
from runjson_tracker.query.cells import Cell, cell_of, join_cells, number_value, value_of
from runjson_tracker.query.compile import where_clause
from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.fields import Field
from runjson_tracker.query.scope import Scope
from runjson_tracker.query.sql import double
from runjson_tracker.query.table import TableRow, row_statement, table_row
from runjson_tracker.tables import field_series, records, runs

Goal: TypeAlias = Literal["minimize", "maximize"]
Key: TypeAlias = tuple[Any, ...]  # Any: values of any type

# By a power of two doubles are multiplied exactly. So much smaller, a sum of 10^9 numbers is a double.
_SMALLER: Final = 2.0**-30
# The square of 1e200 is no double: SQLite calls it infinite, PostgreSQL gives up. Where there are numbers beyond this
# one, distances are multiplied by the next; those below the last are none.
_FAR: Final = 1e140
_SHIFT: Final = 2.0**-600
_NEAR: Final = 1e-120


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is told of the numbers of a column in a group.

    Attributes:
        count: how many runs have a finite number; the rest is of these alone.
        nonfinite: how many have NaN or an infinity.
        mean: None if there is none.
        std: the standard deviation of a sample, divided by n - 1; None for fewer than two, 0 below 1e-110.
        min: the least, and `max` the greatest; None if there is none.
    """

    count: int
    nonfinite: int
    mean: float | None
    std: float | None
    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that agree in some fields.

    Attributes:
        key: the values of these fields, as a column of the table has them; None where they are missing, or null.
        runs: how many runs there are.
        statistics: of each column.
    """

    key: Key
    runs: int
    statistics: dict[str, Statistics]


@dataclass(frozen=True, slots=True)
class Best:
    """The best run of a group, and the number in which it is the best."""

    key: Key
    value: int | float
    run: TableRow


def group_runs(
    engine: Engine,
    by: Sequence[str],
    values: Sequence[str] = (),
    *,
    project: str | None = None,
    projects: Collection[str] | None = None,
    ids: Collection[str] | None = None,
    where: str | None = None,
    trash: bool = False,
    silence: float = 600.0,
    now: float | None = None,
) -> list[Group]:
    """The groups of the runs that match a filter, in the order of their keys; without `by`, one group of all.

    Args:
        engine: the store's.
        by: fields; runs with equal values in all of them are a group.
        values: fields whose numbers are summed up.
        project: whose runs; None for all.
        projects: only runs of these projects; None for all.
        ids: only runs of these ids; None for all.
        where: a filter; None or blank for all runs.
        trash: whether to look in the trash, and nowhere else.
        silence: after so many seconds without a sign of life a running run counts as crashed.
        now: seconds since 1970; the clock's by default.

    Raises:
        QueryError: a filter or field cannot be understood, or no run has what it names, or holds no numbers.
    """
    with engine.connect() as connection:
        scope = Scope(connection, project, projects, ids, trash=trash, silence=silence, now=now)
        matching = (scope.condition(), where_clause(scope, where or ""))
        keys = [cell_of(scope, scope.field(text), text) for text in by]
        cells = [_numbers(scope, text) for text in values]
        # The mean of each group stands beside each of its numbers, so that their distances to it are summed up: a sum
        # of squares less the square of a sum has no digits left for 1e9 ± 1.
        named = _labelled(keys)
        told: list[ColumnElement[Any]] = []
        for index, cell in enumerate(cells):
            finite = case((cell.finite, cell.number), else_=null())
            told.append(finite.label(f"value_{index}"))
            told.append(case((cell.counted & ~cell.finite, 1), else_=0).label(f"odd_{index}"))
        beside_runs = join_cells(runs, [*keys, *cells])
        inner = select(runs.c.id, *named, *told).select_from(beside_runs).where(*matching).subquery("numbers")
        of_group = [inner.c[column.name] for column in named]
        far = [_far(scope, cell) for cell in cells]
        means = [one for index in range(len(cells)) for one in _means(inner, index, of_group, far=far[index])]
        beside = select(inner, *means).subquery("beside")
        of_group = [beside.c[column.name] for column in named]
        sums = [one for index in range(len(cells)) for one in _sums(beside, index, far=far[index])]
        statement = select(*of_group, func.count().label("runs"), *sums).select_from(beside)
        statement = statement.group_by(*of_group).order_by(*of_group)
        return [
            Group(_key(row, len(keys)), row.runs, {text: _statistics(row, at) for at, text in enumerate(values)})
            for row in connection.execute(planned(statement))
            if row.runs
        ]


def best(
    engine: Engine,
    by: str,
    per: str | Sequence[str] = (),
    goal: Goal | None = None,
    *,
    project: str | None = None,
    projects: Collection[str] | None = None,
    ids: Collection[str] | None = None,
    where: str | None = None,
    trash: bool = False,
    silence: float = 600.0,
    now: float | None = None,
) -> list[Best]:
    """The best run of each group, in the order of the groups' keys; among equals the newest.

    Args:
        engine: the store's.
        by: the field in which the best is, such as `series.validation/accuracy.max`.
        per: a field, or fields; runs with equal values in them are a group. Without it all runs are one.
        goal: whether the least or the greatest is the best. By default what the newest run that has the series says of
            it; if it says nothing, the least for `.min` and the greatest for all else.
        project: whose runs; None for all.
        projects: only runs of these projects; None for all.
        ids: only runs of these ids; None for all.
        where: a filter; None or blank for all runs.
        trash: whether to look in the trash, and nowhere else.
        silence: after so many seconds without a sign of life a running run counts as crashed.
        now: seconds since 1970; the clock's by default.

    Returns:
        Groups in which some run has a finite number; NaN and infinities are never the best.

    Raises:
        QueryError: a filter or field cannot be understood, or no run has what it names, or holds no numbers.
    """
    with engine.connect() as connection:
        scope = Scope(connection, project, projects, ids, trash=trash, silence=silence, now=now)
        matching = (scope.condition(), where_clause(scope, where or ""))
        texts = [per] if isinstance(per, str) else list(per)
        keys = [cell_of(scope, scope.field(text), text) for text in texts]
        cell = _numbers(scope, by)
        assert cell.number is not None
        named = _labelled(keys)
        column = cell.number.asc() if _goal(scope, scope.field(by), goal) == "minimize" else cell.number.desc()
        place = func.row_number().over(
            partition_by=[part for key in keys for part in key.keys] or None,
            order_by=[column, runs.c.created.desc(), runs.c.run, runs.c.id],
        )
        ranked = (
            select(runs.c.id.label("run"), cell.number.label("number"), place.label("place"), *named)
            .select_from(join_cells(runs, [*keys, cell]))
            .where(*matching, cell.finite)
            .subquery("ranked")
        )
        of_group = [ranked.c[column.name] for column in named]
        statement = (
            row_statement(scope)
            .add_columns(ranked.c.number, *of_group)
            .join_from(ranked, runs, runs.c.id == ranked.c.run)
            .where(ranked.c.place == 1)
            .order_by(*of_group)
        )
        found = connection.execute(planned(statement)).all()
    return [Best(_key(row, len(keys)), number_value(row.number), table_row(row)) for row in found]


def _numbers(scope: Scope, text: str) -> Cell:
    """The cell of a field that is to hold numbers."""
    field = scope.field(text)
    if field.values in {"text", "status", "time"}:
        raise QueryError(f"{field.text} holds no numbers.", text, field.start, field.end)
    return cell_of(scope, field, text, ["number"])


def _labelled(keys: Sequence[Cell]) -> list[Any]:  # Any: labels of columns of any type
    names = ("rank", "number", "text")
    return [
        part.label(f"key_{name}_{index}")
        for index, key in enumerate(keys)
        for name, part in zip(names, key.keys, strict=True)
    ]


def _key(row: Any, count: int) -> Key:  # Any: a row of many types
    parts = row._mapping
    return tuple(
        value_of(parts[f"key_rank_{index}"], parts[f"key_number_{index}"], parts[f"key_text_{index}"])
        for index in range(count)
    )


def _far(scope: Scope, cell: Cell) -> bool:
    """Whether some run has a number of which the square is no double."""
    if cell.beside is None or cell.stretch is None or cell.number is None:
        return False
    there = select(cell.beside.c.run).where(cell.stretch, func.abs(cell.number) > double(_FAR), cell.finite)
    return scope.connection.execute(there.limit(1)).first() is not None


def _means(inner: Any, index: int, of_group: Sequence[Any], *, far: bool) -> list[Any]:  # Any: a subquery; labels
    """For each number what holds for its group: the mean, and what distances are multiplied by to have squares."""
    value, group = inner.c[f"value_{index}"], of_group or None
    smaller = value * double(_SMALLER)
    if not far:
        return [func.avg(smaller).over(partition_by=group).label(f"mean_{index}"), double(1.0).label(f"scale_{index}")]
    # Not the average: in PostgreSQL it squares.
    mean = func.sum(smaller).over(partition_by=group) / func.count(value).over(partition_by=group)
    greatest = func.max(func.abs(value)).over(partition_by=group)
    scale = case((greatest > double(_FAR), double(_SHIFT)), else_=double(1.0))
    return [mean.label(f"mean_{index}"), scale.label(f"scale_{index}")]


def _sums(beside: Any, index: int, *, far: bool) -> list[Any]:  # Any: a subquery; labels
    """What `_statistics` is worked out of."""
    value, mean, scale = (beside.c[f"{name}_{index}"] for name in ("value", "mean", "scale"))
    off = value * double(_SMALLER) - mean
    scaled = case((func.abs(off) < double(_NEAR), double(0.0)), else_=off * scale) if far else off
    return [
        func.count(value).label(f"count_{index}"),
        func.sum(beside.c[f"odd_{index}"]).label(f"odd_{index}"),
        func.min(mean).label(f"mean_{index}"),
        func.min(scale).label(f"scale_{index}"),
        func.sum(scaled).label(f"off_{index}"),
        func.sum(case((func.abs(scaled) < double(_NEAR), double(0.0)), else_=scaled * scaled)).label(
            f"squares_{index}"
        ),
        func.min(value).label(f"min_{index}"),
        func.max(value).label(f"max_{index}"),
    ]


def _statistics(row: Any, index: int) -> Statistics:  # Any: a row of many types
    names = ("count", "odd", "mean", "scale", "off", "squares", "min", "max")
    count, odd, mean, scale, off, squares, least, greatest = (getattr(row, f"{name}_{index}") for name in names)
    if not count:
        return Statistics(0, int(odd), None, None, None, None)
    # The mean was rounded: what its distances sum up to says by how much (Chan, Golub and LeVeque, 1983, formula 1.7).
    mean = (mean + off / count / scale) / _SMALLER
    std = None
    if count > 1:
        std = math.sqrt(max(0.0, squares - off * off / count) / (count - 1)) / scale / _SMALLER
    return Statistics(int(count), int(odd), float(mean), std, float(least), float(greatest))


def _goal(scope: Scope, field: Field, goal: Goal | None) -> Goal:
    """What is the best of a field; the goal of a series stands in the records of its runs."""
    if goal is not None:
        return goal
    if field.kind == "series":
        statement = (
            select(records.c.record)
            .join(runs, runs.c.id == records.c.run)
            .join(field_series, field_series.c.run == runs.c.id)
            .where(scope.condition(), field_series.c.field.in_(scope.field_ids(field)))
            .order_by(runs.c.created.desc(), runs.c.run, runs.c.id)
            .limit(1)
        )
        record = scope.connection.execute(statement).scalar()
        said = decode_json(record).get("series", {}).get(field.path[0], {}).get("goal") if record else None
        if said in {"minimize", "maximize"}:
            return "minimize" if said == "minimize" else "maximize"
    return "minimize" if field.statistic == "min" else "maximize"
