"""Repairing run files: what is mechanical is mended, the rest is kept byte for byte, and all of it or nothing written.

A stream is read and written line by line, so that its length does not matter.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from runjson_schema.decode import BOM, LARGEST_DOCUMENT
from runjson_schema.entries import EARLIEST, LATEST
from runjson_schema.kind import told_apart
from runjson_schema.places import entries, members
from runjson_schema.records import PointsLine
from runjson_schema.slow import ZERO
from runjson_schema.text import SPACE, glued, scan

from runjson_validator.repair import repair
from runjson_validator.repair_points import Null
from runjson_validator.report import Report
from runjson_validator.validation import validate

_BLOCK: Final = 1 << 19
_BREAKS: Final = re.compile(rb"[ \t\r]*\n[ \t\r\n]*")
_plain_line: Final = msgspec.json.Decoder(PointsLine[float])


@dataclass(slots=True)
class Change:
    """Lines that were changed.

    Attributes:
        line: of the first, counted from 1.
        before: what stood there, without the last line break.
        after: what stands there now; None if nothing does.
    """

    line: int
    before: bytes
    after: bytes | None


@dataclass(slots=True)
class Fixed:
    """What became of a file.

    Attributes:
        done: how often each repair was made, by its code.
        report: what is left to say of the file as it would be written.
        written: whether it was written.
    """

    done: dict[str, int] = field(default_factory=dict)
    report: Report | None = None
    written: bool = False

    @property
    def whole(self) -> bool:
        """Whether no error is left."""
        return self.report is not None and self.report.valid

    def count(self, code: str, number: int = 1) -> None:
        """Count repairs."""
        self.done[code] = self.done.get(code, 0) + number


def fix(path: Path, *, null: Null = None, write: bool = True, changes: list[Change] | None = None) -> Fixed:
    """Repair a run file in its place.

    Args:
        path: of the file; a link is followed.
        null: what a point that is null is to become; None to leave it.
        write: whether the file is replaced, if it was changed and no error is left.
        changes: where what was changed is put, if that is asked for.

    Returns:
        What was done, and what is left to do by hand: with an error left, nothing is written.

    Raises:
        OSError: the file can not be read or written.
    """
    path = path.resolve()
    result = Fixed()
    with path.open("rb") as source:
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name[:100]}.", suffix=".tmp", dir=path.parent if write else None
        )
        place = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                for before, after, line in _repaired(source, path, null, result):
                    target.write(after)
                    if changes is not None and before != after:
                        changes.append(Change(line, before.rstrip(b"\n"), after.rstrip(b"\n") if after else None))
                target.flush()
                os.fsync(target.fileno())
            with place.open("rb") as mended:
                result.report = validate(mended, name=path.name)
            if result.done and result.whole and write:
                shutil.copymode(path, place)
                place.replace(path)
                result.written = True
        finally:
            with contextlib.suppress(FileNotFoundError):
                place.unlink()
    return result


def _repaired(source: BinaryIO, path: Path, null: Null, result: Fixed) -> Iterator[tuple[bytes, bytes, int]]:
    """The parts of a file as they were and as they are to be, with their lines."""
    first = source.read(_BLOCK)
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = first + source.read()
        try:
            text = data.decode("utf-16").encode()
        except UnicodeDecodeError:
            yield data, data, 1
            return
        result.count("RJ001")
        yield data, b"".join(after for _, after, _ in _of_text(text, path, null, result)), 1
        return
    if first.startswith(BOM):
        yield BOM, BOM, 1
        first = first[len(BOM) :]
    head, kind = told_apart(first, source.read, path.name, _BLOCK, LARGEST_DOCUMENT)
    if kind == "document":
        text = head + source.read()
        yield text, _document(text, path, null, result), 1
    else:
        yield from _stream(_lines(head, source), null, result)


def _of_text(text: bytes, path: Path, null: Null, result: Fixed) -> Iterator[tuple[bytes, bytes, int]]:
    head, kind = told_apart(text, lambda _: b"", path.name, _BLOCK, LARGEST_DOCUMENT)
    if kind == "document":
        yield head, _document(head, path, null, result), 1
    else:
        yield from _stream(_split(head), null, result)


def _document(text: bytes, path: Path, null: Null, result: Fixed) -> bytes:
    text = _without_zeros(text, result)
    begin = len(text) - len(text.lstrip(SPACE))
    if text[begin : begin + 1] == b"[":
        return _array(text, begin, path, null, result)
    mended = repair(text, null)
    for code, number in mended.done.items():
        result.count(code, number)
    return mended.text


def _without_zeros(text: bytes, result: Fixed) -> bytes:
    """A text without the bytes of value 0 at its end, which a file system leaves when the power fails."""
    if text.endswith(ZERO):
        result.count("RJ003")
    return text.rstrip(ZERO)


def _array(text: bytes, begin: int, path: Path, null: Null, result: Fixed) -> bytes:
    """The records of an array, one a line; the first gets an id, made of name and content, if it has none."""
    mended = [repair(text[start:end], null) for start, end in _entries_of(text, begin)]
    records = [_on_one_line(one.text) for one in mended]
    if not records or not all(one.startswith(b"{") for one in records) or b'"runjson"' not in records[0]:
        return text
    for one in mended:
        for code, number in one.done.items():
            result.count(code, number)
    result.count("RJ013")
    first = {member.name for member in members(records[0], 0)}
    if len(records) > 1 and "id" not in first:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", path.name.partition(".")[0]).strip("-._") or "run"
        name = f"{stem[:100]}-{hashlib.sha256(text).hexdigest()[:8]}"
        records[0] = b'{"id": "%b", ' % name.encode() + records[0][1:].lstrip(SPACE)
    return b"\n".join(records) + b"\n"


def _entries_of(text: bytes, begin: int) -> list[tuple[int, int]]:
    """The entries of an array that is whole; misspelled numbers in them do no harm."""
    found = scan(text, lambda *_: None)
    if not found.whole or text[found.end :].strip(SPACE):
        return []
    return list(entries(text, begin))


def _on_one_line(text: bytes) -> bytes:
    """A record without its line breaks; a text of JSON holds none, so each stands between two tokens."""
    return _BREAKS.sub(b" ", text.strip(SPACE))


def _split(text: bytes) -> Iterator[bytes]:
    """The lines of a text with their line breaks; a carriage return alone ends none."""
    return iter(re.findall(rb"[^\n]*\n|[^\n]+\Z", text))


def _lines(head: bytes, source: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream of which the head was read."""
    *whole, last = [*_split(head)] or [b""]
    whole = [*whole, last] if last.endswith(b"\n") else whole
    yield from whole
    rest = b"" if last.endswith(b"\n") else last
    yield from filter(None, [rest + source.readline()])
    yield from source


