"""How an offered file stands to the source that is tracked: what is new, and what may not have changed (SPEC 9.2)."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
from runjson_schema.files import Object
from runjson_schema.points import Floats, Kind, Points
from runjson_schema.sources import lost
from runjson_schema.wording import counted
from runjson_tracker.blobs import digest_of

from runjson_uploader.attached import Attached, Bytes

if TYPE_CHECKING:
    from runjson_tracker.store import TrackedSource

Answer: TypeAlias = Literal["new", "grown", "unchanged", "refused", "replaced", "trashed"]
# So many changes are told of a source that is refused, and so many warnings of a file.
TOLD: Final = 20


@dataclass(slots=True)
class NewFile:
    """A file that the store does not have yet.

    Attributes:
        kind: whether an image point's or an artifact's.
        name: of the image series, or of the artifact.
        index: of the image's point; None for an artifact.
        path: as the record gives it; empty for `data`.
        media_type: as the record gives it.
        source: where its bytes are, or these.
    """

    kind: Literal["images", "artifacts"]
    name: str
    index: int | None
    path: str
    media_type: str | None
    source: Bytes | bytes


@dataclass(slots=True)
class Comparison:
    """How the points and files of an offered file stand to those that are tracked.

    Attributes:
        attached: the files that it names.
        tracked: the source before; None if it is new, or is not to be compared.
        counts: how many points were offered so far; it begins with those that are known to be the same.
        changes: what is not as it was, a line each.
        more: how many points are offered and not tracked.
        moved: whether an image has the same bytes and is described otherwise.
        new_files: what the store does not have.
    """

    attached: Attached
    tracked: TrackedSource | None
    counts: dict[tuple[Kind, str], int] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    more: int = 0
    moved: bool = False
    new_files: list[NewFile] = field(default_factory=list)

    def _change(self, text: str) -> None:
        if len(self.changes) < TOLD:
            self.changes.append(text)

    def points(self, kind: Kind, name: str, points: Points) -> Iterator[Points]:
        """Compare points with those tracked at their places, and yield those that lie behind them."""
        start = self.counts.get((kind, name), 0)
        self.counts[kind, name] = start + len(points)
        known = 0 if self.tracked is None else self.tracked.counts.get((kind, name), 0)
        overlap = min(max(known - start, 0), len(points))
        if overlap and self.tracked is not None:
            old = self.tracked.points(kind, name, start, start + overlap)
            place = _first_difference(kind, old, points[:overlap])
            self.moved = self.moved or (kind == "images" and old.values != points.values[:overlap])
            if place is not None:
                self._change(_told(kind, name, start + place, old[place : place + 1], points[place : place + 1]))
        if kind == "images":
            self._images(name, start, points, overlap)
        self.more += len(points) - overlap
        if overlap < len(points):
            yield points[overlap:]

    def _images(self, name: str, start: int, points: Points, overlap: int) -> None:
        digests = {}
        if self.tracked is not None and overlap:
            digests = {one.index: one.sha256 for one in self.tracked.files if one.kind == "images" and one.name == name}
        for place, image in enumerate(points.values):
            index = start + place
            source = self._bytes_of(image)
            if place < overlap and source is None and digests.get(index):
                self._change(f'images "{name}", point {index}: a file before, and now a uri')
            if source is None:
                continue
            if place >= overlap:
                self.new_files.append(
                    NewFile("images", name, index, image.get("path", ""), image.get("media_type"), source)
                )
            elif digests.get(index) != digest_of(source):
                shown = image.get("path") or "its data"
                self._change(f'images "{name}", point {index}: the bytes of {shown} changed')

    def artifacts(self, record: Object, only: Collection[str] | None = None) -> None:
        """Look for artifacts whose files the store does not have.

        Args:
            record: the fold that is offered.
            only: the names of those that are looked at; all by default.
        """
        named = {
            name: file
            for name, file in record.get("artifacts", {}).items()
            if file is not None and (only is None or name in only)
        }
        if not named:
            return
        stored = {}
        if self.tracked is not None:
            stored = {one.name: one.sha256 for one in self.tracked.files if one.kind == "artifacts"}
        for name, file in named.items():
            for one in self._expanded(name, file):
                if stored.get(one.name) != digest_of(one.source):
                    self.new_files.append(one)

    def _bytes_of(self, file: Object) -> Bytes | bytes | None:
        if "path" in file:
            return self.attached.bytes_of(str(file["path"]))
        if "data" in file:
            return base64.b64decode(file["data"])
        return None

    def _expanded(self, name: str, file: Object) -> Iterator[NewFile]:
        """An artifact's file, or the files below its directory."""
        path, media_type = file.get("path", ""), file.get("media_type")
        below = self.attached.below(path) if path else None
        if below is not None:
            for relative, source in below:
                yield NewFile("artifacts", f"{name}/{relative}", None, f"{path}/{relative}", None, source)
        elif (found := self._bytes_of(file)) is not None:
            yield NewFile("artifacts", name, None, path, media_type, found)

    def answer(self, record: Object) -> tuple[Answer, list[str]]:
        """SPEC 9.2, in its order: the answer, and of what is refused why.

        Args:
            record: the fold that is offered, points aside.
        """
        tracked = self.tracked
        if tracked is None:
            return "new", []
        fewer = [
            f'{kind} "{name}" has {counted(self.counts.get((kind, name), 0), "point")}; {count:,} are tracked'
            for (kind, name), count in tracked.counts.items()
            if self.counts.get((kind, name), 0) < count
        ]
        missing = list(lost(tracked.record, record))
        before, now = tracked.record.get("status"), record.get("status")
        restarted = now == "running" and before not in {None, "running"} and not self.more
        older = "an older copy of what is tracked"
        if restarted:
            if not fewer and not missing:
                older = f'it says "running" and has no new point: the tracked end, "{before}", stays'
            missing.append(f"status was {before} and is running, with no more points")
        if not self.changes:
            same = record == tracked.record and not self.moved
            if same and not self.more and not fewer and not self.new_files:
                return "unchanged", []
            if not fewer and not missing:
                return "grown", []
            if not self.more and not any(lost(record, tracked.record)):
                return "unchanged", [older]
        return "refused", [*self.changes, *fewer, *missing][:TOLD]


