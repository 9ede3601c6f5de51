"""From a run file to a tracked source: what is new, and what may not have changed (SPEC 9.2)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias

import numpy as np
from runjson_schema import canonical
from runjson_schema.decode import RunFile
from runjson_schema.files import Object
from runjson_schema.findings import Finding, Refused
from runjson_schema.points import Floats, Kind, Points
from runjson_schema.sources import Disagreement, lost, merged
from runjson_validator.files import Folder

if TYPE_CHECKING:
    from runjson_tracker.ingest import Ingest
    from runjson_tracker.store import Store, TrackedSource

Answer: TypeAlias = Literal["new", "grown", "unchanged", "refused", "replaced"]
DEFAULT_PROJECT = "default"
# So many changes are told of a source that is refused, and so many warnings of a file.
_TOLD = 20
# How often a source is read again because another upload changed it meanwhile.
_TRIES = 10


@dataclass(slots=True)
class Outcome:
    """What became of one run file.

    Attributes:
        answer: as SPEC 9.2 names it.
        digest: of the canonical form, where a document is known by it; else empty.
        points: how many points were added, of all kinds.
        files: how many files were added, and `bytes` their size.
        why: of a refused file: what changed, or what is wrong with it, a line each.
        warnings: what is odd about it.
        faulty: whether the file itself has errors.
        rewrite: whether the tracked points have to be written anew, since images are described otherwise.
    """

    answer: Answer
    project: str = ""
    run: str = ""
    writer: str = ""
    digest: str = ""
    points: int = 0
    files: int = 0
    bytes: int = 0
    why: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    faulty: bool = False
    rewrite: bool = False


@dataclass(slots=True)
class _NewFile:
    kind: Literal["images", "artifacts"]
    name: str
    index: int | None
    path: str
    media_type: str | None
    source: Path | bytes


@dataclass(slots=True)
class _Comparison:
    """How the points of an offered file stand to those that are tracked."""

    changes: list[str] = field(default_factory=list)
    more: int = 0  # points that are offered and not tracked
    moved: bool = False  # whether an image has the same bytes and is described otherwise
    new_files: list[_NewFile] = field(default_factory=list)
    counts: dict[tuple[Kind, str], int] = field(default_factory=dict)  # points offered so far

    def change(self, text: str) -> None:
        if len(self.changes) < _TOLD:
            self.changes.append(text)


def upload(
    source: BinaryIO,
    name: str,
    folder: Path,
    store: Store,
    *,
    project: str = DEFAULT_PROJECT,
    replace: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """Track one run file.

    Args:
        source: its bytes, from the beginning; it can seek.
        name: its name, which may say that it is a stream.
        folder: where its paths begin.
        store: where it is tracked.
        project: the project of a file that names none.
        replace: whether a source whose past changed is replaced.
        dry_run: whether to find the answer and track nothing.

    Returns:
        What became of it. A file with errors, or one whose past changed, is refused, and nothing of it is tracked.
    """
    attempt = _Attempt(name, folder, store, project, dry_run=dry_run)
    outcome = _tried(attempt, source)
    if replace and outcome.answer == "refused" and not outcome.faulty:
        return _tried(attempt, source, replacing="replaced")
    if outcome.rewrite and not dry_run:
        return _tried(attempt, source, replacing="grown")
    return outcome


def _tried(attempt: _Attempt, source: BinaryIO, *, replacing: Answer | None = None) -> Outcome:
    from runjson_tracker.store import SourceChanged  # noqa: PLC0415  the store is the one target that is embedded

    for _ in range(_TRIES):
        source.seek(0)
        try:
            return attempt.run(source, replacing=replacing)
        except SourceChanged:
            continue
    return Outcome("refused", why=["other uploads changed the source again and again; try again"])


class _Attempt:
    """One way through: read, compare with what is tracked, commit."""

    def __init__(self, name: str, folder: Path, store: Store, project: str, *, dry_run: bool) -> None:
        self._name = name
        self._folder = folder
        self._store = store
        self._project = project
        self._dry_run = dry_run
        self._warnings: list[str] = []

    def run(self, source: BinaryIO, *, replacing: Answer | None) -> Outcome:
        self._warnings = []
        file = RunFile(source, self._name, self._report, on_file=Folder(self._folder).check)
        try:
            return self._track(file, replacing=replacing)
        except Refused as refused:
            return Outcome("refused", why=[str(refused)], warnings=self._warnings, faulty=True)

    def _report(self, what: Finding) -> None:
        if what.severity == "error":
            raise Refused(what)
        if len(self._warnings) < _TOLD:
            self._warnings.append(str(what))

    def _track(self, file: RunFile, *, replacing: Answer | None) -> Outcome:
        """Track a file; `replacing` is the answer where all of its source is written anew."""
        batches = file.batches()
        next(batches, None)
        fold = file.fold
        # A document is read whole at once, and only a document may lack an id: all of its points wait here.
        digest = "" if fold["id"] else canonical.digest(fold)
        run = fold["id"] or digest[:32]
        outcome = Outcome("new", fold["project"] or self._project, run, fold["writer"] or "", digest=digest)
        outcome.warnings = self._warnings
        tracked = self._store.source(outcome.project, outcome.run, outcome.writer)
        compared = None if replacing else tracked
        comparison = _Comparison()
        with self._store.ingest(outcome.project, outcome.run, outcome.writer, tracked) as ingest:
            if replacing:
                ingest.replace_all()
            for kind, name, points in _all_points(file, batches):
                for part in self._new_points(compared, comparison, kind, name, points):
                    ingest.append(kind, name, part)
            record = fold.record()
            self._artifacts(compared, record, comparison)
            if replacing:
                outcome.answer = replacing
            else:
                outcome.answer, outcome.why = _answer(tracked, record, comparison)
            outcome.rewrite = outcome.answer == "grown" and comparison.moved and not replacing
            if outcome.answer not in {"refused", "unchanged"} and not outcome.rewrite:
                outcome.points = comparison.more
                self._commit(ingest, file, record, outcome, comparison)
        return outcome

    # -- points ------------------------------------------------------------------------------------------------------

    def _new_points(
        self, tracked: TrackedSource | None, comparison: _Comparison, kind: Kind, name: str, points: Points
    ) -> Iterator[Points]:
        """Compare points with those tracked at their places, and yield those that lie behind them."""
        start = comparison.counts.get((kind, name), 0)
        comparison.counts[kind, name] = start + len(points)
        known = 0 if tracked is None else tracked.counts.get((kind, name), 0)
        overlap = min(max(known - start, 0), len(points))
        if overlap and tracked is not None:
            old = tracked.points(kind, name, start, start + overlap)
            place = _first_difference(kind, old, points[:overlap])
            comparison.moved = comparison.moved or (kind == "images" and old.values != points.values[:overlap])
            if place is not None:
                comparison.change(_told(kind, name, start + place, old[place : place + 1], points[place : place + 1]))
        if kind == "images":
            self._images(tracked, comparison, name, start, points, overlap)
        comparison.more += len(points) - overlap
        if overlap < len(points):
            yield points[overlap:]

    def _images(
        self,
        tracked: TrackedSource | None,
        comparison: _Comparison,
        name: str,
        start: int,
        points: Points,
        overlap: int,
    ) -> None:
        digests = (
            {}
            if tracked is None
            else {
                stored.index: stored.sha256
                for stored in tracked.files
                if stored.kind == "images" and stored.name == name
            }
        )
        for place, image in enumerate(points.values):
            index = start + place
            source = self._bytes_of(image)
            if place < overlap and source is None and digests.get(index):
                comparison.change(f'images "{name}", point {index}: a file before, and now a uri')
            if source is None:
                continue
            if place >= overlap:
                comparison.new_files.append(
                    _NewFile("images", name, index, image.get("path", ""), image.get("media_type"), source)
                )
            elif digests.get(index) != _digest(source):
                shown = image.get("path") or "its data"
                comparison.change(f'images "{name}", point {index}: the bytes of {shown} changed')

    def _bytes_of(self, file: Object) -> Path | bytes | None:
        if "path" in file:
            return self._folder / str(file["path"])
        if "data" in file:
            return base64.b64decode(file["data"])
        return None

    # -- artifacts ---------------------------------------------------------------------------------------------------

    def _artifacts(self, tracked: TrackedSource | None, record: Object, comparison: _Comparison) -> None:
        stored = {} if tracked is None else {one.name: one.sha256 for one in tracked.files if one.kind == "artifacts"}
        for name, file in record.get("artifacts", {}).items():
            if file is None:
                continue
            for one in self._expanded(name, file):
                if stored.get(one.name) != _digest(one.source):
                    comparison.new_files.append(one)

    def _expanded(self, name: str, file: Object) -> Iterator[_NewFile]:
        """An artifact's file, or the files below its directory."""
        source = self._bytes_of(file)
        if source is None:
            return
        media_type = file.get("media_type")
        if isinstance(source, bytes):
            yield _NewFile("artifacts", name, None, "", media_type, source)
        elif not source.is_dir():
            yield _NewFile("artifacts", name, None, file["path"], media_type, source)
        else:
            for below in sorted(path for path in source.rglob("*") if path.is_file()):
                relative = below.relative_to(source).as_posix()
                yield _NewFile("artifacts", f"{name}/{relative}", None, f"{file['path']}/{relative}", None, below)

    # -- the end -----------------------------------------------------------------------------------------------------

    def _commit(self, ingest: Ingest, file: RunFile, record: Object, outcome: Outcome, comparison: _Comparison) -> None:
        try:
            if self._dry_run:
                merged({**self._store.records(outcome.project, outcome.run), outcome.writer: record})
            for new in comparison.new_files:
                if self._dry_run:
                    size = len(new.source) if isinstance(new.source, bytes) else new.source.stat().st_size
                else:
                    _, size = ingest.add_file(new.kind, new.name, new.index, new.path, new.media_type, new.source)
                outcome.files += 1
                outcome.bytes += size
            if not self._dry_run:
                is_stream = file.kind == "stream"
                read_bytes, read_digest = (file.read, file.prefix) if is_stream else (None, None)
                ingest.commit(record, outcome.digest, file.kind, read_bytes, read_digest, merged)
        except Disagreement as disagreement:
            outcome.answer, outcome.points, outcome.files, outcome.bytes = "refused", 0, 0, 0
            outcome.why = ["another source of the run disagrees: " + one.message for one in disagreement.findings]


