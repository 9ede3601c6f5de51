"""Fields and how they are written: `status`, `parameters.model.layers`, ``series.`MAP@k`.last``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from runjson_tracker.fields import pointer

ValueKind: TypeAlias = Literal["text", "status", "time", "duration", "number", "tags", "series", "any"]

# The columns of the table `runs`, and what is worked out of them.
RUN_FIELDS: Final[dict[str, ValueKind]] = {
    "id": "text", "name": "text", "group": "text", "project": "text", "status": "status", "created": "time",
    "changed": "time", "started": "time", "ended": "time", "duration": "duration", "points": "number", "tags": "tags",
}  # fmt: skip
TREES: Final = ("parameters", "properties", "source", "environment")
KINDS: Final = (*TREES, "series")
# What is known of a series of numbers, by the column of `field_series` that has it.
STATISTICS: Final = {"last": "last", "min": "minimum", "max": "maximum", "mean": "mean", "count": "count"}
STATUSES: Final = ("running", "succeeded", "failed", "aborted", "crashed")
# Of these a part of a name consists that needs no backticks.
PLAIN: Final = r"[\w/\-@%+:]+"
_PLAIN: Final = re.compile(PLAIN)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of runs.

    Attributes:
        kind: the name of a field of the run itself, a tree such as `parameters`, or `series`.
        path: the names below a tree from the outside in, or the one name of a series.
        statistic: what of a series is meant; None for the series itself.
        start: where the field is written in its question, and `end` behind it.
    """

    kind: str
    path: tuple[str, ...] = ()
    statistic: str | None = None
    start: int = 0
    end: int = 0

    @property
    def values(self) -> ValueKind:
        """What its values are; those of a tree may be anything."""
        if self.kind == "series":
            return "number" if self.statistic else "series"
        return "any" if self.kind in TREES else RUN_FIELDS[self.kind]

    @property
    def name(self) -> str:
        """Its name in the table `fields`."""
        return self.path[0].replace("\0", "\ufffd") if self.kind == "series" else pointer(self.path)

    @property
    def text(self) -> str:
        """How it is written, in one way: with backticks where they are needed alone."""
        return ".".join((self.kind, *map(quoted, self.path), *([self.statistic] if self.statistic else [])))


def quoted(part: str) -> str:
    """A part of a name as it is written: in backticks if it is no plain word."""
    return part if _PLAIN.fullmatch(part) else "`" + part.replace("`", "``") + "`"


def field_texts(kind: str, name: str) -> list[str]:
    """How the fields are written that a row of the table `fields` stands for: several for a series, none for a tag."""
    if kind == "series":
        return [Field(kind, (name,), statistic).text for statistic in STATISTICS]
    return [Field(kind, path_of(name)).text] if kind in TREES else []


def path_of(name: str) -> tuple[str, ...]:
    """The path that a JSON pointer (RFC 6901) stands for."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in name.split("/")[1:])


def statistic_column(table: Any, statistic: str) -> Any:  # Any: a table or an alias of it, and a column of any type
    """The column of `field_series` that holds a statistic."""
    return table.c[STATISTICS[statistic]]
