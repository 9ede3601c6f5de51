"""Telling documents and streams apart (SPEC 3.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import msgspec

from runjson_schema import grammar
from runjson_schema.text import SPACE, scan

FileKind: TypeAlias = Literal["document", "stream"]
_STREAM_NAME: Final = re.compile(r"\.(jsonl|ndjson)\Z", re.IGNORECASE)


def told_apart(first: bytes, read: Callable[[int], bytes], name: str, block: int, most: int) -> tuple[bytes, FileKind]:
    """Whether a run file is a document or a stream.

    Args:
        first: its beginning.
        read: reads at most so many bytes more.
        name: its name, which may say that it is a stream.
        block: how many bytes are read at a time.
        most: of how many bytes a document is at most.

    Returns:
        What was read of it so far, `first` included, and its kind.
    """
    head = _to_the_end_of_a_line(first, read, block, most)
    named = bool(_STREAM_NAME.search(name))
    text = head.lstrip(SPACE)
    if not named and b"\n" not in text:
        return head, "document"  # a file of one line, whole or not
    line, _, rest = text.partition(b"\n")
    if not line:
        return head, "document"
    if _is_whole(line):
        if named or rest.strip(SPACE):
            return head, "stream"
        more = _to_text(read, block)
        return head + more, "stream" if more.strip(SPACE) else "document"
    if not named or (not scan(head, _ignore).torn and not _is_one_object(head)):
        return head, "stream" if named else "document"
    # The name says stream, and the first line is not whole: a document only if the file is one object as a whole.
    head += read(max(most - len(head), 0))
    return head, "document" if _is_one_object(head) else "stream"


def _to_the_end_of_a_line(first: bytes, read: Callable[[int], bytes], block: int, most: int) -> bytes:
    """All up to the end of the block in which the first line that is not blank ends."""
    parts, seen = [first], bool(first.strip(SPACE))
    size, newline = len(first), b"\n" in first.lstrip(SPACE)
    while not (seen and newline) and size <= most and (more := read(max(block, size))):
        parts.append(more)
        newline = b"\n" in (more if seen else more.lstrip(SPACE))
        seen = seen or bool(more.strip(SPACE))
        size += len(more)
    return b"".join(parts)


def _to_text(read: Callable[[int], bytes], block: int) -> bytes:
    """What follows, up to the end of the block in which something stands that is not white space."""
    parts = []
    while more := read(block):
        parts.append(more)
        if more.strip(SPACE):
            break
    return b"".join(parts)


def _is_one_object(text: bytes) -> bool:
    """Whether a text is one object by the grammar alone, or would be if its numbers were spelled rightly."""
    if grammar.shape(text) == "whole":
        return True
    result = scan(text, _ignore)
    return result.whole and isinstance(result.tree, dict) and not text[result.end :].strip(SPACE)


def _ignore(*_: object) -> None:
    """Faults are told when the file is read."""


def _is_whole(line: bytes) -> bool:
    """Whether a line begins with an object that ends on it, whatever stands inside or behind it."""
    if not line.lstrip(SPACE).startswith(b"{"):
        return False
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        pass
    else:
        return True
    depth = 0
    for token in re.finditer(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', line):
        mark = token[0]
        if mark in b"{[":
            depth += 1
        elif mark in b"}]":
            depth -= 1
            if depth <= 0:
                return True
    return False
