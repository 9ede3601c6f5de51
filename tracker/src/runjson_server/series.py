"""Series of numbers of many runs: `/api/v1/series`, as JSON or as an Arrow stream."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Header
from pydantic import BaseModel, Field, StrictBool, StrictFloat
from runjson_schema.names import name_fault
from runjson_schema.numbers import numbers_text
from runjson_schema.points import Floats
from runjson_tracker.points import Bounds
from runjson_tracker.portions import Part, read_portions
from runjson_tracker.reading.interface import Portion
from runjson_tracker.reading.interface import RunKey as Key
from runjson_tracker.reduce import LEAST_POINTS
from runjson_tracker.remote.arrow import MEDIA_TYPE, encoded

from runjson_server.asking import Asking, Asks
from runjson_server.problems import Problem
from runjson_server.seeing import Number, RunKey, Writer, demand_runs, sight
from runjson_server.streaming import Streamed

router: Final = APIRouter(tags=["series"])
_RUNS: Final = 1000
# So many points a portion has at most, and so many are decoded at once: 2 MB with steps, times and indices.
_PORTION: Final = 1 << 16
_JSON: Final = "application/json"


class RunOfSeries(RunKey):
    """A run, and which of its points are wanted."""

    times: tuple[Number, Number] | None = Field(
        default=None, description="the least and the greatest time of its points, in place of those for all runs"
    )


class SeriesAsked(BaseModel):
    """Which points are wanted, and of which runs."""

    runs: list[RunOfSeries] | None = Field(
        default=None, max_length=_RUNS, description="whose; else project and where say it"
    )
    project: str | None = Field(default=None, description="without runs: whose; all that may be read by default")
    where: str | None = Field(default=None, description="without runs: a filter", max_length=100_000)
    names: list[str] | None = Field(default=None, description="of the series; those that a run lacks are left out")
    points: int | None = Field(
        default=None, ge=LEAST_POINTS, description="at most so many that show each series; all of them by default"
    )
    steps: tuple[Number, Number] | None = Field(default=None, description="the least and the greatest step")
    times: tuple[Number, Number] | None = Field(default=None, description="the same of times, in seconds since 1970")
    writer: Writer | None = Field(default=None, description="of the sources; those of all by default")
    parts: dict[str, tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]] | None = Field(
        default=None,
        description="by name, the index of the first point that is wanted, and the index behind the last one; "
        "only these series are looked at",
    )
    numbers: dict[str, int] | None = Field(
        default=None, description="with parts: the numbers that series must have, as /run tells them; 409 for others"
    )
    smoothing: StrictFloat | None = Field(
        default=None, ge=0, lt=1,
        description="with points: the weight of what was before, in averages of all values up to each point",
    )  # fmt: skip
    only_values: StrictBool = Field(
        default=False, description="whether to leave out steps and times, where all points come"
    )


class PortionTold(BaseModel):
    """Points of one series of one source; a long series comes in several portions."""

    project: str
    run: str
    writer: str = Field(description="empty for none, ~ for what people changed")
    name: str
    count: int = Field(description="how many points the series has, or the part that was asked for")
    indices: list[int] = Field(description="of the points in their series, ascending")
    steps: list[float | None] | None = Field(description="null if no point has one")
    times: list[float | None] | None = Field(description="seconds since 1970; null if no point has one")
    values: list[Number]
    smoothed: list[float | None] | None = Field(
        description="averages, as TensorBoard smooths; null if nobody asked for them, and before the first finite value"
    )


class Portions(BaseModel):
    """Portions by run as they were given, then by writer, then by name as given."""

    portions: list[PortionTold]


@router.post(
    "/series", summary="Read series of many runs", response_model=Portions,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "the points, as the header Accept says"}},
)  # fmt: skip
def series(
    asks: Asks, asked: SeriesAsked, accept: Annotated[str, Header(description=f"{_JSON} or {MEDIA_TYPE}")] = _JSON
) -> Streamed:
    """Read points of series of numbers: all of them, or few that show them.

    As Arrow a row is a portion, with the members of one in JSON as columns. What is cut off lacks its end.
    """
    portions = _portions(asks, asked)
    if MEDIA_TYPE in accept:
        return Streamed(encoded(portions), MEDIA_TYPE)
    return Streamed(_json(portions), _JSON)


def _portions(asks: Asking, asked: SeriesAsked) -> Iterator[Portion]:
    own: dict[Key, Bounds] = {}
    if asked.runs is None:
        runs = list(_matching(asks, asked))
    elif asked.project is not None or asked.where is not None:
        raise Problem(422, "The runs are named by `runs`, or by `project` and `where`: give one of the two.")
    else:
        runs = [one.key for one in asked.runs]
        demand_runs(asks, runs)
        own = {one.key: bounds for one in asked.runs if (bounds := _bounds(one.times)) is not None}
    # A name of nothing is left out like one that no run has, before a database is asked for it.
    names = None if asked.names is None else [name for name in asked.names if not name_fault(name)]
    if asked.parts is not None and names is None:
        names = [name for name in asked.parts if not name_fault(name)]
    if asked.smoothing is not None and asked.points is None:
        raise Problem(422, "`smoothing` goes with `points`: of all points the averages are soon made.")
    parts: dict[str, Part] | None = asked.parts
    found = read_portions(
        asks.store.engine, runs, names, most=asked.points, steps=_bounds(asked.steps), times=_bounds(asked.times),
        times_of=own, writer=asked.writer, parts=parts, numbers=asked.numbers, only_values=asked.only_values,
        smoothing=asked.smoothing, at_once=_PORTION,
    )  # fmt: skip
    return (part for one in found for part in _split(one))


def _matching(asks: Asking, asked: SeriesAsked) -> Iterator[Key]:
    """The runs that match the filter, the newest first."""
    told, after = sight(asks, asked.project), None
    while True:
        page = asks.store.select_runs(project=asked.project, where=asked.where, limit=_RUNS, after=after, **told)
        yield from ((row.project, row.id) for row in page.rows)
        after = page.next
        if after is None:
            return


def _bounds(asked: tuple[Number, Number] | None) -> Bounds | None:
    return None if asked is None else (float(asked[0]), float(asked[1]))


def _split(one: Portion) -> Iterator[Portion]:
    if len(one.points) <= _PORTION:
        yield one
        return
    for start in range(0, len(one.points), _PORTION):
        part = slice(start, start + _PORTION)
        smoothed = None if one.smoothed is None else one.smoothed[part]
        yield replace(one, points=one.points[part], indices=one.indices[part], smoothed=smoothed)


def _json(portions: Iterator[Portion]) -> Generator[bytes, None, None]:
    first = b'{"portions":['
    for one in portions:
        yield first + b"".join(_told(one))
        first = b","
    yield (b'{"portions":[' if first != b"," else b"") + b"]}"


def _told(one: Portion) -> Iterator[bytes]:
    head: dict[str, Any] = {name: getattr(one, name) for name in ("project", "run", "writer", "name", "count")}
    yield json.dumps(head, ensure_ascii=False).encode()[:-1]
    yield b',"indices":[%b]' % numbers_text(one.indices.astype(np.float64), b"null")
    yield b',"steps":%b' % _column(one.points.steps, b"null")
    yield b',"times":%b' % _column(one.points.times, b"null")
    yield b',"values":%b' % _column(np.asarray(one.points.values), b'"NaN"')
    yield b',"smoothed":%b}' % _column(one.smoothed, b"null")


def _column(column: Floats | None, missing: bytes) -> bytes:
    return b"null" if column is None else b"[%b]" % numbers_text(column, missing)
