"""The runs that a question is about, and the fields that they have."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    and_,
    case,
    false,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)

from runjson_tracker.query.errors import QueryError, did_you_mean
from runjson_tracker.query.fields import TREES, Field, field_texts, path_of, quoted
from runjson_tracker.query.language import parse_field
from runjson_tracker.query.sql import IsAmong, double
from runjson_tracker.tables import field_series, field_values, fields, projects, runs

# Among so many names a likely one is looked for.
_NAMES: Final = 5000
_NAMES_A_STATEMENT: Final = 500
_NOUNS: Final = {
    "parameters": "a parameter", "properties": "a property", "source": "an entry of source",
    "environment": "an entry of environment", "series": "a series", "tags": "a tag",
}  # fmt: skip


class Scope:
    """The runs of a project, of several or of all, those of some ids or all, that are in the trash or that are not.

    Attributes:
        connection: to the store's database, in a transaction.
        now: seconds since 1970.
    """

    def __init__(
        self, connection: Connection, project: str | None = None, among: Collection[str] | None = None,
        ids: Collection[str] | None = None, *, trash: bool = False, silence: float = 600.0, now: float | None = None,
    ) -> None:  # fmt: skip
        """The runs of `project`, or of all; of these only those of the projects `among` and of the `ids`, if given."""
        self.connection = connection
        self.now = time.time() if now is None else now
        self._silence = silence
        self._trash = trash
        self._asked: dict[tuple[str, str, tuple[str, ...]], tuple[list[int], bool]] = {}
        self._projects: list[int] | None = None
        if project is not None:
            among = [project] if among is None or project in among else []
        if among is not None:
            self._projects = sorted(_numbers(connection, among))
        self._keys = None if ids is None else sorted(_keys(connection, ids, self._projects))

    def condition(self) -> ColumnElement[bool]:
        """What holds for the rows of `runs` in this scope."""
        there = self._there()
        if self._projects is None:
            return there
        if not self._projects:
            return false()
        # The sum keeps SQLite from reading the runs in the order of their names, which takes longer than a scan.
        project = runs.c.project + 0
        here = project == self._projects[0] if len(self._projects) == 1 else IsAmong(project, self._projects)
        return and_(there, here)

    def status(self) -> ColumnElement[Any]:  # Any: text or nothing
        """The status; `crashed` for a run that says it is running and was not heard of for so long."""
        return case((self._silent(), literal("crashed", Text())), else_=runs.c.status)

    def is_among(self, statuses: Collection[str]) -> ColumnElement[bool]:
        """Whether the status is one of some: what `status` says, in a form for which databases guess how many runs."""
        said = [one for one in statuses if one != "running"]
        found: list[ColumnElement[bool]] = [runs.c.status.in_(said)] if said else []
        if "running" in statuses:
            found.append(and_(runs.c.status == "running", not_(self._silent())))
        if "crashed" in statuses:
            found.append(self._silent())
        return or_(false(), *found)

    def duration(self) -> ColumnElement[Any]:  # Any: a double or nothing
        """Seconds from start to end; to now while a run is running, to its last sign of life if it crashed."""
        return case(
            (runs.c.ended.is_not(None), runs.c.ended - runs.c.started),
            (self._silent(), runs.c.heard - runs.c.started),
            (runs.c.status == "running", double(self.now) - runs.c.started),
            else_=null(),
        )

    def column(self, field: Field) -> ColumnElement[Any]:  # Any: text or double
        """The column, or what is worked out of columns, of a field of the run itself."""
        if field.kind == "status":
            return self.status()
        if field.kind == "duration":
            return self.duration()
        if field.kind == "project":
            return select(projects.c.name).where(projects.c.id == runs.c.project).scalar_subquery()
        return runs.c["run" if field.kind == "id" else field.kind]

    def field_ids(self, field: Field) -> list[int]:
        """The numbers of a field, one in each project that has it."""
        found = self.connection.execute(self.named(field.kind).where(fields.c.name == field.name)).scalars()
        return [int(one) for one in found]

    def named(self, *kinds: str) -> Select[Any]:  # Any: of one integer
        """Selects the numbers of all fields of these kinds."""
        return select(fields.c.id).where(self._in_projects(), fields.c.kind.in_(kinds))

    def names(self, kind: str | None = None) -> list[tuple[str, str]]:
        """Kind and name of the fields, as the table `fields` has them."""
        wanted = select(fields.c.kind, fields.c.name).where(self._in_projects()).distinct()
        if kind is not None:
            wanted = wanted.where(fields.c.kind == kind)
        if self._keys is not None:
            wanted = wanted.where(or_(*(self._having(table).exists() for table in (field_values, field_series))))
        return [(one.kind, one.name) for one in self.connection.execute(wanted.order_by(fields.c.kind, fields.c.name))]

    def known_ids(self, field: Field, query: str, types: Iterable[str] = (), wanted: str = "") -> list[int]:
        """The numbers of a field that a run in this scope has, with a value of one of these types.

        Args:
            field: in a tree, or a series.
            query: the question in which it stands.
            types: of `field_values`; none where any will do.
            wanted: what the types are called in a sentence.

        Raises:
            QueryError: there are runs, and none has the field, or none with such a value.
        """
        ids, there = self._known(field, tuple(types))
        if there or not self._has_runs():
            return ids
        if ids and self._known(field)[1]:
            self._refuse_types(field, query, ids, wanted)
            return ids
        hint = self.hint((field.kind, *field.path), field)
        raise QueryError(f"No run has {field.text}.", query, field.start, field.end, hint)

    def hint(self, parts: tuple[str, ...], field: Field | None = None) -> str:
        """What somebody may have meant with a field that is unknown."""
        names = self.names()
        path = field.path if field else parts
        for kind, name in names:
            if kind == "tags" and path == (name,):
                return f'{name} is a tag: tags contains "{name}".'
            texts = field_texts(kind, name)
            if texts and path == (path_of(name) if kind in TREES else (name,)):
                return f"{'.'.join(map(quoted, path))} is {_NOUNS[kind]}: {texts[0]}."
        if field is None:
            return ""
        texts = [texts[0] for kind, name in names[:_NAMES] if (texts := field_texts(kind, name))]
        return did_you_mean(field.text, texts)

    def field(self, text: str) -> Field:
        """The field that a sort key or a column names, with a hint from the fields of the runs if none has its name.

        Raises:
            QueryError: the text names none.
        """
        try:
            return parse_field(text)
        except QueryError as error:
            raise self.explained(error) from error

    def explained(self, error: QueryError) -> QueryError:
        """An error with a hint from the fields of the runs, where it is about an unknown field."""
        if not error.unknown:
            return error
        hint = self.hint(error.unknown) or error.hint
        return QueryError(error.message, error.query, error.start, error.end, hint)

    def _refuse_types(self, field: Field, query: str, ids: list[int], wanted: str) -> None:
        kinds = select(field_values.c.type).join(runs, runs.c.id == field_values.c.run)
        kinds = kinds.where(field_values.c.field.in_(ids), self.condition()).distinct().order_by(field_values.c.type)
        found = [str(one) for one in self.connection.execute(kinds).scalars() if one != "null"]
        if not found:
            return
        there = " and ".join(_TYPES[one] for one in found)
        raise QueryError(f"{field.text} holds {there}, and no {wanted}.", query, field.start, field.end,
                         _TYPE_HINTS.get(found[0], "") if len(found) == 1 else "")  # fmt: skip

    def _known(self, field: Field, types: tuple[str, ...] = ()) -> tuple[list[int], bool]:
        """The numbers of a field, and whether a run has it, with a value of one of these types. It is asked once."""
        asked = (field.kind, field.name, types)
        if asked not in self._asked:
            table = field_series if field.kind == "series" else field_values
            there = self._having(table)
            if types:
                there = there.where(table.c.type.in_(types))
            wanted = self.named(field.kind).where(fields.c.name == field.name).add_columns(there.exists())
            found = self.connection.execute(wanted).all()
            self._asked[asked] = [int(one) for one, _ in found], any(has for _, has in found)
        return self._asked[asked]

    def _having(self, table: Table) -> Select[Any]:  # Any: of one integer
        """Selects the runs that have the field of the statement around it in one of the two tables of values."""
        having = select(table.c.run).join(runs, runs.c.id == table.c.run)
        having = having.where(table.c.field == fields.c.id, self._there())
        # Few runs are looked up by their numbers, where all runs that have the field would be read otherwise.
        return having if self._keys is None else having.where(IsAmong(table.c.run, self._keys))

    def _there(self) -> ColumnElement[bool]:
        there = runs.c.trashed.is_not(None) if self._trash else runs.c.trashed.is_(None)
        return there if self._keys is None else and_(there, IsAmong(runs.c.id, self._keys))

    def _has_runs(self) -> bool:
        return self.connection.execute(select(runs.c.id).where(self.condition()).limit(1)).first() is not None

    def _in_projects(self) -> ColumnElement[bool]:
        # All projects are named one by one, since the index of `fields` begins with the project.
        if self._projects is None:
            return fields.c.project.in_(select(projects.c.id))
        return IsAmong(fields.c.project, self._projects)

    def _silent(self) -> ColumnElement[bool]:
        return and_(runs.c.status == "running", runs.c.heard < double(self.now - self._silence))


def _numbers(connection: Connection, names: Collection[str]) -> Iterator[int]:
    """The numbers of the projects of these names that there are."""
    wanted = list(names)
    for begin in range(0, len(wanted), _NAMES_A_STATEMENT):
        batch = wanted[begin : begin + _NAMES_A_STATEMENT]
        yield from connection.execute(select(projects.c.id).where(projects.c.name.in_(batch))).scalars()


def _keys(connection: Connection, ids: Collection[str], among: list[int] | None) -> Iterator[int]:
    """The numbers of the runs of these ids in some projects, or in all."""
    wanted = list(ids)
    here = true() if among is None else IsAmong(runs.c.project, among)
    for begin in range(0, len(wanted), _NAMES_A_STATEMENT):
        batch = runs.c.run.in_(wanted[begin : begin + _NAMES_A_STATEMENT])
        yield from connection.execute(select(runs.c.id).where(here, batch)).scalars()


_TYPES: Final = {
    "number": "numbers", "text": "texts", "boolean": "true and false", "time": "times", "json": "arrays and objects",
}  # fmt: skip
_TYPE_HINTS: Final = {
    "number": "A number stands without quotes.", "text": 'A text stands in quotes: "text".',
    "boolean": "Write == true or == false.", "time": 'A time is written "2026-11-01T12:00Z".',
    "json": "They are tested with exists and missing.",
}  # fmt: skip
