"""The files of a run as Python has them: images and artifacts."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from runjson_schema.wording import counted

from runjson_tracker.errors import RunMissing
from runjson_tracker.reading.placing import Download, Place, chosen
from runjson_tracker.reading.values import plain

if TYPE_CHECKING:
    from runjson_tracker.reading.held import Held


class File:
    """A file of a run: an image, or an artifact's file.

    Attributes:
        name: as the run says.
        media_type: as the run says; None where it does not.
        sha256: of its bytes, and `size` how many; None for a `uri`, which is recorded and never fetched.
        uri: where it is, of a file that the tracker does not hold.
        metadata: what the run says beside it.
    """

    def __init__(self, name: str, said: dict[str, Any], held: Held | None) -> None:
        self._held = held
        self._said = said
        self.name = name
        self.path: str | None = said.get("path")
        self.uri: str | None = said.get("uri")
        self.media_type: str | None = said.get("media_type")
        self.sha256 = held.sha256 if held else None
        self.size = held.size if held else None
        self.metadata: dict[str, Any] = plain(said.get("metadata", {}))

    def open(self) -> IO[bytes]:
        """Open it to read it.

        Raises:
            RunMissing: the tracker does not hold it.
        """
        content = self.content
        return io.BytesIO(content) if isinstance(content, bytes) else content.open()

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            RunMissing: the tracker does not hold it.
        """
        with self.open() as opened:
            return opened.read()

    def download(self, place: Place = ".", *, replace: bool = False) -> Path:
        """Copy it to a file, or into a folder if `place` is one or ends in a slash.

        In a folder it has the last part of the name that the run file gives it, with `_` for a dot at the beginning.

        Args:
            place: the file, or the folder.
            replace: whether a file with other bytes that is there is replaced.

        Returns:
            Where it is now.

        Raises:
            FileThere: there is such a file, and `replace` is false.
            RunMissing: the tracker does not hold it.
        """
        found = self.plan(place)
        found.write(replace=replace)
        return found.place

    def plan(self, place: Place = ".") -> Download:
        """What `download` would write."""
        target = chosen(place, self.path or self.name)
        return Download(target, [(self.content, target)])

    @property
    def content(self) -> Held | bytes:
        """Its bytes where the run file holds them, else what opens them.

        Raises:
            RunMissing: the tracker does not hold it.
        """
        if "data" in self._said:
            return base64.b64decode(self._said["data"])
        if self._held is None:
            raise RunMissing(f"{self.name} is not in the tracker: {self.uri or 'only its name was recorded'}.")
        return self._held

    def __repr__(self) -> str:
        size = f", {self.size:,} bytes" if self.size is not None else ""
        return f"<file {self.name}{size}>"


class Image(File):
    """An image point."""

    def __init__(self, said: dict[str, Any], held: Held | None) -> None:
        super().__init__(str(said.get("path") or said.get("uri") or "image"), said, held)
        self.description: str | None = said.get("description")

    def _repr_png_(self) -> bytes | None:
        return self.read() if self.media_type == "image/png" or str(self.path).endswith(".png") else None


class Artifact:
    """An artifact: one file, or a directory of several.

    Attributes:
        name: as the run says.
        files: by their path below the artifact; "" for the artifact that is one file.
        metadata: what the run says beside it.
    """

    def __init__(self, name: str, files: dict[str, File], said: dict[str, Any]) -> None:
        self.name = name
        self.files = files
        self.description: str | None = said.get("description")
        self.metadata: dict[str, Any] = plain(said.get("metadata", {}))

    @property
    def size(self) -> int:
        """The bytes of all of its files."""
        return sum(one.size or 0 for one in self.files.values())

    def read(self) -> bytes:
        """The bytes of an artifact that is one file.

        Raises:
            RunMissing: it is a directory, or not in the tracker.
        """
        return self._only().read()

    def download(self, place: Place = ".", *, replace: bool = False) -> Path:
        """Copy it to a file or into a folder; a directory becomes a folder with its files.

        In a folder it has the last part of the name that the run file gives it, with `_` for a dot at the beginning.

        Args:
            place: the file, or the folder.
            replace: whether files with other bytes that are there are replaced.

        Returns:
            Where it is now.

        Raises:
            FileThere: there is such a file, and `replace` is false. Of a directory no file was written then.
            RunMissing: the tracker does not hold it.
        """
        found = self.plan(place)
        found.write(replace=replace)
        return found.place

    def plan(self, place: Place = ".") -> Download:
        """What `download` would write."""
        if "" in self.files:
            return self._only().plan(place)
        folder = chosen(place, self.name)
        return Download(folder, [(one.content, folder / below) for below, one in self.files.items()])

    def _only(self) -> File:
        if "" not in self.files:
            raise RunMissing(
                f"{self.name} is a directory of {counted(len(self.files), 'file')}: {', '.join(list(self.files)[:5])}."
            )
        return self.files[""]

    def __repr__(self) -> str:
        count = "" if "" in self.files else f"{counted(len(self.files), 'file')}, "
        return f"<artifact {self.name}: {count}{self.size:,} bytes>"
