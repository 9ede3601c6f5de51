"""The log of what was done: `/api/v1/audit`."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from runjson_tracker.access.roles import Role

from runjson_server.asking import Asks

router: Final = APIRouter(prefix="/audit", tags=["people"])


class Done(BaseModel):
    """Something that was done."""

    id: int = Field(description="a number that grows")
    at: float = Field(description="when, in seconds since 1970")
    person: str | None = Field(description="who did it")
    token: str | None = Field(description="the name of their token; null for a session, and where there was none")
    address: str | None = Field(description="from where")
    action: str = Field(description="what, such as token.make")
    project: str | None = Field(description="in which project")
    detail: dict[str, Any] = Field(description="what else there is to say")  # Any: any JSON


class Log(BaseModel):
    """What was done, the last first."""

    rows: list[Done]


@router.get("", summary="Ask what was done")
def audit(
    asks: Asks,
    project: Annotated[str | None, Query(min_length=1, max_length=1024, description="in this one alone")] = None,
    person: Annotated[str | None, Query(max_length=128, description="by whoever has this name alone")] = None,
    action: Annotated[str | None, Query(max_length=128, description="what of this name alone")] = None,
    after: Annotated[
        int | None, Query(ge=1, le=2**53 - 1, description="the number of the last row that is known already")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="so many rows at most")] = 100,
) -> Log:
    """Say what was done, the last first. For owners of the project, and for admins."""
    if project is None:
        asks.demand_admin()
    else:
        asks.demand(project, Role.OWNER)
    rows = asks.store.access.audit(
        project=project, person=person, action=action, after=after, limit=limit
    )  # fmt: skip
    return Log(rows=[Done.model_validate(one, from_attributes=True) for one in rows])
