"""What SQLite and PostgreSQL say in different words, and values bound so that both read them alike."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final, cast

from sqlalchemy import BindParameter, ColumnElement, Double, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, NullType, TypeEngine

from runjson_tracker.query.glob import regular_expression, sqlite_glob

_EXACT: Final = 2**53


class HasPart(FunctionElement[bool]):
    """Whether a text holds another one, case and all; LIKE would ignore the case in SQLite, and read % and _."""

    name = "has_part"
    inherit_cache = True
    type = Boolean()

    def __init__(self, text: ColumnElement[Any], part: str) -> None:
        super().__init__(text, literal(part, Text()))


class HasPattern(FunctionElement[bool]):
    """Whether the whole of a text is as a pattern of `*`, `?` and `[...]` says, case and all."""

    name = "has_pattern"
    inherit_cache = True
    type = Boolean()

    def __init__(self, text: ColumnElement[Any], pattern: str) -> None:
        super().__init__(text, literal(sqlite_glob(pattern), Text()), literal(regular_expression(pattern), Text()))


class IsAmong(FunctionElement[bool]):
    """Whether an integer is one of many, bound as one text: a list of them all would be too many parameters."""

    name = "is_among"
    inherit_cache = True
    # As a Boolean it would be compared with 1 in SQLite, which then uses no index for it.
    type = cast("TypeEngine[bool]", NullType())

    def __init__(self, column: ColumnElement[int], numbers: Iterable[int]) -> None:
        super().__init__(column, literal(",".join(map(str, numbers)), Text()))


@compiles(HasPart)
def _part(element: HasPart, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own
    text, part = (compiler.process(one, **options) for one in element.clauses)
    return f"(strpos({text}, {part}) > 0)"


@compiles(HasPart, "sqlite")
def _part_in_sqlite(element: HasPart, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own
    text, part = (compiler.process(one, **options) for one in element.clauses)
    return f"(instr({text}, {part}) > 0)"


@compiles(HasPattern)
def _pattern(element: HasPattern, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own
    text, _, expression = element.clauses
    return f"({compiler.process(text, **options)} ~ {compiler.process(expression, **options)})"


@compiles(HasPattern, "sqlite")
def _pattern_in_sqlite(element: HasPattern, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own
    text, glob, _ = element.clauses
    return f"({compiler.process(text, **options)} GLOB {compiler.process(glob, **options)})"


@compiles(IsAmong)
def _among(element: IsAmong, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own
    column, numbers = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} = ANY (CAST('{{' || {numbers} || '}}' AS bigint[])))"


@compiles(IsAmong, "sqlite")
def _among_in_sqlite(element: IsAmong, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own
    column, numbers = (compiler.process(one, **options) for one in element.clauses)
    array = f"'[' || {numbers} || ']'"
    return f"({column} IN (SELECT value FROM json_each({array})))"  # noqa: S608  both are what SQLAlchemy made


def double(value: float) -> BindParameter[float]:
    """A number bound as a double, whatever the column that it meets holds."""
    return literal(nearest(value), Double())


def nearest(value: float) -> float:
    """The double next to a number; an infinity for an integer that is beyond all of them."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def exact(value: float) -> bool:
    """Whether a double is a number exactly."""
    return nearest(value) == value


def digits(value: float) -> str | None:
    """How `field_values.text` has an integer that is too large for each double near it to be one; None for others."""
    if value in {math.inf, -math.inf} or abs(value) < _EXACT or value != int(value):
        return None
    return str(int(value))
