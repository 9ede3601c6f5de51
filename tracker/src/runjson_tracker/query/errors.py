"""What is wrong with a question, and where in its text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class QueryError(Exception):
    """A question that cannot be answered.

    Attributes:
        message: one sentence on what is wrong.
        query: the text in which it is wrong: a filter, or one sort key, column or other field.
        start: where the fault begins in it, as an index of characters.
        end: behind its last character; equal to `start` where something is missing.
        hint: the next step; empty if there is none.
        unknown: the parts of a field's name of which nobody knows what they mean; empty for other faults.
    """

    def __init__(
        self, message: str, query: str, start: int, end: int, hint: str = "", unknown: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.query = query
        self.start = start
        self.end = end
        self.hint = hint
        self.unknown = unknown

    def pointed(self) -> str:
        """The line of the question that is at fault, and below it a line with carets under the fault."""
        begin = self.query.rfind("\n", 0, self.start) + 1
        line = self.query[begin:].partition("\n")[0]
        # What a terminal would act upon, or not show, would move the carets away from the fault.
        shown = "".join(char if char.isprintable() else " " for char in line)
        width = max(1, min(self.end, begin + len(line)) - self.start)
        return f"{shown}\n{' ' * (self.start - begin)}{'^' * width}"

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names what is most like a word; empty if nothing is."""
    like = difflib.get_close_matches(word, list(known), 1)
    return f"Did you mean {like[0]}?" if like else ""
