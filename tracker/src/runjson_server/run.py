"""One run: `/api/v1/run`, what it says and what it has; the details of several at once; its files; run files."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from runjson_schema.points import Kind
from runjson_tracker.errors import RunMissing
from runjson_tracker.files import count_files
from runjson_tracker.remote.cells import number_json
from runjson_tracker.store import Store, TrackedSource
from runjson_tracker.summary import Summary

from runjson_server.asking import Asks
from runjson_server.problems import Problem
from runjson_server.seeing import Number, OfProject, OfRun, OfWriter, RunKey, demand_runs
from runjson_server.streaming import Streamed

router: Final = APIRouter(tags=["runs"])
# The files of a run are told with it, unless they are more.
_FILES: Final = 1000
# Greater numbers are none of a row.
_FAR: Final = 2**53
_PAGE: Final = 10_000
_DETAILS: Final = 100
# Bytes of a run file that are sent at once.
_PIECE: Final = 1 << 16


class SummaryTold(BaseModel):
    """What is known of the points of a series; null for what does not apply, and for NaN."""

    model_config = ConfigDict(from_attributes=True)

    count: int
    nonfinite: int = Field(description="how many points are NaN or an infinity")
    minimum: float | None = Field(description="the least finite value, argmin the index of the first point that has it")
    maximum: float | None
    argmin: int | None
    argmax: int | None
    total: Number | None = Field(description="the sum of the finite values")
    last: Number | None
    step_min: float | None
    step_max: float | None
    time_min: float | None
    time_max: float | None
    rising: bool = Field(description="whether the steps never fall")

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """A summary of a store's."""
        told = {name: getattr(summary, name) for name in cls.model_fields}
        return cls(**told | {name: number_json(told[name]) for name in ("total", "last")})


class SeriesTold(BaseModel):
    """A series of a source."""

    kind: Kind
    name: str
    number: int = Field(description="another one after the source was replaced")
    summary: SummaryTold | None = Field(description="null for one without points")


