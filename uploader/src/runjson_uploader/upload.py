"""From a run file to a tracked source: what is new in it is added, and a past that changed is refused (SPEC 9.2)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from runjson_schema import canonical
from runjson_schema.decode import LARGEST_DOCUMENT, Past, RunFile
from runjson_schema.files import Object
from runjson_schema.findings import Finding, Refused
from runjson_schema.points import Kind, Points
from runjson_schema.slow import OnFile
from runjson_schema.sources import Disagreement, merged
from runjson_tracker.steps import Steps, perform

from runjson_uploader.attached import Attached, Bytes, InFolder, Latest
from runjson_uploader.comparison import TOLD, Answer, Comparison
from runjson_uploader.resume import Place, continued, identity, past

if TYPE_CHECKING:
    from runjson_tracker.ingest import Ingest
    from runjson_tracker.store import Store, TrackedSource

    from runjson_uploader.sending import Kept

DEFAULT_PROJECT: Final = "default"
# How often a source is read again because another upload changed it meanwhile.
_TRIES: Final = 10


@dataclass(slots=True)
class Outcome:
    """What became of one run file.

    Attributes:
        answer: as SPEC 9.2 names it, or "trashed" if the run is in the tracker's trash and was left there.
        digest: of the canonical form, where a document is known by it; else empty.
        points: how many points were added, of all kinds.
        files: how many files were added, and `bytes` their size.
        why: of a refused file: what changed, or what is wrong with it, a line each.
        warnings: what is odd about it; of a stream that grew, about what was read now.
        faulty: whether the file itself has errors.
        fault: the error of a faulty file that was met first.
        rewrite: whether the tracked points have to be written anew, since images are described otherwise.
        tracked: the source as it is tracked now, in a store that this program opened; None if it is not.
        kind: of the file that is tracked, document or stream, and `status` as its source says it.
        read: of a stream that a server tracks: how many bytes, and their SHA-256.
        kept: what makes it quick to send the rest of the same file to a server.
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
    fault: Finding | None = None
    rewrite: bool = False
    tracked: TrackedSource | None = field(default=None, compare=False)
    kind: str | None = None
    status: str | None = None
    read: tuple[int, str] | None = None
    kept: Kept | None = field(default=None, compare=False)


class Gate(Protocol):
    """Says who may track what; what it raises comes through, and nothing is tracked then."""

    def admit(self, project: str) -> None:
        """See that the project may be written, before anything else is told of the source."""

    def prepare(self, project: str) -> None:
        """Make the project ready for a run that is tracked now."""


class _Open:
    """Lets everybody track everything: whoever has the store's files, or the password of its database."""

    def admit(self, project: str) -> None:
        """Let it in."""

    prepare = admit


OPEN: Final = _Open()
# The answers after which another state of the source is tracked than before.
_CHANGED: Final = frozenset({"new", "grown", "replaced"})


def upload(
    source: BinaryIO,
    name: str,
    files: Path | Attached,
    store: Store,
    *,
    project: str = DEFAULT_PROJECT,
    replace: bool = False,
    dry_run: bool = False,
    heard: float | None = None,
    resume: bool = True,
    gate: Gate = OPEN,
    largest: int = LARGEST_DOCUMENT,
) -> Outcome:
    """Track one run file.

    Args:
        source: its bytes, from the beginning; it can seek.
        name: its name, which may say that it is a stream.
        files: those that it names, or the folder where its paths begin.
        store: where it is tracked.
        project: the project of a file that names none.
        replace: whether a source whose past changed is replaced.
        dry_run: whether to find the answer and track nothing.
        heard: when the file was last written, in seconds since 1970; now by default.
        resume: whether a stream whose past is the tracked one is read behind it alone. The answer is the same.
        gate: who may track what.
        largest: of how many bytes a document is at most.

    Returns:
        What became of it. A file with errors, or one whose past changed, is refused, and nothing of it is tracked.
    """
    attached = InFolder(files) if isinstance(files, Path) else files
    attempt = _Attempt(name, attached, store, project, dry_run=dry_run, heard=heard, gate=gate, largest=largest)
    outcome = _tried(attempt, source, resume=resume)
    if replace and outcome.answer == "refused" and not outcome.faulty:
        outcome = _tried(attempt, source, replacing="replaced")
    elif outcome.rewrite and not dry_run:
        outcome = _tried(attempt, source, replacing="grown")
    if outcome.tracked is not None and outcome.kind == "stream" and outcome.answer in _CHANGED and not dry_run:
        store.recent.put(outcome.project, outcome.run, outcome.tracked)
    return outcome


