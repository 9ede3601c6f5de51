"""The columns of a table of runs: which fields are meant, and their values for the runs of one page alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

from sqlalchemy import Row, select

from runjson_tracker.query.cells import field_value, time_value
from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.fields import KINDS, STATISTICS, Field, field_texts
from runjson_tracker.query.language import parse_field
from runjson_tracker.query.scope import Scope
from runjson_tracker.query.sql import IsAmong
from runjson_tracker.tables import field_series, field_values, fields

_RUNS_A_STATEMENT: Final = 500
_FIELDS_A_STATEMENT: Final = 200
_QUOTED: Final = re.compile(r"(`(?:[^`]|``)*`)")
# The columns that one field gives, and the statistic in each.
_Texts = list[tuple[str, str | None]]


class _HasValues(Protocol):
    """A row of the table."""

    @property
    def values(self) -> dict[str, Any]: ...  # Any: values of any type


class Columns:
    """The columns that were asked for.

    Attributes:
        names: as they were asked for, and what a pattern stands for; after `fill`, what a pattern stands for only where
            one of the runs has it.
    """

    def __init__(self, scope: Scope, texts: Sequence[str]) -> None:
        self._wanted: dict[str, Field] = {}
        self._guessed: set[str] = set()
        for text in texts:
            if any("*" in piece for piece in _QUOTED.split(text)[::2]):
                found = {one: at for one, at in _matching(scope, text).items() if one not in self._wanted}
                self._guessed |= found.keys()
                self._wanted |= found
            else:
                self._wanted[text] = _explicit(scope, text)
                self._guessed.discard(text)
        self.names = list(self._wanted)

    def fill(self, scope: Scope, rows: Sequence[tuple[int, _HasValues]]) -> None:
        """Add the values of the columns to rows of the table, given with the numbers of their runs."""
        by_name: dict[tuple[str, str], _Texts] = {}
        for text, one in self._wanted.items():
            if one.kind in KINDS:
                by_name.setdefault((one.kind, one.name), []).append((text, one.statistic))
                continue
            for _, row in rows:
                if (value := _run_value(row, one)) is not None:
                    row.values[text] = value
        of_run = {key: row.values for key, row in rows}
        numbered = dict(_numbered(scope, by_name))
        trees = {number: texts for number, (kind, texts) in numbered.items() if kind != "series"}
        for found in _stretches(scope, field_values, trees, of_run):
            for text, _ in trees[found.field]:
                of_run[found.run][text] = field_value(found.type, found.number, found.text)
        series = {number: texts for number, (kind, texts) in numbered.items() if kind == "series"}
        for found in _stretches(scope, field_series, series, of_run):
            for text, statistic in series[found.field]:
                if (value := _statistic(found, str(statistic))) is not None:
                    of_run[found.run][text] = value
        there = {text for _, row in rows for text in row.values}
        self.names = [text for text in self._wanted if text not in self._guessed or text in there]


def _explicit(scope: Scope, text: str) -> Field:
    one = scope.field(text)
    if one.values == "series":
        raise QueryError(f"{text} is a whole series.", text, 0, len(text), f"Say what of it: {text}.last.")
    return one


def _matching(scope: Scope, text: str) -> dict[str, Field]:
    """The fields that a pattern stands for: `*` is any characters, dots too."""
    kind = text.partition(".")[0]
    if kind not in KINDS:
        hint = f"A pattern begins with one of {', '.join(KINDS)}, as parameters.* does."
        raise QueryError(f"No columns are like {text}.", text, 0, len(text), hint)
    pieces = [re.escape(piece) for piece in _QUOTED.split(text)]
    pieces[::2] = [piece.replace(r"\*", ".*") for piece in pieces[::2]]
    pattern = re.compile("".join(pieces), re.DOTALL)
    known = (one for of, name in scope.names(kind) for one in field_texts(of, name))
    return {one: parse_field(one) for one in known if pattern.fullmatch(one)}


def _numbered(scope: Scope, by_name: dict[tuple[str, str], _Texts]) -> Iterator[tuple[int, tuple[str, _Texts]]]:
    """The numbers of fields, with their kind and their columns."""
    for batch in _batches(list(by_name), _FIELDS_A_STATEMENT):
        kinds, names = (sorted(set(parts)) for parts in zip(*batch, strict=True))
        statement = scope.named(*kinds).add_columns(fields.c.kind, fields.c.name).where(fields.c.name.in_(names))
        for number, kind, name in scope.connection.execute(statement):
            if (kind, name) in by_name:
                yield number, (kind, by_name[kind, name])


def _stretches(
    scope: Scope, table: Any, numbers: Iterable[int], runs: Iterable[int]
) -> Iterator[Row[Any]]:  # Any: a table
    """The rows of a table of fields for these fields and runs."""
    for some_fields in _batches(sorted(numbers), _FIELDS_A_STATEMENT):
        for some_runs in _batches(sorted(runs), _RUNS_A_STATEMENT):
            wanted = select(table).where(IsAmong(table.c.field, some_fields), IsAmong(table.c.run, some_runs))
            yield from scope.connection.execute(wanted).all()


def _batches(found: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:  # Any: of one type
    for begin in range(0, len(found), size):
        yield found[begin : begin + size]


def _run_value(row: object, one: Field) -> Any:  # Any: text, number, time or tags
    """A field of the run itself as a value of a column."""
    value = getattr(row, one.kind)
    return time_value(value) if one.values == "time" and value is not None else value


def _statistic(found: Row[Any], statistic: str) -> Any:  # Any: int, float, or None where it is missing
    value = found._mapping[STATISTICS[statistic]]  # `found.count` is a tuple's method
    return math.nan if value is None and statistic == "last" else value
