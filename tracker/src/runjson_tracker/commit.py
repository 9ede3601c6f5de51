"""The transaction that makes one change of one source visible: its run, its series and chunks, its files and fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Double, Engine, Executable, Table, bindparam, case, delete, insert, select, update

from runjson_tracker.chunks import decode_json, encode_json
from runjson_tracker.database import insert_new, lock_if_free, lock_run, put, shared
from runjson_tracker.direct import execute_rows, first, first_of_each, without_waiting
from runjson_tracker.errors import RunTrashed, SourceChanged
from runjson_tracker.fields import (
    name_series,
    seconds,
    series_fields,
    storable_or_none,
    told_of,
    write_fields,
    write_series_fields,
)
from runjson_tracker.pending import Pending, Series
from runjson_tracker.sources import Record, TrackedSource
from runjson_tracker.summary import summary_row
from runjson_tracker.tables import blobs, chunks, files, projects, records, runs, series, sources
from runjson_tracker.tails import Key, Tails

# The run's merged record, or what makes it of the records of the run's sources, by writer.
Merge: TypeAlias = Record | Callable[[Mapping[str, Record]], Record]
Row: TypeAlias = dict[str, Any]  # Any: columns of several types

# So many chunks are added by one statement, or fewer that have so many bytes together.
_ROWS_A_STATEMENT: Final = 256
_BYTES_A_STATEMENT: Final = 1 << 20

# One statement tells all that a commit must know of what is there, but for the records of other sources.
_find_run: Final = (
    select(
        projects.c.id.label("project"), runs.c.id.label("run"), runs.c.trashed, runs.c.sources, records.c.record,
        sources.c.id.label("source"), sources.c.version,
    )
    .select_from(
        projects.outerjoin(runs, (runs.c.project == projects.c.id) & (runs.c.run == bindparam("run_name")))
        .outerjoin(records, records.c.run == runs.c.id)
        .outerjoin(sources, (sources.c.run == runs.c.id) & (sources.c.writer == bindparam("writer_name")))
    )
    .where(projects.c.name == bindparam("project_name"))
)  # fmt: skip
_records_of_run: Final = select(sources.c.writer, sources.c.record).where(sources.c.run == bindparam("of_run"))
_change_run: Final = update(runs).where(runs.c.id == bindparam("of_run"))
_heard_now: Final = bindparam("heard_now", type_=Double)
_count_run: Final = _change_run.values(
    sources=runs.c.sources + bindparam("more_sources"),
    points=runs.c.points + bindparam("more_points"),
    series=runs.c.series + bindparam("more_series"),
    heard=case((runs.c.heard > _heard_now, runs.c.heard), else_=_heard_now),
)
_change_record: Final = update(records).where(records.c.run == bindparam("of_run"))
_forget_chunks: Final = delete(chunks).where(
    chunks.c.source == bindparam("of_source"),
    chunks.c.number == bindparam("of_number"),
    chunks.c.first >= bindparam("of_first"),
)
_change_source: Final = update(sources).where(sources.c.id == bindparam("of_source"))
_put_series: Final = put(series)
_add_chunk: Final = insert(chunks).inline()
_add_file: Final = insert(files).inline()
_forget: Final = {
    table: delete(table).where(table.c.source == bindparam("of_source")) for table in (series, chunks, files)
}
_forget_file: Final = delete(files).where(
    files.c.source == bindparam("of_source"),
    files.c.kind == bindparam("of_kind"),
    files.c.name == bindparam("of_name"),
    files.c.position == bindparam("of_position"),
)
_add_blob: Final = insert_new(blobs)
_add_project: Final = insert_new(projects)
_project: Final = select(projects.c.id).where(projects.c.name == bindparam("project_name"))


@dataclass(slots=True)
class Change:
    """What is to become of a source.

    Attributes:
        project: of the source, as are `run` and `writer`, "" for none.
        tracked: the source before; None if it is new.
        pending: the points that are added.
        replacing: whether the new state replaces all of the old one.
        files: rows of the table of files, by kind, name and position.
    """

    project: str
    run: str
    writer: str
    tracked: TrackedSource | None
    pending: Pending
    replacing: bool = False
    files: dict[tuple[str, str, int], Row] = field(default_factory=dict)

    def tails(self, engine: Engine, source: int, series: Mapping[Key, Series]) -> Tails:
        """What is known of the last chunks of the source's series, as they are after this change."""
        before = self.tracked.tails if self.tracked and not self.replacing else Tails(engine, source, {})
        known, ends = before.known | self.pending.tails, before.ends | self.pending.ends
        return Tails(engine, source, series, known, ends)

    @property
    def names(self) -> Row:
        """By which it is looked for in the database."""
        return {"project_name": self.project, "run_name": self.run, "writer_name": self.writer}

    @property
    def point_count(self) -> int:
        """How many points the source has after this change."""
        kept = self.tracked.point_count if self.tracked and not self.replacing else 0
        return kept + self.pending.points

    def told(self, what: str) -> str:
        """A sentence on what became of the source meanwhile."""
        writer = f", writer {self.writer}," if self.writer else ""
        return f"The source of {self.project}/{self.run}{writer} {what} meanwhile."