def append(
    part: BinaryIO, place: Place, name: str, files: Attached, store: Store, *,
    dry_run: bool = False, heard: float | None = None, gate: Gate = OPEN,
) -> Steps[Outcome | None]:  # fmt: skip
    """Track more of a stream that is tracked: the bytes behind those that were read.

    Args:
        part: these bytes, in whole lines.
        place: of which source they are, and what stands before them.
        name: of the stream.
        files: those that it names.
        store: where it is tracked.
        dry_run: whether to find the answer and track nothing.
        heard: when the file was last written, in seconds since 1970; now by default.
        gate: who may track what.

    Returns:
        Steps that ask for what is to be written, and come to what became of it; to None if something else is tracked
        before the part.
    """
    from runjson_tracker.store import RunTrashed, SourceChanged  # noqa: PLC0415  the one target that is embedded

    attempt = _Attempt(name, files, store, place.project, dry_run=dry_run, heard=heard, gate=gate)
    for _ in range(_TRIES):
        try:
            outcome = yield from attempt.behind(part, place)
        except SourceChanged:
            store.recent.forget(place.project, place.run, place.writer)
        except RunTrashed as trashed:
            return Outcome("trashed", why=[str(trashed)])
        else:
            if outcome is not None and outcome.tracked is not None and outcome.answer in _CHANGED and not dry_run:
                store.recent.put(place.project, place.run, outcome.tracked)
            return outcome
    return _overtaken()


def _tried(attempt: _Attempt, source: BinaryIO, *, replacing: Answer | None = None, resume: bool = False) -> Outcome:
    from runjson_tracker.store import RunTrashed, SourceChanged  # noqa: PLC0415  the one target that is embedded

    for _ in range(_TRIES):
        try:
            outcome = attempt.resumed(source) if resume else None
            source.seek(0)
            return outcome or attempt.whole(source, replacing=replacing)
        except SourceChanged:
            continue
        except RunTrashed as trashed:
            return Outcome("trashed", why=[str(trashed)])
    return _overtaken()


def _overtaken() -> Outcome:
    return Outcome("refused", why=["other uploads changed the source again and again; try again"])


