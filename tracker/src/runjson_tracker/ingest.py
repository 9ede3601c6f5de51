"""Writing one source: points wait outside the database, and one short transaction makes all of it visible."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias

from runjson_schema.points import Kind, Points
from sqlalchemy import Connection, Engine, Insert, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from runjson_tracker.blobs import Blobs
from runjson_tracker.chunks import decode_json, encode_json
from runjson_tracker.database import reason
from runjson_tracker.errors import RunTrashed, SourceChanged, StoreError
from runjson_tracker.fields import write_fields, write_series_fields
from runjson_tracker.pending import Pending
from runjson_tracker.sources import FileKind, Record, TrackedSource
from runjson_tracker.summary import SUMMARY_COLUMNS, summary_row
from runjson_tracker.tables import blobs, chunks, files, projects, records, runs, series, sources

# The run's merged record, or what makes it of the records of the run's sources, by writer.
Merge: TypeAlias = Record | Callable[[Mapping[str, Record]], Record]
Row: TypeAlias = dict[str, Any]  # Any: columns of several types

_ROWS_A_STATEMENT: Final = 256
# A run of this status gets no more points, mostly.
_ENDED: Final = frozenset({"succeeded", "failed", "aborted"})

_find_run: Final = (
    select(projects.c.id, runs.c.id, runs.c.trashed, records.c.record)
    .select_from(
        projects.outerjoin(runs, (runs.c.project == projects.c.id) & (runs.c.run == bindparam("run_name"))).outerjoin(
            records, records.c.run == runs.c.id
        )
    )
    .where(projects.c.name == bindparam("project_name"))
)
_records_of_run: Final = select(sources.c.writer, sources.c.record).where(sources.c.run == bindparam("of_run"))
_change_run: Final = update(runs).where(runs.c.id == bindparam("of_run"))
_count_run: Final = _change_run.values(
    sources=runs.c.sources + bindparam("more_sources"),
    points=runs.c.points + bindparam("more_points"),
    series=runs.c.series + bindparam("more_series"),
)
_change_record: Final = update(records).where(records.c.run == bindparam("of_run"))
_forget_chunks: Final = delete(chunks).where(
    chunks.c.source == bindparam("of_source"),
    chunks.c.number == bindparam("of_number"),
    chunks.c.first >= bindparam("of_first"),
)
_change_source: Final = update(sources).where(
    sources.c.id == bindparam("of_source"), sources.c.version == bindparam("of_version")
)
_add_series: Final = insert(series)
_add_chunk: Final = insert(chunks)
_grow_series: Final = (
    update(series)
    .where(
        series.c.source == bindparam("of_source"),
        series.c.kind == bindparam("of_kind"),
        series.c.name == bindparam("of_name"),
    )
    .values({name: bindparam(name) for name in SUMMARY_COLUMNS})
)
_forget_file: Final = delete(files).where(
    files.c.source == bindparam("of_source"),
    files.c.kind == bindparam("of_kind"),
    files.c.name == bindparam("of_name"),
    files.c.position == bindparam("of_position"),
)
# Not an "on conflict": that is spelled by each database in its own way.
_add_blob: Final = insert(blobs).from_select(
    ["sha256", "bytes", "added"],
    select(
        bindparam("digest", type_=blobs.c.sha256.type),
        bindparam("size", type_=blobs.c.bytes.type),
        bindparam("now", type_=blobs.c.added.type),
    ).where(~exists().where(blobs.c.sha256 == bindparam("digest"))),
)


class Ingest:
    """One change of one source, made visible as a whole by `commit`, or not at all.

    A context manager: what was appended and not committed is forgotten at its end.
    """

    def __init__(
        self, engine: Engine, folder: Path, stored: Blobs, project: str, run: str, writer: str,
        tracked: TrackedSource | None,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._folder = folder
        self._blobs = stored
        self._identity = project, run, writer
        self._tracked = tracked
        self._replacing = False
        self._files: dict[tuple[str, str, int], Row] = {}
        if tracked is None:
            self._pending = Pending(folder, {}, 1)
        else:
            self._pending = Pending(folder, tracked.series, tracked.next_number, tracked.tail)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pending.close()

    def replace_all(self) -> None:
        """Let the new state replace all of the old one, and forget what was appended so far."""
        self._pending.close()
        self._replacing = True
        self._files.clear()
        self._pending = Pending(self._folder, {}, self._tracked.next_number if self._tracked else 1)

    def append(self, kind: Kind, name: str, points: Points) -> None:
        """Add points behind those that are tracked and were appended; after `replace_all`, behind those appended."""
        self._pending.append(kind, name, points)

    def add_file(
        self, kind: FileKind, name: str, index: int | None, path: str, media_type: str | None, source: Path | bytes
    ) -> tuple[str, int]:
        """Copy a file into the store.

        Args:
            kind: whether an image point's or an artifact's.
            name: of the image series, or of the artifact, which this file then is.
            index: of the image's point; None for an artifact.
            path: as the record gives it, or empty.
            media_type: as the record gives it.
            source: where its bytes are, or these.

        Returns:
            Its SHA-256 in lower-case hexadecimal, and its size in bytes.

        Raises:
            OSError: the file cannot be read, or the store not be written.
        """
        sha256, size = self._blobs.add(source)
        position = index or 0
        self._files[kind, name, position] = {
            "kind": kind,
            "name": name,
            "position": position,
            "path": path,
            "media_type": _searchable(media_type),
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
        if record.get("status") in _ENDED:
            self._pending.join_tails()
        self._pending.finish()
        now = time.time()
        source: Row = {
            "kind": kind,
            "digest": digest,
            "read_bytes": read_bytes,
            "read_digest": read_digest,
            "record": encode_json(record),
            "series": len(self._pending.series),
            "next_number": self._pending.next_number,
            "changed": now,
        }
        sign_of_life = now if heard is None else min(heard, now)
        try:
            if within is None:
                with self._engine.begin() as connection:
                    number, version = self._write(connection, record, source, merged, sign_of_life)
            else:
                with within.begin_nested():
                    number, version = self._write(within, record, source, merged, sign_of_life)
        except DatabaseError as error:
            raise StoreError(f"The tracker at {self._folder} cannot be written: {reason(error)}.") from error
        return TrackedSource(
            self._engine,
            id=number,
            writer=self._identity[2],
            version=version,
            kind=kind,
            digest=digest,
            read_bytes=read_bytes,
            read_digest=read_digest,
            record=record,
            point_count=self._point_count,
            next_number=self._pending.next_number,
            changed=now,
            series={key: one for key, one in self._pending.series.items() if one.summary is not None},
        )

    @property
    def _point_count(self) -> int:
        """How many points the source has after this change."""
        kept = self._tracked.point_count if self._tracked and not self._replacing else 0
        return kept + self._pending.points

    def _write(
        self, connection: Connection, record: Record, source: Row, merged: Merge, heard: float
    ) -> tuple[int, int]:
        """Write all; the number of the source, and its version."""
        project, run, new_run = self._write_run(connection, record, merged, source["changed"], heard)
        number, version = self._write_source(connection, run, source)
        self._write_series(connection, number)
        if self._pending.rewritten:
            connection.execute(
                _forget_chunks,
                [
                    {"of_source": number, "of_number": one, "of_first": first}
                    for one, first in self._pending.rewritten.items()
                ],
            )
        rows = self._pending.rows()
        while batch := [{"source": number, **row} for row in islice(rows, _ROWS_A_STATEMENT)]:
            connection.execute(_add_chunk, batch)
        self._write_files(connection, number, source["changed"])
        changed = {name for kind, name in self._pending.changed if kind == "series"}
        if self._tracked and self._replacing:
            changed |= {name for kind, name in self._tracked.series if kind == "series"}
        write_series_fields(connection, project, run, changed, new=new_run)
        return number, version

    def _write_run(
        self, connection: Connection, record: Record, merged: Merge, now: float, heard: float
    ) -> tuple[int, int, bool]:
        """Write the run's row, record and fields; the numbers of project and run, and whether the run is new."""
        project_name, run_name, writer = self._identity
        found = connection.execute(_find_run, {"project_name": project_name, "run_name": run_name}).one_or_none()
        project, run, trashed, stored = found or (None, None, None, None)
        if trashed is not None:
            raise RunTrashed(
                f"The run {project_name}/{run_name} is in the trash; "
                f"`runjson rm --restore {project_name}/{run_name}` takes it back."
            )
        if callable(merged):
            others = connection.execute(_records_of_run, {"of_run": run}) if run is not None else ()
            merged = merged({other: decode_json(text) for other, text in others} | {writer: record})
        encoded = encode_json(merged)
        row: Row = {
            "name": _searchable(merged.get("name")),
            "group": _searchable(merged.get("group")),
            "status": merged.get("status"),
            "started": seconds(merged.get("started_at")),
            "ended": seconds(merged.get("ended_at")),
            "tags": encode_json(merged["tags"]) if merged.get("tags") else None,
            "changed": now,
            "heard": heard,
        }
        counts = self._more()
        if project is not None and run is not None and stored is not None:
            connection.execute(_count_run, row | counts | {"of_run": run})
            if encoded != stored:
                connection.execute(_change_record, {"of_run": run, "record": encoded})
                write_fields(connection, project, run, decode_json(stored), merged)
            return int(project), int(run), False
        if project is None:
            project = _key(connection, insert(projects), {"name": project_name, "created": now})
        new = row | {name.removeprefix("more_"): count for name, count in counts.items()}
        run = _key(connection, insert(runs), new | {"project": project, "run": run_name, "created": now})
        connection.execute(insert(records), {"run": run, "record": encoded})
        write_fields(connection, project, run, {}, merged)
        return int(project), run, True

    def _more(self) -> Row:
        """How many sources, points and series the run has more than before."""
        tracked = self._tracked
        return {
            "more_sources": 0 if tracked else 1,
            "more_points": self._point_count - (tracked.point_count if tracked else 0),
            "more_series": len(self._pending.series) - (len(tracked.series) if tracked else 0),
        }

    def _write_source(self, connection: Connection, run: int, source: Row) -> tuple[int, int]:
        """Write the source's row; its number and its version."""
        tracked, now = self._tracked, source["changed"]
        if tracked is None:
            new = source | {"run": run, "writer": self._identity[2], "version": 1, "created": now}
            try:
                return _key(connection, insert(sources), new | {"points": self._point_count}), 1
            except IntegrityError as error:
                raise SourceChanged(self._told("was made by somebody else")) from error
        changes = source | {"points": self._point_count, "version": tracked.version + 1}
        known = {"of_source": tracked.id, "of_version": tracked.version}
        if connection.execute(_change_source, changes | known).rowcount != 1:
            raise SourceChanged(self._told("was changed by somebody else"))
        if self._replacing:
            for table in (series, chunks, files):
                connection.execute(delete(table).where(table.c.source == tracked.id))
        return tracked.id, tracked.version + 1

    def _write_series(self, connection: Connection, source: int) -> None:
        known = self._tracked.series if self._tracked and not self._replacing else {}
        new, grown = [], []
        for kind, name in self._pending.changed:
            one = self._pending.series[kind, name]
            if one.summary is None:
                continue
            row = summary_row(one.summary)
            if (kind, name) in known:
                grown.append(row | {"of_source": source, "of_kind": kind, "of_name": name})
            else:
                new.append(row | {"source": source, "kind": kind, "name": name, "number": one.number})
        if new:
            connection.execute(_add_series, new)
        if grown:
            connection.execute(_grow_series, grown)

    def _write_files(self, connection: Connection, source: int, now: float) -> None:
        if not self._files:
            return
        rows = list(self._files.values())
        names = ("kind", "name", "position")
        connection.execute(
            _forget_file, [{f"of_{name}": row[name] for name in names} | {"of_source": source} for row in rows]
        )
        connection.execute(insert(files), [row | {"source": source} for row in rows])
        connection.execute(_add_blob, [{"digest": row["sha256"], "size": row["bytes"], "now": now} for row in rows])

    def _told(self, what: str) -> str:
        project, run, writer = self._identity
        return f"The source of {project}/{run}{f', writer {writer},' if writer else ''} {what} meanwhile."


def seconds(text: str | None) -> float | None:
    """A normalised time text (SPEC 5.5) as seconds since 1970-01-01T00:00:00Z; None for a year beyond the calendar."""
    if text is None:
        return None
    # A leap second is read as the second before it, one second later.
    leap = text[17:19] == "60"
    try:
        return datetime.fromisoformat(f"{text[:17]}59{text[19:]}" if leap else text).timestamp() + leap
    except (ValueError, OverflowError):
        return None


def _key(connection: Connection, statement: Insert, row: Row) -> int:
    """Insert one row, and return the number that the database gave it."""
    key = connection.execute(statement, row).inserted_primary_key
    assert key is not None
    return int(key[0])


def _searchable(text: str | None) -> str | None:
    """A text as a column may hold it; PostgreSQL keeps no U+0000. The record has the text as it is."""
    return None if text is None else text.replace("\0", "\ufffd")
