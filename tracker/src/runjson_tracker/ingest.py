"""Writing one source: points wait outside the database, and one short transaction makes all of it visible."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from runjson_schema.points import Kind, Points
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from runjson_tracker.blobs import Blob, Blobs
from runjson_tracker.chunks import encode_json
from runjson_tracker.commit import Change, Merge, Row, Wanted, Written, write
from runjson_tracker.database import reason
from runjson_tracker.errors import SourceChanged, StoreError
from runjson_tracker.fields import storable_or_none
from runjson_tracker.location import Location
from runjson_tracker.pending import Pending, Series
from runjson_tracker.sources import FileKind, Record, TrackedSource
from runjson_tracker.steps import Steps, perform
from runjson_tracker.tails import Tails

# A run of this status gets no more points, mostly.
_ENDED: Final = frozenset({"succeeded", "failed", "aborted"})


class Ingest:
    """One change of one source, made visible as a whole by `commit`, or not at all.

    A context manager: what was appended and not committed is forgotten at its end.

    Attributes:
        run: the project and id of its run.
    """

    def __init__(
        self, engine: Engine, location: Location, stored: Blobs, project: str, run: str, writer: str,
        tracked: TrackedSource | None, writes: Callable[[Wanted], Written],
    ) -> None:  # fmt: skip
        self.run = project, run
        self._engine = engine
        self._writes = writes
        self._location = location
        self._blobs = stored
        known = (tracked.series, tracked.next_number, tracked.tails) if tracked else ({}, 1, None)
        self._change = Change(project, run, writer, tracked, self._pending(*known))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._change.pending.close()

    def replace_all(self) -> None:
        """Let the new state replace all of the old one, and forget what was appended so far."""
        self._change.pending.close()
        self._change.replacing = True
        self._change.files.clear()
        self._change.pending = self._pending({}, self._change.tracked.next_number if self._change.tracked else 1)

    def _confirm_files(self) -> None:
        """See that no file that was there already was freed meanwhile; nobody frees one now."""
        lost = self._blobs.gone(str(row["sha256"]) for row in self._change.files.values())
        if lost:
            names = ", ".join(str(row["name"]) for row in self._change.files.values() if row["sha256"] in lost)
            raise StoreError(f"The bytes of {names} were freed from the tracker meanwhile: upload again.")

    def _pending(
        self, known: Mapping[tuple[Kind, str], Series], next_number: int, tails: Tails | None = None
    ) -> Pending:  # fmt: skip
        # What does not fit into memory waits beside an embedded store, since temporary folders may be small.
        return Pending(self._location if isinstance(self._location, Path) else None, known, next_number, tails)

    def append(self, kind: Kind, name: str, points: Points) -> None:
        """Add points behind those that are tracked and were appended; after `replace_all`, behind those appended.

        Raises:
            SourceChanged: somebody else changed the source after it was read.
        """
        self._change.pending.append(kind, name, points)

    def add_file(
        self, kind: FileKind, name: str, index: int | None, path: str, media_type: str | None,
        source: Path | bytes | Blob,
    ) -> tuple[str, int]:  # fmt: skip
        """Copy a file into the store.

        Args:
            kind: whether an image point's or an artifact's.
            name: of the image series, or of the artifact, which this file then is.
            index: of the image's point; None for an artifact.
            path: as the record gives it, or empty.
            media_type: as the record gives it.
            source: where its bytes are, or these; or a blob that the store has already.

        Returns:
            Its SHA-256 in lower-case hexadecimal, and its size in bytes.

        Raises:
            OSError: the file cannot be read, or the store not be written.
            StoreError: the store has no such blob any more.
        """
        if not isinstance(source, Blob):
            sha256, size = self._blobs.add(source)
        elif self._blobs.ask_for(source.sha256):
            sha256, size = source.sha256, source.size
        else:
            raise StoreError(f"The bytes of {name} were freed from the tracker meanwhile: upload again.")
        position = index or 0
        self._change.files[kind, name, position] = {
            "kind": kind,
            "name": name,
            "position": position,
            "path": path,
            "media_type": storable_or_none(media_type),
            "sha256": sha256,
            "bytes": size,
        }
        return sha256, size

    def commit(
        self,
        record: Record,
        digest: str,
        kind: Literal["document", "stream"],
        read_bytes: int | None,
        read_digest: str | None,
        merged: Merge,
        *,
        heard: float | None = None,
        within: Connection | None = None,
    ) -> TrackedSource:
        """Make the new state visible in one transaction; whoever is stopped in it leaves the old one.

        Args:
            record: the source's fold without its points.
            digest: of its canonical form.
            kind: what the run file is.
            read_bytes: how far a stream was read.
            read_digest: the SHA-256 of that much of it.
            merged: what the run's sources say together, points aside; or a function that makes it of their records by
                writer. A function is called inside the transaction, so that two sources of a run that are committed
                at once do not overlook each other; what it raises leaves the old state and comes through.
            heard: when the writer last gave a sign of life, in seconds since 1970; now by default.
            within: a connection in a transaction of the store's that writes, which this commit is to be part of: it is
                visible when that one is, and what it raises undoes this commit alone.

        Returns:
            The source as it is now.

        Raises:
            SourceChanged: somebody else changed the source after it was read.
            RunTrashed: the run is in the trash.
            StoreError: the database cannot be written; a full disk, mostly.
        """
        steps = self.steps(record, digest, kind, read_bytes, read_digest, merged, heard=heard, within=within)
        if within is None:
            return perform(steps, self._writes)

        def write_within(wanted: Wanted) -> Written:
            with told(self._location), within.begin_nested():
                return write(within, wanted)

        return perform(steps, write_within)

    def steps(
        self,
        record: Record,
        digest: str,
        kind: Literal["document", "stream"],
        read_bytes: int | None,
        read_digest: str | None,
        merged: Merge,
        *,
        heard: float | None = None,
        within: Connection | None = None,
    ) -> Steps[TrackedSource]:
        """The same for whoever writes the change themselves, which this asks for: several of them at once, perhaps."""
        if record.get("status") in _ENDED:
            self._change.pending.join_tails()
        try:
            self._change.pending.finish(within)
        except SourceChanged as changed:
            raise SourceChanged(self._change.told("was changed by somebody else")) from changed
        now = time.time()
        source: Row = {
            "kind": kind,
            "digest": digest,
            "read_bytes": read_bytes,
            "read_digest": read_digest,
            "record": encode_json(record),
            "series": len(self._change.pending.series),
            "next_number": self._change.pending.next_number,
            "changed": now,
        }
        sign_of_life = now if heard is None else min(heard, now)
        number, version = yield Wanted(self._change, record, source, merged, sign_of_life, self._confirm_files)
        grown = {key: one for key, one in self._change.pending.series.items() if one.summary is not None}
        return TrackedSource(
            self._engine,
            id=number,
            writer=self._change.writer,
            version=version,
            kind=kind,
            digest=digest,
            read_bytes=read_bytes,
            read_digest=read_digest,
            record=record,
            point_count=self._change.point_count,
            next_number=self._change.pending.next_number,
            changed=now,
            series=grown,
            tails=self._change.tails(self._engine, number, grown),
        )


@contextmanager
def told(location: Location) -> Iterator[None]:
    """Tells what goes wrong with the database of a store as a StoreError."""
    try:
        yield
    except DBAPIError as error:
        raise not_written(location, error) from error


def not_written(location: Location, error: DBAPIError) -> StoreError:
    """The StoreError of what went wrong with the database of a store."""
    return StoreError(f"The tracker at {location} cannot be written: {reason(error)}.")
