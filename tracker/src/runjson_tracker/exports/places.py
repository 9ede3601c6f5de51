"""Where exported files go: a folder, or a ZIP archive."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self


@contextmanager
def written(place: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when it is whole; one that is there stays until then."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with draft.open("wb") as opened:
            yield opened
        draft.replace(place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


class Exported:
    """A folder or an archive that is written; an archive appears under its name when it is whole.

    Args:
        place: the folder, or the archive if its name ends in .zip.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._draft: Path | None = None
        self._archive: zipfile.ZipFile | None = None

    def __enter__(self) -> Self:
        if self._place.suffix.lower() == ".zip":
            self._draft = self._place.with_name(f".{self._place.name}.{os.getpid()}")
            self._archive = zipfile.ZipFile(self._draft, "w", zipfile.ZIP_DEFLATED)
        else:
            self._place.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._archive is None or self._draft is None:
            return
        self._archive.close()
        if kind is None:
            self._draft.replace(self._place)
        else:
            self._draft.unlink(missing_ok=True)

    def write(self, path: PurePosixPath, pieces: Iterable[bytes]) -> None:
        """Write a file; its folders are made.

        Raises:
            FileExistsError: the folder has such a file already.
        """
        if self._archive is not None:
            about = zipfile.ZipInfo(str(path), time.localtime()[:6])
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            with self._archive.open(about, "w", force_zip64=True) as opened:
                for piece in pieces:
                    opened.write(piece)
            return
        target = self._place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as opened_file:
            for piece in pieces:
                opened_file.write(piece)
