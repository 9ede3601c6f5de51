"""The types of a record for TypeScript, made from its strict schema: `schema/v1/record.d.ts`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from runjson_schema.narrowing import ANY_KEY, Array, Named, Object, Part, Reading, Scalar, Type, said, says_nothing
from runjson_schema.schemas import Schema

# The exported names: of a part of the schema, then of the objects that it may be, in their order. Where there is a name
# more than objects, the first of these holds what all share.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "record": ("RunRecord",),
    "status": ("Status",),
    "error": ("RunError", "ErrorObject"),
    "parent": ("Parent",),
    "columns": ("Columns",),
    "number": ("SeriesPoint",),
    "numbers": ("Series", "SeriesColumns"),
    "texts": ("Texts", "TextColumns"),
    "images": ("Images", "ImageColumns"),
    "histogram": ("Histogram",),
    "histograms": ("Histograms", "HistogramColumns"),
    "file": ("FileEntry", "FileMembers", "FileAtPath", "FileAsData", "FileAtUri"),
    "value": ("Value", "TaggedFloat", "TaggedInteger", "TaggedTime", "PlainObject"),
}
_BASE: Final = "columns"
_HEAD: Final = """\
// The types of RunJSON 1.0 for programs that write it, made by `python -m runjson_schema.schemas` from
// record.schema.json. What types do not say, such as that columns are of one length, `runjson validate` does.

/** The object without members. */
export type Empty = { [name: string]: never };

/** What says nothing where a member is optional; SPEC 5.1. */
export type Nothing = null | readonly [] | Empty;

/** The numbers that JSON lacks; SPEC 5.2. */
export type NonFinite = "NaN" | "Infinity" | "-Infinity";
"""
_WIDTH: Final = 120


class Unnamed(ValueError):
    """An object of the schema has members and no name to be exported by."""


class Page:
    """The file of types: the record, then each named type behind the one that first mentions it."""

    def __init__(self, schema: Schema) -> None:
        self.reading = Reading(schema, _NAMES, _BASE)
        self.queue = ["record"]

    def lines(self) -> Iterator[str]:
        """The lines behind the head."""
        for definition in self.queue:  # it grows while it is read
            yield from self._definition(definition)

    def _definition(self, definition: str) -> Iterator[str]:
        name, *names = _NAMES[definition]
        doc = self.reading.doc(self.reading.parts[definition])
        type_ = said(self.reading.whole(definition))
        objects = [part for part in type_ if isinstance(part, Object)]
        if definition == _BASE or type_ == (*objects[:1],):
            yield from self._interface(name, objects[0], doc)
            return
        shared = _shared(objects) if len(names) > len(objects) else Object()
        own = names[1:] if len(names) > len(objects) else names
        if len(own) != len(objects):
            raise Unnamed(f"{definition} has {len(objects)} objects and names for {len(own)}")
        yield from _comment(doc)
        yield from _wrapped(f"export type {name} =", self._texts(type_, iter(own)))
        if shared != Object():
            yield from self._interface(names[0], shared, f"What every {name} that is an object may have.")
        for one, part in zip(own, objects, strict=True):
            yield from self._interface(one, _beyond(part, shared, names[0]), part.doc)

    def _interface(self, name: str, part: Object, doc: str) -> Iterator[str]:
        yield from _comment(doc)
        if ANY_KEY in part.others:
            absent = "; ".join(f"{key}?: never" for key in part.members)
            yield f"export type {name} = {self._inline(part)}" + (f" & {{ {absent} }};" if absent else ";")
            return
        base = self._mention(part.base) if part.base in _NAMES else part.base
        yield f"export interface {name} {f'extends {base} ' if base else ''}{{"
        for key, member in part.members.items():
            yield from _comment(member.doc, "  ")
            yield f"  {key}{'' if member.required else '?'}: {self._text(member.type)};"
        for key, other in part.others.items():
            yield f"  [{key}]: {self._text(other)};"
        yield "}"

    def _text(self, given: Type) -> str:
        return " | ".join(self._texts(given, iter(())))

    def _texts(self, given: Type, names: Iterator[str]) -> list[str]:
        """What a type is a union of; the names are those of its objects."""
        return [self._part(part, names) for part in said(given)] + ["Nothing"] * says_nothing(given)

    def _part(self, part: Part, names: Iterator[str]) -> str:
        match part:
            case Scalar():
                return part.text
            case Named():
                return self._mention(part.definition) if part.definition else "unknown"
            case Array():
                items = self._text(part.items)
                return f"readonly ({items})[]" if " " in items else f"readonly {items}[]"
            case Object():
                return next(names, "") or self._inline(part)

    def _inline(self, part: Object) -> str:
        if part.others.keys() != {ANY_KEY} or any(one.type for one in part.members.values()):
            raise Unnamed(f"an object of {', '.join(part.members)}")
        return f"{{ [{ANY_KEY}]: {self._text(part.others[ANY_KEY])} }}"

    def _mention(self, definition: str) -> str:
        if definition not in self.queue:
            self.queue.append(definition)
        return _NAMES[definition][0]


def _shared(objects: list[Object]) -> Object:
    """The members that all of several objects have alike."""
    first, *rest = objects
    alike = {key: one for key, one in first.members.items() if all(other.members.get(key) == one for other in rest)}
    return Object(alike, first.others)


def _beyond(part: Object, shared: Object, base: str) -> Object:
    """An object without what it shares with others, which it extends."""
    if shared == Object():
        return part
    return replace(
        part, members={key: one for key, one in part.members.items() if key not in shared.members}, others={}, base=base
    )


def _comment(doc: str, indent: str = "") -> Iterator[str]:
    """The lines of a comment; a blank line before that of a type."""
    if not indent:
        yield ""
    doc = doc.replace("*/", "* /")
    if len(indent) + len(doc) + 7 <= _WIDTH:
        yield from [f"{indent}/** {doc} */"] if doc else []
        return
    yield f"{indent}/**"
    yield from textwrap.wrap(doc, _WIDTH, initial_indent=f"{indent} * ", subsequent_indent=f"{indent} * ")
    yield f"{indent} */"


def _wrapped(head: str, texts: list[str]) -> Iterator[str]:
    line = f"{head} {' | '.join(texts)};"
    if len(line) <= _WIDTH:
        yield line
    else:
        yield from [head, *(f"  | {text}" for text in texts[:-1]), f"  | {texts[-1]};"]


def text(schema: Schema) -> str:
    """The types of the records of a strict schema, as they are written to `record.d.ts`.

    Raises:
        UnknownKeyword: no rule turns what the schema says into a type.
        Unnamed: an object of the schema has no name to be exported by.
    """
    return _HEAD + "\n".join(Page(schema).lines()) + "\n"
