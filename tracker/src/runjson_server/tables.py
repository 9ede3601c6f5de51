"""Tables of runs: `/api/v1/projects`, `runs`, `groups`, `best`, `fields`, `find`."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from runjson_server.asking import Asking, Asks
from runjson_server.rows import Bests, BestTold, FoundRun, Groups, GroupTold, Page, Project, Projects
from runjson_server.seeing import Flag, Whole, seen, sight

router: Final = APIRouter(tags=["runs"])
# So many runs a page has at most, and so many runs are told of that a text may mean.
_MOST: Final = 1000
_TEXTS: Final = 1000
# Runs are numbered by what no database has more of.
_FAR: Final = 10**12


class _Question(BaseModel):
    project: str | None = Field(default=None, description="whose runs; all that may be read by default")
    where: str | None = Field(
        default=None, description='a filter, such as parameters.lr < 0.1 and status == "failed"', max_length=100_000
    )


class Table(_Question):
    """Which runs are listed, and how."""

    sort: list[str] = Field(
        default=[], max_length=100, description="fields, - before one for descending; the newest first by default"
    )
    columns: list[str] = Field(default=[], max_length=1000, description="fields, or patterns such as parameters.*")
    limit: Whole = Field(default=50, ge=0, le=_MOST, description="so many at most")
    offset: Whole = Field(default=0, ge=0, le=_FAR, description="so many are left out first")
    after: str | None = Field(default=None, description="`next` of the page before, of the same question")
    trash: Flag = Field(default=False, description="whether to look in the trash, and nowhere else")


class Grouping(_Question):
    """Which runs are taken together."""

    by: list[str] = Field(default=[], max_length=100, description="fields; runs with equal values are a group")
    columns: list[str] = Field(default=[], max_length=100, description="fields whose numbers are summed up")
    trash: Flag = Field(default=False, description="whether to look in the trash, and nowhere else")


class Bettering(_Question):
    """What the best run is."""

    by: str = Field(description="a field with numbers, such as series.loss.min")
    per: list[str] = Field(default=[], max_length=100, description="fields; the best of each group of equal values")
    goal: Literal["minimize", "maximize"] | None = Field(default=None, description="as the series says by default")


class Fields(BaseModel):
    """All fields that filters, sorts and columns may name."""

    fields: list[str]


class Wanted(BaseModel):
    """Texts by which people mean runs."""

    texts: list[str] = Field(
        max_length=_TEXTS, description="each an id, the beginning of one, or PROJECT/ID", min_length=1
    )


class Found(BaseModel):
    """For each text the runs that it may mean, the newest first, 1000 at most."""

    found: list[list[FoundRun]]


@router.get("/projects", summary="List the projects")
def projects(
    asks: Asks, empty: Annotated[bool, Query(description="whether to list those without runs, too")] = False
) -> Projects:
    """List the projects that have runs, by name, and what the caller may do in each."""
    found = {one.name: one for one in asks.store.projects(projects=seen(asks))}
    told = [
        Project(
            name=name, runs=found[name].runs if name in found else 0, role=standing.role, public=standing.public,
            changed=found[name].changed if name in found else standing.created,
        )
        for name, standing in asks.standings().items() if empty or name in found
    ]  # fmt: skip
    return Projects(projects=told)


@router.get("/runs", summary="List runs")
def runs(asks: Asks, table: Annotated[Table, Query()]) -> Page:
    """List the runs that match a filter."""
    return _page(asks, table)


@router.post("/runs/search", summary="List runs, by a long question")
def search(asks: Asks, table: Table) -> Page:
    """List the runs that match a filter, as GET /runs does."""
    return _page(asks, table)


@router.get("/groups", summary="Take runs together")
def groups(asks: Asks, grouping: Annotated[Grouping, Query()]) -> Groups:
    """Count the runs with equal values in some fields, and sum up their numbers."""
    return _groups(asks, grouping)


@router.post("/groups/search", summary="Take runs together, by a long question")
def search_groups(asks: Asks, grouping: Grouping) -> Groups:
    """Count the runs with equal values in some fields, as GET /groups does."""
    return _groups(asks, grouping)


@router.get("/best", summary="Find the best run")
def best(asks: Asks, wanted: Annotated[Bettering, Query()]) -> Bests:
    """Find the best run, or the best one of each group."""
    return _best(asks, wanted)


@router.post("/best/search", summary="Find the best run, by a long question")
def search_best(asks: Asks, wanted: Bettering) -> Bests:
    """Find the best run, as GET /best does."""
    return _best(asks, wanted)


@router.get("/fields", summary="List fields")
def fields(
    asks: Asks, project: Annotated[str | None, Query(description="whose; all that may be read by default")] = None
) -> Fields:
    """List all fields that the runs have or had."""
    return Fields(fields=asks.store.field_names(project, **sight(asks, project)))


@router.get("/find", summary="Find the runs that a text means")
def find(asks: Asks, text: Annotated[str, Query(description="an id, the beginning of one, or PROJECT/ID")]) -> Found:
    """Find the runs of an id, or else those whose id begins so."""
    return _found(asks, [text])


@router.post("/find", summary="Find the runs that texts mean")
def find_each(asks: Asks, wanted: Wanted) -> Found:
    """Find the runs that each of some texts means, as GET /find does."""
    return _found(asks, wanted.texts)


def _page(asks: Asking, table: Table) -> Page:
    page = asks.store.select_runs(
        project=table.project, where=table.where, sort=table.sort, columns=table.columns, limit=table.limit,
        offset=table.offset, after=table.after, trash=table.trash, **sight(asks, table.project, trash=table.trash),
    )  # fmt: skip
    return Page.of(page)


def _groups(asks: Asking, grouping: Grouping) -> Groups:
    found = asks.store.group_runs(
        grouping.by, grouping.columns, project=grouping.project, where=grouping.where, trash=grouping.trash,
        **sight(asks, grouping.project, trash=grouping.trash),
    )  # fmt: skip
    return Groups(groups=[GroupTold.of(one) for one in found])


def _best(asks: Asking, wanted: Bettering) -> Bests:
    found = asks.store.best(
        wanted.by, wanted.per, wanted.goal, project=wanted.project, where=wanted.where, **sight(asks, wanted.project)
    )  # fmt: skip
    return Bests(best=[BestTold.of(one) for one in found])


def _found(asks: Asking, texts: list[str]) -> Found:
    found = asks.store.find_each(texts, **sight(asks))
    return Found(found=[[FoundRun.model_validate(row) for row in rows[:_MOST]] for rows in found])
