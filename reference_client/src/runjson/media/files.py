"""The files of a run: images, artifacts and tables, written below its folder (SPEC section 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from runjson.media.images import encoded
from runjson.media.places import Places
from runjson.media.sources import copy_file, copy_folder, digest_of, files_below, regular, sources
from runjson.media.tables import write_table


class Files:
    """What one writer of a run puts below the folder of the run. Any number of threads may use it.

    No path is used twice, also when the run goes on later: what was recorded under a path stays there.

    Args:
        folder: of the run file.
        writer: of this part of the run; its files have a folder of their own.
    """

    def __init__(self, folder: Path, writer: str | None) -> None:
        own = (writer,) if writer is not None else ()
        self._folder = folder
        self._images = Places(folder.joinpath("images", *own), shared=True)
        self._artifacts = Places(folder.joinpath("artifacts", *own), shared=False)

    def image(self, name: str, image: Any) -> dict[str, Any]:
        """Write an image to `images/<name>-<n>.png`, or with the extension that its format has.

        Args:
            name: of the series.
            image: what `runjson.media.images.encoded` takes.

        Returns:
            The file: `path`, `media_type`, and `width` and `height` in pixels where they are known.

        Raises:
            TypeError: the image is nothing that is taken.
            ValueError: its shape or its values are none of an image.
            OSError: it can not be read or written.
        """
        picture = encoded(image)
        with self._images.numbered(name, picture.extension) as (path, file):
            file.write(picture.data)
        found = {"path": self._path(path), "media_type": picture.media_type}
        return found if picture.size is None else {**found, "width": picture.size[0], "height": picture.size[1]}

    def artifacts(self, path_or_pattern: str, name: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Copy a file, a folder, or what a pattern matches, to `artifacts/<name>`, or `artifacts/<name>-2` ...

        A copy appears under its name when it is whole. Links are followed. A folder is one artifact.

        Args:
            path_or_pattern: see `runjson.media.sources.sources`.
            name: of the artifact, or what begins the names of several; by default that of the file or folder.

        Yields:
            The name of an artifact, and its file: `path`, and for a single file `bytes` and `sha256`.

        Raises:
            FileNotFoundError: there is nothing, or a link leads nowhere.
            ValueError: something is no file, such as a pipe.
            OSError: it can not be read or written.
        """
        for named, source in sources(path_or_pattern, name, self._folder):
            yield named, self._folder_copy(named, source) if source.is_dir() else self._file_copy(named, source)

    def _folder_copy(self, name: str, source: Path) -> dict[str, Any]:
        return {
            "path": self._path(self._artifacts.new(name, lambda place: copy_folder(source, place, self._folder))),
        }

    def _file_copy(self, name: str, source: Path) -> dict[str, Any]:
        regular(source)
        facts: list[tuple[int, str]] = []
        path = self._artifacts.new(name, lambda place: facts.append(copy_file(source, place)))
        return {"path": self._path(path), "bytes": facts[0][0], "sha256": facts[0][1]}

    def tracked(self, path_or_pattern: str, name: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Say where files are, without a copy.

        Args:
            path_or_pattern: see `runjson.media.sources.sources`; of a folder, each file below it.
            name: see `artifacts`.

        Yields:
            The name of an artifact, and its file: `uri`, `bytes` and `sha256`.

        Raises:
            FileNotFoundError: there is nothing, or a link leads nowhere.
            ValueError: something is no file, such as a pipe.
            OSError: it can not be read.
        """
        for named, source in sources(path_or_pattern, name, self._folder):
            if source.is_dir():
                found = [(f"{named}/{below}", path) for below, path in files_below(source, self._folder)]
            else:
                found = [(named, source)]
            for each, path in found:
                size, digest = digest_of(path)
                yield each, {"uri": path.as_uri(), "bytes": size, "sha256": digest}

    def table(
        self, name: str, table: Any, columns: Sequence[str] | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:  # fmt: skip
        """Write a table to `artifacts/<name>.csv`, or `artifacts/<name>-2.csv` ...

        Args:
            name: of the artifact.
            table: what `runjson.media.tables.write_table` takes.
            columns: the names of the cells, or which ones are kept.

        Returns:
            The file, and its metadata as in CONVENTIONS: `kind`, `rows` and `columns`.

        Raises:
            TypeError: the table is nothing that is taken.
            ValueError: there are no columns, or a row is not as long as they are.
            OSError: it can not be written.
        """
        metadata: dict[str, Any] = {"kind": "table"}
        file: dict[str, Any] = {"media_type": "text/csv"}

        def write(place: Path) -> None:
            written = write_table(place, table, columns)
            metadata.update(rows=written.rows, columns=written.columns)
            file.update(bytes=written.bytes, sha256=written.sha256)

        path = self._artifacts.new(name, write, ".csv")
        return {"path": self._path(path), **file}, metadata

    def _path(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()
