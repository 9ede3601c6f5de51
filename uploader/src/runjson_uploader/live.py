"""One run file that is followed: read on in bounded turns as it grows, and ready to be committed beside others."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias

from runjson_schema.files import Object
from runjson_schema.findings import Finding, Refused
from runjson_schema.sources import Disagreement, merged
from sqlalchemy import Connection

from runjson_uploader.attached import InFolder
from runjson_uploader.comparison import Comparison
from runjson_uploader.head import Head, line_at
from runjson_uploader.reading import Reading, has_a_line, has_more, opened, tail, words
from runjson_uploader.resume import Identity, goes_on, identity, verify
from runjson_uploader.upload import Outcome, told

if TYPE_CHECKING:
    from runjson_tracker.ingest import Ingest
    from runjson_tracker.store import Store, TrackedSource

    from runjson_uploader.sending import Kept
    from runjson_uploader.target import Target

# So many bytes of one file are read in one turn, so that the others need not wait.
TURN: Final = 1 << 22
# So many megabytes of a past are hashed in one turn.
_VERIFIED: Final = 64
# A document that is no JSON may be half written: what is wrong with it is told once it was left so for this long.
_SETTLED: Final = 1.0
# A file that nobody wrote for so long is forgotten, until it is written.
_IDLE: Final = 300.0
# Reading files whole again and again takes no more than this share of the time.
_SHARE: Final = 0.2
_ENDED: Final = frozenset({"succeeded", "failed", "aborted"})
_STREAMS: Final = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Options:
    """How files are followed: the project of files that name none, and whether a changed past is replaced."""

    project: str
    replace: bool


# Called with what is to be told of a file: a word such as "follows", its path, and lines.
Tell: TypeAlias = Callable[["LiveFile", str, list[str]], None]
_Look: TypeAlias = tuple[int, int, int, int]  # device, inode, size, time of the last write


@dataclass(slots=True)
class Ready:
    """A change of one source that waits for its commit."""

    live: LiveFile
    ingest: Ingest
    record: Object
    points: int
    heard: float
    tracked: TrackedSource | None = None

    def commit(self, connection: Connection) -> None:
        """Commit it within a transaction; what is wrong with this file alone is told, and undone alone."""
        from runjson_tracker.store import RunTrashed, SourceChanged  # noqa: PLC0415  the store is loaded when it is used

        file = self.live.reading.file
        try:
            self.tracked = self.ingest.commit(
                self.record, "", "stream", file.read, file.prefix, merged, heard=self.heard, within=connection
            )
        except SourceChanged:
            self.live.drop()
        except Disagreement as disagreement:
            self.live.refuse(told(disagreement))
        except RunTrashed as trashed:
            self.live.trash(str(trashed))

    def done(self) -> None:
        """Go on from the new state, which is visible now."""
        if self.tracked is not None:
            self.live.went_on(self.tracked, self.points)


class LiveFile:
    """A run file that is followed.

    Attributes:
        path: of the file.
        points: how many points of it were tracked.
        backlog: how many bytes of it wait, as far as is known.
        ended: whether its run said that it ended, or is left alone in the trash.
        fault: what is wrong with it, in lines; empty mostly.
    """

    def __init__(self, path: Path, options: Options, tell: Tell) -> None:
        self.path = path
        self.points = 0
        self.backlog = 0
        self.ended = False
        self.fault: list[str] = []
        self._options = options
        self._tell = tell
        self._seen: _Look | None = None
        self._due = False  # whether something is to be done although the file did not change
        self._again = 0.0  # not before this moment
        self._reading: Reading | None = None
        self._verifying: Iterator[None] | None = None
        self._whole = False  # whether it is read whole at each change: a document, mostly
        self._bad: tuple[int, int, str] | None = None  # where a faulty line stands, its length and digest
        self._answered = False
        self._kept: Kept | None = None  # how far it was sent to a server

    @property
    def reading(self) -> Reading:
        """The stream as far as it was read."""
        assert self._reading is not None
        return self._reading

    @property
    def pending(self) -> bool:
        """Whether something is to be done, now or in a while."""
        return self._due

    def drop(self) -> None:
        """Forget what was read: the store says what is tracked of the file."""
        self._reading, self._verifying, self._kept, self._due = None, None, None, True

    def again(self) -> None:
        """Let it have another turn: what was to be done could not be done."""
        self._due = True

    # -- looking -----------------------------------------------------------------------------------------------------

    def look(self) -> bool:
        """Whether there is something to do now."""
        try:
            stat = self.path.stat()
        except OSError:
            return False  # not there yet, or away: it is looked for again
        now = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if now != self._seen:
            if self._seen is not None and (now[:2] != self._seen[:2] or now[2] <= self._seen[2]):
                self.drop()  # another file, or written in its past
            self._seen = now
            self._due = True
        self.backlog = now[2] - (self._reading.file.read if self._reading else 0)
        if (self._reading or self._kept) and not self._due and time.time() - self._written > _IDLE:
            self._reading = self._kept = None  # of thousands of files that nobody writes, nothing is kept
        return self._due and time.monotonic() >= self._again

    def turn(self, target: Target) -> Ready | None:
        """Do a bounded part of what there is to do.

        Returns:
            A change to be committed, if there is one.

        Raises:
            OSError: the file can not be read.
            StoreError, DBAPIError: the store can not be used.
        """
        self._due = False
        with self.path.open("rb") as source:
            if self._bad is not None and not self._repaired(source):
                return None
            if target.store is None:
                self._send(source, target)
                return None
            if self._reading is None and not self._attached(source, target.store, target):
                return None
            return self._read_on(source, target.store, target)

    def _send(self, source: BinaryIO, target: Target) -> None:
        """Let a server have what is new, and read it."""
        if not self._size or (self._is_stream and not has_a_line(source)):
            return
        before, running = self._kept, not self.ended
        self._upload(target)
        if self.ended and running and before is not None and not self._due:
            self.drop()  # once more from the beginning, as an upload would: its past and its files are still the same

    def _repaired(self, source: BinaryIO) -> bool:
        """Whether the line that was at fault is another one now."""
        assert self._bad is not None
        place, length, digest = self._bad
        source.seek(place)
        if hashlib.sha256(source.read(length)).hexdigest() == digest:
            return False
        self._bad, self.fault = None, []
        source.seek(0)
        return True

    # -- beginning ---------------------------------------------------------------------------------------------------

    def _attached(self, source: BinaryIO, store: Store, target: Target) -> bool:
        """Find the place to read on from; says whether it was found in this turn."""
        if not self._size:
            return False  # nothing was written yet
        if self._verifying is None:
            said = identity(source)
            if said is None and self._is_stream and not has_a_line(source):
                return False  # half a first line
            if said is None or self._whole or not (self._is_stream or has_more(source)):
                self._upload(target)
                return False
            tracked = store.source(said.project or self._options.project, said.id, said.writer or "")
            if tracked is None:
                self._reading = opened(source, self.path, said, None, None)
                return True
            self._verifying = self._verified(target, said, tracked)
        for _ in self._verifying:
            self._due = True
            return False
        self._verifying = None
        if self._reading is None:
            return False
        source.seek(0)
        return True

    def _verified(self, target: Target, said: Identity, tracked: TrackedSource) -> Iterator[None]:
        """Compare the past of the file with that of its source, turn by turn; then it is read on, or read whole."""
        found = None
        with self.path.open("rb") as source:
            for piece, past in enumerate(verify(source, tracked, InFolder(self.path.parent)), 1):
                found = past
                if piece % _VERIFIED == 0:
                    yield
            if found is not None:
                self._reading = opened(source, self.path, said, tracked, found)
                self._answer("follows")
        if found is None:
            self._upload(target)

    @property
    def _is_stream(self) -> bool:
        return self.path.name.lower().endswith(_STREAMS)

    # -- going on ----------------------------------------------------------------------------------------------------

    def _read_on(self, source: BinaryIO, store: Store, target: Target) -> Ready | None:
        """Read the lines that follow, some megabytes at most."""
        reading = self.reading
        file, said, tracked = reading.file, reading.said, reading.tracked
        read = file.read
        if tail(source, read) != reading.tail or not goes_on(source, read):
            self._upload(target)
            return None
        source.seek(read)
        comparison = Comparison(InFolder(self.path.parent), tracked, dict(tracked.counts) if tracked else {})
        ingest = store.ingest(said.project or self._options.project, said.id, said.writer or "", tracked)
        try:
            for _ in file.more(source, TURN):
                for kind, name, points in file.fold.take_points():
                    for part in comparison.points(kind, name, points):
                        ingest.append(kind, name, part)
            news = file.read != read or bool(reading.artifacts)
            ready = self._ready(ingest, reading, comparison) if news else None
        except Refused as refused:
            self._faulty(refused.finding, read, target)
            ready = None
        except BaseException:
            ingest.__exit__(None, None, None)
            raise
        if ready is None:
            ingest.__exit__(None, None, None)
        elif file.read < self._size:
            self._due = file.read - read >= TURN
        if self._reading is not None:
            reading.tail = tail(source, file.read)
        if ready is None and self.ended and not self._due:
            self._reading = None
        return ready

    def _ready(self, ingest: Ingest, reading: Reading, comparison: Comparison) -> Ready | None:
        file, tracked = reading.file, reading.tracked
        if not file.fold.records:
            return None
        record = file.fold.record()
        comparison.artifacts(record, reading.artifacts)
        reading.artifacts.clear()
        answer, why = comparison.answer(record)
        if answer == "refused":
            self.refuse(why)
            return None
        if answer == "unchanged" and tracked is not None:
            return None
        for new in comparison.new_files:
            ingest.add_file(new.kind, new.name, new.index, new.path, new.media_type, new.source)
        return Ready(self, ingest, record, comparison.more, self._written)

    @property
    def _size(self) -> int:
        return 0 if self._seen is None else self._seen[2]

    @property
    def _written(self) -> float:
        return time.time() if self._seen is None else self._seen[3] / 1e9

    def went_on(self, tracked: TrackedSource, points: int) -> None:
        """Remember what is tracked now."""
        self.reading.tracked = tracked
        self.points += points
        self.fault = []
        self._answer("follows")
        ended = tracked.record.get("status") in _ENDED
        if ended and not self.ended and not self._due:
            self.drop()  # once more from the beginning, as an upload would: the past and its images are still the same
            self._due = True
        self.ended = ended

    # -- what is not plain -------------------------------------------------------------------------------------------

    def _upload(self, target: Target) -> None:
        """Track the file as `runjson upload` does."""
        self._reading = self._verifying = None
        begun = time.monotonic()
        with self.path.open("rb") as source:
            outcome = target.upload(
                source, self.path.name, self.path.parent, project=self._options.project,
                replace=self._options.replace, heard=self._written, kept=self._kept,
            )  # fmt: skip
        self._kept = outcome.kept
        if self._kept is None:
            self._again = time.monotonic() + (time.monotonic() - begun) / _SHARE
        if outcome.faulty and outcome.fault is not None:
            self._faulty_whole(outcome, target)
        elif outcome.answer == "refused":
            self.refuse(
                [*outcome.why, "What is tracked stays as it is. If the file is right: runjson upload --replace"]
            )
        elif outcome.answer == "trashed":
            self.trash(outcome.why[0])
        else:
            self._uploaded(outcome)

    def _uploaded(self, outcome: Outcome) -> None:
        self.points += outcome.points
        self.fault = []
        self.ended = outcome.status in _ENDED
        # A stream is read on from here at its next change; a file that is no stream, or not the one tracked, whole.
        self._whole = outcome.kind != "stream"
        self._answer(outcome.answer)

    def _faulty_whole(self, outcome: Outcome, target: Target) -> None:
        assert outcome.fault is not None
        with self.path.open("rb") as source:
            stream = self._is_stream or (identity(source) is not None and has_more(source))
        if not stream and time.time() - self._written < _SETTLED:
            self._due, self._again = True, time.monotonic() + _SETTLED / 4
            return
        self._faulty(outcome.fault, 0, target, keep=stream)

    def _faulty(self, what: Finding, read: int, target: Target, *, keep: bool = True) -> None:
        """Track what stands before a faulty line of a stream, tell the error, and leave the file alone."""
        self._reading = None
        with self.path.open("rb") as source:
            place, line = line_at(source, what.line or 1) if keep else (0, source.read())
            if keep and place > read:
                outcome = target.upload(
                    Head.of(source, place), self.path.name, self.path.parent,
                    project=self._options.project, heard=self._written,
                )  # fmt: skip
                self.points += outcome.points
        self._bad = place, len(line), hashlib.sha256(line).hexdigest()
        self.fault = [str(what)]
        self._tell(self, "error", words(self.path, what))

    def refuse(self, why: list[str]) -> None:
        """Tell why the file is refused, unless that was told; it is tried again when it changes."""
        self._reading = None
        if why != self.fault:
            self.fault = why
            self._tell(self, "refused", why)

    def unreadable(self, fault: OSError) -> None:
        """Tell once that the file can not be read, and try again in a while."""
        self.drop()
        self._again = time.monotonic() + _SETTLED
        self.refuse([f"can not be read: {fault.strerror or fault}."])

    def trash(self, why: str) -> None:
        """Tell that the run is in the trash, once; it is left there."""
        self._reading, self._whole = None, True
        if not self.ended:
            self._tell(self, "trashed", [why])
        self.ended = True

    def _answer(self, word: str) -> None:
        if not self._answered:
            self._answered = True
            self._tell(self, "follows" if word in {"new", "grown", "unchanged"} else word, [])
