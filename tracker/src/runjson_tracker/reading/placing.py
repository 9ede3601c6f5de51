"""Where downloaded files go. What a run file names is a stranger's word: it replaces nothing that is there."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, TypeAlias

from runjson_tracker.blobs import digest_of
from runjson_tracker.errors import FileThere, StoreError

if TYPE_CHECKING:
    from runjson_tracker.reading.held import Held

Place: TypeAlias = str | os.PathLike[str]
_PIECE: Final = 1 << 20


def chosen(place: Place, name: str) -> Path:
    """What a place means: itself, or if it is a folder or ends in a slash, something of this name in it.

    Args:
        place: as the user gives it.
        name: as the run file gives it, perhaps a path. Its last part counts, and a dot at the beginning becomes `_`, so
            that no hidden file, which a shell or another program may read by itself, comes from a stranger.
    """
    target = Path(place)
    if not target.is_dir() and not os.fspath(place).endswith("/"):
        return target
    last = PurePosixPath(name).name
    return target / (f"_{last[1:]}" if last.startswith(".") else last)


@dataclass(frozen=True, slots=True)
class Download:
    """What is to be written.

    Attributes:
        place: the file or the folder.
        copies: the files, each with its bytes, or what opens them, and its place.
    """

    place: Path
    copies: Sequence[tuple[Held | bytes, Path]]

    def write(self, *, replace: bool) -> int:
        """Write what is not there yet; says how many files that were.

        Args:
            replace: whether files with other bytes are replaced.

        Raises:
            FileThere: there is one, and `replace` is false. Nothing was written.
            StoreError: a folder is where a file is to be.
        """
        wanted = [(source, target) for source, target in self.copies if not _holds(target, source)]
        for _, target in wanted:
            if target.is_dir():
                raise StoreError(f"{target} is a folder, and a file is to be written there: give another place.")
            if not replace and os.path.lexists(target) and not _takes_all(target):
                raise FileThere(target)
        for source, target in wanted:
            _copy(source, target)
        return len(wanted)


def _holds(target: Path, source: Held | bytes) -> bool:
    if not target.is_file():
        return False
    size = len(source) if isinstance(source, bytes) else source.size
    digest = digest_of(source) if isinstance(source, bytes) else source.sha256
    return target.stat().st_size == size and digest_of(target) == digest


def _takes_all(target: Path) -> bool:
    """Whether a place is a device such as /dev/stdout, or a pipe: what is written there replaces nothing."""
    return target.is_char_device() or target.is_fifo()


def _copy(source: Held | bytes, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    new = not os.path.lexists(target)
    # Exclusive: nothing that came meanwhile is replaced either.
    with (
        io.BytesIO(source) if isinstance(source, bytes) else source.open() as bytes_in,
        target.open("xb" if new else "wb") as bytes_out,
    ):
        try:
            shutil.copyfileobj(bytes_in, bytes_out, _PIECE)
        except BaseException:
            if new:
                target.unlink()  # half a file would be in the way of the next try
            raise
