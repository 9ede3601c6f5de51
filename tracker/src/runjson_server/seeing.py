"""What a caller may read, and how runs are named in questions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Final, Literal, TypedDict

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, Field
from runjson_schema.names import name_fault
from runjson_tracker.access.roles import Role
from runjson_tracker.reading.interface import RunKey as Key

from runjson_server.asking import Asking
from runjson_server.problems import Problem

# As the specification has it (SPEC 5.1); a writer may also be none, and `~` is that of the edits.
_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
WRITER: Final = r"^([A-Za-z0-9][A-Za-z0-9._-]{0,127}|~)?$"

RunId = Annotated[str, Field(pattern=_ID, description="of the run")]
Writer = Annotated[str, Field(pattern=WRITER, description="of the source; empty for none, ~ for what people changed")]
OfProject = Annotated[str, Query(description="of the run")]
OfRun = Annotated[str, Query(alias="id", pattern=_ID, description="of the run")]
OfWriter = Annotated[
    str, Query(alias="writer", pattern=WRITER, description="of the source; empty for none, ~ for what people changed")
]


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    return value


def _no_number(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError("a number is neither true nor false")
    return value


# In JSON, and in an address, where all are texts.
Whole = Annotated[int, BeforeValidator(_no_truth)]
Flag = Annotated[bool, BeforeValidator(_no_number)]
# A number where one is expected: what JSON lacks is a text.
Number = float | Literal["NaN", "Infinity", "-Infinity"]


class RunKey(BaseModel):
    """A run, by its project and its id."""

    project: str = Field(description="of the run")
    id: RunId

    @property
    def key(self) -> Key:
        """As a store names it."""
        return self.project, self.id


class RunKeys(BaseModel):
    """Some runs."""

    runs: list[RunKey] = Field(min_length=1, max_length=1000)


class Sight(TypedDict):
    """The runs of which a caller may be told, as tables of a store ask for them.

    Attributes:
        projects: of which they are; None for all.
        ids: which of them; None for all.
    """

    projects: list[str] | None
    ids: Collection[str] | None


def sight(asks: Asking, project: str | None = None, *, trash: bool = False) -> Sight:
    """The runs of which a caller may be told in a table; with the secret of a share, those that were shared.

    Args:
        asks: who asks.
        project: the one that the question names.
        trash: whether the question is about the trash, in which a link shows nothing.

    Raises:
        Problem: the caller may not read that one, or has not signed in where nothing is public.
    """
    share = asks.caller.share
    if share is None:
        return Sight(projects=seen(asks, project), ids=None)
    if project not in {None, share.project}:
        raise _no_project(asks, str(project))
    return Sight(projects=[share.project], ids=() if trash else share.runs)


def seen(asks: Asking, project: str | None = None) -> list[str] | None:
    """The projects of which a caller may be told; None for all.

    Args:
        asks: who asks.
        project: the one that the question names.

    Raises:
        Problem: the caller may not read that one, or has not signed in where nothing is public.
    """
    if project is not None:
        demand_project(asks, project)
    readable = asks.readable()
    if readable == [] and asks.caller.person is None and asks.caller.share is None:
        raise asks.hidden("Here is nothing for everybody.")
    return readable


def demand_project(asks: Asking, project: str) -> None:
    """See that a caller may read a project.

    Raises:
        Problem: they may not, or there is none of that name.
    """
    if name_fault(project) or asks.role(project) is None:
        raise _no_project(asks, project)


def demand_runs(asks: Asking, runs: Iterable[Key]) -> None:
    """See that a caller may read all of some runs.

    Raises:
        Problem: they may not read one of them.
    """
    readable = asks.readable()
    for project, run in runs:
        if name_fault(project):
            raise asks.hidden(f'There is no run "{run}" in a project "{project[:200]}" that you may see.')
        if readable is not None and project not in readable:
            asks.demand_run(project, run)
            # Who has no more than a link sees no run that was put in the trash.
            if all(row.id != run for row in asks.store.find(f"{project}/{run}", [project])):
                raise asks.hidden(f'There is no run "{run}" in a project "{project}" that you may see.')


def demand_edits(asks: Asking, runs: Iterable[Key]) -> None:
    """See that a caller may change all of some runs.

    Raises:
        Problem: they may not change one of them.
    """
    for project in dict.fromkeys(project for project, _ in runs):
        if name_fault(project):
            raise _no_project(asks, project)
        asks.demand(project, Role.CONTRIBUTOR)


def _no_project(asks: Asking, project: str) -> Problem:
    return asks.hidden(f'There is no project "{project[:200]}" that you may see.')
