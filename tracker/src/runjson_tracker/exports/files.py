"""Runs as run files, each beside the images and artifacts that it names: uploaded again, they are the same runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from runjson_schema.names import EDITS

from runjson_tracker.exports.places import Exported

if TYPE_CHECKING:
    from runjson_tracker.read import RunView
    from runjson_tracker.reading.interface import Form, Reading, Source
    from runjson_tracker.sources import StoredFile

_PIECE: Final = 1 << 20


def export_runs(tracker: Reading, views: Sequence[RunView], place: Path, form: Form = "json") -> Iterator[str]:
    """Write runs into a folder, or into an archive if its name ends in .zip.

    A run of one source has the folder `PROJECT/ID`; each of several sources has a folder of its own in it. A document
    without an id stays a document, since it is known by its content.

    Args:
        tracker: of the runs.
        views: the runs.
        place: the folder or archive.
        form: whether documents or streams.

    Yields:
        What could not be kept, a sentence each.

    Raises:
        FileExistsError: the folder holds such a run already.
        OSError: it can not be written.
    """
    with Exported(place) as exported:
        for view in views:
            home = PurePosixPath(*view.project.split("/"), view.id)
            taken: set[str] = set()
            for source in view.sources:
                folder = home
                if len(view.sources) > 1:
                    folder = home / _folder(source, taken)
                said = form_of(source, form)
                exported.write(folder / f"run.{said}", tracker.run_file(view.project, view.id, source, said))
                for told in _files(tracker, view, source, folder, exported):
                    yield f"{view.project}/{view.id}: {told}"


def form_of(source: Source, wanted: Form) -> Form:
    """What a source is written as: a document where it has no id, since a stream needs one."""
    return wanted if "id" in source.record else "json"


def _folder(source: Source, taken: set[str]) -> str:
    """A folder's name for a writer; file systems may take upper and lower case for the same."""
    name = {"": "run", EDITS: "edits"}.get(source.writer, source.writer)
    while name.lower() in taken:
        name += "-"
    taken.add(name.lower())
    return name


def _files(tracker: Reading, view: RunView, source: Source, folder: PurePosixPath, exported: Exported) -> Iterator[str]:
    written: dict[str, StoredFile] = {}
    for one in source.files:
        if not one.path:
            continue  # its bytes stand in the run file
        if one.path in written:
            if written[one.path].sha256 != one.sha256:
                yield f'the file "{one.path}" of {one.kind} "{one.name}" has other bytes than that of another point'
            continue
        written[one.path] = one
        with tracker.open_file(view.project, view.id, source.writer, one) as opened:
            exported.write(folder / one.path, iter(lambda: opened.read(_PIECE), b""))
