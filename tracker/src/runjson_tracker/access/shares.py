"""Shares: a link by which whoever has it looks at a run, or at a comparison of some."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import RowMapping, Select, or_, select, update

from runjson_tracker.access.members import demand_project, named
from runjson_tracker.access.part import Part
from runjson_tracker.access.roles import Person, Share
from runjson_tracker.access.secret import digest, new_secret
from runjson_tracker.access.tables import people, shares
from runjson_tracker.chunks import decode_json, encode_json
from runjson_tracker.commit import inserted
from runjson_tracker.errors import AccessRefused
from runjson_tracker.tables import projects, runs

# More are no comparison that anybody looks at.
_MOST_RUNS: Final = 1000
# Greater numbers are none of a row, and PostgreSQL does not take them.
_GREATEST: Final = 2**63 - 1


class Shares(Part):
    """What was shared."""

    def share(
        self, person: Person, project: str, runs: Sequence[str], *, expires: float | None = None
    ) -> tuple[Share, str]:  # fmt: skip
        """Share runs with whoever has the secret.

        Args:
            person: who shares.
            project: of the runs.
            runs: their ids, 1 to 1,000, in the order in which they are compared.
            expires: until when, in seconds since 1970; until it is withdrawn by default.

        Raises:
            AccessRefused: there is no such project or run, or there are none or too many.
        """
        wanted = tuple(dict.fromkeys(runs))
        if not 1 <= len(wanted) <= _MOST_RUNS:
            raise AccessRefused(f"A share has 1 to {_MOST_RUNS:,} runs, not {len(wanted):,}.")
        secret, now = new_secret(), time.time()
        with self._writing() as connection:
            number = demand_project(connection, project)
            there = connection.execute(_there(number, [run for run in wanted if named(run)])).scalars()
            if missing := sorted(set(wanted) - set(there)):
                raise AccessRefused(f'The project "{project}" has no run "{missing[0]}".')
            row = {"digest": digest(secret), "person": person.id, "project": number, "runs": encode_json(wanted)}
            share = inserted(connection, shares, row | {"created": now, "expires": expires})
        return Share(share, person.name, project, wanted, now, expires), secret

    def share_of(self, secret: str) -> Share | None:
        """What was shared with whoever has this secret; None if it expired, was withdrawn, or never was."""
        lasting = or_(shares.c.expires.is_(None), shares.c.expires > time.time())
        statement = _shares().where(shares.c.digest == digest(secret), shares.c.withdrawn.is_(None), lasting)
        with self._reading() as connection:
            found = connection.execute(statement).mappings().one_or_none()
        return None if found is None else _share(found)

    def shares(self, project: str) -> list[Share]:
        """The shares of a project, those that ended too, the newest first."""
        if not named(project):
            return []
        statement = _shares().where(projects.c.name == project).order_by(shares.c.id.desc())
        with self._reading() as connection:
            return [_share(row) for row in connection.execute(statement).mappings()]

    def withdraw(self, project: str, id: int) -> bool:  # noqa: A002  as the attribute of a share is called
        """End a share of a project; False if there is none of this number that was not withdrawn before."""
        if not named(project) or not 0 < id <= _GREATEST:
            return False
        of_project = select(projects.c.id).where(projects.c.name == project).scalar_subquery()
        one = (shares.c.id == id) & (shares.c.project == of_project) & shares.c.withdrawn.is_(None)
        with self._writing() as connection:
            return connection.execute(update(shares).where(one).values(withdrawn=time.time())).rowcount == 1


def _there(project: int, wanted: Sequence[str]) -> Select[Any]:  # Any: of one text
    """Selects those of some runs that a project has; runs in the trash are out of sight."""
    return select(runs.c.run).where(runs.c.project == project, runs.c.run.in_(wanted), runs.c.trashed.is_(None))


def _shares() -> Select[Any]:  # Any: columns of several types
    names = (people.c.name.label("person"), projects.c.name.label("project"))
    columns = (shares.c.id, *names, shares.c.runs, shares.c.created, shares.c.expires, shares.c.withdrawn)
    statement = select(*columns).join(people, shares.c.person == people.c.id)
    return statement.join(projects, shares.c.project == projects.c.id)


def _share(row: RowMapping) -> Share:
    return Share(**{**row, "runs": tuple(decode_json(row["runs"]))})
