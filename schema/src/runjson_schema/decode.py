"""From the bytes of a run file to its fold, with the place of whatever is wrong (SPEC section 3)."""

from __future__ import annotations

import gc
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias, TypeVar

import msgspec

from runjson_schema.careful import Unreadable, careful
from runjson_schema.files import Object
from runjson_schema.findings import Finding, Pointer, Report, finding, refuse
from runjson_schema.fold import Fold
from runjson_schema.kind import FileKind, told_apart
from runjson_schema.records import DocumentRecord, PointsLine, Series, StreamRecord
from runjson_schema.text import Place, Scan, line_and_column, scan
from runjson_schema.twice import colons, suspicious

# Says what is wrong with the shape of a record, and gives the record without the members at fault.
Explain: TypeAlias = Callable[[Object], tuple[list[Finding], Object]]
# Called with the place of each file and the file; gives what is wrong with it.
OnFile: TypeAlias = Callable[[Pointer, Object], Iterable[Finding]]
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
        on_file: OnFile | None = None,
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
        self._on_file = on_file
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
            self._tell(finding("RJ001", "the file is UTF-16, not UTF-8.", None, hint))
            return
        head, self.kind = told_apart(first, self._source.read, self.name, _BLOCK, LARGEST_DOCUMENT)
        if self.kind == "stream":
            yield from self._stream(head)
        else:
            with _no_collection():
                self._read_document(head)
            yield
        if not self.fold.records and not self._faulty:
            self._text = b""
            self._tell(finding("RJ014", "the file holds no record.", None, 'The smallest run: {"runjson": "1.0"}'))

    def _tell(self, what: Finding) -> None:
        self._report_placed(what if what.line is not None else self._placed(what))

    def _report_placed(self, what: Finding) -> None:
        self._faulty = self._faulty or what.severity == "error"
        self._report(what)

    def _placed(self, what: Finding) -> Finding:
        text, first = self._text, self._line
        if self._block:
            offset, text = _nth_line(self._block, self._index)
            first += self._block.count(b"\n", 0, offset)
        if not text:
            return what
        place: Place | None = None
        pointer = what.pointer or ()
        while what.pointer is not None and place is None:
            place = scan(text, lambda *_: None, [pointer]).places.get(pointer)
            if not pointer:
                break
            pointer = pointer[:-1]
        named = what.code in {"RJ105", "RJ108"}
        line, column = line_and_column(text, 0 if place is None else place.name if named else place.value)
        return replace(what, line=first + line - 1, column=column)

    def _file(self, at: Pointer, file: Object) -> None:
        if self._on_file:
            for what in self._on_file(at, file):
                self._tell(what)

    def _tell_at(self, what: Finding, offset: int) -> None:
        line, column = line_and_column(self._text, offset)
        self._report_placed(replace(what, line=self._line + line - 1, column=column))

    # -- documents ---------------------------------------------------------------------------------------------------

    def _read_document(self, head: bytes) -> None:
        more = self._source.read(max(LARGEST_DOCUMENT - len(head), 0))
        data = head + more if more else head
        if len(data) > LARGEST_DOCUMENT or self._source.read(1):
            hint = "Write a run of this size as a stream, or turn it into one with `runjson split`."
            self._tell(finding("RJ016", f"a document of more than {LARGEST_DOCUMENT:,} bytes.", None, hint))
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
            message = "a stream needs an id in its first line, or it would be another run after each line it grows by."
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
            if taken:
                self._taken(line)
            self._line += line.endswith(b"\n")
            offset = end
            if self.fold.waiting >= BATCH:
                yield

    def _lines_of_one_record(self, block: bytes, offset: int) -> int:
        """Tell of a record that goes on over several lines; says how many lines behind the first belong to it."""
        if not scan(self._text, lambda *_: None).torn:
            return 0
        result = scan(block, lambda *_: None, start=offset)
        more = block.count(b"\n", offset, result.end)
        if not result.whole or not more or block[result.end :].partition(b"\n")[0].strip():
            return 0
        message = f"the record goes on over {more + 1} lines; in a stream a record is one line."
        self._tell_at(finding("RJ012", message, None, "jq -c . makes one line of each record."), 0)
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
        if not trusted and self._explain_text(text).end < 0:
            return True
        if self.kind == "stream":
            self._first_needs_id(record, text)
        try:
            self.fold.add(record, unknown)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as again:
            return self._explain(text, Unreadable(str(again)))
        return True

    def _explain_text(self, text: bytes) -> Scan:
        found: list[int] = []

        def tell(what: Finding, offset: int) -> None:
            found.append(offset)
            self._tell_at(what, offset)

        result = scan(text, tell)
        if found:
            result.end = -1
        return result

    def _explain(self, text: bytes, unreadable: Unreadable) -> bool:
        faults: list[tuple[Finding, int]] = []
        result = scan(text, lambda what, offset: faults.append((what, offset)))
        if result.torn and self.kind == "stream":
            self.torn += 1
            message = f"half a line ({len(text)} bytes), as when a writer is killed; skipped."
            self._tell_at(finding("RJ010", message), 0)
            return False
        for fault, offset in faults:
            self._tell_at(fault, offset)
        if result.torn:
            hint = "Its writer was stopped; a stream (run.jsonl) keeps what was written until then."
            self._tell_at(finding("RJ003", "the file ends inside its object.", None, hint), len(text.rstrip()))
            return True
        behind = text[result.end :].strip()
        if result.whole and behind:
            self._behind(text, result, behind)
        elif not result.whole:
            pass
        elif not isinstance(result.tree, dict):
            what = f"an array of {len(result.tree)} entries" if isinstance(result.tree, list) else "no object"
            hint = 'One record a line, without the array: jq -c ".[]" run.json > run.jsonl.'
            self._tell_at(finding("RJ013", f"the record is {what}; expected an object.", (), hint), 0)
        elif self._explainer:
            self._explain_shape(result.tree, told=bool(faults))
        elif not faults:
            hint = "`runjson validate` explains it."
            self._tell(finding("RJ106", f"not a record: {unreadable}.", unreadable.pointer, hint))
        return True

    def _explain_shape(self, tree: Object, *, told: bool) -> None:
        """Tell what is wrong with the shape of a record, and fold the rest of it so that no fault hides another."""
        if self._explainer is None:
            return
        findings, rest = self._explainer(tree)
        for what in findings:
            self._tell(what)
        if not findings and not told:
            self._tell(finding("RJ106", "not a record.", ()))
        try:
            record, unknown, _ = careful(json.dumps(rest).encode())
            if self.kind == "stream":
                self._first_needs_id(record, self._text)
            self.fold.add(record, unknown)
        except (Unreadable, msgspec.DecodeError):
            return

    def _behind(self, text: bytes, result: Scan, behind: bytes) -> None:
        at = text.index(behind, result.end)
        message = "something stands behind the whole record on its line."
        hint = "One record a line; a writer that appends to an old file writes a line break first."
        if self.kind == "document":
            message, hint = "something stands behind the record.", "A document is one object; one a line is a stream."
        self._tell_at(finding("RJ011", message, None, hint), at)


def _nth_line(block: bytes, index: int) -> tuple[int, bytes]:
    """The offset and the text of the record of that index, blank lines left out of the count."""
    offset = 0
    for line in block.split(b"\n"):
        if line.strip():
            if index == 0:
                return offset, line
            index -= 1
        offset += len(line) + 1
    return 0, block


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
