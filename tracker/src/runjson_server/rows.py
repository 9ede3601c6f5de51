"""Projects, runs, groups and statistics as they are told."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field
from runjson_tracker.access.roles import Role
from runjson_tracker.query.groups import Best, Group
from runjson_tracker.query.table import RunsPage, TableRow
from runjson_tracker.remote.cells import cell_json, number_json

from runjson_server.seeing import Number

# What is said of a value of a column, which may be of any type.
_CELL = 'null for none; {"$float": "NaN"}, {"$int": "..."} and {"$datetime": "..."} for what JSON lacks'


class _Told(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Project(_Told):
    """A project."""

    name: str
    runs: int
    changed: float = Field(
        description="when one of its runs was last changed, in seconds since 1970; without runs, when it was made"
    )
    role: Role = Field(description="what the caller may do there, at most")
    public: bool = Field(description="whether everybody may read it")


class Projects(BaseModel):
    """All projects by name."""

    projects: list[Project]


class _Run(_Told):
    project: str
    id: str
    name: str | None
    group: str | None
    status: str | None = Field(description="as the run says; in tables crashed if nothing was heard of it for long")
    started: float | None = Field(description="seconds since 1970, as the run says; so is ended")
    ended: float | None
    tags: list[str]
    created: float = Field(description="when it was first tracked, in seconds since 1970")
    changed: float = Field(description="when it was last changed, in seconds since 1970")
    sources: int
    series: int = Field(description="how many it has, of all kinds")
    points: int


class FoundRun(_Run):
    """A run that was looked for."""


class Row(_Run):
    """A run in a table."""

    duration: float | None = Field(description="seconds from start to end, or until now")
    trashed: float | None = Field(description="since when it is in the trash, in seconds since 1970")
    values: dict[str, Any] = Field(description=f"of the columns that were asked for: {_CELL}")  # Any: of any type

    @classmethod
    def of(cls, row: TableRow) -> Self:
        """The row of a store's table."""
        values = {name: cell_json(value) for name, value in row.values.items()}
        told = {name: getattr(row, name) for name in cls.model_fields}
        return cls(**{**told, "tags": list(row.tags), "values": values})


class Page(BaseModel):
    """A page of the table of runs."""

    rows: list[Row]
    columns: list[str] = Field(description="those that were asked for; of a pattern those that one of the rows has")
    places: list[int] = Field(description="of these columns among all that were asked for")
    total: int = Field(description="how many runs match, on all pages, when the first page was asked for")
    next: str | None = Field(description="`after` of the next page; null behind the last one")

    @classmethod
    def of(cls, page: RunsPage) -> Self:
        """The page of a store's table."""
        place = {name: index for index, name in enumerate(page.asked)}
        rows, places = [Row.of(row) for row in page.rows], [place[name] for name in page.columns]
        return cls(rows=rows, columns=page.columns, places=places, total=page.total, next=page.next)


class StatisticsTold(BaseModel):
    """What is told of the numbers of a column in a group; null where there are none."""

    count: int = Field(description="of the runs with a finite number; the rest is of these alone")
    nonfinite: int
    mean: Number | None
    std: Number | None = Field(description="of a sample, divided by n - 1; null for fewer than two")
    min: Number | None
    max: Number | None


class GroupTold(BaseModel):
    """Runs with equal values in some fields."""

    key: list[Any] = Field(description=f"the values of these fields: {_CELL}")  # Any: of any type
    runs: int
    statistics: dict[str, StatisticsTold] = Field(description="of each column")

    @classmethod
    def of(cls, group: Group) -> Self:
        """A group of a store's."""
        names = StatisticsTold.model_fields
        statistics = {
            text: StatisticsTold.model_validate({name: number_json(getattr(one, name)) for name in names})
            for text, one in group.statistics.items()
        }
        return cls(key=[cell_json(cell) for cell in group.key], runs=group.runs, statistics=statistics)


class Groups(BaseModel):
    """Groups of runs in the order of their keys."""

    groups: list[GroupTold]


class BestTold(BaseModel):
    """The best run of a group."""

    key: list[Any] = Field(description=f"the values of the fields of `per`: {_CELL}")  # Any: of any type
    value: Any = Field(description=f"the number in which it is the best: {_CELL}")  # Any: a number or its tag
    run: Row

    @classmethod
    def of(cls, best: Best) -> Self:
        """A best run of a store's."""
        return cls(key=[cell_json(cell) for cell in best.key], value=cell_json(best.value), run=Row.of(best.run))


class Bests(BaseModel):
    """The best run of each group."""

    best: list[BestTold]