def _all_points(file: RunFile, batches: Iterator[None]) -> Iterator[tuple[Kind, str, Points]]:
    yield from file.fold.take_points()
    for _ in batches:
        yield from file.fold.take_points()


def _answer(tracked: TrackedSource | None, record: Object, comparison: _Comparison) -> tuple[Answer, list[str]]:
    """SPEC 9.2, in its order."""
    if tracked is None:
        return "new", []
    fewer = [
        f'{kind} "{name}" has {comparison.counts.get((kind, name), 0)} points; {count} are tracked'
        for (kind, name), count in tracked.counts.items()
        if comparison.counts.get((kind, name), 0) < count
    ]
    missing = list(lost(tracked.record, record))
    before, now = tracked.record.get("status"), record.get("status")
    if now == "running" and before not in {None, "running"} and not comparison.more:
        missing.append(f"status was {before} and is running, with no more points")
    if not comparison.changes:
        same = record == tracked.record and not comparison.moved
        if same and not comparison.more and not fewer and not comparison.new_files:
            return "unchanged", []
        if not fewer and not missing:
            return "grown", []
        if not comparison.more and not any(lost(record, tracked.record)):
            return "unchanged", ["an older copy of what is tracked"]
    return "refused", [*comparison.changes, *fewer, *missing][:_TOLD]


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


def _digest(source: Path | bytes) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
