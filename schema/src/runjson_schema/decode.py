"""From the bytes of a run file to its fold, with the place of whatever is wrong (SPEC section 3)."""

from __future__ import annotations

import gc
import hashlib
import io
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias, TypeVar

import msgspec

from runjson_schema.careful import Unreadable, careful
from runjson_schema.files import Object
from runjson_schema.findings import Finding, Pointer, Report, finding, refuse
from runjson_schema.fold import Fold
from runjson_schema.kind import FileKind, told_apart
from runjson_schema.places import locate
from runjson_schema.placing import Held, placed
from runjson_schema.records import DocumentRecord, PointsLine, Series, StreamRecord
from runjson_schema.text import glued, mended, scan
from runjson_schema.twice import colons, suspicious
from runjson_schema.wording import shown

# Says what is wrong with the shape of a record, and gives the record without the members at fault.
Explain: TypeAlias = Callable[[Object], tuple[list[Finding], Object]]
# Called with the place of each file and the file; gives what is wrong with it.
OnFile: TypeAlias = Callable[[Pointer, Object], Iterable[Finding]]
# Says of a file without the word runjson which other program's it is, given its first record.
Recognise: TypeAlias = Callable[[bytes, FileKind, str], Finding | None]
# Asked of each finding: whether it is one of so many that it is counted, and neither placed nor told.
Enough: TypeAlias = Callable[[Finding], bool]
BOM: Final = b"\xef\xbb\xbf"
# Half a megabyte of lines at a time: their records stay in the cache.
_BLOCK: Final = 1 << 19
# A document is held whole while it is decoded; a stream of the same run is not.
LARGEST_DOCUMENT: Final = 2_000_000_000
R = TypeVar("R")
# A fold hands its points over when so many wait.
BATCH: Final = 1 << 18

_document: Final = msgspec.json.Decoder(DocumentRecord)
_line: Final = msgspec.json.Decoder(StreamRecord)
_points: Final = msgspec.json.Decoder(PointsLine[Series])
_NUMBER: Final = msgspec.Raw(b"0")
_encoder: Final = msgspec.json.Encoder()


