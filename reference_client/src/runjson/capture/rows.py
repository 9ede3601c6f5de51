"""What a terminal would show in the end of what is printed, row by row."""

from __future__ import annotations

import re

# Characters that one point holds; a longer line becomes several.
LONGEST = 64 << 10
# Seconds that a row stays open behind the cursor, in output that goes up again.
_OPEN = 0.5
_MOVES = re.compile("\r|\n|\b+|\x1b\\[\\d*[ABJK]")
_TORN = re.compile("\x1b(?:\\[\\d{0,4})?\\Z")


class _Row:
    __slots__ = ("back", "rewritten", "text", "time")

    def __init__(self, time: float) -> None:
        self.text = ""
        self.time = time
        self.back = 0  # so many characters the cursor stands before the end
        self.rewritten = False

    def put(self, text: str, time: float) -> None:
        self.text = (self.text[: len(self.text) - self.back] if self.back else self.text) + text
        self.back = 0
        self.time = time


class Rows:
    """Makes lines of the output of one stream.

    A carriage return, backspaces, and the sequences that progress bars move the cursor with (`ESC [ n A`, up; `B`,
    down; `K` and `J`, erase) are obeyed, so that a bar's last state alone is left. All other escape sequences, such
    as colours, stay in the text as they are.
    """

    def __init__(self) -> None:
        self._rows: list[_Row] = []
        self._at = 0
        self._rest = ""
        self._moved = False

    @property
    def empty(self) -> bool:
        """Whether nothing waits to be ended."""
        return not self._rows and not self._rest and self._at == 0

    def feed(self, text: str, time: float) -> None:
        """Take what was printed, at a time in seconds since 1970."""
        if self._rest:
            text, self._rest = self._rest + text, ""
        torn = _TORN.search(text) if "\x1b" in text else None
        if torn:
            text, self._rest = text[: torn.start()], torn[0]
        place = 0
        for found in _MOVES.finditer(text):
            if found.start() > place:
                self._row(time).put(text[place : found.start()], time)
            place = found.end()
            self._move(found[0], time)
        if place < len(text):
            self._row(time).put(text[place:], time)

    def take(self, now: float, *, last: bool = False) -> list[tuple[float, str]]:
        """The lines that are done, with their times.

        Args:
            now: in seconds since 1970.
            last: whether nothing more comes: then what stands in a line that was not ended is a line, too.
        """
        done = len(self._rows) if last else min(self._at, len(self._rows))
        found: list[tuple[float, str]] = []
        taken = 0
        for row in self._rows[:done]:
            if self._moved and not last and now - row.time < _OPEN:
                break
            taken += 1
            text = row.text.rstrip(" ") if row.rewritten else row.text
            if text or row.back or taken <= self._at:
                found += [(row.time, text[start : start + LONGEST]) for start in range(0, max(1, len(text)), LONGEST)]
        del self._rows[:taken]
        self._at -= min(taken, self._at)
        if self._rows and not last and self._at == 0:
            found += self._cut(self._rows[0])
        return found

    def _cut(self, row: _Row) -> list[tuple[float, str]]:
        """What is too long of a line that is not ended yet."""
        found = []
        while len(row.text) > LONGEST and not row.rewritten:
            found.append((row.time, row.text[:LONGEST]))
            row.text = row.text[LONGEST:]
        return found

    def _row(self, time: float) -> _Row:
        while len(self._rows) <= self._at:
            self._rows.append(_Row(time))
        return self._rows[self._at]

    def _move(self, sequence: str, time: float) -> None:
        kind = sequence[-1]
        if kind == "\n":
            self._row(time).time = time
            self._at += 1
            if self._moved and self._at < len(self._rows):
                self._rows[self._at].back = len(self._rows[self._at].text)
        elif kind == "\r":
            row = self._row(time)
            row.rewritten = row.rewritten or bool(row.text)
            row.back = len(row.text)
        elif kind == "\b":
            row = self._row(time)
            row.rewritten = True
            row.back = min(len(row.text), row.back + len(sequence))
        elif kind in {"A", "B"}:
            count = int(sequence[2:-1] or 1)
            self._moved = True
            # Rows that are done already are not had back: the highest that is open is as far as it goes up.
            self._at = max(0, self._at - count) if kind == "A" else min(self._at + count, len(self._rows))
        else:  # erase
            row = self._row(time)
            row.text = "" if sequence[2:-1] == "2" else row.text[: len(row.text) - row.back]
            row.back, row.rewritten = 0, True
            if kind == "J":
                del self._rows[self._at + 1 :]
