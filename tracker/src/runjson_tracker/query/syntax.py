"""What a filter says, as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from runjson_tracker.query.fields import Field

Operation: TypeAlias = OneOf[
    "==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "matches", "exists", "missing"
]
LiteralType: TypeAlias = OneOf["number", "text", "boolean", "null", "time", "duration", "ago"]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a filter.

    Attributes:
        type: of the value; `time` is seconds since 1970, `duration` seconds, `ago` seconds before now.
        value: an int of any size or a float, a text, a bool, or None.
        start: where it is written in its filter, and `end` behind it.
    """

    type: LiteralType
    value: int | float | str | bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one field; `exists` and `missing` have no literals, `in` and `not in` have any number, others one."""

    field: Field
    operation: Operation
    literals: tuple[Literal, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    """What a node does not say."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more nodes."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more nodes."""

    nodes: tuple[Node, ...]


Node: TypeAlias = Condition | Not | And | Or
