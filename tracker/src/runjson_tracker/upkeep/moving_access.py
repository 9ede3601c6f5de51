"""Copying who may do what into another store: people with their passwords, members, tokens, shares, and the log.

The dashboards of projects come with them.

Sessions end and invitations are given anew: they belong to the server that gave them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Table, and_, insert, select, update

from runjson_tracker.access.tables import audit, members, people, shares, tokens
from runjson_tracker.commit import inserted
from runjson_tracker.errors import StoreError
from runjson_tracker.tables import dashboards, projects

if TYPE_CHECKING:
    from runjson_tracker.store import Store

# For each batch the log of the target is looked through once.
_ROWS_AT_ONCE: Final = 4096
_Row = Mapping[str, Any]  # Any: columns of several types


def move_access(store: Store, target: Store, *, replace: bool = False) -> None:
    """Copy projects and who may do what in them; what is there, the same, is passed over.

    All but the log comes in one transaction. Whoever is stopped in the log goes on where it was.

    Args:
        store: that is copied.
        target: into which.
        replace: whether people, members, tokens, shares, dashboards and settings of the target that are others are
            replaced.

    Raises:
        StoreError: one of the target is another one and is not to be replaced.
    """
    with store.engine.connect() as reading:
        with target.transaction() as connection:
            copy = _Copy(reading, connection, str(target.location), replace=replace)
            copy.projects()
            copy.people()
            copy.members()
            copy.tokens()
            copy.shares()
            copy.dashboards()
        _copy_log(reading, target)


class _Copy:
    """The numbers that projects and people of one store have in another one, where they are copied first."""

    def __init__(self, reading: Connection, connection: Connection, place: str, *, replace: bool) -> None:
        self._reading = reading
        self._connection = connection
        self._place = place
        self._replace = replace
        self._projects: dict[int | None, int | None] = {None: None}
        self._people: dict[int | None, int | None] = {None: None}

    def projects(self) -> None:
        """The projects, and whether they are public."""
        for row in self._rows(projects):
            told = f"the project {row['name']}"
            self._projects[row["id"]] = self._settle(projects, row, ("name",), ("public",), told)

    def people(self) -> None:
        """The people, and their passwords as they are encoded."""
        for row in self._rows(people):
            compared = ("password", "subject", "admin", "disabled")
            self._people[row["id"]] = self._settle(people, row, ("name",), compared, f"the person {row['name']}")

    def members(self) -> None:
        """The members of projects."""
        for row in self._rows(members):
            self._settle(members, self._known(row), ("project", "person"), ("role",), "a member of a project")

    def tokens(self) -> None:
        """The tokens, whose secrets stay what they are; the later use of both stores is kept."""
        for row in self._rows(tokens):
            compared = ("person", "name", "scope", "project", "expires", "revoked")
            number = self._settle(tokens, self._known(row), ("digest",), compared, f"the token {row['name']}")
            if row["used"] is not None:
                older = tokens.c.used.is_(None) | (tokens.c.used < row["used"])
                statement = update(tokens).where(tokens.c.id == number, older)
                self._connection.execute(statement.values(used=row["used"]))

    def shares(self) -> None:
        """The shares, whose links stay what they are."""
        for row in self._rows(shares):
            compared = ("person", "project", "runs", "expires", "withdrawn")
            self._settle(shares, self._known(row), ("digest",), compared, f"the share {row['id']}")

    def dashboards(self) -> None:
        """The dashboards; of two of a name the content is compared."""
        for row in self._rows(dashboards):
            known = {**row, "project": self._projects[row["project"]]}
            compared = ("content", "version", "person", "changed")
            self._settle(dashboards, known, ("project", "name"), compared, f"the dashboard {row['name']}")

    def _rows(self, table: Table) -> list[_Row]:
        rows = self._reading.execute(select(table).order_by(*table.primary_key)).mappings()
        return [{str(name): value for name, value in row.items()} for row in rows]

    def _known(self, row: _Row) -> _Row:
        """A row with the numbers that the target has for its person and its project."""
        return {**row, "person": self._people[row["person"]], "project": self._projects[row["project"]]}

    def _settle(
        self, table: Table, row: _Row, key: tuple[str, ...], compared: tuple[str, ...], told: str
    ) -> int:  # fmt: skip
        """Add a row, or compare it with the one that is there; its number, 0 in a table without numbers."""
        one = and_(*(table.c[name] == row[name] for name in key))
        found = self._connection.execute(select(table).where(one)).mappings().one_or_none()
        numbered = "id" in table.c
        if found is None:
            new = {name: value for name, value in row.items() if name != "id"}
            if numbered:
                return inserted(self._connection, table, new)
            self._connection.execute(insert(table), new)
            return 0
        wanted = {name: row[name] for name in compared}
        if wanted != {name: found[name] for name in compared}:
            if not self._replace:
                raise StoreError(
                    f"{self._place} has other settings of {told}: --replace makes them the same, or change them there."
                )
            self._connection.execute(update(table).where(one).values(wanted))
        return int(found["id"]) if numbered else 0


def _copy_log(reading: Connection, target: Store) -> None:
    """Copy the rows of the log that the target lacks, which get numbers in the same order there."""
    columns = [column for column in audit.columns if column.name != "id"]
    rows = reading.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(*columns).order_by(audit.c.id))
    while batch := [tuple(row) for row in islice(rows, _ROWS_AT_ONCE)]:
        times = [row[0] for row in batch]
        within = select(*columns).where(audit.c.at.between(min(times), max(times)))
        with target.transaction() as connection:
            there = Counter(tuple(row) for row in connection.execute(within))
            missing = []
            for row in batch:
                if there[row]:
                    there[row] -= 1
                else:
                    missing.append({column.name: value for column, value in zip(columns, row, strict=True)})
            if missing:
                connection.execute(insert(audit), missing)