class RunFile:
    """One run file while it is read.

    Attributes:
        name: its name, which may say that it is a stream.
        kind: document or stream; set when reading begins.
        fold: the fold of what was read.
        torn: how many torn lines were skipped.
        read: how many bytes of a stream were read, up to behind its last whole line; 0 for a document.
    """

    def __init__(
        self,
        source: BinaryIO,
        name: str,
        report: Report = refuse,
        *,
        lenient: bool = False,
        explain: Explain | None = None,
        recognise: Recognise | None = None,
        on_file: OnFile | None = None,
        enough: Enough | None = None,
    ) -> None:
        self.name = name
        self.kind: FileKind = "document"
        self.torn = 0
        self.read = 0
        self._source = source
        self._report = report
        self._line = 1  # of the record that is being added, or of the first of a block
        self._text = b""  # of that record, to look a place up
        self._block = b""  # of lines that are being added at once, and the index of the one at hand
        self._index = 0
        self._sha256 = hashlib.sha256()
        self._faulty = False
        self._lenient = lenient
        self._explainer = explain
        self._recognise = recognise
        self._on_file = on_file
        self._enough = enough
        self._held: list[Held] = []  # what was found since the last places were looked up
        self.fold = Fold(self._tell, lenient=lenient, on_file=self._file)

    @property
    def prefix(self) -> str:
        """The SHA-256 of what was read of a stream."""
        return self._sha256.hexdigest()

    def batches(self) -> Iterator[None]:
        """Read the file; whenever this yields, the fold holds a bounded number of points, for the caller to take.

        Raises:
            Refused: for the first error, unless the report collects.
        """
        first = self._source.read(_BLOCK)
        if first.startswith(BOM):
            first = first[len(BOM) :]
            self._sha256.update(BOM)
            self.read = len(BOM)
        if any(first.startswith(mark) for mark in (b"\xff\xfe", b"\xfe\xff")) or (
            first[1:2] == b"\0" and first[:1] != b"\0"
        ):
            hint = "PowerShell: Out-File -Encoding utf8."
            self._tell(finding("RJ001", "the file is UTF-16, not UTF-8", None, hint, fixable=True))
            self._flush()
            return
        head, self.kind = told_apart(first, self._source.read, self.name, _BLOCK, LARGEST_DOCUMENT)
        if self._recognise and b'"runjson"' not in head and (what := self._recognise(head, self.kind, self.name)):
            self._text = head
            self._tell(what)
            self._flush()
            return
        if self.kind == "stream":
            yield from self._stream(head)
        else:
            with _no_collection():
                self._read_document(head)
            self._flush()
            yield
        if not self.fold.records and not self._faulty:
            self._text = b""
            hint = 'The smallest run: {"runjson": "1.0", "series": {"loss": [0.9, 0.5]}}'
            self._tell(finding("RJ014", "the file holds no record", None, hint))
            self._flush()

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
        if self._on_file:
            for what in self._on_file(at, file):
                self._tell(what)

    # -- documents ---------------------------------------------------------------------------------------------------

    def _read_document(self, head: bytes) -> None:
        more = self._source.read(max(LARGEST_DOCUMENT - len(head), 0))
        data = head + more if more else head
        if len(data) > LARGEST_DOCUMENT or self._source.read(1):
            hint = "Write a run of this size as a stream, or turn it into one with `runjson split`."
            self._tell(finding("RJ016", f"a document of more than {LARGEST_DOCUMENT:,} bytes", None, hint))
            return
        if not data.strip():
            return
        self._text = data
        held: list[Finding] = []
        fold = Fold(held.append, lenient=self._lenient, on_file=lambda *file: files.append(file))
        files: list[tuple[Pointer, Object]] = []
        try:
            record = _document.decode(data)
            fold.add(record)
            if isinstance(record.series, dict):
                record.series = dict.fromkeys(record.series, _NUMBER)
            if suspicious(data, colons(record) + fold.colons):
                raise msgspec.DecodeError("perhaps a name twice")
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            self._carefully(data)
            return
        self.fold = fold
        for what in held:
            self._tell(what)
        for at, file in files:
            self._file(at, file)

    # -- streams -----------------------------------------------------------------------------------------------------

    def _stream(self, head: bytes) -> Iterator[None]:
        parts = [head]
        while True:
            more = self._source.read(_BLOCK)
            if more and b"\n" not in more:  # a long line: joined once it is whole
                parts.append(more)
                continue
            text = b"".join(parts)
            end = len(text) if not more else text.rfind(b"\n") + 1
            if end:
                yield from self._lines(text[:end], last=not more)
            if not more:
                yield
                return
            parts = [text[end:], more]

    def _lines(self, block: bytes, *, last: bool) -> Iterator[None]:
        with _no_collection():
            added = self._all_at_once(block)
        if not added:
            yield from self._one_by_one(block, last=last)
        elif self.fold.waiting >= BATCH:
            yield

    def _all_at_once(self, block: bytes) -> bool:
        """Add lines that a typed decoder takes; says False, and adds none, if there is one that it does not take."""
        try:
            if self.fold.records and (points := _decoded(_points, block)) is not None:
                self._add(block, self.fold.add_points(points))
            elif (records := _decoded(_line, block)) is not None:
                self._first_needs_id(records[0] if records else None, block)
                self._add(block, self.fold.add_lines(records))
            else:
                return False
            self._flush()
        finally:
            self._block = b""
        self._line += block.count(b"\n")
        self._taken(block)
        return True

    def _add(self, block: bytes, adding: Iterator[int]) -> None:
        self._block = block
        for index in adding:
            self._index = index

    def _first_needs_id(self, record: Any, text: bytes) -> None:
        if self.fold.records == 0 and record is not None and not isinstance(record.id, str):
            stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(self.name).name.split(".")[0]).strip("-._") or "run"
            hint = f'For example "id": "{stem}-1"; another one for each run.'
            message = "a stream needs an id in its first line, or it would be another run after each line it grows by"
            self._text = text
            self._tell(finding("RJ110", message, (), hint))

    def _one_by_one(self, block: bytes, *, last: bool) -> Iterator[None]:
        offset = skip = 0
        while offset < len(block):
            end = block.find(b"\n", offset) + 1 or len(block)
            line = block[offset:end]
            self._text = line.rstrip(b"\n")
            taken = True
            if skip:
                skip -= 1
            elif line.strip():
                skip = self._lines_of_one_record(block, offset)
                if not skip:
                    taken = self._one_line(self._text, unended=last and not line.endswith(b"\n"))
            self._flush()
            if taken:
                self._taken(line)
            self._line += line.endswith(b"\n")
            offset = end
            if self.fold.waiting >= BATCH:
                yield

    def _lines_of_one_record(self, block: bytes, offset: int) -> int:
        """Tell of a record that goes on over several lines; says how many lines behind the first belong to it."""
        if not scan(self._text, _ignore).torn:
            return 0
        result = scan(block, _ignore, start=offset)
        more = block.count(b"\n", offset, result.end)
        if not result.whole or not more or block[result.end :].partition(b"\n")[0].strip():
            return 0
        message = f"the record goes on over {more + 1} lines; in a stream a record is one line"
        hint = "jq -c . makes one line of each record."
        self._tell_at(finding("RJ012", message, None, hint, fixable=True), 0, len(self._text))
        return more

    def _one_line(self, line: bytes, *, unended: bool) -> bool:
        """Add one line; says whether it counts as read, which a torn line that may still grow does not."""
        try:
            record = _line.decode(line)
            if suspicious(line, colons(record)):
                raise msgspec.DecodeError("perhaps a name twice")
            self._first_needs_id(record, line)
            self.fold.add(record)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return self._carefully(line) or not unended
        return True

    def _taken(self, text: bytes) -> None:
        self.read += len(text)
        self._sha256.update(text)

    # -- whatever the fast path refused ------------------------------------------------------------------------------

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
        faults: list[tuple[Finding, int, int]] = []
        result = scan(text, lambda *fault: faults.append(fault))
        if result.torn and self.kind == "stream":
            self._torn_line(text)
            return False
        second = glued(text) if self.kind == "stream" and not result.whole else None
        if second is not None and scan(text[:second], _ignore).torn:
            column = len(text[:second].decode("utf-8", "replace")) + 1
            fact = f"half a record, then a new one on the same line (column {column}): killed and restarted"
            self._tell_at(finding("RJ003", fact, None, _LINE_BREAK, fixable=True), second, len(text.rstrip()))
            return True
        for fault in faults:
            self._tell_at(*fault)
        if result.torn:
            hint = "Its writer was stopped; a stream (run.jsonl) keeps what was written until then."
            end = len(text.rstrip())
            self._tell_at(finding("RJ003", "the file ends inside its object", None, hint), end, end)
            return True
        behind = text[result.end :].strip()
        if result.whole and behind:
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
        begin = len(text) - len(text.lstrip())
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