def _first_difference(kind: Kind, old: Points, new: Points) -> int | None:
    """The place of the first point that is not the same; None if all are. Images count by their bytes (SPEC 9.4)."""
    differs = np.zeros(len(old), dtype=bool)
    if kind == "images":
        differs |= np.array([a.get("uri") != b.get("uri") for a, b in zip(old.values, new.values, strict=True)], bool)
    elif isinstance(old.values, list) or isinstance(new.values, list):
        differs |= np.array([a != b for a, b in zip(old.values, new.values, strict=True)], dtype=bool)
    else:
        differs |= _unequal(old.values, new.values)
    for one, other in ((old.steps, new.steps), (old.times, new.times)):
        if one is None and other is None:
            continue
        none = np.full(len(old), np.nan)
        differs |= _unequal(none if one is None else one, none if other is None else other)
    places = np.flatnonzero(differs)
    return int(places[0]) if len(places) else None


def _unequal(one: Floats, other: Floats) -> Any:  # Any: an array of booleans
    return (one != other) & ~(np.isnan(one) & np.isnan(other))


def _told(kind: Kind, name: str, index: int, old: Points, new: Points) -> str:
    return f'{kind} "{name}", point {index}: was {_point(old)} and is {_point(new)}'


def _point(points: Points) -> str:
    value = points.values[0]
    text = f"{float(value)!r}" if not isinstance(points.values, list) else f"{value!r}"[:60]
    if points.steps is not None and not np.isnan(points.steps[0]):
        text += f" at step {points.steps[0]:g}"
    if points.times is not None and not np.isnan(points.times[0]):
        text += f" at time {points.times[0]:.6f}"
    return text
