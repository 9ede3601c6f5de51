"""What runs are sorted and grouped by: a field of each run, as columns beside the table `runs`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Integer, and_, case, literal_column, null

from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.fields import Field, statistic_column
from runjson_tracker.query.paging import SortColumn
from runjson_tracker.query.scope import Scope
from runjson_tracker.query.sql import double
from runjson_tracker.tables import field_series, field_values, runs

# The order of values of several types in one field.
NUMBER: Final = 0
NAN: Final = 1
BOOLEAN: Final = 2
TIME: Final = 3
TEXT: Final = 4
JSON: Final = 5
MISSING: Final = 9
_GREATEST: Final = 1.7976931348623157e308
_WHOLE: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of each run.

    Attributes:
        rank: which type the value is of; equal ranks compare by `number`, then by `text`.
        number: a number, 0 or 1 for a boolean, seconds since 1970 for a time; None where no run has one.
        text: a text, the digits of an integer beyond 2^53, JSON; None where no run has one.
        beside: the table that is to be joined; None for a column of `runs`.
        stretch: which of its rows are of the field.
    """

    rank: ColumnElement[int]
    number: ColumnElement[Any] | None  # Any: a number or nothing
    text: ColumnElement[Any] | None  # Any: text or nothing
    beside: FromClause | None = None
    stretch: ColumnElement[bool] | None = None

    @property
    def keys(self) -> list[ColumnElement[Any]]:
        """Rank, number and text, where they are missing as NULL."""
        return [self.rank, _or_null(self.number), _or_null(self.text)]

    def sort_columns(self, *, descending: bool = False) -> list[SortColumn]:
        """What to sort by: types in their order and what is missing last, in both directions."""
        found = [SortColumn(self.rank, int, nullable=False)]
        if self.number is not None:
            found.append(SortColumn(self.number, float, descending))
        if self.text is not None:
            found.append(SortColumn(self.text, str, descending))
        return found

    @property
    def finite(self) -> ColumnElement[bool]:
        """Whether it is a finite number."""
        number = _or_null(self.number)
        return and_(self.rank == _rank(NUMBER), number >= double(-_GREATEST), number <= double(_GREATEST))

    @property
    def counted(self) -> ColumnElement[bool]:
        """Whether it is a number at all, NaN too."""
        return self.rank.in_([_rank(NUMBER), _rank(NAN)])


def cell_of(scope: Scope, field: Field, query: str, types: Iterable[str] = ()) -> Cell:
    """The cell of a field.

    Args:
        scope: whose runs it is of.
        field: which.
        query: the text that names it.
        types: of `field_values`, one of which a run must have; none where any will do.

    Raises:
        QueryError: it is no field of one value, or no run has it.
    """
    if field.values in {"tags", "series"}:
        hint = f"Say what of it: {field.text}.last." if field.kind == "series" else "Filter by them instead."
        raise QueryError(f"{field.text} is no single value.", query, field.start, field.end, hint)
    if field.values == "any":
        return _of_tree(scope.known_ids(field, query, types, "number"))
    if field.kind == "series":
        return _of_series(scope.known_ids(field, query), str(field.statistic))
    column = scope.column(field)
    if field.values in {"text", "status"}:
        return Cell(_ranked((column.is_(None), MISSING), other=TEXT), None, column)
    rank = TIME if field.values == "time" else NUMBER
    return Cell(_ranked((column.is_(None), MISSING), other=rank), column, None)


def join_cells(start: FromClause, cells: Iterable[Cell]) -> FromClause:
    """`runs` with what the cells need beside it; runs without a value stay."""
    for one in cells:
        if one.beside is not None and one.stretch is not None:
            start = start.outerjoin(one.beside, and_(one.stretch, one.beside.c.run == runs.c.id))
    return start


def value_of(rank: int, number: float | None, text: str | None) -> Any:  # Any: a value of any type
    """The value of a cell in Python: int, float, bool, datetime, str, parsed JSON, or None where it is missing."""
    match rank:
        case 0 if number is not None:
            return number_value(number, text)
        case 1:
            return math.nan
        case 2:
            return bool(number)
        case 3:
            return text if number is None else time_value(number)
        case 4:
            return text
        case 5 if text is not None:
            return json.loads(text)
    return None


def field_value(kind: str, number: float | None, text: str | None) -> Any:  # Any: a value of any type
    """The value of a row of `field_values` in Python, a time with the offset that it was written with."""
    if kind == "time" and text is not None:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    if kind == "number":
        return math.nan if number is None else number_value(number, text)
    return value_of(_RANKS.get(kind, MISSING), number, text)


def number_value(number: float, text: str | None = None) -> int | float:
    """A number as Python has it: whole numbers below 2^53, and those whose digits are known, as integers."""
    if text is not None:
        return int(text)
    return int(number) if abs(number) < _WHOLE and float(number).is_integer() else float(number)


def time_value(seconds: float) -> datetime:
    """The time so many seconds after 1970 began, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


_RANKS: Final = {"boolean": BOOLEAN, "text": TEXT, "json": JSON}


def _of_tree(ids: list[int]) -> Cell:
    values = field_values.alias()
    known = values.c.type
    rank = _ranked(
        (and_(known == "number", values.c.number.is_not(None)), NUMBER),
        (known == "text", TEXT),
        (known == "number", NAN),
        (known == "boolean", BOOLEAN),
        (known == "time", TIME),
        (known == "json", JSON),
        other=MISSING,
    )
    # Times are equal as moments, whatever offset they were written with.
    text = case((and_(known == "time", values.c.number.is_not(None)), null()), else_=values.c.text)
    return Cell(rank, values.c.number, text, values, _of_field(values, ids))


def _of_series(ids: list[int], statistic: str) -> Cell:
    values = field_series.alias()
    column = statistic_column(values, statistic)
    whens = [(column.is_not(None), NUMBER)]
    if statistic == "last":
        whens.append((values.c.run.is_not(None), NAN))
    return Cell(_ranked(*whens, other=MISSING), column, None, values, _of_field(values, ids))


def _of_field(values: Any, ids: list[int]) -> ColumnElement[bool]:  # Any: an alias of a table
    clause: ColumnElement[bool] = values.c.field == ids[0] if len(ids) == 1 else values.c.field.in_(ids)
    return clause


def _ranked(*whens: tuple[ColumnElement[bool], int], other: int) -> ColumnElement[int]:
    return case(*((condition, _rank(rank)) for condition, rank in whens), else_=_rank(other))


def _rank(rank: int) -> ColumnElement[int]:
    # Written out: PostgreSQL does not see that two expressions with bound values are the same.
    return literal_column(str(rank), Integer())


def _or_null(column: ColumnElement[Any] | None) -> ColumnElement[Any]:  # Any: a number, a text or nothing
    return null() if column is None else column
