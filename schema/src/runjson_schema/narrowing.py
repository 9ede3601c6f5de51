"""What types a JSON Schema leaves: of all JSON, each keyword narrows it.

`if` parts a type in two, and what `then` and `else` leave of them is put together. What no type says, such as the
grammar of a name, is left out; a keyword without a rule is an error, so that none is lost in silence.

The types are narrower than the schema in two places. NaN and the infinities have the one spelling that a writer may
give them (SPEC 5.2). And where `if` asks for an object of one member alone, `else` is left without that member: a type
that took `{"$float": "x", "more": 1}`, a plain object, would take `{"$float": "x"}` too.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from runjson_schema.schemas import Schema

ANY_KEY: Final = "name: string"
# Patterns of texts and of names that a type of TypeScript says. Every other pattern of texts leaves any text.
_TEXTS: Final = {
    r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$": "`${bigint}.${bigint}`",
    r"^-?(0|[1-9][0-9]{0,999})$": "`${bigint}`",
    r"^([+-]?([Nn][Aa][Nn]|[Ii][Nn][Ff]([Ii][Nn][Ii][Tt][Yy])?))$": "NonFinite",
}
_KEYS: Final = {"^[^:]*:": "extension: `${string}:${string}`"}
_SAY_NO_TYPE: Final = {
    *("$schema", "$id", "$defs", "title", "description", "examples", "x-code"),  # annotations
    *("then", "else"),  # read with their if
    *("minLength", "maxLength", "minimum", "maximum", "propertyNames"),  # beyond types
}


class UnknownKeyword(ValueError):
    """A schema has a keyword, or a use of one, that no rule turns into a type; the text says which."""


@dataclass(frozen=True)
class Scalar:
    """Values of one kind: null, boolean, number, string, [] or {}; and how TypeScript writes them."""

    kind: str
    text: str


@dataclass(frozen=True)
class Array:
    """Arrays that are not empty, by the type of their items."""

    items: Type
    kind = "array"


@dataclass(frozen=True)
class Member:
    """A member of an object. One of the empty type may not be there."""

    type: Type
    required: bool = False
    doc: str = field(default="", compare=False)


@dataclass(frozen=True)
class Object:
    """Objects that are not empty: their members, those of other names by the key of TypeScript, what they extend."""

    members: dict[str, Member] = field(default_factory=dict)
    others: dict[str, Type] = field(default_factory=dict)
    base: str = ""
    doc: str = field(default="", compare=False)
    kind = "object"


@dataclass(frozen=True)
class Named:
    """What a named part of the schema says, without the nothing in it; or any JSON."""

    definition: str
    kind = "named"


Part: TypeAlias = Scalar | Array | Object | Named
Type: TypeAlias = tuple[Part, ...]

_NO_ITEMS, _NO_MEMBERS = Scalar("[]", "readonly []"), Scalar("{}", "Empty")
_NOTHING: Final[Type] = (Scalar("null", "null"), _NO_ITEMS, _NO_MEMBERS)
_TEXT: Final = Scalar("string", "string")
_ANYTHING: Final = Named("")  # any JSON inside of any JSON
_ANY: Final[Type] = (
    *(Scalar("boolean", "boolean"), Scalar("number", "number"), _TEXT, *_NOTHING),
    *(Array((_ANYTHING,)), Object()),
)
_ORDER: Final = ("named", "boolean", "number", "string", "null", "array", "object", "[]", "{}")
_KINDS: Final = {"integer": {"number"}, "array": {"array", "[]"}, "object": {"object", "{}"}}
_REMOVED: Final = {"minItems": "[]", "maxItems": "array", "minProperties": "{}", "maxProperties": "object"}


class Reading:
    """A schema that is read as types, some of its parts by their names.

    Attributes:
        parts: of the schema, by their names in $defs, and the whole as "record".
        named: those to which a type refers by name.
        base: one that objects extend when they ask for it with allOf.
    """

    def __init__(self, schema: Schema, named: Collection[str], base: str) -> None:
        self.parts: dict[str, Schema] = {**schema["$defs"], "record": schema}
        self.named = named
        self.base = base
        self._whole: dict[str, Type | None] = {}  # None while it is being made

    def whole(self, definition: str) -> Type:
        """The type of a part of the schema.

        Raises:
            UnknownKeyword: no rule knows what the schema says.
        """
        if definition not in self._whole:
            self._whole[definition] = None
            self._whole[definition] = _ordered(self._narrowed(_ANY, self.parts[definition]))
        return self._whole[definition] or (Named(definition),)

    def doc(self, schema: Schema | bool) -> str:
        """What a schema says of itself, or what it refers to does; else nothing."""
        if isinstance(schema, bool):
            return ""
        if "title" in schema:
            title, description = schema["title"], schema.get("description", "")
            return f"{title[:1].upper()}{title[1:]}. {description}".strip()
        return self.doc(self._at(schema["$ref"]) if "$ref" in schema else schema.get("then", True))

    def _at(self, reference: str) -> Schema:
        return self.parts[reference.removeprefix("#/$defs/")]

    def _behind(self, part: Part) -> Type:
        if not isinstance(part, Named):
            return (part,)
        return _ANY if part == _ANYTHING else said(self.whole(part.definition))

    def _narrowed(self, given: Type, schema: Schema | bool) -> Type:
        """What a schema leaves of a type."""
        if isinstance(schema, bool):
            return given if schema else ()
        for keyword, value in schema.items():
            if keyword == "$ref":
                given = self._referred(given, value.removeprefix("#/$defs/"))
            elif keyword not in _SAY_NO_TYPE:
                given = self._rule(_united(*map(self._behind, given)), keyword, value, schema)
        return given

    def _rule(self, given: Type, keyword: str, value: Any, schema: Schema) -> Type:  # Any: a schema is JSON
        """What one keyword of a schema leaves of a type without names."""
        match keyword, value:
            case "type", _:
                kinds = set().union(*(_KINDS.get(one, {one}) for one in ([value] if isinstance(value, str) else value)))
                return tuple(part for part in given if part.kind in kinds)
            case ("enum", [*texts]) if all(isinstance(text, str) for text in texts):
                literals = " | ".join(json.dumps(text) for text in texts)
                return tuple(Scalar("string", literals) for part in given if part.kind == "string")
            case "const", str():
                return self._rule(given, "enum", [value], schema)
            case "pattern", _:
                spelled = Scalar("string", _TEXTS.get(value, "string"))
                return tuple(spelled if part == _TEXT else part for part in given)
            case ("minItems" | "minProperties", 1) | ("maxItems" | "maxProperties", 0):
                return tuple(part for part in given if part.kind != _REMOVED[keyword])
            case ("maxProperties", 1) if len(schema.get("required", ())) == 1:
                return given
            case "not", _:
                return self._parted(given, value)[1]
            case "if", _:
                yes, no = self._parted(given, value)
                then, other = schema.get("then", True), schema.get("else", True)
                return _united(self._narrowed(yes, then), self._narrowed(no, other))
            case "allOf", _:
                for one in value:
                    base = one == {"$ref": f"#/$defs/{self.base}"}
                    given = self._extended(given) if base else self._narrowed(given, one)
                return given
            case "items", _:
                return tuple(
                    Array(self._narrowed(part.items, value)) if isinstance(part, Array) else part for part in given
                )
            case "required" | "properties" | "patternProperties" | "additionalProperties", _:
                if "additionalProperties" in schema and schema.keys() & {"properties", "patternProperties"}:
                    raise UnknownKeyword("no rule reads additionalProperties beside properties")
                objects = given if keyword != "required" else tuple(part for part in given if part != _NO_MEMBERS)
                return tuple(
                    self._members(part, keyword, value) if isinstance(part, Object) else part for part in objects
                )
            case "unevaluatedProperties", {"type": "null"}:  # unknown members: no type says null alone
                return given
        raise UnknownKeyword(f"no rule turns {json.dumps({keyword: value})} into a type")

    def _members(self, part: Object, keyword: str, value: Any) -> Object:  # Any: a schema is JSON
        members, others = dict(part.members), dict(part.others)
        match keyword:
            case "required":
                for name in value:
                    members[name] = replace(_member(part, name), required=True)
            case "properties":
                for name, schema in value.items():
                    old = _member(part, name)
                    members[name] = Member(self._narrowed(old.type, schema), old.required, self.doc(schema))
            case "patternProperties":
                for pattern, schema in value.items():
                    if pattern not in _KEYS:
                        raise UnknownKeyword(f"no rule turns names of patternProperties like {pattern} into a type")
                    others[_KEYS[pattern]] = self._narrowed(_ANY, schema)
            case _:
                others[ANY_KEY] = self._narrowed(_ANY, value)
        return replace(part, members=members, others=others)

    def _parted(self, given: Type, schema: Schema) -> tuple[Type, Type]:
        """What of a type a schema takes, and what it refuses or may refuse."""
        yes: Type = ()
        no: Type = ()
        for part in given:
            taken = self._narrowed((part,), schema)
            yes += taken
            if not taken:
                no += (part,)
            elif taken != (part,):
                no += (self._without(part, schema),)
        return yes, no

    def _without(self, part: Part, schema: Schema) -> Part:
        """A part, where a condition on one member does not hold: that member is missing, or another one."""
        match part, schema.get("required"):
            case Object(), [name]:
                condition = schema.get("properties", {}).get(name, True)
                opened = _united(*map(self._behind, _member(part, name).type))
                left = () if condition is True else self._parted(opened, condition)[1]
                return replace(part, members={**part.members, name: Member(left)})
        return part

    def _extended(self, given: Type) -> Type:
        doc = self.doc(self.parts[self.base])
        return tuple(replace(part, base=self.base, doc=doc) if isinstance(part, Object) else part for part in given)

    def _referred(self, given: Type, definition: str) -> Type:
        """What a reference leaves of a type: a name, where that says just this."""
        if definition in self.named and given in (_ANY, (_ANYTHING,)):
            left = whole = self.whole(definition)
        else:
            left = self._narrowed(_united(*map(self._behind, given)), self.parts[definition])
            whole = self.whole(definition) if definition in self.named else ()
        if not whole:
            doc = self.doc(self.parts[definition])
            return tuple(replace(part, doc=doc) if isinstance(part, Object) else part for part in left)
        if _ordered(left) != whole or whole == (Named(definition),):
            return left
        return (Named(definition), *(_NOTHING if says_nothing(whole) else ()))


def says_nothing(given: Type) -> bool:
    """Whether null, [] and {} are in a type, and it is not for any array and object that they are."""
    return all(one in given for one in _NOTHING) and len(_covered(given)) < 2


def said(given: Type) -> Type:
    """A type in order, without the nothing in it, and without an empty array or object that goes with the others."""
    gone = _NOTHING if says_nothing(given) else _covered(given)
    return _ordered(tuple(part for part in given if part not in gone))


def _covered(given: Type) -> Type:
    arrays = any(isinstance(part, Array) for part in given)
    objects = any(isinstance(part, Object) and not any(one.required for one in part.members.values()) for part in given)
    return (_NO_ITEMS,) * arrays + (_NO_MEMBERS,) * objects


def _member(part: Object, name: str) -> Member:
    return part.members.get(name, Member((_ANYTHING,)))


def _united(*types: Type) -> Type:
    parts: list[Part] = []
    for part in (one for type_ in types for one in type_):
        if part not in parts:
            parts.append(part)
    return tuple(part for part in parts if part.kind != "string" or part == _TEXT or _TEXT not in parts)


def _ordered(given: Type) -> Type:
    """A type in one order, and without the members that may not be there where others may not be there either."""
    parts = [
        replace(part, members={name: one for name, one in part.members.items() if one.type})
        if isinstance(part, Object) and ANY_KEY not in part.others
        else part
        for part in given
    ]
    return tuple(sorted(parts, key=lambda part: _ORDER.index(part.kind)))
