"""Which tests fit which fields, as far as that is known without looking at runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from runjson_tracker.query.errors import QueryError, did_you_mean
from runjson_tracker.query.fields import STATUSES, ValueKind
from runjson_tracker.query.glob import empty_range
from runjson_tracker.query.syntax import Condition, Literal
from runjson_tracker.query.tokens import time_of

# SQLite refuses patterns of more than 50,000 bytes.
PATTERN: Final = 1000
ORDERED: Final = frozenset({"<", "<=", ">", ">="})
_TEXT_TESTS: Final = frozenset({"contains", "matches"})
_WANTED: Final[dict[ValueKind, tuple[frozenset[str], str]]] = {
    "text": (frozenset({"text"}), 'a text in quotes, such as "a"'),
    "status": (frozenset({"text"}), f"one of {', '.join(STATUSES)}, in quotes"),
    "time": (frozenset({"text", "ago"}), 'a time such as "2026-11-01", "2026-11-01T12:00Z" or ago(7d)'),
    "duration": (frozenset({"duration"}), "a duration such as 90s, 5m or 1h30m"),
    "number": (frozenset({"number"}), "a number"),
    "tags": (frozenset({"text"}), 'a text in quotes, such as "best"'),
    "any": (frozenset({"number", "text", "boolean", "null", "ago"}), "a number, a text, true, false, null or ago(7d)"),
}


def check_condition(condition: Condition, query: str) -> Condition:
    """The condition, its times read where its field is a time.

    Raises:
        QueryError: the test, or one of its values, does not fit the field.
    """
    field, operation, kind = condition.field, condition.operation, condition.field.values
    if operation in {"exists", "missing"}:
        return condition

    def wrong(message: str, hint: str = "") -> QueryError:
        return QueryError(message, query, condition.start, condition.end, hint)

    if kind == "series":
        hint = f"Add .last, .min, .max, .mean or .count: {field.text}.last."
        raise QueryError(f"{field.text} is a whole series.", query, field.start, field.end, hint)
    if kind == "tags" and operation not in _TEXT_TESTS:
        raise wrong(f"tags are not tested with `{operation}`.", 'Write tags contains "best".')
    if kind == "status" and operation in ORDERED:
        raise wrong("A status has no order.", "Use == or in.")
    if operation in _TEXT_TESTS and kind in {"time", "duration", "number"}:
        raise wrong(f"{field.text} is no text.", "Use == or <.")
    return replace(condition, literals=tuple(_fitting(condition, one, query) for one in condition.literals))


def _fitting(condition: Condition, literal: Literal, query: str) -> Literal:
    field, kind = condition.field, condition.field.values

    def wrong(message: str, hint: str = "") -> QueryError:
        return QueryError(message, query, literal.start, literal.end, hint)

    allowed, wanted = _WANTED[kind]
    if literal.type not in allowed:
        if literal.type == "null":
            raise wrong(f"{field.text} is never null.", f"Where there is none: {field.text} missing.")
        raise wrong(f"{field.text} wants {wanted}.")
    if condition.operation in _TEXT_TESTS and literal.type != "text":
        raise wrong(f"`{condition.operation}` wants a text in quotes.")
    if condition.operation == "matches":
        if len(str(literal.value)) > PATTERN:
            raise wrong(f"This pattern is longer than {PATTERN} characters.")
        if empty := empty_range(str(literal.value)):
            raise wrong(f"Nothing is in the range [{empty}].", "The lesser character stands first.")
    if condition.operation in ORDERED and literal.type in {"boolean", "null"}:
        raise wrong("true, false and null have no order.", "Use == or !=.")
    if kind == "status" and condition.operation not in _TEXT_TESTS and literal.value not in STATUSES:
        raise wrong(f"status wants {wanted}.", did_you_mean(str(literal.value), STATUSES))
    if kind == "time" and literal.type == "text":
        seconds = time_of(str(literal.value))
        if seconds is None:
            raise wrong(f"{field.text} wants {wanted}.")
        return replace(literal, type="time", value=seconds)
    return literal
