"""Typed records: the shape of a record as the fast path decodes it (SPEC section 4).

The types take exactly what needs no second look. Whatever else SPEC allows (unknown members and extensions, `{}` and
`[]` for nothing, numbers in unusual places) is refused here and taken by `decode.careful`, which brings a record into
this shape.
"""

from __future__ import annotations

from typing import Any, Final, Generic, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from runjson_schema.points import KINDS

Text: TypeAlias = str | None | UnsetType
Number: TypeAlias = float | None | UnsetType
Column: TypeAlias = float | list[float | None] | None | UnsetType
# Any: the entries of these maps are values, which `values.normal` checks.
Map: TypeAlias = dict[str, Any] | None | UnsetType
V = TypeVar("V")
S = TypeVar("S")


class Columns(msgspec.Struct, Generic[V], forbid_unknown_fields=True, omit_defaults=True):
    """Columns of points (SPEC 6.1); `V` is what `values` may be."""

    values: V
    steps: Column = UNSET
    times: Column = UNSET
    unit: Text = UNSET
    goal: Text = UNSET
    description: Text = UNSET
    media_type: Text = UNSET
    x: Text = UNSET


class RawColumns(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Columns of points whose arrays are still text, so that they can be decoded block by block."""

    values: msgspec.Raw
    steps: msgspec.Raw | UnsetType = UNSET
    times: msgspec.Raw | UnsetType = UNSET
    unit: Text = UNSET
    goal: Text = UNSET
    description: Text = UNSET
    media_type: Text = UNSET
    x: Text = UNSET


class Record(msgspec.Struct, Generic[S], forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A record; `S` is what a name in `series` may be: decoded points in a stream, text in a document."""

    step: Number = UNSET
    time: Number = UNSET
    series: dict[str, S] | UnsetType | None = UNSET
    text: dict[str, str | list[str] | Columns[str | list[str]]] | UnsetType | None = UNSET
    images: Map = UNSET
    histograms: Map = UNSET
    runjson: Text = UNSET
    project: Text = UNSET
    id: Text = UNSET
    writer: Text = UNSET
    name: Text = UNSET
    description: Text = UNSET
    group: Text = UNSET
    status: Text = UNSET
    started_at: Text = UNSET
    ended_at: Text = UNSET
    # Any: an object whose members `fold` checks, or a text.
    error: str | dict[str, Any] | UnsetType | None = UNSET
    parent: Map = UNSET
    tags: str | list[str] | UnsetType | None = UNSET
    untags: str | list[str] | UnsetType | None = UNSET
    parameters: Map = UNSET
    properties: Map = UNSET
    source: Map = UNSET
    environment: Map = UNSET
    artifacts: Map = UNSET
    schema: Text = msgspec.field(default=UNSET, name="$schema")


class PointsLine(msgspec.Struct, Generic[S], forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A record of points alone, as most lines of a stream are: decoded, and told from others, the fastest."""

    step: Number = UNSET
    time: Number = UNSET
    series: dict[str, S] | None | UnsetType = UNSET


Series: TypeAlias = float | str | list[float | str] | Columns[float | str | list[float | str]]
StreamRecord: TypeAlias = Record[Series]
DocumentRecord: TypeAlias = Record[msgspec.Raw]

MEMBERS: Final = frozenset(Record.__struct_encode_fields__)
COLUMN_MEMBERS: Final = frozenset(Columns.__struct_fields__)
COLUMN_NOTES: Final = ("unit", "goal", "description", "media_type", "x")
FILE_MEMBERS: Final = frozenset(
    {"path", "data", "uri", "media_type", "sha256", "bytes", "description", "width", "height", "metadata"}
)
ERROR_MEMBERS: Final = frozenset({"type", "message", "traceback"})
PARENT_MEMBERS: Final = frozenset({"id", "step"})
HISTOGRAM_MEMBERS: Final = frozenset({"edges", "counts"})
TEXT_MEMBERS: Final = ("name", "description", "group")
MAPS: Final = ("properties", "source", "environment")
IDENTITY: Final = ("project", "id", "writer")
STATUSES: Final = ("running", "succeeded", "failed", "aborted")
GOALS: Final = ("minimize", "maximize")
# The order in which `fmt` and `fold` lay a record out: what it is, how it went, what went in, what came out.
LAYOUT: Final = (
    "$schema", "runjson", *IDENTITY, "name", "description", "group", "status", "started_at", "ended_at", "error",
    "parent", "tags", "untags", "step", "time", "parameters", *MAPS, *KINDS, "artifacts",
)  # fmt: skip
