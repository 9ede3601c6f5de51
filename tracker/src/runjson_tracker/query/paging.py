"""The order of a table of runs, and where in it a page begins: a place that stays while runs are added."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Text, and_, false, literal, or_

from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.sql import double

# A value of a sort column; no text of a column holds U+0000, and PostgreSQL refuses it.
Value: TypeAlias = int | float | str | None
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A column that runs are sorted by.

    Attributes:
        column: on the rows of `runs` and of what is joined to them.
        type: of its values.
        descending: its direction. NULL is less than all else, in both databases.
        nullable: whether it may be NULL.
    """

    column: ColumnElement[Any]  # Any: a number or a text
    type: type[int | float | str]
    descending: bool = False
    nullable: bool = True

    def order(self) -> ColumnElement[Any]:
        """What to order by."""
        if not self.nullable:
            return self.column.desc() if self.descending else self.column.asc()
        return self.column.desc().nulls_last() if self.descending else self.column.asc().nulls_first()

    def equal(self, value: Value) -> ColumnElement[bool]:
        """That a row has this value."""
        return self.column.is_(None) if value is None else self.column == _bound(value)

    def behind(self, value: Value) -> ColumnElement[bool]:
        """That a row stands behind those that have this value."""
        if value is None:
            return false() if self.descending else self.column.is_not(None)
        if not self.descending:
            return self.column > _bound(value)
        less = self.column < _bound(value)
        return or_(less, self.column.is_(None)) if self.nullable else less

    def fits(self, value: object) -> bool:
        """Whether a value that somebody sent may be one of the column."""
        if value is None:
            return self.nullable
        if self.type is str:
            return isinstance(value, str) and "\0" not in value and _encodable(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return abs(value) <= _LARGEST if isinstance(value, int) else self.type is float and not math.isnan(value)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of a table of runs begins.

    Attributes:
        now: when the first page was read, in seconds since 1970: what depends on the time, such as the duration of a
            running run, is that of this moment on all pages, or else runs would change places.
        total: how many runs matched then.
        values: of the last run of the page before, in the columns it is sorted by.
    """

    now: float
    total: int
    values: tuple[Value, ...]

    def text(self, question: Sequence[Any]) -> str:  # Any: what a question consists of
        """As a text to be handed back, of letters, digits, `-` and `_`."""
        told = json.dumps([_digest(question), self.now, self.total, *self.values], separators=(",", ":"))
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, question: Sequence[Any]) -> Cursor:  # Any: what a question consists of
        """The cursor that a text stands for.

        Raises:
            QueryError: it is none, or of another question.
        """
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            digest, now, total, *values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (ValueError, TypeError, RecursionError):
            raise _no_place(text) from None
        if digest != _digest(question):
            raise _no_place(text, "This is a place in the table of another question.")
        if not isinstance(now, float) or not math.isfinite(now) or type(total) is not int or not 0 <= total <= _LARGEST:
            raise _no_place(text)
        return cls(now, total, tuple(values))

    def behind(self, columns: Sequence[SortColumn]) -> ColumnElement[bool]:
        """What holds for the rows behind this place, sorted by these columns.

        Raises:
            QueryError: its values are not of the columns.
        """
        if len(self.values) != len(columns) or not all(map(SortColumn.fits, columns, self.values)):
            raise _no_place("")
        condition: ColumnElement[bool] = false()
        for column, value in reversed(list(zip(columns, self.values, strict=True))):
            condition = or_(column.behind(value), and_(column.equal(value), condition))
        return condition


def _digest(question: Sequence[Any]) -> str:  # Any: what a question consists of
    return hashlib.sha256(json.dumps(question).encode()).hexdigest()[:16]


def _no_place(text: str, message: str = "This is no place in a table of runs.") -> QueryError:
    return QueryError(message, text, 0, len(text), "Ask for the first page again, without `after`.")


def _bound(value: int | float | str) -> ColumnElement[Any]:  # Any: a number or a text
    if isinstance(value, str):
        return literal(value, Text())
    return literal(value, BigInteger()) if isinstance(value, int) else double(value)


def _encodable(text: str) -> bool:
    """Whether a text has no lone surrogate, which no database takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
