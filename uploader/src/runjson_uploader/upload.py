"""From a run file to a tracked source: what is new in it is added, and a past that changed is refused (SPEC 9.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from runjson_schema import canonical
from runjson_schema.decode import Past, RunFile
from runjson_schema.files import Object
from runjson_schema.findings import Finding, Refused
from runjson_schema.points import Kind, Points
from runjson_schema.sources import Disagreement, merged
from runjson_validator.files import Folder

from runjson_uploader.comparison import TOLD, Answer, Comparison
from runjson_uploader.resume import identity, past

if TYPE_CHECKING:
    from runjson_tracker.ingest import Ingest
    from runjson_tracker.store import Store, TrackedSource

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


def upload(
    source: BinaryIO,
    name: str,
    folder: Path,
    store: Store,
    *,
    project: str = DEFAULT_PROJECT,
    replace: bool = False,
    dry_run: bool = False,
    heard: float | None = None,
    resume: bool = True,
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
        heard: when the file was last written, in seconds since 1970; now by default.
        resume: whether a stream whose past is the tracked one is read behind it alone. The answer is the same.

    Returns:
        What became of it. A file with errors, or one whose past changed, is refused, and nothing of it is tracked.
    """
    attempt = _Attempt(name, folder, store, project, dry_run=dry_run, heard=heard)
    outcome = _tried(attempt, source, resume=resume)
    if replace and outcome.answer == "refused" and not outcome.faulty:
        return _tried(attempt, source, replacing="replaced")
    if outcome.rewrite and not dry_run:
        return _tried(attempt, source, replacing="grown")
    return outcome


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
    return Outcome("refused", why=["other uploads changed the source again and again; try again"])


class _Attempt:
    """One way through: read, compare with what is tracked, commit."""

    def __init__(
        self, name: str, folder: Path, store: Store, project: str, *, dry_run: bool, heard: float | None
    ) -> None:
        self._name = name
        self._folder = folder
        self._store = store
        self._project = project
        self._dry_run = dry_run
        self._heard = heard
        self._warnings: list[str] = []

    def whole(self, source: BinaryIO, *, replacing: Answer | None) -> Outcome:
        """Read all of a file; `replacing` is the answer where all of its source is written anew."""
        file = self._opened(source)
        try:
            return self._track(file, replacing=replacing)
        except Refused as refused:
            why = [str(refused)]
            return Outcome("refused", why=why, warnings=self._warnings, faulty=True, fault=refused.finding)

    def resumed(self, source: BinaryIO) -> Outcome | None:
        """Read a stream behind what is tracked of it; None if all of it has to be read to say what becomes of it."""
        source.seek(0)
        said = identity(source)
        if said is None:
            return None
        tracked = self._store.source(said.project or self._project, said.id, said.writer or "")
        before = past(source, tracked, self._folder) if tracked else None
        if tracked is None or before is None:
            return None
        try:
            outcome = self._track(self._opened(source, before), known=tracked)
        except Refused:
            return None
        # What is refused is told as if all of it had been read.
        return None if outcome.answer == "refused" else outcome

    def _opened(self, source: BinaryIO, before: Past | None = None) -> RunFile:
        self._warnings = []
        return RunFile(source, self._name, self._report, on_file=Folder(self._folder).check, past=before)

    def _report(self, what: Finding) -> None:
        if what.severity == "error":
            raise Refused(what)
        if len(self._warnings) < TOLD:
            self._warnings.append(str(what))

    def _track(self, file: RunFile, *, replacing: Answer | None = None, known: TrackedSource | None = None) -> Outcome:
        """Track a file; of one that is read behind its past, `known` is the source that the past is."""
        batches = file.batches()
        next(batches, None)
        fold = file.fold
        # A document is read whole at once, and only a document may lack an id: all of its points wait here.
        digest = "" if fold["id"] else canonical.digest(fold)
        run = fold["id"] or digest[:32]
        outcome = Outcome("new", fold["project"] or self._project, run, fold["writer"] or "", digest=digest)
        outcome.warnings = self._warnings
        tracked = known or self._store.source(outcome.project, outcome.run, outcome.writer)
        comparison = Comparison(self._folder, None if replacing else tracked, dict(known.counts) if known else {})
        with self._store.ingest(outcome.project, outcome.run, outcome.writer, tracked) as ingest:
            if replacing:
                ingest.replace_all()
            for kind, name, points in _all_points(file, batches):
                for part in comparison.points(kind, name, points):
                    ingest.append(kind, name, part)
            record = fold.record()
            comparison.artifacts(record)
            outcome.answer, outcome.why = (replacing, []) if replacing else comparison.answer(record)
            outcome.rewrite = outcome.answer == "grown" and comparison.moved and not replacing
            if outcome.answer not in {"refused", "unchanged"} and not outcome.rewrite:
                outcome.points = comparison.more
                self._commit(ingest, file, record, outcome, comparison)
        return outcome

    def _commit(self, ingest: Ingest, file: RunFile, record: Object, outcome: Outcome, comparison: Comparison) -> None:
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
                ingest.commit(record, outcome.digest, file.kind, read_bytes, read_digest, merged, heard=self._heard)
        except Disagreement as disagreement:
            outcome.answer, outcome.points, outcome.files, outcome.bytes = "refused", 0, 0, 0
            outcome.why = told(disagreement)


def told(disagreement: Disagreement) -> list[str]:
    """Why a source is refused whose run has another one that says something else."""
    return ["another source of the run disagrees: " + one.message for one in disagreement.findings]


def _all_points(file: RunFile, batches: Iterator[None]) -> Iterator[tuple[Kind, str, Points]]:
    yield from file.fold.take_points()
    for _ in batches:
        yield from file.fold.take_points()
