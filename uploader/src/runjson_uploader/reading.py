"""A stream that is read up to somewhere, while it is followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from runjson_schema.decode import Past, RunFile
from runjson_schema.findings import Finding, refuse
from runjson_schema.text import SPACE
from runjson_validator.shape import explain

from runjson_uploader.attached import InFolder, Latest
from runjson_uploader.resume import Identity

if TYPE_CHECKING:
    from runjson_tracker.store import TrackedSource

# Of what stood right before the place that was read up to, so much is kept: if it is another, the past was changed.
_TAIL: Final = 64


@dataclass(slots=True)
class Reading:
    """A stream that was read up to somewhere, and its source as that much of it is tracked.

    Attributes:
        file: the stream, and its fold.
        said: which source it says that it is.
        tracked: that source; None if it is not tracked yet.
        tail: the last bytes that were read.
        artifacts: the names of those that lines named since the last commit.
    """

    file: RunFile
    said: Identity
    tracked: TrackedSource | None
    tail: bytes = b""
    artifacts: set[str] = field(default_factory=set)


def opened(source: BinaryIO, path: Path, said: Identity, tracked: TrackedSource | None, past: Past | None) -> Reading:
    """Begin to read a stream, at its beginning or behind its past.

    Args:
        source: the stream, which stands there.
        path: of it.
        said: which source it says that it is.
        tracked: that source, if it is tracked.
        past: what was read before.
    """
    latest = Latest(InFolder(path.parent), begun=past is None)
    file = RunFile(source, path.name, refuse, explain=explain, on_file=latest.check, past=past)
    latest.begun = True
    return Reading(file, said, tracked, tail(source, file.read), latest.artifacts)


def tail(source: BinaryIO, read: int) -> bytes:
    """The last of the first `read` bytes of a stream."""
    source.seek(max(read - _TAIL, 0))
    return source.read(min(read, _TAIL))


def has_a_line(source: BinaryIO) -> bool:
    """Whether the first line that is not blank has an end."""
    source.seek(0)
    return any(line.strip(SPACE) and line.endswith(b"\n") for line in source)


def has_more(source: BinaryIO) -> bool:
    """Whether something stands behind the first line, of which `source` was just read."""
    return any(line.strip(SPACE) for line in source)


def words(path: Path, what: Finding) -> list[str]:
    """An error as `runjson validate` tells it."""
    from runjson_validator.collect import Collector  # noqa: PLC0415  loaded for an error
    from runjson_validator.formats.text import text_lines  # noqa: PLC0415

    collector = Collector()
    collector.enough(what)
    collector(what)
    return list(text_lines(collector.report(str(path))))