def _stream(lines: Iterator[bytes], null: Null, result: Fixed) -> Iterator[tuple[bytes, bytes, int]]:
    number = 1
    ahead: list[bytes] = []
    while True:
        line = ahead.pop(0) if ahead else next(lines, b"")
        if not line:
            return
        taken = [line]
        if not _is_plain(line) and line.strip(SPACE) and (more := _rest_of_record(line, lines, ahead)):
            taken += ahead[:more]
            del ahead[:more]
            whole = b"".join(taken)
            result.count("RJ012")
            after = _line(_on_one_line(whole), null, result) + b"\n"
            yield whole, after, number
        else:
            end = line[len(line.rstrip(b"\r\n")) :]
            after = line if _is_plain(line) else _line(line.rstrip(b"\r\n"), null, result) + end
            yield line, after, number
        number += len(taken)


def _is_plain(line: bytes) -> bool:
    """Whether a line is finite points alone, with a time in its bounds, as most lines of a stream are."""
    try:
        record = _plain_line.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return not isinstance(record.time, float) or EARLIEST <= record.time <= LATEST


def _rest_of_record(line: bytes, lines: Iterator[bytes], ahead: list[bytes], most: int = 10_000) -> int:
    """How many lines behind this one belong to the same record; they are read ahead."""
    if not scan(line.rstrip(b"\r\n"), lambda *_: None).torn:
        return 0
    text = line
    for count in range(1, most):
        while len(ahead) < count:
            if not (more := next(lines, b"")):
                return 0
            ahead.append(more)
        begins_anew = ahead[count - 1].lstrip(SPACE).startswith(b'{"runjson"')
        text += ahead[count - 1]
        # Most records on several lines end with a brace on a line of its own; a scan at each line would be slow.
        if begins_anew:
            return 0
        if b"}" in ahead[count - 1]:
            found = scan(text, lambda *_: None)
            if found.whole:
                return count if not text[found.end :].strip(SPACE) else 0
            if not found.torn:
                return 0
    return 0


def _line(line: bytes, null: Null, result: Fixed) -> bytes:
    line = _without_zeros(line, result)
    found = scan(line, lambda *_: None)
    if not found.whole and (second := glued(line)) is not None and scan(line[:second], lambda *_: None).torn:
        result.count("RJ003")
        line = line[second:]
    elif found.torn:
        return line  # half a line, which readers skip
    mended = repair(line, null)
    for code, number in mended.done.items():
        result.count(code, number)
    return mended.text
