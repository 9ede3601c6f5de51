"""Run files on their way in: `/api/v1/runs`, whole or more of a stream, alone or with the files that they name."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated, Any, BinaryIO, Final, NoReturn

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from runjson_schema.names import SHA256, name_fault
from runjson_tracker.steps import Steps, perform
from runjson_tracker.store import Store, TrackedSource
from runjson_uploader.attached import Sent
from runjson_uploader.comparison import Answer
from runjson_uploader.resume import Place, identity
from runjson_uploader.upload import DEFAULT_PROJECT, Outcome, append, upload
from runjson_validator.report import FindingReport, Report
from runjson_validator.validation import validate

from runjson_server.admission import Admission
from runjson_server.asking import Asking, Asks, asking_in, settings_of, store_of
from runjson_server.body import demand_lines
from runjson_server.forms import Brought, brought, sent
from runjson_server.problems import PROBLEM, Problem
from runjson_server.seeing import demand_runs

router: Final = APIRouter(tags=["runs"])
# Bytes of a body that is read before it is known whose it is.
_SOON: Final = 1 << 20
# Bytes of more of a stream that is tracked along with others.
_FEW: Final = 1 << 16
# Members of files and the end of a run, and what may be another way to write their names: they take others' time.
_APART: Final = (b'"path"', b'"data"', b'"status"', b"\\u")
# So many files come in one form at most; those of more are sent ahead as blobs.
_PARTS: Final = 1000
_RUN: Final = "run"
_FILES: Final = "files"
# Bytes of what is said of files that were sent ahead.
_TOLD: Final = 64 << 20


class Arriving(BaseModel):
    """How a run file is to be tracked."""

    project: str = Field(default=DEFAULT_PROJECT, description="the project of a file that names none")
    name: str = Field(
        "", max_length=1024, description="of the file: run.jsonl says that it is a stream, whatever is in it"
    )
    replace: bool = Field(default=False, description="whether a source whose past changed is replaced")
    dry_run: bool = Field(default=False, description="whether to find the answer and track nothing")
    age: float | None = Field(
        default=None, ge=0, description="how many seconds ago the file was last written; 0 by default"
    )
    # Of more of a stream: the bytes behind those that were read.
    offset: int | None = Field(default=None, ge=1, description="how many bytes of the stream stand before the body")
    run: str = Field(default="", description="with offset: the id of the run")
    writer: str = Field(default="", description="with offset: the writer, if it has one")
    prefix: str = Field(
        "", description="with offset: the SHA-256 of what stands before the body, which is then compared"
    )
    digest: str = Field(default="", description="with offset: the SHA-256 of that and the body")
    line: int = Field(default=0, ge=0, description="with offset: how many lines stand before the body, for messages")


class Tracked(BaseModel):
    """What became of a run file."""

    answer: Answer = Field(description="as SPEC 9.2 names it; trashed if the run is in the trash and was left there")
    project: str | None = None
    run: str | None = None
    writer: str | None = Field(default=None, description="null for none")
    points: int = Field(default=0, description="that were added, of all kinds")
    files: int = Field(default=0, description="images and artifacts that were added")
    bytes: int = Field(default=0, description="of these files")
    why: list[str] = Field(default=[], description="of a file that was refused: what is wrong, or what changed")
    warnings: list[str] = Field(default=[], description="what is odd about what was read")
    offset: int | None = Field(default=None, description="of a stream: how many bytes of it are tracked")
    prefix: str | None = Field(default=None, description="their SHA-256; null if it is not known")
    kind: str | None = Field(default=None, description="document or stream, of what is tracked")
    status: str | None = Field(default=None, description="of the source, as it says")
    wanted: list[str] = Field(default=[], description="paths that the file names and that were not sent")
    report: Report | None = Field(default=None, description="of a file with errors: what is wrong with it")


_PROBLEM: Final = {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    409: {
        "model": Tracked,
        "content": _PROBLEM,
        "description": "refused, since its past changed; or more is tracked than stands before",
    },
    422: {"model": Tracked, "content": _PROBLEM, "description": "refused, since it has errors"},
}

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "description": "a document: one record, as the specification has it"}
            },
            "application/x-ndjson": {
                "schema": {"type": "string", "description": "a stream, or more of one: a record in each line"}
            },
            "application/octet-stream": {},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["run"],
                    "properties": {
                        "run": {"type": "string", "format": "binary", "description": "the run file"},
                        "files": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "contentSchema": {
                                "type": "object",
                                "additionalProperties": {
                                    "anyOf": [
                                        {
                                            "type": "object",
                                            "required": ["sha256", "bytes"],
                                            "properties": {
                                                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                                                "bytes": {"type": "integer", "minimum": 0},
                                            },
                                        },
                                        {"type": "null"},
                                    ]
                                },
                            },
                            "description": "of the files that were sent ahead, by path; null for an empty directory",
                        },
                    },
                    "additionalProperties": {
                        "type": "string", "format": "binary", "description": "a file that the run names, by its path"
                    },
                }
            },
        },
    }
}  # fmt: skip


@router.post("/runs", summary="Track a run file", response_model=Tracked, responses=_ANSWERS, openapi_extra=_BODY)
@router.put(
    "/runs", summary="Track a run file, as curl -T sends it", response_model=Tracked, responses=_ANSWERS,
    openapi_extra=_BODY,
)  # fmt: skip
def described(how: Annotated[Arriving, Query()]) -> NoReturn:
    """Track the run file in the body.

    A form (multipart/form-data) brings the files beside it: the part `run` is the run file, the part `files` a JSON
    object of those that were sent ahead, by path, and each other part a file, named by its path. The body
    may be compressed (Content-Encoding: gzip or zstd). The same file again changes nothing, and one that grew adds the
    rest. A line of more than 200 MiB is answered 413, and nothing of the file is tracked.
    """
    raise AssertionError("`track` stands before it, which costs half as much; this one describes it")


async def track(request: Request) -> Response:
    """Track the run file in the body of a request, as `described` says."""
    try:
        how = Arriving.model_validate(dict(request.query_params))
    except ValidationError as fault:
        raise RequestValidationError([{**one, "loc": ("query", *one["loc"])} for one in fault.errors()]) from None
    settings = settings_of(request)
    length = request.headers.get("content-length", "")
    with ExitStack() as opened:
        if length.isdecimal() and int(length) <= _SOON:
            # A small body is here before anybody is asked who sends it: one change of threads does for both.
            came = await brought(request, settings, opened)
            steps = _track(lambda: _writer(request, how), how, came)
            if how.offset is not None and _is_few(came):
                answer = await request.app.state.gathering(steps)
            else:
                answer = await _in_thread(request, request.app.state.appends, steps)
        else:
            asks = await to_thread.run_sync(_writer, request, how)
            came = await brought(request, settings, opened)
            answer = await _in_thread(request, request.app.state.uploads, _track(lambda: asks, how, came))
    status = 200 if answer.answer != "refused" else 422 if answer.report is not None else 409
    return Response(answer.model_dump_json(), status, media_type="application/json")


def _writer(request: Request, how: Arriving) -> Asking:
    """Who asks; who may write nothing at all is turned away."""
    asks = asking_in(request, how.project)
    _demand_writer(asks, how)
    return asks


def _demand_writer(asks: Asking, how: Arriving) -> None:
    """Turn away who may write nothing at all."""
    caller = asks.signed_in()
    if caller.scope == "read":
        raise Problem(403, "This token only reads; tracking needs one of the scope write.")
    if fault := name_fault(how.project):
        raise Problem(422, f'The project "{how.project}" {fault}.')
    for digest in (how.prefix, how.digest):
        if digest and not SHA256.match(digest):
            raise Problem(422, "prefix and digest are SHA-256, as 64 hexadecimal digits.")


def _is_few(came: Brought) -> bool:
    """Whether what came is small, and surely has no files and ends no run."""
    text = came.run.read(_FEW + 1)
    came.run.seek(0)
    return not (came.files or came.told or len(text) > _FEW or any(one in text for one in _APART))


def _track(asking: Callable[[], Asking], how: Arriving, came: Brought) -> Steps[Tracked]:
    """Track what came, once it is known who asks."""
    asks = asking()
    gate = Admission(asks)
    heard = None if how.age is None else time.time() - how.age
    files = sent(asks, how.project, came, dry_run=how.dry_run)
    demand_lines(came.run, asks.settings.document, how.line)
    name = how.name or _name(came.run)
    if how.offset is None:
        outcome = upload(
            came.run, name, files, asks.store, project=how.project, replace=how.replace,
            dry_run=how.dry_run, heard=heard, gate=gate, largest=asks.settings.document,
        )  # fmt: skip
        report = _report(came.run, name, files) if outcome.faulty and not _is_too_large(outcome) else None
    else:
        place = Place(how.project, how.run, how.writer, how.offset, how.prefix, how.digest, how.line)
        found = yield from append(
            came.run, place, name, files, asks.store, dry_run=how.dry_run, heard=heard, gate=gate
        )  # fmt: skip
        if found is None:
            return _moved(asks.store, how)
        outcome, report = found, None
    if outcome.faulty and outcome.fault is not None and report is None:
        report = _of_one(FindingReport.of(outcome.fault), name)
    if outcome.answer == "replaced" and not how.dry_run:
        asks.note("replace", outcome.project, run=outcome.run, writer=outcome.writer)
    return _told_of(outcome, report, files)


def _is_too_large(outcome: Outcome) -> bool:
    """Whether a document is too large for this server, which then does not look for what else is wrong with it."""
    return outcome.fault is not None and outcome.fault.code == "RJ016"


def _name(run: BinaryIO) -> str:
    """What a file is called that came without a name: one whose first line is a record with an id is a stream."""
    run.seek(0)
    return "run.jsonl" if identity(run) is not None else "run"


def _told_of(outcome: Outcome, report: Report | None, sent: Sent) -> Tracked:
    return Tracked(
        answer=outcome.answer, project=outcome.project or None, run=outcome.run or None, writer=outcome.writer or None,
        points=outcome.points, files=outcome.files, bytes=outcome.bytes, why=outcome.why, warnings=outcome.warnings,
        wanted=list(sent.wanted) if outcome.faulty else [], report=report, **_state(outcome.tracked),
    )  # fmt: skip


def _moved(store: Store, how: Arriving) -> Tracked:
    """The answer where something else is tracked than what is said to stand before a part."""
    state = _state(store.source(how.project, how.run, how.writer))
    read = state.get("offset")
    there = "this stream is not tracked" if read is None else f"{read} bytes of this stream are tracked"
    why = f"{there}, and not the {how.offset} that are said to stand before; send what follows, or the whole file"
    return Tracked(answer="refused", project=how.project, run=how.run, writer=how.writer or None, why=[why], **state)


def _state(tracked: TrackedSource | None) -> dict[str, Any]:  # Any: members of `Tracked`
    """How far a source is tracked."""
    if tracked is None:
        return {}
    state: dict[str, Any] = {"kind": tracked.kind, "status": tracked.record.get("status")}
    if tracked.kind == "stream":
        state |= {"offset": tracked.read_bytes, "prefix": tracked.read_digest or None}
    return state


def _report(run: BinaryIO, name: str, sent: Sent) -> Report:
    """All that is wrong with a run file."""
    run.seek(0)
    return validate(run, name=name, files=sent.check)


def _of_one(what: FindingReport, name: str) -> Report:
    return Report(
        file=name or "run",
        valid=False,
        errors=1,
        warnings=0,
        advice=0,
        counts={what.code: 1},
        findings=[what],
        alike=[],
    )


class KnownFile(BaseModel):
    """A file that a source has."""

    kind: str = Field(description="images or artifacts")
    name: str
    index: int | None = Field(description="of the image's point; null for an artifact")
    path: str
    sha256: str


class Source(BaseModel):
    """A source as it is tracked: what is needed to send only what is new of it."""

    kind: str = Field(description="document or stream")
    offset: int | None = Field(default=None, description="of a stream: how many bytes of it are tracked")
    prefix: str | None = Field(default=None, description="their SHA-256; null if it is not known")
    status: str | None = Field(default=None, description="as the source says it")
    points: int
    files: list[KnownFile]


@router.get("/source", summary="Ask how far a source is tracked")
def source(
    asks: Asks,
    project: Annotated[str, Query(description="of the run")],
    run: Annotated[str, Query(description="its id")],
    writer: Annotated[str, Query(description="of the source; empty for none")] = "",
) -> Source:
    """Say how far the source of a writer is tracked, and which files it has."""
    demand_runs(asks, [(project, run)])
    tracked = asks.store.source(project, run, writer)
    if tracked is None:
        raise Problem(404, f'The run "{run}" of "{project}" has no source of this writer.')
    files = [
        KnownFile(kind=one.kind, name=one.name, index=one.index, path=one.path, sha256=one.sha256)
        for one in tracked.files
    ]
    return Source(points=tracked.point_count, files=files, **_state(tracked))


async def _in_thread(request: Request, limiter: CapacityLimiter, steps: Steps[Tracked]) -> Tracked:
    return await to_thread.run_sync(lambda: perform(steps, store_of(request).write), limiter=limiter)
