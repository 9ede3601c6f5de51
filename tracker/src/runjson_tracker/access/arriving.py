"""Blobs on their way: they were sent for a project, and the run that names them is yet to come."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import islice
from typing import Final

from runjson_schema.names import SHA256
from sqlalchemy import delete, select, union, update

from runjson_tracker.access.members import named
from runjson_tracker.access.part import Part
from runjson_tracker.access.tables import received
from runjson_tracker.database import insert_new
from runjson_tracker.errors import AccessRefused
from runjson_tracker.tables import files, projects, runs, sources

_AT_ONCE: Final = 500


class Arriving(Part):
    """Which blobs a run of a project may name: who knows the digest of another project's file must not get it."""

    def receive(self, project: str, sha256: str) -> None:
        """Write down that a blob was sent for a project.

        Raises:
            AccessRefused: one of them can be no name of a project, or no digest.
        """
        if not named(project) or not SHA256.match(sha256):
            raise AccessRefused(f'"{sha256[:80]}" of the project "{project[:80]}" can be no file.')
        row = {"project": project, "sha256": sha256.lower(), "added": time.time()}
        one = (received.c.project == project) & (received.c.sha256 == row["sha256"])
        with self._writing() as connection:
            # Sent again it waits anew.
            if connection.execute(update(received).where(one).values(added=row["added"])).rowcount == 0:
                connection.execute(insert_new(received), row)

    def may_claim(self, project: str, sha256s: Iterable[str]) -> set[str]:
        """Those of some blobs that were sent for a project, or are a file of a run of it."""
        if not named(project):
            return set()
        wanted = iter({one for one in sha256s if SHA256.match(one)})
        found: set[str] = set()
        with self._reading() as connection:
            while batch := list(islice(wanted, _AT_ONCE)):
                sent = select(received.c.sha256).where(received.c.project == project, received.c.sha256.in_(batch))
                tracked = (
                    select(files.c.sha256)
                    .join(sources, files.c.source == sources.c.id)
                    .join(runs, sources.c.run == runs.c.id)
                    .join(projects, runs.c.project == projects.c.id)
                    .where(projects.c.name == project, files.c.sha256.in_(batch))
                )
                found.update(connection.execute(union(sent, tracked)).scalars())
        return found

    def forget_received(self, before: float) -> None:
        """Forget the blobs that were sent before a moment, in seconds since 1970: their runs came or never do."""
        with self._writing() as connection:
            connection.execute(delete(received).where(received.c.added < before))