class _Attempt:
    """One way through: read, compare with what is tracked, commit."""

    def __init__(
        self, name: str, attached: Attached, store: Store, project: str, *,
        dry_run: bool, heard: float | None, gate: Gate, largest: int = LARGEST_DOCUMENT,
    ) -> None:  # fmt: skip
        self._name = name
        self._attached = attached
        self._gate = gate
        self._largest = largest
        self._store = store
        self._project = project
        self._dry_run = dry_run
        self._heard = heard
        self._warnings: list[str] = []

    def whole(self, source: BinaryIO, *, replacing: Answer | None) -> Outcome:
        """Read all of a file; `replacing` is the answer where all of its source is written anew."""
        try:
            return perform(self._track(self._opened(source), replacing=replacing), self._store.write)
        except Refused as refused:
            return self._faulty(refused)

    def behind(self, part: BinaryIO, place: Place) -> Steps[Outcome | None]:
        """Read a part of a stream behind what is tracked of it; None if something else is."""
        self._gate.admit(place.project)
        tracked = self._store.recent.get(place.project, place.run, place.writer)
        before = continued(part, tracked, place) if tracked else None
        if before is None:
            tracked = self._store.source(place.project, place.run, place.writer)
            before = continued(part, tracked, place) if tracked else None
        if before is None:
            return None
        try:
            latest = Latest(self._attached, begun=False)
            file = self._opened(part, before, latest.check)
            latest.begun = True
            latest.artifacts.clear()
            return (yield from self._track(file, known=tracked, artifacts=latest.artifacts))
        except Refused as refused:
            return self._faulty(refused)

    def _faulty(self, refused: Refused) -> Outcome:
        why = [str(refused)]
        return Outcome("refused", why=why, warnings=self._warnings, faulty=True, fault=refused.finding)

    def resumed(self, source: BinaryIO) -> Outcome | None:
        """Read a stream behind what is tracked of it; None if all of it has to be read to say what becomes of it."""
        source.seek(0)
        said = identity(source)
        if said is None:
            return None
        self._gate.admit(said.project or self._project)
        tracked = self._store.source(said.project or self._project, said.id, said.writer or "")
        before = past(source, tracked, self._attached) if tracked else None
        if tracked is None or before is None:
            return None
        try:
            outcome = perform(self._track(self._opened(source, before), known=tracked), self._store.write)
        except Refused:
            return None
        # What is refused is told as if all of it had been read.
        return None if outcome.answer == "refused" else outcome

    def _opened(self, source: BinaryIO, before: Past | None = None, on_file: OnFile | None = None) -> RunFile:
        self._warnings = []
        return RunFile(
            source,
            self._name,
            self._report,
            on_file=on_file or self._attached.check,
            past=before,
            largest=self._largest,
        )

    def _report(self, what: Finding) -> None:
        if what.severity == "error":
            raise Refused(what)
        if len(self._warnings) < TOLD:
            self._warnings.append(str(what))

    def _track(
        self, file: RunFile, *, replacing: Answer | None = None, known: TrackedSource | None = None,
        artifacts: Collection[str] | None = None,
    ) -> Steps[Outcome]:  # fmt: skip
        """Track a file.

        Args:
            file: that is about to be read.
            replacing: the answer where all of its source is written anew.
            known: of a file that is read behind its past, the source that the past is.
            artifacts: the names of those that are looked at; all by default.
        """
        batches = file.batches()
        next(batches, None)
        fold = file.fold
        # A document is read whole at once, and only a document may lack an id: all of its points wait here.
        digest = "" if fold["id"] else canonical.digest(fold)
        run = fold["id"] or digest[:32]
        outcome = Outcome("new", fold["project"] or self._project, run, fold["writer"] or "", digest=digest)
        outcome.warnings = self._warnings
        self._gate.admit(outcome.project)
        tracked = known or self._store.source(outcome.project, outcome.run, outcome.writer)
        comparison = Comparison(self._attached, None if replacing else tracked, dict(known.counts) if known else {})
        outcome.tracked = tracked
        with self._store.ingest(outcome.project, outcome.run, outcome.writer, tracked) as ingest:
            if replacing:
                ingest.replace_all()
            for kind, name, points in _all_points(file, batches):
                for part in comparison.points(kind, name, points):
                    ingest.append(kind, name, part)
            record = fold.record()
            comparison.artifacts(record, artifacts)
            outcome.answer, outcome.why = (replacing, []) if replacing else comparison.answer(record)
            outcome.rewrite = outcome.answer == "grown" and comparison.moved and not replacing
            if outcome.answer not in {"refused", "unchanged"} and not outcome.rewrite:
                outcome.points = comparison.more
                yield from self._commit(ingest, file, record, outcome, comparison)
        if outcome.tracked is not None:
            outcome.kind, outcome.status = outcome.tracked.kind, outcome.tracked.record.get("status")
        return outcome

    def _commit(
        self, ingest: Ingest, file: RunFile, record: Object, outcome: Outcome, comparison: Comparison
    ) -> Steps[None]:  # fmt: skip
        try:
            if self._dry_run:
                merged({**self._store.records(outcome.project, outcome.run), outcome.writer: record})
            for new in comparison.new_files:
                if self._dry_run:
                    size = _size(new.source)
                else:
                    _, size = ingest.add_file(new.kind, new.name, new.index, new.path, new.media_type, new.source)
                outcome.files += 1
                outcome.bytes += size
            if not self._dry_run:
                is_stream = file.kind == "stream"
                read_bytes, read_digest = (file.read, file.prefix) if is_stream else (None, None)
                self._gate.prepare(outcome.project)
                outcome.tracked = yield from ingest.steps(
                    record, outcome.digest, file.kind, read_bytes, read_digest, merged, heard=self._heard
                )
        except Disagreement as disagreement:
            outcome.answer, outcome.points, outcome.files, outcome.bytes = "refused", 0, 0, 0
            outcome.why = told(disagreement)


def told(disagreement: Disagreement) -> list[str]:
    """Why a source is refused whose run has another one that says something else."""
    return ["another source of the run disagrees: " + one.message for one in disagreement.findings]


def _size(source: Bytes | bytes) -> int:
    if isinstance(source, Path):
        return source.stat().st_size
    return len(source) if isinstance(source, bytes) else source.size


def _all_points(file: RunFile, batches: Iterator[None]) -> Iterator[tuple[Kind, str, Points]]:
    yield from file.fold.take_points()
    for _ in batches:
        yield from file.fold.take_points()
