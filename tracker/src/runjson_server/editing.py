"""What people change in runs: `/api/v1/edits`, and the trash."""

from __future__ import annotations

from typing import Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from runjson_schema.names import path_fault
from runjson_tracker.access.roles import Role
from runjson_tracker.edits import Attached, EditRefused

from runjson_server.asking import Asking, Asks
from runjson_server.forms import blob_of
from runjson_server.problems import Problem
from runjson_server.seeing import RunId, RunKeys, demand_edits, seen

router: Final = APIRouter(tags=["runs"])
_FILES: Final = 1000


class AttachedTold(BaseModel):
    """A file that an edit brings, and that was sent ahead of it to /blobs."""

    kind: Literal["images", "artifacts"]
    name: str = Field(description="of the image series, or of the artifact")
    path: str = Field(description="as the record names it")
    media_type: str | None = None
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Edit(BaseModel):
    """What is changed in a run."""

    project: str = Field(description="of the run")
    id: RunId
    record: dict[str, Any] = Field(description="a record, as a line of a stream has it")  # Any: any JSON
    files: list[AttachedTold] = Field(default=[], max_length=_FILES, description="that the record names")


class Edited(BaseModel):
    """A run that was changed."""

    project: str
    id: str


class Changed(BaseModel):
    """How many runs were changed; the others were so already, or are not there."""

    changed: int


class TrashedTold(BaseModel):
    """A run in the trash."""

    model_config = ConfigDict(from_attributes=True)

    project: str
    id: str
    name: str | None
    points: int
    since: float = Field(description="seconds since 1970")


class Trash(BaseModel):
    """The runs in the trash, the last put there first."""

    runs: list[TrashedTold]


@router.post("/edits", summary="Change a run")
def edit(asks: Asks, asked: Edit) -> Edited:
    """Add a record to what people changed in a run; what its writers said stays (SPEC 9.3)."""
    demand_edits(asks, [(asked.project, asked.id)])
    attached = [_attached(asks, asked.project, one) for one in asked.files]
    try:
        asks.store.edit(asked.project, asked.id, asked.record, attached)
    except EditRefused as refused:
        raise Problem(422, str(refused)) from None
    asks.note("edit", asked.project, run=asked.id, members=sorted(asked.record)[:50])
    return Edited(project=asked.project, id=asked.id)


@router.get("/trash", summary="List the trash")
def trash(asks: Asks) -> Trash:
    """List the runs in the trash that the caller may take out of it."""
    found = asks.store.trash(seen(asks))
    roles = {project: asks.role(project) for project in {one.project for one in found}}
    mine = {project for project, role in roles.items() if role is not None and role >= Role.CONTRIBUTOR}
    return Trash(runs=[TrashedTold.model_validate(one) for one in found if one.project in mine])


@router.post("/trash", summary="Put runs in the trash")
def put_away(asks: Asks, runs: RunKeys) -> Changed:
    """Put runs in the trash, from where they can be taken back until they are freed."""
    keys = [one.key for one in runs.runs]
    demand_edits(asks, keys)
    changed = asks.store.put_away(keys)
    for project, run in keys:
        asks.note("trash", project, run=run)
    return Changed(changed=changed)


@router.post("/restore", summary="Take runs out of the trash")
def take_back(asks: Asks, runs: RunKeys) -> Changed:
    """Take runs out of the trash."""
    keys = [one.key for one in runs.runs]
    demand_edits(asks, keys)
    changed = asks.store.take_back(keys)
    for project, run in keys:
        asks.note("restore", project, run=run)
    return Changed(changed=changed)


def _attached(asks: Asking, project: str, one: AttachedTold) -> Attached:
    """A file that was sent ahead; that it was is asked of this project alone."""
    if fault := path_fault(one.path):
        raise Problem(422, f'The path "{one.path[:200]}": {fault}.')
    blobs = asks.store.blobs
    if not asks.store.access.may_claim(project, [one.sha256]) or not blobs.ask_for(one.sha256):
        raise Problem(422, f"The bytes of {one.name[:200]} are not there: send them to /blobs/{one.sha256} first.")
    return Attached(one.kind, one.name, one.path, one.media_type, blob_of(asks.store, one.sha256))
