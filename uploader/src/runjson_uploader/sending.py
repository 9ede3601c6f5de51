"""Run files on their way to a server: what it does not have yet, and the files that they name ahead of them."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self, TypeAlias
from urllib.parse import urlsplit

from runjson_schema import text
from runjson_schema.findings import CODES, Excerpt, Finding
from runjson_schema.names import normal_path, path_fault
from runjson_schema.slow import ignore
from runjson_tracker.blobs import digest_of
from runjson_tracker.errors import RunMissing, RunTrashed, StoreError
from runjson_tracker.remote.blobs import send_blob
from runjson_tracker.remote.http import Http

from runjson_uploader.attached import InFolder
from runjson_uploader.named import named_files
from runjson_uploader.reading import has_more, tail
from runjson_uploader.resume import Identity, goes_on, identity, verify
from runjson_uploader.upload import Outcome

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from runjson_schema.decode import Digest
    from runjson_tracker.store import Store

# Bytes that are read, and sent, at once.
_PIECE: Final = 1 << 20
# The level is the quickest one: it is to be quicker than the network.
_LEVEL: Final = 1
# Below so many bytes compressing saves nothing.
_WORTH: Final = 1 << 12
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# What is told of files that are sent ahead, by path; None of a directory without files.
_Told: TypeAlias = dict[str, dict[str, str | int] | None]
_STREAMS: Final = (".jsonl", ".ndjson")
# So many digests are asked for at once.
_ASKED: Final = 5000


@dataclass(slots=True)
class Kept:
    """How far a stream was sent, so that the next time begins there.

    Attributes:
        said: which source it says that it is.
        read: how many bytes of it the server has.
        sha256: of these.
        line: how many lines they are.
        tail: the last of these bytes.
        status: as the source says it.
    """

    said: Identity
    read: int
    sha256: Digest
    line: int
    tail: bytes
    status: str | None


@dataclass(frozen=True, slots=True)
class _KnownFile:
    """A file that the server has of a source."""

    kind: str
    name: str
    index: int | None
    path: str
    sha256: str


@dataclass(slots=True)
class _Known:
    """A source as the server has it, in the words of `sources.TrackedSource`."""

    kind: str
    read_bytes: int | None
    read_digest: str | None
    files: list[_KnownFile]
    record: dict[str, Any]  # Any: JSON; nothing of it is needed to send what is new

    @property
    def series(self) -> Collection[tuple[str, str]]:
        return {(one.kind, one.name) for one in self.files}


class OverHttp:
    """A server, as a place where run files are tracked."""

    def __init__(self, http: Http) -> None:
        self.store: Store | None = None
        self.notice: str | None = None
        self._http = http
        self._plain = (urlsplit(http.address).hostname or "") in _LOOPBACK

    @classmethod
    def open(cls, address: str) -> Self:
        """The server at an address, which is asked whether it is one.

        Raises:
            StoreError: it can not be reached, or takes nothing from this caller.
        """
        http = Http(address)
        who = http.get("/session").json()
        if not who.get("writes"):
            raise StoreError(
                f"{address} takes run files with a token of the scope write: `runjson login {address}` keeps one, "
                "RUNJSON_TOKEN gives one."
            )
        return cls(http)

    @property
    def location(self) -> str:
        """Its address."""
        return self._http.address

    identity = location

    def keeps(self, path: str) -> bool:
        """Whether a file of this machine belongs to it: none does."""
        return False

    def wait_at_most(self, seconds: float) -> None:
        """Try a request again for so long."""
        self._http.patience = seconds

    def reopened(self) -> Self:
        """The one that is in its place now."""
        return self

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def upload(
        self, source: BinaryIO, name: str, folder: Path, *, project: str,
        replace: bool = False, dry_run: bool = False, heard: float | None = None, kept: Kept | None = None,
    ) -> Outcome:  # fmt: skip
        """Track one run file: what the server does not have of it is sent."""
        age = None if heard is None else max(time.time() - heard, 0.0)
        one = _Sending(self._http, source, name, folder, project, {"dry_run": dry_run or None, "age": age}, self._plain)
        try:
            outcome = None if replace else one.more(kept)
            return outcome or one.whole(replace=replace)
        except RunTrashed as trashed:
            return Outcome("trashed", why=[str(trashed)])


class _Sending:
    """One run file on its way."""

    def __init__(
        self, http: Http, source: BinaryIO, name: str, folder: Path, project: str, params: dict[str, Any], plain: bool
    ) -> None:
        self._http = http
        self._source = source
        self._name = name
        self._attached = InFolder(folder)
        self._project = project
        self._params = params
        self._plain = plain
        self._digests: dict[str, str] = {}

    # -- what of it ------------------------------------------------------------------------------------------------

    def more(self, kept: Kept | None) -> Outcome | None:
        """Send what stands behind what the server has of a stream; None if all of it is to be sent."""
        self._source.seek(0)
        said = identity(self._source)
        if said is None or not self._is_stream():
            return None
        following = kept is not None
        if kept is None or kept.said != said or tail(self._source, kept.read) != kept.tail:
            following, kept = False, self._found(said)
        if kept is None or not goes_on(self._source, kept.read):
            return None
        end = self._end(kept.read)
        place = {
            "project": said.project or self._project, "run": said.id, "writer": said.writer,
            "offset": kept.read, "prefix": kept.sha256.hexdigest(), "line": kept.line, "name": self._name,
        }  # fmt: skip
        if not self._has_text(kept.read, end):
            return Outcome(
                "unchanged",
                str(place["project"]),
                said.id,
                said.writer or "",
                kind="stream",
                status=kept.status,
                kept=kept,
            )
        sha256, line = kept.sha256.copy(), kept.line
        for piece in self._bytes(kept.read, end):
            sha256.update(piece)
            line += piece.count(b"\n")
        params = self._params | place | {"digest": sha256.hexdigest()}
        outcome = self._sent(params, kept.read, end)
        if outcome.answer == "refused" and following and not outcome.faulty:
            return self.more(None)  # an answer was lost, or something else came between
        if outcome.answer == "refused" and not following:
            return None  # what is wrong is told of all of it
        if outcome.answer in {"grown", "unchanged"} and not self._params["dry_run"]:
            outcome.kept = Kept(said, end, sha256, line, tail(self._source, end), outcome.status)
        return outcome

    def whole(self, *, replace: bool) -> Outcome:
        """Send all of it."""
        end = self._source.seek(0, os.SEEK_END)
        params = self._params | {"project": self._project, "name": self._name, "replace": replace or None}
        outcome = self._sent(params, 0, end)
        if outcome.read and outcome.answer in {"new", "grown", "replaced"}:
            outcome.kept = self._kept(*outcome.read, outcome.status)
        return outcome

    def _kept(self, read: int, prefix: str, status: str | None) -> Kept | None:
        """How far a stream is tracked that was sent as a whole."""
        self._source.seek(0)
        said = identity(self._source)
        sha256, line = hashlib.sha256(), 0
        for piece in self._bytes(0, read):
            sha256.update(piece)
            line += piece.count(b"\n")
        same = said is not None and sha256.hexdigest() == prefix
        return Kept(said, read, sha256, line, tail(self._source, read), status) if said is not None and same else None

    def _is_stream(self) -> bool:
        return self._name.lower().endswith(_STREAMS) or has_more(self._source)

    def _found(self, said: Identity) -> Kept | None:
        """How far the server has a stream that it can go on with, if its files are still those that it has."""
        try:
            params = {"project": said.project or self._project, "run": said.id, "writer": said.writer}
            told = self._http.get("/source", params).json()
        except RunMissing:
            return None
        files = [_KnownFile(**one) for one in told["files"]]
        known = _Known(told["kind"], told["offset"], told["prefix"], files, {})
        *_, past = verify(self._source, known, self._attached)
        if past is None or not all(self._is_same(one) for one in files if one.kind == "artifacts" and one.path):
            return None
        return Kept(said, past.read, past.sha256, past.line - 1, tail(self._source, past.read), told["status"])

    def _is_same(self, file: _KnownFile) -> bool:
        faults = self._attached.check(("artifacts", file.name), {"path": file.path})
        return not any(one.severity == "error" for one in faults) and self._digest(file.path) == file.sha256

    def _end(self, begin: int) -> int:
        """Behind the last line that is whole; the end of a record that lacks a line break is one."""
        size = self._source.seek(0, os.SEEK_END)
        place = size
        while place > begin:
            start = max(place - _PIECE, begin)
            self._source.seek(start)
            found = self._source.read(place - start).rfind(b"\n")
            if found >= 0:
                place = start + found + 1
                break
            place = start
        self._source.seek(place)
        rest = self._source.read(size - place)
        return size if rest.strip(text.SPACE) and not text.scan(rest, ignore).torn else place

    def _has_text(self, begin: int, end: int) -> bool:
        return any(piece.strip(text.SPACE) for piece in self._bytes(begin, end))

    def _bytes(self, begin: int, end: int) -> Iterator[bytes]:
        self._source.seek(begin)
        left = end - begin
        while left and (piece := self._source.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece

    # -- on the way ------------------------------------------------------------------------------------------------

    def _sent(self, params: dict[str, Any], begin: int, end: int) -> Outcome:
        """Send a part of the file, or all, with the files that it names ahead."""
        self._source.seek(begin)
        stream = begin > 0 or self._name.lower().endswith(_STREAMS)
        project = str(params["project"])
        names = {normal_path(path): None for path in named_files(self._source, stream=stream)}
        told = self._send_files(project, names)
        outcome, wanted = self._posted(params, begin, end, told)
        missing = [path for path in wanted if normal_path(path) not in names]
        if missing and outcome.faulty:
            told |= self._send_files(project, missing)
            outcome, _ = self._posted(params, begin, end, told)
        return outcome

    def _posted(self, params: dict[str, Any], begin: int, end: int, told: _Told) -> tuple[Outcome, list[str]]:
        headers: dict[str, str] = {}
        compress = not self._plain and end - begin > _WORTH
        if compress:
            headers["Content-Encoding"] = "zstd"
        mark = secrets.token_hex(16)
        headers["Content-Type"] = f"multipart/form-data; boundary={mark}" if told else "application/octet-stream"

        def body() -> Iterator[bytes] | bytes:
            pieces = self._bytes(begin, end)
            pieces = _form(pieces, told, mark) if told else pieces
            pieces = _compressed(pieces) if compress else pieces
            # What is small has a size: the server then reads it before it looks who sends it.
            return b"".join(pieces) if end - begin < _PIECE else pieces

        answer = self._http.send("POST", "/runs", params=params, body=body, headers=headers, expected=(409, 422))
        tracked = answer.json()
        if "answer" not in tracked:
            raise StoreError(str(tracked.get("detail", "The server did not take the file.")))
        return _outcome(tracked), list(tracked["wanted"])

    def _send_files(self, project: str, paths: Collection[str]) -> _Told:
        """Send the files of paths that the server does not have; what is told of all of them."""
        told: _Told = {}
        places: dict[str, Path] = {}
        for path in paths:
            faults = self._attached.check(("artifacts", path), {"path": path})
            if path_fault(path) or any(one.severity == "error" for one in faults):
                continue  # nothing of it leaves this machine; the server says what is wrong with it
            below = self._attached.below(path)
            if below is None:
                files = {path: self._attached.bytes_of(path)}
            else:
                files = {f"{path}/{name}": place for name, place in below}
                if not files:
                    told[f"{path}/"] = None
            for name, place in files.items():
                digest = self._digest(name)
                told[name] = {"sha256": digest, "bytes": place.stat().st_size}
                places[digest] = place
        if self._params["dry_run"]:
            return told
        digests = list(places)
        for first in range(0, len(digests), _ASKED):
            asked = digests[first : first + _ASKED]
            missing = self._http.post("/blobs/missing", {"project": project, "sha256": asked}).json()["missing"]
            for sha256 in missing:
                send_blob(self._http, project, places[sha256], sha256)
        return told

    def _digest(self, path: str) -> str:
        if path not in self._digests:
            self._digests[path] = digest_of(self._attached.bytes_of(path))
        return self._digests[path]


def _outcome(tracked: dict[str, Any]) -> Outcome:  # Any: JSON
    report = tracked["report"]
    first = next((one for one in report["findings"] if one["severity"] == "error"), None) if report else None
    return Outcome(
        tracked["answer"], tracked["project"] or "", tracked["run"] or "", tracked["writer"] or "",
        points=tracked["points"], files=tracked["files"], bytes=tracked["bytes"], why=tracked["why"],
        warnings=tracked["warnings"], faulty=report is not None, fault=_finding(first) if first else None,
        kind=tracked["kind"], status=tracked["status"],
        read=(tracked["offset"], tracked["prefix"]) if tracked["prefix"] else None,
    )  # fmt: skip


def _finding(told: dict[str, Any]) -> Finding | None:  # Any: JSON
    """A finding as a server tells it; None for one of a code that is not known here."""
    if told["code"] not in CODES:
        return None
    cut = told["snippet"]
    excerpt = Excerpt(cut["text"], cut["start"], cut["length"], (cut["cut_before"], cut["cut_behind"])) if cut else None
    return Finding(
        told["code"], told["message"], hint=told["hint"], line=told["line"], column=told["column"], excerpt=excerpt
    )


def _form(run: Iterator[bytes], told: _Told, mark: str) -> Iterator[bytes]:
    """The body of a form: what is told of the files, and the run file."""
    head = f'--{mark}\r\nContent-Disposition: form-data; name="{{}}"; filename="{{}}"\r\n\r\n'
    yield head.format("files", "files.json").encode() + json.dumps(told).encode() + b"\r\n"
    yield head.format("run", "run").encode()
    yield from run
    yield f"\r\n--{mark}--\r\n".encode()


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zstd.ZstdCompressor(_LEVEL)
    for piece in pieces:
        if found := compressor.compress(piece):
            yield found
    yield compressor.flush()
