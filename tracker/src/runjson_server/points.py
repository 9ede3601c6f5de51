"""Texts, images and histograms of a run: `/api/v1/points`, page by page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from runjson_schema.points import Points
from runjson_tracker.errors import SourceChanged
from runjson_tracker.joining import entries_joined
from runjson_tracker.store import TrackedSource

from runjson_server.asking import Asks
from runjson_server.run import source_of
from runjson_server.seeing import OfProject, OfRun, OfWriter, RunId, Writer, demand_runs

router: Final = APIRouter(tags=["series"])
_MOST: Final = 1000
# A page ends behind the entry by which it has as many bytes as this.
_BYTES: Final = 4 << 20
# So many entries are read first; when they are small, more of them at once.
_FIRST: Final = 16

Kind = Literal["text", "images", "histograms"]


class Entries(BaseModel):
    """Some entries of a name, beginning with that of the index `start`."""

    values: list[Any] = Field(description="texts, files or histograms, as the format writes them")  # Any: any of these
    steps: list[float | None] | None = Field(description="null if no entry has one")
    times: list[float | None] | None = Field(description="seconds since 1970; null if no entry has one")
    start: int
    count: int = Field(description="how many entries there are")
    next: int | None = Field(description="`start` of the next page; null behind the last one")


class Ends(BaseModel):
    """The last entries of some names, by name."""

    ends: dict[str, Entries]
    rest: list[str] = Field(description="the names that found no room in this answer: ask for them again")


class EndsAsked(BaseModel):
    """Whose last entries are wanted."""

    project: str = Field(description="of the run")
    id: RunId
    writer: Writer = ""
    kind: Kind
    stops: dict[str, Annotated[int, Field(ge=0)]] = Field(
        max_length=10_000,
        description="by name, the index behind the last entry that is wanted; names that the source lacks are left out",
    )
    numbers: dict[str, int] = Field(
        default={}, description="the numbers that the names must have, as /run tells them; 409 for others"
    )
    most: int = Field(default=1, ge=1, le=_MOST, description="so many of each at most")


@router.get("/points", summary="Read texts, images or histograms")
def points(
    asks: Asks, project: OfProject, id: OfRun,  # noqa: A002  as the record calls it
    kind: Annotated[Kind, Query(description="what they are")],
    name: Annotated[str, Query(description="of the texts, images or histograms")],
    writer: OfWriter = "",
    start: Annotated[int, Query(ge=0, description="the index of the first one")] = 0,
    stop: Annotated[int | None, Query(ge=0, description="the index behind the last; a page has 1000 at most")] = None,
    number: Annotated[int | None, Query(description="that the name must have, as /run tells it")] = None,
) -> Entries:  # fmt: skip
    """Read a page of the texts, images or histograms of a name."""
    demand_runs(asks, [(project, id)])
    source = source_of(asks.store, project, id, writer)
    demand_numbers(source, kind, {} if number is None else {name: number})
    return _page(source, kind, name, start, stop)[0]


@router.post("/points/ends", summary="Read the last texts, images or histograms of many names")
def ends(asks: Asks, asked: EndsAsked) -> Ends:
    """Read the last entries of many names at once, as a page about a run shows them."""
    demand_runs(asks, [(asked.project, asked.id)])
    source = source_of(asks.store, asked.project, asked.id, asked.writer)
    demand_numbers(source, asked.kind, asked.numbers)
    found: dict[str, Entries] = {}
    room = _BYTES
    for place, (name, stop) in enumerate(asked.stops.items()):
        if room <= 0:
            return Ends(ends=found, rest=list(asked.stops)[place:])
        if (asked.kind, name) in source.counts:
            found[name], size = _page(source, asked.kind, name, max(stop - asked.most, 0), stop)
            room -= size
    return Ends(ends=found, rest=[])


def demand_numbers(source: TrackedSource, kind: Kind, numbers: Mapping[str, int]) -> None:
    """See that names still stand for what they stood for when their numbers were told."""
    for name, number in numbers.items():
        known = source.series.get((kind, name))
        if known is None or known.number != number:
            raise SourceChanged("The source was replaced while it was read; read it again.")


def _page(source: TrackedSource, kind: Kind, name: str, start: int, stop: int | None) -> tuple[Entries, int]:
    """A page, and of how many bytes about its entries are."""
    count = source.counts.get((kind, name), 0)
    end = min(count if stop is None else stop, count)
    last = min(start + _MOST, end)
    parts: list[Points] = []
    at, size, step = start, 0, _FIRST
    while at < last and size < _BYTES:
        part = source.points(kind, name, at, min(at + step, last))
        sizes = np.cumsum([len(json.dumps(value, ensure_ascii=False)) for value in part.values])
        fitting = int(np.searchsorted(sizes, _BYTES - size)) + 1
        parts.append(part[:fitting])
        at += len(parts[-1])
        size += int(sizes[min(fitting, len(sizes)) - 1])
        step = step * 4 if size < _BYTES // 8 else step
    found = entries_joined(parts)
    told = Entries(
        values=list(found.values), steps=_column(found.steps), times=_column(found.times), start=start, count=count,
        next=at if at < end else None,
    )  # fmt: skip
    return told, size


def _column(column: Any) -> list[float | None] | None:  # Any: an array or none
    return None if column is None else [None if number != number else number for number in column.tolist()]  # noqa: PLR0124  NaN is none
