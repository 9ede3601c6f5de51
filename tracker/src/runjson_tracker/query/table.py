"""The table of runs: filtered, sorted and paged in the database, with the columns that were asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Engine, Row, func, null, select

from runjson_tracker.chunks import decode_json
from runjson_tracker.database import planned
from runjson_tracker.query.cells import cell_of, join_cells
from runjson_tracker.query.columns import Columns
from runjson_tracker.query.compile import where_clause
from runjson_tracker.query.fields import KINDS, RUN_FIELDS, field_texts
from runjson_tracker.query.paging import Cursor, SortColumn
from runjson_tracker.query.scope import Scope
from runjson_tracker.query.sql import IsAmong
from runjson_tracker.tables import projects, runs

_RUNS_A_STATEMENT: Final = 500
_NEWEST: Final = (
    SortColumn(runs.c.created, float, descending=True, nullable=False),
    SortColumn(runs.c.run, str, nullable=False),
    SortColumn(runs.c.id, int, nullable=False),
)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A run in the table.

    Attributes:
        project: its project.
        id: its id.
        name: its title, and `group`, as the run says; None where it does not.
        status: as the run says, or `crashed` if it says it is running and nothing was heard of it for long.
        started: when it began and `ended` when it ended, in seconds since 1970, as the run says.
        duration: seconds from start to end; until now while it runs, until its last sign of life if it crashed.
        tags: those that are set.
        created: when the store first saw it and `changed` when it last did, in seconds since 1970.
        points: how many points it has, `series` how many series of all kinds, `sources` how many sources.
        trashed: when it was put in the trash, in seconds since 1970; None if it is not there.
        values: of the columns that were asked for, by column; what the run lacks is left out.
    """

    project: str
    id: str
    name: str | None
    group: str | None
    status: str | None
    started: float | None
    ended: float | None
    duration: float | None
    tags: tuple[str, ...]
    created: float
    changed: float
    points: int
    series: int
    sources: int
    trashed: float | None
    values: dict[str, Any] = field(default_factory=dict)  # Any: values of any type


@dataclass(frozen=True, slots=True)
class RunsPage:
    """Some of the runs that match.

    Attributes:
        rows: in their order.
        total: how many runs match, on all pages; behind a place that `after` names, how many it were at the first page.
        columns: those that were asked for; where a pattern was, those of its columns that one of the rows has.
        next: what `after` wants for the next page; None if this one is the last.
        asked: all columns that were asked for, in their order, `columns` and those that no row of this page has.
    """

    rows: list[TableRow]
    total: int
    columns: list[str]
    next: str | None = None
    asked: list[str] = field(default_factory=list)


