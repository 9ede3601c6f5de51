"""From the bytes of a run file to its fold, with the place of whatever is wrong (SPEC section 3)."""

from __future__ import annotations

import gc
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET

from runjson_schema.files import Object
from runjson_schema.findings import Finding, Pointer, Report, finding, refuse
from runjson_schema.fold import Fold
from runjson_schema.kind import FileKind, told_apart
from runjson_schema.records import DocumentRecord, PointsLine, Series, StreamRecord
from runjson_schema.slow import Enough, Explain, OnFile, SlowPath, ignore
from runjson_schema.text import SPACE, scan
from runjson_schema.twice import colons, suspicious

# Says of a file without the word runjson which other program's it is, given its beginning.
Recognise: TypeAlias = Callable[[bytes, FileKind], Finding | None]
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


class Digest(Protocol):
    """A SHA-256 of what was read so far."""

    def update(self, data: bytes, /) -> None:
        """Read more."""

    def hexdigest(self) -> str:
        """In lower-case hexadecimal."""

    def copy(self) -> Self:
        """One that goes on by itself."""


@dataclass(frozen=True, slots=True)
class Past:
    """What was read of a stream before, so that reading goes on behind it.

    Attributes:
        record: its fold, points aside.
        read: of how many bytes it is. Behind them a line begins, or nothing but white space is left of one.
        sha256: of these bytes.
        line: the number of the line that they end on, or that begins behind them.
    """

    record: Object
    read: int
    sha256: Digest
    line: int


class RunFile(SlowPath):
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
        past: Past | None = None,
        largest: int = LARGEST_DOCUMENT,
    ) -> None:
        """Begin to read `source`, which stands at its beginning, or behind its `past`.

        A document of more than `largest` bytes is an error, since all of it is held in memory.
        """
        super().__init__(name, report, lenient=lenient, explain=explain, on_file=on_file, enough=enough)
        self.read = 0
        self._source = source
        self._sha256: Digest = hashlib.sha256()
        self._recognise = recognise
        self._largest = min(largest, LARGEST_DOCUMENT)
        self._resumed = past is not None
        if past is not None:
            self.kind = "stream"
            self.read, self._line, self._sha256 = past.read, past.line, past.sha256.copy()
            self._resuming = True
            self.fold.resume(past.record)
            self._resuming = False

    @property
    def prefix(self) -> str:
        """The SHA-256 of what was read of a stream."""
        return self._sha256.hexdigest()

    def batches(self) -> Iterator[None]:
        """Read the file; whenever this yields, the fold holds a bounded number of points, for the caller to take.

        Raises:
            Refused: for the first error, unless the report collects.
        """
        if self._resumed:
            self._flush()
            yield from self._stream(b"")
            return
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
        head, self.kind = told_apart(first, self._source.read, self.name, _BLOCK, self._largest)
        if self.kind == "stream":
            if not self._is_foreign(head):
                yield from self._stream(head)
        else:
            with _no_collection():
                self._read_document(head)
            self._check_artifacts()
            self._flush()
            yield
        if not self.fold.records and not self._faulty:
            self._text = b""
            hint = 'The smallest run: {"runjson": "1.0", "series": {"loss": [0.9, 0.5]}}'
            self._tell(finding("RJ014", "the file holds no record", None, hint))
            self._flush()

    def more(self, source: BinaryIO, most: int) -> Iterator[None]:
        """Read on in a stream that grows, until its end or until whole lines of `most` bytes or more were read.

        What is no whole line yet is left, and no warning is told of it.

        Args:
            source: the stream, which stands behind the `read` bytes that were read.
            most: of how many bytes lines are read at least, if there are so many.

        Raises:
            Refused: for the first error, unless the report collects. The fold is of no use then.
        """
        self.kind, self._source = "stream", source
        head = b"" if self.read else source.read(len(BOM))
        if head == BOM:
            self._taken(head)
            head = b""
        yield from self._stream(head, most=most)

    def _is_foreign(self, text: bytes) -> bool:
        """Tell of the file of another program; says whether it is one."""
        if self._recognise is None or b'"runjson"' in text:
            return False
        what = self._recognise(text, self.kind)
        if what is None:
            return False
        self._text = text
        self._tell(what)
        self._flush()
        return True

    # -- documents ---------------------------------------------------------------------------------------------------

    def _read_document(self, head: bytes) -> None:
        more = self._source.read(max(self._largest - len(head), 0))
        data = head + more if more else head
        if len(data) > self._largest or self._source.read(1):
            hint = "Write a run of this size as a stream, or turn it into one with `runjson split`."
            self._tell(finding("RJ016", f"a document of more than {self._largest:,} bytes", None, hint))
            return
        if not data.strip(SPACE) or self._is_foreign(data):
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

    def _stream(self, head: bytes, most: int | None = None) -> Iterator[None]:
        parts, begun = [head], self.read
        while True:
            more = self._source.read(_BLOCK)
            if more and b"\n" not in more:  # a long line: joined once it is whole
                parts.append(more)
                continue
            text = b"".join(parts)
            end = len(text) if not more else text.rfind(b"\n") + 1
            if most is not None and not more and self._is_torn(text):
                end = text.rfind(b"\n") + 1
            if end:
                yield from self._lines(text[:end], last=not more)
            if not more or (most is not None and self.read - begun >= most):
                self._check_artifacts()
                self._flush()
                yield
                return
            parts = [text[end:], more]

    def _is_torn(self, text: bytes) -> bool:
        """Whether the last line has no end yet, and its record neither."""
        line = text[text.rfind(b"\n") + 1 :]
        return bool(line.strip(SPACE)) and scan(line, ignore).torn

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
            if self.fold.records and (points := _decoded(_points, block, _least_colons)) is not None:
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

    def _one_by_one(self, block: bytes, *, last: bool) -> Iterator[None]:
        offset = skip = 0
        while offset < len(block):
            end = block.find(b"\n", offset) + 1 or len(block)
            line = block[offset:end]
            self._text = line.removesuffix(b"\n").removesuffix(b"\r") if line.endswith(b"\n") else line
            taken = True
            if skip:
                skip -= 1
            elif line.strip(SPACE):
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
        if not self._text.lstrip(SPACE).startswith(b"{") or not scan(self._text, ignore).torn:
            return 0
        result = scan(block, ignore, start=offset)
        more = block.count(b"\n", offset, result.end)
        if not result.whole or not more or block[result.end :].partition(b"\n")[0].strip(SPACE):
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


def _decoded(
    decoder: msgspec.json.Decoder[R], block: bytes, least_colons: Callable[[list[R]], int] = lambda _: 0
) -> list[R] | None:  # fmt: skip
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
    # Where the least that they can have is all that there are, none is too many: to encode them takes much longer.
    surely_once = not suspicious(block, least_colons(records))
    return records if surely_once or not suspicious(block, _encoder.encode_lines(records).count(b":")) else None


def _least_colons(records: list[PointsLine[Series]]) -> int:
    """The colons of records without those in names, texts and columns."""
    found = 0
    for record in records:
        series = record.series
        if type(series) is dict:
            found += len(series)
        found += (record.step is not UNSET) + (record.time is not UNSET) + (series is not UNSET)
    return found


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
