"""The fields of runs: what a table of runs is filtered, sorted and grouped by, kept beside the records that say it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from runjson_schema.findings import pointer_text
from runjson_schema.values import is_tagged
from sqlalchemy import BigInteger, Connection, Executable, bindparam, delete, literal_column, select

from runjson_tracker.database import insert_new, put, shared
from runjson_tracker.direct import first_of_each
from runjson_tracker.tables import field_series, field_values, fields, series, sources

FieldKind: TypeAlias = Literal["parameters", "properties", "source", "environment", "tags", "series"]
ValueType: TypeAlias = Literal["number", "text", "boolean", "null", "time", "json"]
# A kind, and a name as the table `fields` has it.
FieldName: TypeAlias = tuple[FieldKind, str]

_TREES: Final[tuple[FieldKind, ...]] = ("parameters", "properties", "source", "environment")
_NAMES_A_STATEMENT: Final = 500
# Bytes of UTF-8: an index of PostgreSQL holds rows of 2704 bytes at most.
_LONGEST_NAME: Final = 2000


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value of a field.

    Attributes:
        type: of the value.
        number: a number as a double, None for NaN; 0 or 1 for a boolean; seconds since 1970 for a time.
        text: a text; the digits of an integer that no double holds; a time as it was written; other values as JSON.
    """

    type: ValueType
    number: float | None = None
    text: str | None = None


def fields_of(record: Mapping[str, Any]) -> dict[FieldName, FieldValue]:
    """The fields that a record gives, series aside."""
    found: dict[FieldName, FieldValue] = {}
    for kind in _TREES:
        tree = record.get(kind)
        if tree:
            top = {name: value for name, value in tree.items() if value is not None or kind == "parameters"}
            found |= {(kind, pointer(at)): _value(leaf) for at, leaf in _leaves(top, ())}
    found |= {("tags", field_name(tag)): FieldValue("boolean", 1.0) for tag in record.get("tags", ())}
    return found


def pointer(path: Iterable[str]) -> str:
    """The name in the table `fields` of a parameter, property, or entry of source or environment."""
    return field_name(pointer_text(tuple(path)))


def field_name(text: str) -> str:
    """A pointer or a tag as the name of a field; a very long one is cut, and told from others by its digest."""
    encoded = storable(text).encode()
    if len(encoded) <= _LONGEST_NAME:
        return encoded.decode()
    return f"{encoded[:_LONGEST_NAME].decode(errors='ignore')}…{hashlib.sha256(encoded).hexdigest()}"


