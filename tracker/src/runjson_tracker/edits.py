"""What people change in a tracked run: records of the writer `~` (SPEC 9.3), which no upload of the run touches."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runjson_schema.careful import Unreadable
from runjson_schema.findings import Refused
from runjson_schema.fold import Fold
from runjson_schema.names import EDITS
from runjson_schema.sources import merged

from runjson_tracker.blobs import Blob
from runjson_tracker.errors import RunMissing, SourceChanged, StoreError

if TYPE_CHECKING:
    from runjson_tracker.sources import Record
    from runjson_tracker.store import Store

# How often an edit is tried again because another one came between.
_TRIES: Final = 20
# Before the second time it waits so many seconds at most, before later ones longer.
_PAUSE: Final = 0.005


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that an edit brings.

    Attributes:
        kind: whether an image's or an artifact's.
        name: of the image series, or of the artifact.
        path: the path that the record gives it.
        media_type: as the record gives it.
        source: where its bytes are, or these, or a blob that the store has already.
    """

    kind: str
    name: str
    path: str
    media_type: str | None
    source: Path | bytes | Blob


class EditRefused(StoreError):
    """An edit that the format does not allow; the text says what is wrong with it."""


def edit(store: Store, project: str, run: str, record: Mapping[str, Any], attached: Sequence[Attached] = ()) -> None:
    """Add a record to what people changed in a run.

    Args:
        store: that tracks the run.
        project: of the run.
        run: its id.
        record: as a line of a stream gives it; its parameters stay those of the run.
        attached: the files that its images and artifacts name.

    Raises:
        RunMissing: there is no such run.
        EditRefused: the record is not valid.
        StoreError: the store can not be written.
    """
    if "parameters" in record:
        raise EditRefused("Parameters stay what they were when the run was made; set a property instead.")
    for tried in range(_TRIES):
        try:
            return _edit(store, project, run, record, attached)
        except SourceChanged:
            # Those who wait equally long meet again.
            time.sleep(random.uniform(0, _PAUSE * min(2**tried, 64)))  # noqa: S311  nothing secret
    raise StoreError(f"Other edits of {project}/{run} came between again and again; try again.")


def _edit(store: Store, project: str, run: str, record: Mapping[str, Any], attached: Sequence[Attached]) -> None:
    said = store.records(project, run)
    if not said:
        raise RunMissing(f'There is no run "{run}" in the project "{project}". `runjson runs` lists what there is.')
    tracked = store.source(project, run, EDITS)
    fold = Fold()
    try:
        fold.add_tree(dict(tracked.record) if tracked else _first(next(iter(said.values())), run))
        fold.add_tree({name: value for name, value in record.items() if value is not None})
    except (Refused, Unreadable) as refused:
        raise EditRefused(str(refused)) from None
    with store.ingest(project, run, EDITS, tracked) as ingest:
        indices: dict[str, int] = {}
        for kind, name, points in list(fold.take_points()):
            if kind == "images":
                indices[name] = tracked.counts.get((kind, name), 0) if tracked else 0
            ingest.append(kind, name, points)
        for one in attached:
            index = None
            if one.kind == "images":
                index = indices[one.name]
                indices[one.name] += 1
            ingest.add_file(
                "images" if one.kind == "images" else "artifacts",
                one.name,
                index,
                one.path,
                one.media_type,
                one.source,
            )
        # An edit is no sign of the writers' life.
        ingest.commit(fold.record(), "", "document", None, None, merged, heard=0.0)


def _first(of_run: Record, run: str) -> Record:
    """The record that a source of edits begins with; its project is said if the run's is."""
    identity = {"project": of_run["project"]} if "project" in of_run else {}
    return {"runjson": "1.0", **identity, "id": run, "writer": EDITS}
