"""Runs as run files, each beside the images and artifacts that it names: uploaded again, they are the same runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from runjson_schema.names import EDITS

from runjson_tracker.exports.canonical import document, stream
from runjson_tracker.exports.places import Exported

if TYPE_CHECKING:
    from runjson_tracker.read import RunView
    from runjson_tracker.sources import StoredFile, TrackedSource
    from runjson_tracker.store import Store

_PIECE: Final = 1 << 20
Form: TypeAlias = Literal["json", "jsonl"]


def export_runs(store: Store, views: Sequence[RunView], place: Path, form: Form = "json") -> Iterator[str]:
    """Write runs into a folder, or into an archive if its name ends in .zip.

    A run of one source has the folder `PROJECT/ID`; each of several sources has a folder of its own in it. A document
    without an id stays a document, since it is known by its content.

    Args:
        store: of the runs.
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
                is_stream = form == "jsonl" and "id" in source.record
                text = stream(source) if is_stream else document(source)
                exported.write(folder / ("run.jsonl" if is_stream else "run.json"), text)
                for told in _files(store, source, folder, exported):
                    yield f"{view.project}/{view.id}: {told}"


def text_of(source: TrackedSource, form: Form) -> Iterator[bytes]:
    """One source as the text of a run file."""
    return stream(source) if form == "jsonl" else document(source)


def _folder(source: TrackedSource, taken: set[str]) -> str:
    """A folder's name for a writer; file systems may take upper and lower case for the same."""
    name = {"": "run", EDITS: "edits"}.get(source.writer, source.writer)
    while name.lower() in taken:
        name += "-"
    taken.add(name.lower())
    return name


def _files(store: Store, source: TrackedSource, folder: PurePosixPath, exported: Exported) -> Iterator[str]:
    written: dict[str, StoredFile] = {}
    for one in source.files:
        if not one.path:
            continue  # its bytes stand in the run file
        if one.path in written:
            if written[one.path].sha256 != one.sha256:
                yield f'the file "{one.path}" of {one.kind} "{one.name}" has other bytes than that of another point'
            continue
        written[one.path] = one
        with store.blobs.open(one.sha256) as opened:
            exported.write(folder / one.path, iter(lambda: opened.read(_PIECE), b""))
