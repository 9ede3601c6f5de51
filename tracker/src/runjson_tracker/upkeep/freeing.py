"""What `runjson store gc` frees: runs that lay in the trash long enough, what nobody needs, sessions that expired."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sqlalchemy import Connection, Engine, delete, exists, select

from runjson_tracker.access.clearing import clear
from runjson_tracker.blobs import Blobs
from runjson_tracker.chunks import decode_json
from runjson_tracker.database import writing
from runjson_tracker.fields import write_fields, write_series_fields
from runjson_tracker.tables import blobs, field_series, field_values, fields, files, records, runs, series, sources

DAY: Final = 86400.0
# So long a run lies in the trash before it is freed.
KEPT: Final = 7 * DAY
# A blob that is younger may belong to an upload that has not committed yet.
_YOUNG: Final = DAY
# While so many are removed, those who write wait.
_BLOBS_AT_ONCE: Final = 200


@dataclass(slots=True)
class Freed:
    """How much was freed: runs, points, blobs, and the bytes of these."""

    runs: int = 0
    points: int = 0
    blobs: int = 0
    bytes: int = 0


def free(
    engine: Engine, stored: Blobs, *, kept: float = KEPT, now: float | None = None, dry_run: bool = False
) -> Freed:
    """Free what has been in the trash long enough, and the blobs that no run needs.

    Whoever is stopped in it leaves whole runs; what is left is freed the next time.

    Args:
        engine: of the store.
        stored: its blobs.
        kept: how long runs stay in the trash, in seconds.
        now: the time, in seconds since 1970; that of the clock by default.
        dry_run: whether to count only.
    """
    moment = time.time() if now is None else now
    freed = Freed()
    alone = writing(engine, "alone")
    with engine.connect() as connection:
        old = connection.execute(select(runs.c.id, runs.c.points).where(runs.c.trashed <= moment - kept)).all()
    for run, points in old:
        freed.runs += 1
        freed.points += points
        if not dry_run:
            with alone.begin() as connection:
                if connection.execute(select(runs.c.trashed).where(runs.c.id == run)).scalar() is not None:
                    remove_run(connection, run)
    gone = {run for run, _ in old} if dry_run else set()
    _free_blobs(engine, stored, moment - _YOUNG, freed, gone, dry_run=dry_run)
    if not dry_run:
        with alone.begin() as connection:
            used = exists().where(field_values.c.field == fields.c.id) | exists().where(
                field_series.c.field == fields.c.id
            )
            connection.execute(delete(fields).where(~used))
            clear(connection, moment, moment - _YOUNG)
    return freed


def remove_run(connection: Connection, run: int) -> None:
    """Remove a run, by its number, and all that is its own but for the blobs."""
    project, record = connection.execute(
        select(runs.c.project, records.c.record).join(records, records.c.run == runs.c.id).where(runs.c.id == run)
    ).one()
    write_fields(connection, project, run, decode_json(record), {})
    of_run = select(series.c.name).join(sources, series.c.source == sources.c.id)
    names = set(connection.execute(of_run.where(sources.c.run == run, series.c.kind == "series")).scalars())
    connection.execute(delete(sources).where(sources.c.run == run))
    write_series_fields(connection, project, run, names)
    connection.execute(delete(runs).where(runs.c.id == run))


def _free_blobs(engine: Engine, stored: Blobs, before: float, freed: Freed, gone: set[int], *, dry_run: bool) -> None:
    """Free blobs that no file names.

    They are looked for beside all who write, and removed some at a time while those wait: none can commit a file whose
    blob is about to go.
    """
    needed = select(files.c.sha256).join(sources, files.c.source == sources.c.id)
    alone = writing(engine, "alone")
    with engine.connect() as connection:
        keep = set(connection.execute(needed.where(sources.c.run.not_in(gone)) if gone else needed).scalars())
    found = ((sha256, size) for sha256, size in stored.older(before) if sha256 not in keep)
    while batch := dict(islice(found, _BLOBS_AT_ONCE)):
        removed = set(batch)
        if not dry_run:
            of_batch = select(files.c.sha256).where(files.c.sha256.in_(list(batch)))
            # The rows first: a blob without a row is found again by whoever frees next, a row without its blob never.
            with alone.begin() as connection:
                removed -= set(connection.execute(of_batch).scalars())
                connection.execute(delete(blobs).where(blobs.c.sha256.in_(list(removed))))
            with alone.begin() as connection:
                removed -= set(connection.execute(of_batch).scalars())
                removed = {sha256 for sha256 in removed if stored.remove(sha256, before)}
        freed.blobs += len(removed)
        freed.bytes += sum(batch[sha256] for sha256 in removed)
