"""What reading a run file does with findings, which get their places, and with records that are not plain."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from runjson_schema.careful import Unreadable, careful
from runjson_schema.files import Object
from runjson_schema.findings import Finding, Pointer, Report, finding
from runjson_schema.fold import Fold
from runjson_schema.kind import FileKind
from runjson_schema.places import locate
from runjson_schema.placing import Held, placed
from runjson_schema.text import SPACE, glued, mended, scan
from runjson_schema.wording import shown

# Says what is wrong with the shape of a record, and gives the record without the members at fault.
Explain: TypeAlias = Callable[[Object], tuple[list[Finding], Object]]
# Called with the place of each file and the file; gives what is wrong with it.
OnFile: TypeAlias = Callable[[Pointer, Object], Iterable[Finding]]
# Asked of each finding: whether it is one of so many that it is counted, and neither placed nor told.
Enough: TypeAlias = Callable[[Finding], bool]
# Faults after which a text is no JSON, wherever it ends.
_NO_JSON: Final = frozenset({"RJ001", "RJ003", "RJ004", "RJ005"})
ZERO: Final = b"\0"
_LINE_BREAK: Final = "A writer that appends to an old file writes a line break first."


class SlowPath:
    """A run file while it is read: its fold, and what was found in it.

    Attributes:
        name: its name, which may say that it is a stream.
        kind: document or stream.
        fold: the fold of what was read.
        torn: how many torn lines were skipped.
    """

    def __init__(
        self,
        name: str,
        report: Report,
        *,
        lenient: bool = False,
        explain: Explain | None = None,
        on_file: OnFile | None = None,
        enough: Enough | None = None,
    ) -> None:
        self.name = name
        self.kind: FileKind = "document"
        self.torn = 0
        self._report = report
        self._line = 1  # of the record that is being added, or of the first of a block
        self._text = b""  # of that record, to look a place up
        self._block = b""  # of lines that are being added at once, and the index of the one at hand
        self._index = 0
        self._faulty = False
        self._lenient = lenient
        self._explainer = explain
        self._on_file = on_file
        self._enough = enough
        # The artifacts that were named, by name, and where: checked at the end, if the fold still names them.
        self._artifacts: dict[str, tuple[Pointer, Object, bytes, int]] = {}
        self._resuming = False  # whether the fold begins with that of earlier records
        self._held: list[Held] = []  # what was found since the last places were looked up
        self.fold = Fold(self._tell, lenient=lenient, on_file=self._file)

    # -- findings ----------------------------------------------------------------------------------------------------

    def _tell(self, what: Finding) -> None:
        self._hold(Held(what, None, self._text, self._line, self._index if self._block else None))

    def _tell_at(self, what: Finding, start: int, end: int) -> None:
        self._hold(Held(what, (start, end), self._text, self._line, None))

    def _hold(self, held: Held) -> None:
        self._faulty = self._faulty or held.what.severity == "error"
        if self._enough is None or not self._enough(held.what):
            self._held.append(held)

    def _flush(self) -> None:
        """Look the places of what was found up, record by record, and tell it in the order of the text."""
        held, self._held = self._held, []
        if any(one.index is not None for one in held):
            lines = _lines(self._block, self._line)
            for one in held:
                if one.index is not None:
                    one.line, one.text = lines[one.index]
        for (line, _), together in itertools.groupby(held, lambda one: (one.line, id(one.text))):
            for what in placed(list(together), line):
                self._report(what)

    def _file(self, at: Pointer, file: Object) -> None:
        if not self._on_file:
            return
        if at[0] == "artifacts" and not self._resuming:
            line, text = self._line, self._text
            if self._block:
                line, text = _lines(self._block, self._line)[self._index]
            self._artifacts[str(at[1])] = (at, file, text, line)
            return
        for what in self._on_file(at, file):
            self._tell(what)

    def _check_artifacts(self) -> None:
        """Check the files of those artifacts that the fold names: an older file of one may be gone (SPEC 7.1)."""
        named, self._artifacts = self._artifacts, {}
        if self._on_file is None:
            return
        for name, (at, file, text, line) in named.items():
            if self.fold.artifact(name) is file:
                for what in self._on_file(at, file):
                    self._hold(Held(what, None, text, line, None))

    # -- records that are not plain ----------------------------------------------------------------------------------

    def _first_needs_id(self, record: Any, text: bytes) -> None:
        if self.fold.records == 0 and record is not None and not isinstance(record.id, str):
            stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(self.name).name.split(".")[0]).strip("-._") or "run"
            hint = f'For example "id": "{stem}-1"; another one for each run.'
            message = "a stream needs an id in its first line, or it would be another run after each line it grows by"
            self._text = text
            self._tell(finding("RJ110", message, (), hint))

    def _carefully(self, text: bytes) -> bool:
        """Add a record that the typed decoder did not take; says False if the line is torn."""
        try:
            record, unknown, trusted = careful(text)
        except Unreadable as unreadable:
            return self._explain(text, unreadable)
        if not trusted and self._explain_text(text):
            return True
        if self.kind == "stream":
            self._first_needs_id(record, text)
        try:
            self.fold.add(record, unknown)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as again:
            return self._explain(text, Unreadable(str(again)))
        return True

    def _explain_text(self, text: bytes) -> bool:
        """Tell the faults of a text; says whether there is one."""
        found: list[Finding] = []

        def tell(what: Finding, start: int, end: int) -> None:
            found.append(what)
            self._tell_at(what, start, end)

        scan(text, tell)
        return bool(found)

    def _explain(self, text: bytes, unreadable: Unreadable) -> bool:
        if text.endswith(ZERO):
            return self._without_zeros(text)
        faults: list[tuple[Finding, int, int]] = []
        result = scan(text, lambda *fault: faults.append(fault))
        if result.torn and self.kind == "stream":
            self._torn_line(text)
            return False
        second = glued(text) if self.kind == "stream" and not result.whole else None
        if second is not None and scan(text[:second], ignore).torn:
            column = len(text[:second].decode("utf-8", "replace")) + 1
            fact = f"half a record, then a new one on the same line (column {column}): killed and restarted"
            self._tell_at(finding("RJ003", fact, None, _LINE_BREAK, fixable=True), second, len(text.rstrip(SPACE)))
            return True
        for fault in faults:
            self._tell_at(*fault)
        if result.ended and not any(what.code in _NO_JSON for what, *_ in faults):
            if self.kind == "stream":
                message, hint = "the line ends inside its value", "A record is one JSON object."
                self._tell_at(finding("RJ003", message, None, hint), len(text), len(text))
                return True
            hint = "Its writer was stopped; a stream (run.jsonl) keeps what was written until then."
            end = len(text.rstrip(SPACE))
            self._tell_at(finding("RJ003", "the file ends inside its object", None, hint), end, end)
            return True
        behind = text[result.end :].strip(SPACE)
        if result.whole and behind and not isinstance(result.tree, dict):
            at = text.index(behind, result.end)
            message = "something stands behind a value that is no record"
            self._tell_at(finding("RJ003", message, None, "A record is one JSON object."), at, at + len(behind))
        elif result.whole and behind:
            self._behind(text, result.end, behind)
        elif not result.whole:
            pass
        elif not isinstance(result.tree, dict):
            self._no_object(text, result.tree)
        elif faults and all(what.written is not None for what, *_ in faults) and self._as_it_was_meant(text, faults):
            pass
        elif self._explainer:
            self._explain_shape(result.tree, text, {start for _, start, _ in faults})
        elif not faults:
            hint = "`runjson validate` explains it."
            self._tell(finding("RJ106", f"not a record: {unreadable}", unreadable.pointer, hint))
        return True

    def _without_zeros(self, text: bytes) -> bool:
        """Tell of bytes of value 0 at the end, and read what stands before them."""
        kept = text.rstrip(ZERO)
        zeros = len(text) - len(kept)
        message = f"{zeros} bytes of value 0 at the end, which a file system leaves when the power fails"
        self._tell_at(finding("RJ003", message, None, "Take them away.", fixable=True), len(kept), len(text))
        if kept.strip(SPACE):
            self._carefully(kept)
        return True

    def _as_it_was_meant(self, text: bytes, faults: list[tuple[Finding, int, int]]) -> bool:
        """Add a record whose numbers are misspelled, and nothing else is wrong; says False if something else is."""
        try:
            record, unknown, trusted = careful(mended(text, faults))
        except Unreadable:
            return False
        if not trusted:
            return False
        if self.kind == "stream":
            self._first_needs_id(record, text)
        self.fold.add(record, unknown)
        return True

    def _torn_line(self, text: bytes) -> None:
        self.torn += 1
        message = f"half a line ({len(text)} bytes), as when a writer is killed; skipped"
        second = glued(text)
        if second is None:
            self._tell_at(finding("RJ010", message), 0, len(text))
        else:
            column = len(text[:second].decode("utf-8", "replace")) + 1
            message += f" with the whole record in it (column {column})"
            self._tell_at(finding("RJ010", message, None, _LINE_BREAK, fixable=True), second, len(text))

    def _no_object(self, text: bytes, tree: Any) -> None:  # Any: any JSON but an object
        what, hint, fixable = shown(tree), "A record is one JSON object.", False
        if isinstance(tree, list):
            records = all(isinstance(one, dict) for one in tree) and bool(tree)
            what = f"an array of {len(tree)} {'records' if records else 'entries'}"
            name = self.name or "run.json"
            hint = f'One record a line, without the array: jq -c ".[]" {name} > {Path(name).stem}.jsonl.'
            fixable = self.kind == "document" and records and "runjson" in tree[0]
        begin = len(text) - len(text.lstrip(SPACE))
        self._tell_at(finding("RJ013", what, (), hint, expected="an object", fixable=fixable), begin, begin + 1)

    def _explain_shape(self, tree: Object, text: bytes, told: set[int]) -> None:
        """Tell what is wrong with the shape of a record, and fold the rest of it so that no fault hides another.

        Args:
            tree: the record, misspelled numbers read as they were meant.
            text: it was read from.
            told: where faults of the text stand, which are not told again as faults of the shape.
        """
        if self._explainer is None:
            return
        findings, rest = self._explainer(tree)
        if told:
            places = locate(text, [what.pointer for what in findings if what.pointer])
            findings = [
                what
                for what in findings
                if not what.pointer or what.pointer not in places or places[what.pointer].start not in told
            ]
        for what in findings:
            self._tell(what)
        try:
            record, unknown, _ = careful(json.dumps(rest).encode())
            if self.kind == "stream":
                self._first_needs_id(record, self._text)
            self.fold.add(record, unknown)
        except (Unreadable, msgspec.DecodeError):
            if not findings and not told:
                self._tell(finding("RJ106", "not a record", ()))

    def _behind(self, text: bytes, end: int, behind: bytes) -> None:
        at = text.index(behind, end)
        message, hint = "something stands behind the whole record on its line", "One record a line. " + _LINE_BREAK
        if self.kind == "document":
            message, hint = "something stands behind the record", "A document is one object; one a line is a stream."
        self._tell_at(finding("RJ011", message, None, hint), at, at + len(behind))
        if self.kind == "stream" and self.fold.records == 0:
            self._carefully(text[:end])  # so that the next record is not taken for the first


def ignore(*_: object) -> None:
    """What is wrong is told elsewhere."""


def _lines(block: bytes, first: int) -> list[tuple[int, bytes]]:
    """The number and the text of each line of a block that is not blank."""
    return [(number, line) for number, line in enumerate(block.split(b"\n"), first) if line.strip(SPACE)]
