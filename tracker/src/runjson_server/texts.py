"""Which texts of a run hold a text: `/api/v1/texts/find`, a part of them at a time."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from runjson_tracker.texts import find_texts

from runjson_server.asking import Asks
from runjson_server.points import demand_numbers
from runjson_server.run import source_of
from runjson_server.seeing import OfProject, OfRun, OfWriter, demand_runs

router: Final = APIRouter(tags=["series"])
_MOST: Final = 10_000
# An answer comes behind the chunk by which so many bytes were looked through: within half a second.
_BYTES: Final = 1 << 25


class FoundTexts(BaseModel):
    """The texts that hold a text, from one index on."""

    indices: list[int] = Field(description="of the texts, ascending")
    count: int = Field(description="how many texts there are")
    next: int | None = Field(description="`start` of the next part; null if all of them were looked at")


@router.get("/texts/find", summary="Find the texts that hold a text")
def find(
    asks: Asks, project: OfProject, id: OfRun,  # noqa: A002  as the record calls it
    name: Annotated[str, Query(description="of the texts")],
    text: Annotated[str, Query(min_length=1, max_length=1000, description="in small and great letters alike")],
    writer: OfWriter = "",
    shown: Annotated[bool, Query(
        description="whether to look at what a terminal shows: without colours and what was written over"
    )] = False,
    start: Annotated[int, Query(ge=0, description="the index of the first text to look at")] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST, description="so many indices at most")] = _MOST,
    number: Annotated[int | None, Query(description="that the name must have, as /run tells it")] = None,
) -> FoundTexts:  # fmt: skip
    """Say which texts of a name hold a text.

    An answer ends where it has looked through 32 MB, also if it found nothing there: ask on from `next`.
    """
    demand_runs(asks, [(project, id)])
    source = source_of(asks.store, project, id, writer)
    demand_numbers(source, "text", {} if number is None else {name: number})
    found = find_texts(
        asks.store.engine, source, name, text, shown=shown, start=start, most=limit, size=_BYTES
    )  # fmt: skip
    return FoundTexts(indices=found.indices, count=source.counts.get(("text", name), 0), next=found.next)