def write_fields(
    connection: Connection, project: int, run: int, old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    """Bring the fields of a run from what one record says to what another one says, series aside.

    Args:
        connection: in a transaction that writes.
        project: the run's, by number.
        run: its number.
        old: what the run said before; empty for a run that is new.
        new: what it says now; empty for a run that goes.
    """
    before, now = fields_of(old), fields_of(new)
    come = {name: value for name, value in now.items() if before.get(name) != value}
    gone = before.keys() - now.keys()
    known = _ids(connection, project, {*gone, *come})
    if gone:
        connection.execute(_forget_value, [{"of_field": known[name], "of_run": run} for name in gone])
    if come:
        connection.execute(
            _put_value,
            [
                {"field": known[name], "run": run, "type": value.type, "number": value.number, "text": value.text}
                for name, value in come.items()
            ],
        )


def write_series_fields(connection: Connection, project: int, run: int, names: Collection[str]) -> None:
    """Bring what is told of a run's series of numbers up to date with its sources.

    Args:
        connection: in a transaction that writes, in which the series were written.
        project: the run's, by number.
        run: its number.
        names: of the series that changed, came or went.
    """
    told = {name: row for batch in _batches(names) for name, row in series_told(connection, run, batch)}
    name_series(connection, {(project, name) for name in told})
    for statement, rows in series_fields(project, run, told, gone=set(names) - told.keys()):
        connection.execute(statement, rows)


def name_series(connection: Connection, names: Collection[tuple[int, str]]) -> None:
    """Make the fields of series of numbers, unless they are there.

    Args:
        connection: in a transaction that writes.
        names: the numbers of projects, and the names of series of their runs.
    """
    if not names:
        return
    ordered = sorted(names)
    rows = [{"of_project": project, "of_name": name} for project, name in ordered]
    there = zip(ordered, first_of_each(connection, _known_series, rows), strict=True)
    _make(connection, [(project, "series", name) for (project, name), known in there if known is None])


def series_fields(
    project: int, run: int, told: Mapping[str, Mapping[str, Any]], *, gone: Collection[str]
) -> list[tuple[Executable, list[dict[str, Any]]]]:  # Any: columns of several types
    """The statements, and their rows, that write what is told of series of numbers of a run.

    Args:
        project: the run's, by number.
        run: its number.
        told: the columns of the table `field_series`, by the names of series, which `name_series` made fields of.
        gone: the names of series that the run has no more.
    """
    statements: list[tuple[Executable, list[dict[str, Any]]]] = []
    if gone:
        rows = [{"of_project": project, "of_run": run, "of_name": name} for name in gone]
        statements.append((_forget_series, rows))
    if told:
        rows = [{"of_project": project, "of_run": run, "of_name": name, **row} for name, row in told.items()]
        statements.append((_put_series, rows))
    return statements


_add_field: Final = insert_new(fields)
_put_value: Final = put(field_values)
_forget_value: Final = delete(field_values).where(
    field_values.c.field == bindparam("of_field"), field_values.c.run == bindparam("of_run")
)
_of_name: Final = (
    (fields.c.project == bindparam("of_project"))
    & (fields.c.kind == literal_column("'series'"))
    & (fields.c.name == bindparam("of_name"))
)
_known_series: Final = select(fields.c.id).where(_of_name)
_forget_series: Final = delete(field_series).where(
    field_series.c.field == _known_series.scalar_subquery(),
    field_series.c.run == bindparam("of_run"),
)
_told_columns: Final = [one for one in field_series.columns if not one.primary_key]
# The number of the field is looked up where it is needed: a commit then need not ask for it, and wait.
_put_series: Final = put(field_series).from_select(
    [field_series.c.field, field_series.c.run, *_told_columns],
    select(
        fields.c.id,
        bindparam("of_run", type_=BigInteger),
        *(bindparam(one.name, type_=one.type) for one in _told_columns),
    ).where(_of_name),
)
_known_fields: Final = select(fields.c.id, fields.c.kind, fields.c.name).where(
    fields.c.project == bindparam("of_project"), fields.c.name.in_(bindparam("names", expanding=True))
)
_summaries: Final = (
    select(
        series.c.name,
        series.c.count,
        series.c.nonfinite,
        series.c.minimum,
        series.c.maximum,
        series.c.total,
        series.c.last,
    )
    .join(sources, series.c.source == sources.c.id)
    .where(
        sources.c.run == bindparam("of_run"),
        series.c.kind == "series",
    )
    .order_by(sources.c.writer)
)
_summaries_of_names: Final = _summaries.where(series.c.name.in_(bindparam("names", expanding=True)))


def series_told(
    connection: Connection, run: int, names: list[str] | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:  # Any: columns of several types
    """What the sources of a run together say of series: as if the points of the later ones stood behind the others.

    Args:
        connection: to read by.
        run: the run's number.
        names: of the series; None for all of its series of numbers.

    Yields:
        Names, and the columns of the table `field_series` that follow.
    """
    parts: dict[str, list[Any]] = {}
    statement = _summaries if names is None else _summaries_of_names
    for row in connection.execute(statement, {"of_run": run} if names is None else {"of_run": run, "names": names}):
        parts.setdefault(row.name, []).append(row)
    for name, rows in parts.items():
        yield name, told_of(rows)


def told_of(summaries: Sequence[Any]) -> dict[str, Any]:  # Any: summaries or their rows; columns of several types
    """What the summaries of one series in the sources of a run say together, in the order of these."""
    count = sum(one.count for one in summaries)
    nonfinite = sum(one.nonfinite for one in summaries)
    finite = [one for one in summaries if one.minimum is not None]
    totals = [one.total for one in finite]
    mean = None
    if finite and None not in totals:
        mean = sum(totals) / (count - nonfinite)
    return {
        "count": count,
        "nonfinite": nonfinite,
        "minimum": min((one.minimum for one in finite), default=None),
        "maximum": max((one.maximum for one in finite), default=None),
        "mean": None if mean is None or math.isnan(mean) else mean,
        "last": summaries[-1].last,
    }


def _ids(connection: Connection, project: int, names: Collection[FieldName]) -> dict[FieldName, int]:
    """The numbers of fields, which are made if they are new."""
    found: dict[FieldName, int] = {}
    for batch in _batches({name for _, name in names}):
        for number, kind, name in connection.execute(_known_fields, {"of_project": project, "names": batch}):
            found[kind, name] = number
    if missing := sorted(name for name in names if name not in found):
        _make(connection, [(project, kind, name) for kind, name in missing])
        for batch in _batches({name for _, name in missing}):
            for number, kind, name in connection.execute(_known_fields, {"of_project": project, "names": batch}):
                found[kind, name] = number
    return found


def _make(connection: Connection, new: Sequence[tuple[int, FieldKind, str]]) -> None:
    """Make fields, by the number of their project, kind and name; those that somebody else made meanwhile stay."""
    if new:
        with shared(connection) as other:
            other.execute(_add_field, [{"project": project, "kind": kind, "name": name} for project, kind, name in new])


def _batches(names: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    for begin in range(0, len(ordered), _NAMES_A_STATEMENT):
        yield ordered[begin : begin + _NAMES_A_STATEMENT]


def _leaves(tree: Mapping[str, Any], at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and not is_tagged(value):
            yield from _leaves(value, (*at, name))
        else:
            yield (*at, name), value


def _value(leaf: Any) -> FieldValue:  # Any: any JSON
    if leaf is None:
        return FieldValue("null")
    if isinstance(leaf, bool):
        return FieldValue("boolean", float(leaf))
    if isinstance(leaf, str):
        return FieldValue("text", None, storable(leaf))
    if isinstance(leaf, int):
        return _integer(leaf)
    if isinstance(leaf, float):
        return FieldValue("number", None if math.isnan(leaf) else leaf)
    if is_tagged(leaf):
        ((tag, text),) = leaf.items()
        if tag == "$float":
            return FieldValue("number", None if text == "NaN" else float(text))
        if tag == "$int":
            return _integer(int(text))
        return FieldValue("time", seconds(text), text)
    return FieldValue("json", None, storable(json.dumps(leaf, ensure_ascii=False, separators=(",", ":"))))


def _integer(number: int) -> FieldValue:
    try:
        double = float(number)
    except OverflowError:
        double = math.inf if number > 0 else -math.inf
    return FieldValue("number", double, None if abs(number) < 2**53 else str(number))


def seconds(text: str | None) -> float | None:
    """A normalised time text (SPEC 5.5) as seconds since 1970-01-01T00:00:00Z; None for a year beyond the calendar."""
    if text is None:
        return None
    # A leap second is read as the second before it, one second later.
    leap = text[17:19] == "60"
    try:
        return datetime.fromisoformat(f"{text[:17]}59{text[19:]}" if leap else text).timestamp() + leap
    except (ValueError, OverflowError):
        return None


def storable(text: str) -> str:
    """A text as a column may hold it; PostgreSQL keeps no U+0000. The record has the text as it is."""
    return text.replace("\0", "\ufffd")


def storable_or_none(text: str | None) -> str | None:
    """The same of a text that may not have been said."""
    return None if text is None else storable(text)
