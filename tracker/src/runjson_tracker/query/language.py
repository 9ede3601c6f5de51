"""From the text of a filter to its tree; docs/queries.md has the grammar."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from runjson_tracker.query.errors import QueryError, did_you_mean
from runjson_tracker.query.fields import KINDS, RUN_FIELDS, STATISTICS, TREES, Field
from runjson_tracker.query.syntax import And, Condition, Literal, Node, Not, Operation, Or
from runjson_tracker.query.tokens import Token, duration_of, number_of, text_of, tokens_of
from runjson_tracker.query.types import check_condition

# Databases give up at some thousand; a person never comes near.
CONDITIONS: Final = 200
DEPTH: Final = 50
VALUES: Final = 5000

_COMPARISONS: Final[dict[str, Operation]] = {
    "==": "==", "=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
    "contains": "contains", "matches": "matches",
}  # fmt: skip
_CLOSING: Final = {"[": "]", "(": ")"}
# What people write for an operation that has another name here.
_OPERATIONS: Final = {"like": "matches", "is": "==", "has": "contains", "equals": "==", "null": "missing"}
# What a keyword would be if it stood where a field is expected.
_BARE: Final = frozenset({"and", "or", "in", "contains", "matches", "exists", "missing", "true", "false", "null"})
_NUMERIC: Final = re.compile(r"[-+]?[0-9.][\w.+\-]*")


def parse(query: str) -> Node:
    """The tree of a filter.

    Raises:
        QueryError: the text is no filter.
    """
    return _Parser(query).filter()


def parse_field(text: str) -> Field:
    """The field that a text names, as it stands in a filter.

    Raises:
        QueryError: the text names none.
    """
    tokens = tokens_of(text)
    if tokens[0].kind == "end":
        raise QueryError("A field is missing.", text, 0, 0, f"There are {', '.join((*RUN_FIELDS, *KINDS))}.")
    if tokens[1].kind != "end":
        raise QueryError("Only a field stands here.", text, tokens[1].start, tokens[-2].end)
    return field_of(tokens[0], text)


def field_of(token: Token, query: str) -> Field:
    """The field that a word names.

    Raises:
        QueryError: it names none.
    """
    if token.kind != "word":
        raise QueryError("A field is expected here.", query, token.start, token.end)
    kind, *path = token.parts

    def wrong(message: str, hint: str = "", unknown: tuple[str, ...] = ()) -> QueryError:
        return QueryError(message, query, token.start, token.end, hint, unknown)

    if kind in TREES:
        if not path:
            raise wrong(f"{kind} is a tree of fields.", f"Name one of them: {kind}.NAME.")
        return Field(kind, tuple(path), None, token.start, token.end)
    if kind == "series":
        return _series(path, token, wrong)
    if kind in RUN_FIELDS:
        if path:
            raise wrong(f"{kind} has no parts.", f"Write {kind} alone.")
        return Field(kind, (), None, token.start, token.end)
    hint = did_you_mean(kind, (*RUN_FIELDS, *KINDS))
    raise wrong(f"There is no field {token.text}.", hint, token.parts)


def _series(path: list[str], token: Token, wrong: Callable[[str, str], QueryError]) -> Field:
    if not path:
        raise wrong("series has the series of the runs.", "Name one, and what of it: series.NAME.last.")
    if len(path) > 2:
        inner = "`" + ".".join(path[:-1]).replace("`", "``") + "`"
        raise wrong("A series has one name.", f"A name with dots stands in backticks: series.{inner}.{path[-1]}.")
    statistic = path[1] if len(path) == 2 else None
    if statistic is not None and statistic not in STATISTICS:
        hint = did_you_mean(statistic, STATISTICS)
        raise wrong(f"A series has {', '.join(STATISTICS)}, and no {statistic}.", hint)
    return Field("series", (path[0],), statistic, token.start, token.end)


class _Parser:
    """Reads the tokens of one filter from left to right, each rule of the grammar a method."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = tokens_of(query)
        self._at = 0
        self._conditions = 0

    def filter(self) -> Node:
        if self._next.kind == "end":
            raise self._wrong("The filter is empty.")
        node = self._or(0)
        if self._next.kind != "end":
            if self._next.text == ")":
                raise self._wrong("This bracket closes none.")
            raise self._wrong("`and` or `or` is expected here.", *self._instead())
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, *keywords: str) -> Token | None:
        """The next token if it is one of these."""
        if self._next.keyword not in keywords or self._next.kind == "end":
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _wrong(self, message: str, hint: str = "") -> QueryError:
        token = self._next
        missing = token.kind == "end" and self._at > 0
        return QueryError(f"{message[:-1]}, and the filter ends." if missing else message, self._query, token.start,
                          token.end, hint)  # fmt: skip

    def _instead(self) -> tuple[str, ...]:
        """A hint for a word that stands for an operation, or as one, in another language."""
        like = _OPERATIONS.get(self._next.keyword)
        return (f"Write {like}.",) if like else ()

    def _or(self, depth: int) -> Node:
        nodes = [self._and(depth)]
        while self._take("or"):
            nodes.append(self._and(depth))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _and(self, depth: int) -> Node:
        nodes = [self._not(depth)]
        while self._take("and"):
            nodes.append(self._not(depth))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _not(self, depth: int) -> Node:
        if depth > DEPTH:
            raise self._wrong(f"This is nested more than {DEPTH} deep.")
        if self._take("not"):
            return Not(self._not(depth + 1))
        if opening := self._take("("):
            node = self._or(depth + 1)
            if not self._take(")"):
                hint = f"The bracket at {opening.start + 1} is still open."
                raise self._wrong("`and`, `or` or `)` is expected here.", hint)
            return node
        return self._condition()

    def _condition(self) -> Condition:
        self._conditions += 1
        if self._conditions > CONDITIONS:
            raise self._wrong(f"There are more than {CONDITIONS} tests.", "Use `in [...]` for a choice of values.")
        first = self._next
        if first.kind == "text":
            return self._text_in(first)
        if first.kind != "word" or first.keyword in _BARE:
            raise self._wrong("A field is expected here.")
        if _NUMERIC.fullmatch(first.text) and number_of(first, self._query) is not None:
            raise self._wrong("The field stands first, the value behind it.")
        if self._tokens[self._at + 1].text == "(":
            raise self._wrong(
                f"There is no function {first.text} here.", "ago(7d) stands behind the sign: started > ago(7d)."
            )
        field = field_of(first, self._query)
        self._at += 1
        operation, literals = self._test(field)
        condition = Condition(field, operation, literals, first.start, self._tokens[self._at - 1].end)
        return check_condition(condition, self._query)

    def _text_in(self, first: Token) -> Condition:
        """The condition `"best" in tags`."""
        self._at += 1
        negated = self._take("not")
        if not self._take("in") or negated:
            raise self._wrong(
                "`in tags` is expected here.", 'A field stands first, its text behind it: name == "text".'
            )
        token = self._next
        field = field_of(token, self._query)
        if field.kind != "tags":
            raise self._wrong("Only tags have texts in them.", f"A part of a text: {field.text} contains {first.text}.")
        self._at += 1
        literal = Literal("text", text_of(first, self._query), first.start, first.end)
        return Condition(field, "contains", (literal,), first.start, token.end)

    def _test(self, field: Field) -> tuple[Operation, tuple[Literal, ...]]:
        """What stands behind a field."""
        if self._take("exists"):
            return "exists", ()
        if self._take("missing"):
            return "missing", ()
        if self._take("in"):
            return "in", self._list()
        if self._next.keyword == "not":
            if self._tokens[self._at + 1].keyword != "in":
                raise self._wrong("`not` stands in front of the field, but in `not in`.")
            self._at += 2
            return "not in", self._list()
        if sign := self._take(*_COMPARISONS):
            return _COMPARISONS[sign.keyword], (self._literal(),)
        if field.values == "any" and (self._next.kind == "end" or self._next.keyword in {"and", "or", ")"}):
            return "==", (Literal("boolean", True, field.start, field.end),)
        raise self._wrong(f"A test of {field.text} is expected here.", *(self._instead() or (_TESTS,)))

    def _list(self) -> tuple[Literal, ...]:
        opening = self._take(*_CLOSING)
        if opening is None:
            raise self._wrong("A list in brackets is expected here.", "Such as in [1, 2].")
        closing, found = _CLOSING[opening.text], list[Literal]()
        while not self._take(closing):
            if found and not self._take(","):
                raise self._wrong(f"`,` or `{closing}` is expected here.")
            if found and self._take(closing):
                break
            if len(found) == VALUES:
                raise self._wrong(f"There are more than {VALUES} values.")
            found.append(self._literal())
        return tuple(found)

    def _literal(self) -> Literal:
        token = self._next
        start, end, query = token.start, token.end, self._query
        if token.kind == "text":
            self._at += 1
            return Literal("text", text_of(token, query), start, end)
        if token.kind != "word":
            raise self._wrong("A value is expected here.")
        self._at += 1
        if self._next.text == "(" and self._next.start == end:
            return self._ago(token)
        if token.keyword in {"true", "false"}:
            return Literal("boolean", token.keyword == "true", start, end)
        if token.keyword == "null":
            return Literal("null", None, start, end)
        if (number := number_of(token, query)) is not None:
            return Literal("number", number, start, end)
        if (seconds := duration_of(token.text)) is not None:
            return Literal("duration", seconds, start, end)
        raise QueryError(f"{token.text} is no value.", query, start, end, f'A text stands in quotes: "{token.text}".')

    def _ago(self, name: Token) -> Literal:
        if name.keyword != "ago":
            hint = did_you_mean(name.keyword, ["ago"]) or "There is only ago, as in ago(7d)."
            raise QueryError(f"There is no function {name.text}.", self._query, name.start, name.end, hint)
        self._at += 1
        seconds = duration_of(self._next.text)
        if seconds is None:
            raise self._wrong("ago wants a duration such as 7d or 1h30m.")
        self._at += 1
        closing = self._take(")")
        if closing is None:
            raise self._wrong("`)` is expected here.")
        return Literal("ago", seconds, name.start, closing.end)


_TESTS: Final = "Such as ==, <, in, contains, matches, exists or missing."