class FileTold(BaseModel):
    """A file of a source."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["images", "artifacts"]
    name: str = Field(description="of the image series, or of the artifact")
    index: int | None = Field(description="of the image's point; null for an artifact")
    path: str = Field(description="as the run file names it; empty for bytes that stand in it")
    media_type: str | None
    sha256: str
    bytes: int


class SourceTold(BaseModel):
    """What one writer says of a run."""

    writer: str = Field(description="empty for none, ~ for what people changed")
    kind: Literal["document", "stream"]
    record: dict[str, Any] = Field(description="its fold, points aside")  # Any: any JSON
    series: list[SeriesTold]
    files: list[FileTold] | None = Field(description="null if the run has more than 1000: /files tells them")


class RunTold(BaseModel):
    """A run, read as the merge of its sources."""

    project: str
    id: str
    record: dict[str, Any] = Field(description="what its sources say together, points aside")  # Any: any JSON
    status: str | None = Field(description="as it says; crashed if it is running and was not heard of for long")
    heard: float | None = Field(description="when a sign of its life was last seen, in seconds since 1970")
    sources: list[SourceTold]

    @classmethod
    def of(cls, store: Store, project: str, run: str) -> Self:
        """A run of a store."""
        view, heard = store.run(project, run), store.last_heard(project, run)
        try:
            status = store.status(project, run)
        except RunMissing:  # it is in the trash, from where it may still be read
            status = view.record.get("status")
        files = count_files(store.engine, project, run) <= _FILES
        sources = [_source(one, files=files) for one in view.sources if isinstance(one, TrackedSource)]
        return cls(project=project, id=run, record=view.record, status=status, heard=heard, sources=sources)


def _source(source: TrackedSource, *, files: bool) -> SourceTold:
    series = [
        SeriesTold(
            kind=kind,
            name=name,
            number=one.number,
            summary=None if one.summary is None else SummaryTold.of(one.summary),
        )
        for (kind, name), one in source.series.items()
    ]
    told = [FileTold.model_validate(one) for one in source.files] if files else None
    return SourceTold(writer=source.writer, kind=source.kind, record=source.record, series=series, files=told)


class Runs(BaseModel):
    """Several runs, in the order in which they were asked for."""

    runs: list[RunTold]


class Wanted(BaseModel):
    """Some runs."""

    runs: list[RunKey] = Field(min_length=1, max_length=_DETAILS)


class Status(BaseModel):
    """How it stands with a run."""

    status: str | None = Field(description="as it says; crashed if it is running and was not heard of for long")
    heard: float | None = Field(description="when a sign of its life was last seen, in seconds since 1970")


class Files(BaseModel):
    """Files of a source, by kind, name and index."""

    files: list[FileTold]
    next: int | None = Field(description="`start` of the next page; null behind the last one")


@router.get("/run", summary="Read a run", response_model=RunTold, responses={304: {"description": "it is as it was"}})
def run(
    asks: Asks, project: OfProject, id: OfRun,  # noqa: A002  as the record calls it
    if_none_match: Annotated[str, Header(description="the ETag of the answer before")] = "",
) -> Response:  # fmt: skip
    """Read what a run says, and what it has: its sources, their series and their files."""
    demand_runs(asks, [(project, id)])
    content = RunTold.of(asks.store, project, id).model_dump_json().encode()
    headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "Cache-Control": "private, no-cache"}
    if headers["ETag"] in {one.strip().removeprefix("W/") for one in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


@router.post("/runs/read", summary="Read several runs")
def read(asks: Asks, wanted: Wanted) -> Runs:
    """Read several runs, each as GET /run does."""
    keys = [one.key for one in wanted.runs]
    demand_runs(asks, keys)
    return Runs(runs=[RunTold.of(asks.store, *key) for key in keys])


@router.get("/status", summary="Ask how it stands with a run")
def status(asks: Asks, project: OfProject, id: OfRun) -> Status:  # noqa: A002  as the record calls it
    """Say whether a run is running, and when it was last heard of."""
    demand_runs(asks, [(project, id)])
    return Status(status=asks.store.status(project, id), heard=asks.store.last_heard(project, id))


@router.get("/files", summary="List the files of a source")
def files(
    asks: Asks, project: OfProject, id: OfRun,  # noqa: A002  as the record calls it
    writer: OfWriter = "",
    start: Annotated[int, Query(ge=0, le=_FAR, description="so many are left out first")] = 0,
) -> Files:  # fmt: skip
    """List the images and artifacts of a source."""
    demand_runs(asks, [(project, id)])
    found = source_of(asks.store, project, id, writer).files_from(start, _PAGE + 1)
    page = [FileTold.model_validate(one) for one in found[:_PAGE]]
    return Files(files=page, next=start + _PAGE if len(found) > _PAGE else None)


@router.get(
    "/export", summary="Get a run file", response_class=StreamingResponse,
    responses={200: {"content": {"application/json": {}, "application/jsonl": {}}, "description": "the run file"}},
)  # fmt: skip
def export(
    asks: Asks, project: OfProject, id: OfRun,  # noqa: A002  as the record calls it
    writer: OfWriter = "",
    form: Annotated[Literal["json", "jsonl"], Query(description="a document, or a stream, which needs an id")] = "json",
) -> Streamed:  # fmt: skip
    """Get a source of a run as its run file."""
    demand_runs(asks, [(project, id)])
    source = source_of(asks.store, project, id, writer)
    if form == "jsonl" and "id" not in source.record:
        raise Problem(422, "This source has no id, so that it is no stream: ask for it as json.")
    media_type = "application/jsonl" if form == "jsonl" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="run.{form}"'}
    return Streamed(_flowing(asks.store.run_file(project, id, source, form)), media_type, headers=headers)


def _flowing(pieces: Iterator[bytes]) -> Generator[bytes, None, None]:
    """Pieces, some together: a run file comes in many small ones."""
    gathered: list[bytes] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(gathered)
            gathered.clear()
            size = 0
    yield b"".join(gathered)


def source_of(store: Store, project: str, run: str, writer: str) -> TrackedSource:
    """The source of a writer.

    Raises:
        Problem: there is none.
    """
    source = store.source(project, run, writer)
    if source is None:
        raise Problem(404, f'The run "{run}" of "{project}" has no source of this writer.')
    return source