def select_runs(
    engine: Engine,
    *,
    project: str | None = None,
    projects: Collection[str] | None = None,
    ids: Collection[str] | None = None,
    where: str | None = None,
    sort: Sequence[str] = (),
    columns: Sequence[str] = (),
    limit: int | None = None,
    offset: int = 0,
    after: str | None = None,
    trash: bool = False,
    silence: float = 600.0,
    now: float | None = None,
) -> RunsPage:
    """The runs that match a filter.

    Args:
        engine: the store's.
        project: whose runs; None for all.
        projects: only runs of these projects; None for all.
        ids: only runs of these ids; None for all.
        where: a filter; None or blank for all runs.
        sort: fields, each with a leading `-` for descending; the newest first by default, and among equals.
        columns: fields, or patterns of them such as `parameters.*`.
        limit: how many at most; None for all.
        offset: how many to leave out first.
        after: `next` of the page before, to the same question. Unlike with `offset`, runs that are added or go
            meanwhile make no other run appear twice or not at all.
        trash: whether to look in the trash, and nowhere else.
        silence: after so many seconds without a sign of life a running run counts as crashed.
        now: seconds since 1970; the clock's by default, and that of the first page on the pages behind it.

    Raises:
        QueryError: a filter, sort key, column or `after` cannot be understood, or no run has what is named.
    """
    question = (project, where, list(sort), trash)
    cursor = None if after is None else Cursor.read(after, question)
    with engine.connect() as connection:
        moment = now if cursor is None else cursor.now
        scope = Scope(connection, project, projects, ids, trash=trash, silence=silence, now=moment)
        matching = (scope.condition(), where_clause(scope, where or ""))
        cells = [(cell_of(scope, scope.field(text), text), down) for text, down in map(_sort_key, sort)]
        order = [*(one for cell, down in cells for one in cell.sort_columns(descending=down)), *_NEWEST]
        wanted = Columns(scope, columns)
        source = join_cells(runs, (cell for cell, _ in cells))
        # Only the numbers of runs are sorted. With a filter they are counted on the way, so that it is worked out once;
        # without one it takes longer to keep all of them for that than to count them again.
        count = func.count().over() if where and cursor is None else null()
        keys = [one.column.label(f"key_{at}") for at, one in enumerate(order)] if limit is not None else []
        ordered = select(runs.c.id, count.label("total"), *keys).select_from(source).where(*matching)
        if cursor is not None:
            ordered = ordered.where(cursor.behind(order))
        # One more than the page has tells whether there is a next one.
        ordered = ordered.order_by(*(one.order() for one in order)).limit(limit + 1 if limit else limit)
        places = connection.execute(planned(ordered.offset(offset) if offset else ordered)).all()
        total = cursor.total if cursor is not None else places[0].total if places else None
        if total is None:
            counted = planned(select(func.count()).select_from(runs).where(*matching))
            total = int(connection.execute(counted).scalar_one())
        more = limit is not None and len(places) > limit
        places = places[:limit]
        found = load_rows(scope, [row.id for row in places])
        rows = [table_row(row) for row in found]
        asked = list(wanted.names)
        wanted.fill(scope, [(row.key, made) for row, made in zip(found, rows, strict=True)])
    following = Cursor(scope.now, int(total), tuple(places[-1][2:])).text(question) if more else None
    return RunsPage(rows, int(total), wanted.names, following, asked)


def field_names(
    engine: Engine,
    project: str | None = None,
    projects: Collection[str] | None = None,
    ids: Collection[str] | None = None,
) -> list[str]:
    """All fields that runs of a project, or of all, have or had: as they are written in filters, sorts and columns.

    Args:
        engine: the store's.
        project: whose fields; None for all.
        projects: only fields of these projects; None for all.
        ids: only fields that runs of these ids have; None for all.
    """
    with engine.connect() as connection:
        names = Scope(connection, project, projects, ids).names()
    return [
        *RUN_FIELDS,
        *(text for kind in KINDS for of, name in names if of == kind for text in field_texts(of, name)),
    ]


def row_statement(scope: Scope) -> Any:  # Any: a select of columns of many types
    """Selects what `table_row` needs, with the number of the run as `key`."""
    name = select(projects.c.name).where(projects.c.id == runs.c.project).scalar_subquery()
    told = [column for column in runs.c if column.name not in {"id", "project", "status"}]
    return select(
        runs.c.id.label("key"), name.label("project_name"), scope.status().label("status"),
        scope.duration().label("duration"), *told,
    )  # fmt: skip


def load_rows(scope: Scope, keys: Sequence[int]) -> list[Row[Any]]:  # Any: rows of many types
    """What `table_row` needs of runs that are given by their numbers, in the order of these."""
    found: dict[int, Row[Any]] = {}
    for begin in range(0, len(keys), _RUNS_A_STATEMENT):
        statement = row_statement(scope).where(IsAmong(runs.c.id, keys[begin : begin + _RUNS_A_STATEMENT]))
        found |= {row.key: row for row in scope.connection.execute(statement).all()}
    return [found[key] for key in keys if key in found]


def table_row(row: Row[Any]) -> TableRow:  # Any: a row of many types
    """The row of a run, without columns."""
    return TableRow(
        project=row.project_name, id=row.run, name=row.name, group=row.group, status=row.status, started=row.started,
        ended=row.ended, duration=row.duration, tags=tuple(decode_json(row.tags)) if row.tags is not None else (),
        created=row.created, changed=row.changed, points=int(row.points), series=int(row.series),
        sources=int(row.sources), trashed=row.trashed,
    )  # fmt: skip


def _sort_key(text: str) -> tuple[str, bool]:
    """The field of a sort key, and whether it is descending."""
    return (text[1:], True) if text.startswith("-") else (text, False)
