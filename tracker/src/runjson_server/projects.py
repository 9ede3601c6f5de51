"""Projects and who may do what in them: `/api/v1/projects`."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StrictBool
from runjson_tracker.access import members as access_members
from runjson_tracker.access.roles import Role

from runjson_server.asking import Asks
from runjson_server.people import Name
from runjson_server.problems import Problem, also

router: Final = APIRouter(prefix="/projects", tags=["projects"])

ProjectName = Annotated[str, Field(min_length=1, max_length=1024, description="of the project")]
InQuery = Annotated[str, Query(min_length=1, max_length=1024, description="the name of the project")]


class NewProject(BaseModel):
    """A project that is to be made."""

    name: ProjectName
    public: StrictBool = Field(default=False, description="whether everybody may read it")


class ProjectAccess(BaseModel):
    """A project, and who may read it."""

    name: str
    public: bool
    created: float = Field(description="in seconds since 1970")
    members: int = Field(description="how many members it has")


class Public(BaseModel):
    """Whether everybody may read a project."""

    project: ProjectName
    public: StrictBool


class ProjectSize(BaseModel):
    """How much a project holds."""

    runs: int
    points: int = Field(description="of all series, texts and images")
    files: int = Field(description="how many different ones its images and artifacts are")
    bytes: int = Field(description="of these files, each counted once, however many runs have it")


class Member(BaseModel):
    """A member of a project."""

    person: str
    role: Role
    added: float = Field(description="in seconds since 1970")
    disabled: bool = Field(description="whether they may do nothing any more")


class ProjectMembers(BaseModel):
    """The members of a project, by name."""

    members: list[Member]


class NewMember(BaseModel):
    """Somebody who becomes a member, or a member who gets another role."""

    project: ProjectName
    person: Name
    role: Role = Field(description="a viewer reads, a contributor also tracks and edits, an owner says who is a member")


class OldMember(BaseModel):
    """A member who is one no more."""

    project: ProjectName
    person: Name


@router.post("", summary="Make a project", status_code=201, responses=also(409))
def make(asks: Asks, new: NewProject) -> ProjectAccess:
    """Make a project; whoever does is its owner. Tracking a run in a new project makes it, too."""
    caller = asks.signed_in()
    if caller.scope == "read" or caller.project not in {None, new.name}:
        raise Problem(403, "This token may make no project of this name.")
    if new.public and not caller.all:
        asks.in_person()  # who lets everybody read must be an owner
    if not asks.store.access.make_project(new.name, owner=caller.person, public=new.public):
        raise Problem(409, f'There is a project "{new.name}" already.')
    asks.note("project.make", new.name, public=new.public)
    made = asks.store.access.project_settings(new.name)
    assert made is not None
    return _told(made)


@router.post("/public", summary="Let everybody read a project, or its members alone", responses=also(409))
def set_public(asks: Asks, wanted: Public) -> ProjectAccess:
    """Say who may read a project. For owners."""
    asks.demand(wanted.project, Role.OWNER)
    asks.store.access.set_public(wanted.project, wanted.public)
    asks.note("project.public" if wanted.public else "project.private", wanted.project)
    now = asks.store.access.project_settings(wanted.project)
    assert now is not None
    return _told(now)


@router.get("/size", summary="Ask how much a project holds")
def size(asks: Asks, project: InQuery) -> ProjectSize:
    """Count the runs, points and files of a project, without what is in the trash."""
    asks.demand(project, Role.VIEWER)
    return ProjectSize.model_validate(asks.store.size(project), from_attributes=True)


@router.get("/members", summary="List the members of a project")
def members(asks: Asks, project: InQuery) -> ProjectMembers:
    """List the members of a project. For contributors and owners."""
    asks.demand(project, Role.CONTRIBUTOR)
    found = asks.store.access.members(project)
    told = [Member(person=one.name, role=one.role, added=one.added, disabled=one.disabled) for one in found]
    return ProjectMembers(members=told)


@router.post("/members", summary="Make somebody a member", status_code=204, responses=also(409))
def set_member(asks: Asks, new: NewMember) -> None:
    """Make somebody a member, or give a member another role. For owners."""
    asks.demand(new.project, Role.OWNER)
    asks.store.access.set_member(new.project, new.person, new.role.value)
    asks.note("member.set", new.project, name=new.person, role=new.role.value)


@router.post("/members/remove", summary="Remove a member", status_code=204, responses=also(409))
def remove_member(asks: Asks, old: OldMember) -> None:
    """Make somebody a member no more. For owners; the last one stays."""
    asks.demand(old.project, Role.OWNER)
    asks.store.access.remove_member(old.project, old.person)
    asks.note("member.remove", old.project, name=old.person)


def _told(project: access_members.ProjectSettings) -> ProjectAccess:
    return ProjectAccess.model_validate(project, from_attributes=True)