_LINE_BREAK: Final = "A writer that appends to an old file writes a line break first."


def _ignore(*_: object) -> None:
    """What is wrong is told elsewhere."""


def _lines(block: bytes, first: int) -> list[tuple[int, bytes]]:
    """The number and the text of each line of a block that is not blank."""
    return [(number, line) for number, line in enumerate(block.split(b"\n"), first) if line.strip()]


def _decoded(decoder: msgspec.json.Decoder[R], block: bytes) -> list[R] | None:
    """The records of lines; None if there is one that this decoder does not take, or that needs a closer look.

    The decoder takes any white space between records, and any in them. A brace, a line break and a brace can stand only
    between two records: where they do between all, and no other line break is left, each record has its line.
    """
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    try:
        records = decoder.decode_lines(block)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    between = len(records) - 1
    if block.count(b"}\n{") != between or block.count(b"\n") != between + block.endswith(b"\n"):
        return None
    return None if suspicious(block, _encoder.encode_lines(records).count(b":")) else records


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pause the cyclic garbage collector: records are trees, and it would look at each of them again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def fold_bytes(data: bytes, name: str = "run.json", report: Report = refuse, *, lenient: bool = False) -> RunFile:
    """Read the bytes of a run file to the end; its `fold` then holds all of it."""
    file = RunFile(io.BytesIO(data), name, report, lenient=lenient)
    for _ in file.batches():
        pass
    return file


def fold_file(path: Path, report: Report = refuse, *, lenient: bool = False) -> RunFile:
    """Read a run file to the end; its `fold` then holds all of it."""
    with path.open("rb") as source:
        file = RunFile(source, path.name, report, lenient=lenient)
        for _ in file.batches():
            pass
    return file
