"""Links by which whoever has one looks at some runs: `/api/v1/shares`."""

from __future__ import annotations

import time
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field
from runjson_tracker.access import roles
from runjson_tracker.access.roles import Role

from runjson_server.asking import Asks
from runjson_server.problems import Problem, also
from runjson_server.projects import InQuery, ProjectName
from runjson_server.tokens import RowId

router: Final = APIRouter(prefix="/shares", tags=["projects"])
_DECADE: Final = 10 * 366 * 86400.0


class Share(BaseModel):
    """Runs that whoever has a link may look at, without the link."""

    id: int
    person: str = Field(description="who shares")
    project: str
    runs: list[str] = Field(description="their ids, in the order in which they are compared")
    created: float = Field(description="in seconds since 1970, as are expires and withdrawn")
    expires: float | None
    withdrawn: float | None

    @classmethod
    def of(cls, share: roles.Share) -> Share:
        """A share of the store."""
        return cls.model_validate(share, from_attributes=True)


class ProjectShares(BaseModel):
    """The shares of a project, the newest first."""

    shares: list[Share]


class NewShare(BaseModel):
    """Runs that are to be shared."""

    project: ProjectName
    runs: list[str] = Field(min_length=1, max_length=1000, description="their ids")
    expires_in: float | None = Field(
        default=None, gt=0, le=_DECADE, strict=True, allow_inf_nan=False,
        description="for how many seconds; null until it is withdrawn",
    )  # fmt: skip


class MadeShare(Share):
    """A share that was made. Nobody can ask for its link again."""

    link: str
    secret: str = Field(description="what stands behind the # of the link, and is sent as a token is")


class Withdrawn(BaseModel):
    """The share that is to end."""

    project: ProjectName
    id: RowId


@router.post("", summary="Share runs by a link", status_code=201, responses=also(409))
def share(asks: Asks, new: NewShare) -> MadeShare:
    """Make a link by which whoever has it looks at some runs. For contributors."""
    asks.demand(new.project, Role.CONTRIBUTOR)
    expires = None if new.expires_in is None else time.time() + new.expires_in
    made, secret = asks.store.access.share(asks.person(), new.project, new.runs, expires=expires)
    asks.note("share.make", new.project, id=made.id, runs=list(made.runs)[:10], count=len(made.runs), expires=expires)
    return MadeShare(**Share.of(made).model_dump(), link=f"{asks.base}/share#{secret}", secret=secret)


@router.get("", summary="List the shares of a project")
def shares(asks: Asks, project: InQuery) -> ProjectShares:
    """List the shares of a project, those that ended too. For contributors."""
    asks.demand(project, Role.CONTRIBUTOR)
    return ProjectShares(shares=[Share.of(one) for one in asks.store.access.shares(project)])


@router.post("/withdraw", summary="End a share", status_code=204)
def withdraw(asks: Asks, old: Withdrawn) -> None:
    """Let a link show nothing any more. For contributors, who end their own ones, and for owners."""
    asks.demand(old.project, Role.CONTRIBUTOR)
    found = next((one for one in asks.store.access.shares(old.project) if one.id == old.id), None)
    if found is not None and (asks.caller.person is None or found.person != asks.caller.person.name):
        asks.demand(old.project, Role.OWNER)
    if not asks.store.access.withdraw(old.project, old.id):
        raise Problem(404, f'The project "{old.project}" has no share of the number {old.id} that stands.')
    asks.note("share.withdraw", old.project, id=old.id)
