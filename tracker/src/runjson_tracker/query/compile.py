"""From the tree of a filter to a condition on the rows of `runs`.

Every condition is true or false for each run, never unknown: what SQL would answer with NULL is excluded beside it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Select, Text, and_, false, intersect, literal, not_, or_, select, true

from runjson_tracker.fields import field_name
from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.fields import statistic_column
from runjson_tracker.query.language import parse
from runjson_tracker.query.scope import Scope
from runjson_tracker.query.sql import HasPart, HasPattern, digits, double, exact, nearest
from runjson_tracker.query.syntax import And, Condition, Literal, Node, Not, Or
from runjson_tracker.query.tokens import time_of
from runjson_tracker.query.types import ORDERED
from runjson_tracker.tables import field_series, field_values, fields, projects, runs

Clause: TypeAlias = ColumnElement[bool]
# Selects numbers of runs.
_Runs: TypeAlias = Select[tuple[int]]
_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {  # Any: columns and bound values
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_value: Final = field_values.c


def where_clause(scope: Scope, query: str) -> Clause:
    """What a filter says of the rows of `runs`; a blank one says nothing.

    Raises:
        QueryError: it is no filter, or names what no run in the scope has.
    """
    if not query.strip():
        return true()
    try:
        return node_clause(scope, parse(query), query)
    except QueryError as error:
        raise scope.explained(error) from error


def node_clause(scope: Scope, node: Node, query: str) -> Clause:
    """What a part of a filter says of the rows of `runs`.

    Raises:
        QueryError: it names what no run in the scope has.
    """
    match node:
        case Not(inner):
            return not_(node_clause(scope, inner, query))
        case And(nodes):
            return _all_of([_said(scope, one, query) for one in nodes])
        case Or(nodes):
            return or_(*(node_clause(scope, one, query) for one in nodes))
        case Condition():
            return _all_of([_said(scope, node, query)])


def _said(scope: Scope, node: Node, query: str) -> Clause | _Runs:
    """The same, or the numbers of the runs for which it holds."""
    return _Compiled(scope, node, query).said() if isinstance(node, Condition) else node_clause(scope, node, query)


def _all_of(said: Sequence[Clause | _Runs]) -> Clause:
    """That all of these hold. Numbers of runs are intersected.

    PostgreSQL does not know how the values of one field differ from those of all: where it expects few runs in each of
    several sets of them, it goes through one set for each run of another.
    """
    sets = [one for one in said if isinstance(one, Select)]
    clauses = [one for one in said if not isinstance(one, Select)]
    if sets:
        clauses.append(runs.c.id.in_(intersect(*sets) if len(sets) > 1 else sets[0]))
    return and_(true(), *clauses)


class _Compiled:
    """One condition, on its way to SQL."""

    def __init__(self, scope: Scope, condition: Condition, query: str) -> None:
        self._scope = scope
        self._condition = condition
        self._query = query
        self._field = condition.field
        self._literals = [_settled(one, scope.now) for one in condition.literals]

    def said(self) -> Clause | _Runs:
        operation = self._condition.operation
        if operation in {"exists", "missing"}:
            there = self._exists()
            return there if operation == "exists" else not_(_all_of([there]))
        match self._field.values:
            case "any":
                return self._of_tree()
            case "tags":
                return self._of_tags()
            case "text" | "status":
                return self._of_text(self._scope.column(self._field))
            case _ if self._field.kind == "series":
                return self._of_series()
            case _:
                return self._of_number(self._scope.column(self._field), nan=False)

    def _exists(self) -> Clause | _Runs:
        field = self._field
        if field.values == "any":
            # A leaf of this name, or any leaf below it: "0" is the character behind "/".
            below = and_(fields.c.name >= field.name + "/", fields.c.name < field.name + "0")
            named = self._scope.named(field.kind).where(or_(fields.c.name == field.name, below))
            return select(_value.run).where(_value.field.in_(named))
        if field.kind == "series":
            there = [field_series.c.field.in_(self._scope.field_ids(field))]
            if field.statistic in {"min", "max", "mean"}:
                there.append(statistic_column(field_series, str(field.statistic)).is_not(None))
            return select(field_series.c.run).where(*there)
        return self._scope.column(field).is_not(None)

    # -- of the run itself -------------------------------------------------------------------------------------------

    def _of_tags(self) -> _Runs:
        text = str(self._literals[0].value)
        by_pattern = self._condition.operation == "matches"
        same = HasPattern(fields.c.name, text) if by_pattern else fields.c.name == field_name(text)
        named = self._scope.named("tags").where(same)
        return select(_value.run).where(_value.field.in_(named))

    def _of_text(self, column: ColumnElement[Any]) -> Clause:  # Any: text or nothing
        if self._field.kind == "project":
            # There are few projects: they are compared, and not their runs.
            found = select(projects.c.id).where(
                self._of_values(projects.c.name, _equal_texts(projects.c.name, self._literals))
            )
            return runs.c.project.in_(found)
        if self._field.kind == "status":
            equal = self._scope.is_among([str(one.value) for one in self._literals])
            return and_(runs.c.status.is_not(None), self._of_values(column, equal))
        return and_(column.is_not(None), self._of_values(column, _equal_texts(column, self._literals)))

    def _of_number(self, column: ColumnElement[Any], *, nan: bool) -> Clause:  # Any: a number or nothing
        """Of a column of numbers, in which NULL is NaN if `nan`, or else missing."""
        numbers = [one.value for one in self._literals if isinstance(one.value, int | float)]
        wanted = [double(one) for one in numbers if exact(one)]
        equal: Clause = and_(column.is_not(None), column.in_(wanted)) if wanted else false()
        if nan and any(map(math.isnan, map(nearest, numbers))):
            equal = or_(equal, column.is_(None))
        there = true() if nan else column.is_not(None)
        return and_(there, self._of_values(column, equal))

    def _of_values(self, column: ColumnElement[Any], equal: Clause) -> Clause:  # Any: text or number
        """The operation on a column, given what says that it is one of the literals."""
        operation = self._condition.operation
        if operation in {"==", "in"}:
            return equal
        if operation in {"!=", "not in"}:
            return not_(equal)
        (wanted,) = self._literals
        if operation in ORDERED:
            return _ordered(column, operation, wanted)
        part = str(wanted.value)
        return HasPart(column, part) if operation == "contains" else HasPattern(column, part)

    # -- of the tables of fields -------------------------------------------------------------------------------------

    def _of_series(self) -> _Runs:
        ids = self._scope.known_ids(self._field, self._query)
        column = statistic_column(field_series, str(self._field.statistic))
        said = self._of_number(column, nan=self._field.statistic == "last")
        return select(field_series.c.run).where(_of_field(field_series, ids), said)

    def _of_tree(self) -> _Runs:
        ids = self._known()
        operation = self._condition.operation
        if operation in {"==", "in", "!=", "not in"}:
            equal = _equal_values(self._literals)
            said = equal if operation in {"==", "in"} else not_(equal)
        elif operation in ORDERED:
            said = or_(*(_ordered_value(operation, one) for one in _readings(self._literals[0])))
        else:
            said = and_(_value.type == "text", self._of_values(_value.text, false()))
        return select(_value.run).where(_of_field(field_values, ids), said)

    def _known(self) -> list[int]:
        """The numbers of the field, for which each literal is of a type that some run has there."""
        ids: list[int] = []
        for one in self._literals:
            types = [] if one.type == "null" else [reading.type for reading in _readings(one)]
            ids = self._scope.known_ids(self._field, self._query, types, _NAMED.get(one.type, ""))
        return ids if self._literals else self._scope.known_ids(self._field, self._query)


_NAMED: Final = {"number": "number", "text": "text", "boolean": "true or false", "time": "time"}


def _of_field(table: Any, ids: Sequence[int]) -> Clause:  # Any: a table
    clause: Clause = table.c.field == ids[0] if len(ids) == 1 else table.c.field.in_(ids)
    return clause


def _settled(one: Literal, now: float) -> Literal:
    """A literal, as the time it stands for if it stands for one that depends on now."""
    if one.type == "ago" and isinstance(one.value, int | float):
        return Literal("time", now - one.value, one.start, one.end)
    return one


def _readings(one: Literal) -> list[Literal]:
    """What a literal may stand for in a tree: a text that is written as a time stands for that time too."""
    seconds = time_of(str(one.value)) if one.type == "text" else None
    return [one] if seconds is None else [one, Literal("time", seconds, one.start, one.end)]


def _ordered(column: ColumnElement[Any], operation: str, wanted: Literal) -> Clause:  # Any: text or number
    if isinstance(wanted.value, str):
        clause: Clause = _COMPARE[operation](column, literal(wanted.value, Text()))
        return clause
    if not isinstance(wanted.value, int | float) or math.isnan(nearest(wanted.value)):
        return false()
    clause = _COMPARE[operation](column, double(wanted.value))
    return and_(column.is_not(None), clause)


def _ordered_value(operation: str, wanted: Literal) -> Clause:
    column = _value.text if wanted.type == "text" else _value.number
    return and_(_value.type == wanted.type, _ordered(column, operation, wanted))


def _equal_texts(column: ColumnElement[Any], literals: Sequence[Literal]) -> Clause:  # Any: text or nothing
    return column.in_([str(one.value) for one in literals])


def _equal_values(literals: Sequence[Literal]) -> Clause:
    """That a row of `field_values` is one of these values; its text tells integers apart that one double stands for."""
    readings = [reading for one in literals for reading in _readings(one)]
    by_type: dict[str, list[Any]] = {}  # Any: a value of any type
    for one in readings:
        by_type.setdefault(one.type, []).append(one.value)
    clauses: list[Clause] = []
    if "null" in by_type:
        clauses.append(_value.type == "null")
    if "text" in by_type:
        clauses.append(and_(_value.type == "text", _value.text.in_(by_type["text"])))
    for name in ("boolean", "time"):
        if name in by_type:
            clauses.append(and_(_value.type == name, _in_numbers(by_type[name])))
    clauses.extend(and_(_value.type == "number", one) for one in _equal_numbers(by_type.get("number", [])))
    return or_(*clauses) if clauses else false()


def _equal_numbers(numbers: Sequence[float]) -> list[Clause]:
    clauses: list[Clause] = []
    if any(number != number for number in numbers):  # noqa: PLR0124  NaN
        clauses.append(_value.number.is_(None))
    real = [number for number in numbers if number == number]  # noqa: PLR0124  NaN
    if alike := [number for number in real if exact(number)]:
        clauses.append(and_(_value.text.is_(None), _in_numbers(alike)))
    if long := [text for number in real if (text := digits(number)) is not None]:
        clauses.append(and_(_value.text.is_not(None), _value.text.in_(long)))
    return clauses


def _in_numbers(numbers: Sequence[float]) -> Clause:
    return and_(_value.number.is_not(None), _value.number.in_([nearest(number) for number in numbers]))
