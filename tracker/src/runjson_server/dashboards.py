"""Dashboards of projects: `/api/v1/dashboards`."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from runjson_tracker import dashboards as kept
from runjson_tracker.access.roles import Role

from runjson_server.asking import Asks
from runjson_server.problems import Problem, also
from runjson_server.projects import InQuery, ProjectName

router: Final = APIRouter(prefix="/dashboards", tags=["projects"])

DashboardName = Annotated[str, Field(min_length=1, max_length=200, description="of the dashboard")]


Setting = (
    Annotated[bool, Field(strict=True)]
    | Annotated[float, Field(strict=True, allow_inf_nan=False)]
    | Annotated[str, Field(max_length=100_000)]
    | Annotated[list[str], Field(max_length=1000)]
    | None
)


class Panel(BaseModel):
    """A panel of a dashboard."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["series", "runs", "scatter", "parallel", "value", "images", "text"] = Field(
        description="what it shows: curves, a table of runs, a scatter or parallel coordinates of fields, the best "
        "value, images, or a text"
    )
    title: str = Field(default="", max_length=500)
    width: int = Field(default=6, ge=1, le=12, strict=True, description="in twelfths of the page")
    height: int = Field(default=320, ge=80, le=4000, strict=True, description="in pixels")
    settings: dict[str, Setting] = Field(default={}, max_length=100, description="as its kind has them")


class Arrangement(BaseModel):
    """What a dashboard shows."""

    model_config = ConfigDict(extra="forbid")

    where: str = Field(default="", max_length=100_000, description="a filter: of which runs; of all by default")
    sort: list[str] = Field(default=[], max_length=16, description="fields, as of GET /runs")
    by: list[str] = Field(default=[], max_length=16, description="fields; runs of equal values are taken together")
    most: int = Field(default=20, ge=1, le=1000, strict=True, description="so many runs are shown")
    panels: list[Panel] = Field(default=[], max_length=500)


class Dashboard(BaseModel):
    """A dashboard, without what it shows."""

    project: str
    name: str
    version: int = Field(description="how often it was saved")
    person: str | None = Field(description="who saved it last; null if nobody signed in")
    changed: float = Field(description="in seconds since 1970")


class WholeDashboard(Dashboard):
    """A dashboard."""

    content: Arrangement


class ProjectDashboards(BaseModel):
    """The dashboards of a project, by name."""

    dashboards: list[Dashboard]


class SavedDashboard(BaseModel):
    """A dashboard that is to be saved."""

    project: ProjectName
    name: DashboardName
    version: int = Field(default=0, ge=0, le=2**53, strict=True, description="the one that is changed; 0 for a new one")
    was: DashboardName | None = Field(default=None, description="what it was called, where that changes")
    content: Arrangement


class OldDashboard(BaseModel):
    """A dashboard that is to be removed."""

    project: ProjectName
    name: DashboardName


@router.get("", summary="List the dashboards of a project")
def dashboards(asks: Asks, project: InQuery) -> ProjectDashboards:
    """List the dashboards of a project. For whoever may read it."""
    asks.demand(project, Role.VIEWER)
    return ProjectDashboards(dashboards=[_told(one) for one in asks.store.dashboards.of(project)])


@router.get("/one", summary="Read a dashboard")
def dashboard(
    asks: Asks, project: InQuery, name: Annotated[str, Query(max_length=1024, description="of the dashboard")]
) -> WholeDashboard:
    """Read a dashboard. For whoever may read its project."""
    asks.demand(project, Role.VIEWER)
    found = asks.store.dashboards.load(project, name)
    if found is None:
        raise Problem(404, f'The project "{project}" has no dashboard "{name}".')
    told, content = found
    return WholeDashboard(**_told(told).model_dump(), content=Arrangement.model_validate(content))


@router.post("", summary="Save a dashboard", responses=also(409))
def save(asks: Asks, new: SavedDashboard) -> Dashboard:
    """Make a dashboard, or change one that nobody else changed meanwhile. For contributors."""
    asks.demand(new.project, Role.CONTRIBUTOR)
    person = asks.caller.person
    saved = asks.store.dashboards.save(
        new.project, new.name, new.content.model_dump(), version=new.version, was=new.was,
        person=None if person is None else person.name,
    )  # fmt: skip
    asks.note("dashboard.save", new.project, name=new.name, version=saved.version)
    return _told(saved)


@router.post("/remove", summary="Remove a dashboard", status_code=204)
def remove(asks: Asks, old: OldDashboard) -> None:
    """Remove a dashboard. For contributors."""
    asks.demand(old.project, Role.CONTRIBUTOR)
    if not asks.store.dashboards.remove(old.project, old.name):
        raise Problem(404, f'The project "{old.project}" has no dashboard "{old.name}".')
    asks.note("dashboard.remove", old.project, name=old.name)


def _told(one: kept.Dashboard) -> Dashboard:
    return Dashboard.model_validate(one, from_attributes=True)