# The number of a source, and its version.
Written: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change, and what is to stand in the database after it.

    Attributes:
        change: what is to become of a source.
        record: the source's fold without its points.
        source: the source's row, without what the change itself says.
        merged: what the run says then.
        heard: when the writer last gave a sign of life, in seconds since 1970.
        confirm: called when all is written, if files were added; what it raises undoes it.
    """

    change: Change
    record: Record
    source: Row
    merged: Merge
    heard: float
    confirm: Callable[[], None]

    @property
    def only_adds_points(self) -> bool:
        """Whether points are added, to series that are there or are new, and nothing else is said, as by most lines."""
        change, tracked = self.change, self.change.tracked
        return tracked is not None and self.record == tracked.record and not (change.replacing or change.files)


def write(connection: Connection, wanted: Wanted) -> Written:
    """Write one change, within a transaction that writes.

    Raises:
        SourceChanged: somebody else changed the source after it was read.
        RunTrashed: the run is in the trash.
    """
    change, joins = wanted.change, wanted.only_adds_points
    with without_waiting(connection) as ahead:
        lock_run(connection, change.project, change.run)
        commit = Commit(connection, wanted, first(connection, _find_run, change.names))
        commit.check()
        if not (joins and commit.is_alone):
            ahead.close()  # what comes asks the database, and waits for its answers
        written = commit.prepare()
        name_series(connection, commit.named)
        with without_waiting(connection):
            chunks = _write([commit], connection)
    # Where there are many, each waits for the one before: not all of them are to be in memory.
    for rows in chunks:
        execute_rows(connection, _add_chunk, rows)
    commit.end()
    return written


def write_joined(connection: Connection, all_wanted: Sequence[Wanted]) -> list[Written | Exception | None]:
    """Write many changes that only add points, by as few statements as one of them takes.

    Returns:
        What became of each: written, or what is wrong with it; None of one that has to be written by itself.
    """
    answers: list[Written | Exception | None] = []
    commits = []
    with without_waiting(connection):
        changes = [one.change for one in all_wanted]
        # Nobody waits here for who changes one of these runs: all that hold locks would, and who waits for theirs.
        had = lock_if_free(connection, [(one.project, one.run) for one in changes])
        rows = first_of_each(connection, _find_run, [one.names for one in changes])
        met = set()
        for wanted, is_ours, found in zip(all_wanted, had, rows, strict=True):
            commit = Commit(connection, wanted, found)
            run = wanted.change.project, wanted.change.run
            # The second change of a run is to see what the first one left.
            joins = is_ours and commit.is_alone and run not in met
            met.add(run)
            try:
                if joins:
                    commit.check()
            except (SourceChanged, RunTrashed) as error:
                answers.append(error)
            else:
                answers.append(commit.prepare() if joins else None)
                commits += [commit] if joins else []
        name_series(connection, {name for commit in commits for name in commit.named})
        chunks = _write(commits, connection)
    for rows in chunks:
        execute_rows(connection, _add_chunk, rows)
    return answers


def _write(commits: Sequence[Commit], connection: Connection) -> Iterator[list[Row]]:
    """Write what commits prepared, all rows of a statement at once; the chunks that are left to be written."""
    together: dict[tuple[Executable, tuple[str, ...]], list[Row]] = {}
    for commit in commits:
        for statement, rows in commit.writes:
            if rows:
                together.setdefault((statement, tuple(rows[0])), []).extend(rows)
    for (statement, _), rows in together.items():
        execute_rows(connection, statement, rows)
    chunks = _batches(row for commit in commits for row in commit.chunks())
    for rows in islice(chunks, 1):
        execute_rows(connection, _add_chunk, rows)
    return chunks


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows of chunks, some at once."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(row[name] or b"") for name in ("values", "steps", "times"))
        if len(batch) == _ROWS_A_STATEMENT or size >= _BYTES_A_STATEMENT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class Commit:
    """A change on its way into the database, within a transaction that writes.

    Attributes:
        writes: the statements to be executed, and their rows, the chunks aside.
        named: the series which are to be fields before they are executed, by the number of their project and name.
        is_alone: whether the run has no other source.
    """

    def __init__(self, connection: Connection, wanted: Wanted, found: Any) -> None:  # Any: a row of `_find_run`
        self.writes: list[tuple[Executable, list[Row]]] = []
        self.named: set[tuple[int, str]] = set()
        self._connection = connection
        self._wanted = wanted
        self._change = wanted.change
        self._found = found
        self.is_alone = found is None or (found.sources or 0) == (1 if self._change.tracked else 0)

    def check(self) -> None:
        """See that the run takes changes, and that the source is as it was read; nobody else changes it from now on.

        Raises:
            SourceChanged: it is not.
            RunTrashed: it does not.
        """
        change, found = self._change, self._found
        if found is not None and found.trashed is not None:
            raise RunTrashed(
                f"The run {change.project}/{change.run} is in the trash; "
                f"`runjson rm --restore {change.project}/{change.run}` takes it back."
            )
        # It is looked for by its run and writer: numbers are given anew where a database was made anew, or a run freed.
        there = None if found is None or found.source is None else (int(found.source), int(found.version))
        tracked = change.tracked
        if there != (None if tracked is None else (tracked.id, tracked.version)):
            raise SourceChanged(change.told(f"was {'made' if tracked is None else 'changed'} by somebody else"))

    def prepare(self) -> Written:
        """Gather what is to be written; what is new gets its number, and is written so far."""
        self._project, self._run = self._write_run()
        number, version = self._write_source(self._run)
        self._number = number
        self._write_series(number)
        self._write_files(number)
        self._changed = self._changed_series()
        if self.is_alone:
            self._tell_series()
        return number, version

    def chunks(self) -> Iterator[Row]:
        """The rows of new chunks."""
        for row in self._change.pending.rows():
            yield {"source": self._number, **row}

    def end(self) -> None:
        """Do what is left when all is written."""
        if not self.is_alone:
            write_series_fields(self._connection, self._project, self._run, self._changed)
        if self._change.files:
            self._wanted.confirm()

    def _write_run(self) -> tuple[int, int]:
        """Write the run's row, record and fields; the numbers of project and run."""
        change, found, record = self._change, self._found, self._wanted.record
        now, heard, merged = self._wanted.source["changed"], self._wanted.heard, self._wanted.merged
        counts = self._more()
        if change.tracked is not None and record == change.tracked.record:
            # The run says what it said before.
            self.writes.append((_count_run, [counts | {"changed": now, "of_run": found.run, "heard_now": heard}]))
            return int(found.project), int(found.run)
        if callable(merged):
            alone = found is None or self.is_alone
            others = () if alone else self._connection.execute(_records_of_run, {"of_run": found.run})
            merged = merged({other: decode_json(text) for other, text in others} | {change.writer: record})
        encoded = encode_json(merged)
        row: Row = {
            "name": storable_or_none(merged.get("name")),
            "group": storable_or_none(merged.get("group")),
            "status": merged.get("status"),
            "started": seconds(merged.get("started_at")),
            "ended": seconds(merged.get("ended_at")),
            "tags": encode_json(merged["tags"]) if merged.get("tags") else None,
            "changed": now,
        }
        if found is not None and found.run is not None:
            self.writes.append((_count_run, [row | counts | {"of_run": found.run, "heard_now": heard}]))
            if encoded != found.record:
                self.writes.append((_change_record, [{"of_run": found.run, "record": encoded}]))
                write_fields(self._connection, found.project, found.run, decode_json(found.record), merged)
            return int(found.project), int(found.run)
        project = add_project(self._connection, change.project, now) if found is None else int(found.project)
        new = row | {"heard": heard} | {name.removeprefix("more_"): count for name, count in counts.items()}
        run = inserted(self._connection, runs, new | {"project": project, "run": change.run, "created": now})
        self.writes.append((insert(records).inline(), [{"run": run, "record": encoded}]))
        write_fields(self._connection, project, run, {}, merged)
        return project, run

    def _more(self) -> Row:
        """How many sources, points and series the run has more than before."""
        tracked = self._change.tracked
        return {
            "more_sources": 0 if tracked else 1,
            "more_points": self._change.point_count - (tracked.point_count if tracked else 0),
            "more_series": len(self._change.pending.series) - (len(tracked.series) if tracked else 0),
        }

    def _write_source(self, run: int) -> Written:
        """Write the source's row; its number and its version."""
        tracked, source = self._change.tracked, self._wanted.source
        if tracked is None:
            new = source | {"run": run, "writer": self._change.writer, "version": 1, "created": source["changed"]}
            return inserted(self._connection, sources, new | {"points": self._change.point_count}), 1
        changes = source | {"points": self._change.point_count, "version": tracked.version + 1}
        self.writes.append((_change_source, [changes | {"of_source": tracked.id}]))
        if self._change.replacing:
            self.writes += [(_forget[table], [{"of_source": tracked.id}]) for table in (series, chunks, files)]
        else:
            rewritten = self._change.pending.rewritten.items()
            rows = [{"of_source": tracked.id, "of_number": number, "of_first": first} for number, first in rewritten]
            self.writes.append((_forget_chunks, rows))
        return tracked.id, tracked.version + 1

    def _write_series(self, source: int) -> None:
        rows = []
        for kind, name in self._change.pending.changed:
            one = self._change.pending.series[kind, name]
            if one.summary is not None:
                row = {"source": source, "kind": kind, "name": name, "number": one.number}
                rows.append(row | summary_row(one.summary))
        self.writes.append((_put_series, rows))

    def _changed_series(self) -> set[str]:
        """The names of series of numbers that changed, came or went."""
        change = self._change
        changed = {name for kind, name in change.pending.changed if kind == "series"}
        if change.tracked and change.replacing:
            changed |= {name for kind, name in change.tracked.series if kind == "series"}
        return changed

    def _tell_series(self) -> None:
        """Write what is told of series of which no other source says anything: all of it is known here."""
        series_now, changed = self._change.pending.series, self._changed
        own = {name: series_now["series", name].summary for name in changed if ("series", name) in series_now}
        told = {name: told_of([summary]) for name, summary in own.items() if summary is not None}
        known = self._change.tracked.series if self._change.tracked else {}
        self.named = {(self._project, name) for name in told if ("series", name) not in known}
        self.writes += series_fields(self._project, self._run, told, gone=changed - told.keys())

    def _write_files(self, source: int) -> None:
        if not self._change.files:
            return
        rows = list(self._change.files.values())
        names = ("kind", "name", "position")
        self.writes += [
            (_forget_file, [{f"of_{name}": row[name] for name in names} | {"of_source": source} for row in rows]),
            (_add_file, [row | {"source": source} for row in rows]),
        ]
        add_blobs(self._connection, rows, self._wanted.source["changed"])


def add_project(connection: Connection, name: str, created: float) -> int:
    """Make a project, unless there is one of this name; its number."""
    with shared(connection) as apart:
        apart.execute(_add_project, {"name": name, "created": created})
    return int(connection.execute(_project, {"project_name": name}).scalar_one())


def add_blobs(connection: Connection, rows: Iterable[Row], added: float) -> None:
    """Write down the blobs of rows of files, but those that are known."""
    with shared(connection) as apart:
        apart.execute(_add_blob, [{"sha256": row["sha256"], "bytes": row["bytes"], "added": added} for row in rows])


def inserted(connection: Connection, table: Table, row: Row) -> int:
    """Insert one row, and return the number that the database gave it."""
    key = connection.execute(insert(table), row).inserted_primary_key
    assert key is not None
    return int(key[0])
