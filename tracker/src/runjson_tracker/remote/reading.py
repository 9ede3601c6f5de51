"""A tracker that a server holds, as readers and commands ask it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Final, Self

from runjson_tracker.edits import Attached, EditRefused
from runjson_tracker.errors import StoreError
from runjson_tracker.query.groups import Best, Goal, Group, Statistics
from runjson_tracker.query.table import RunsPage, TableRow
from runjson_tracker.read import ProjectRow, RunRow, RunView
from runjson_tracker.reduce import demand_most
from runjson_tracker.remote.blobs import send_blob
from runjson_tracker.remote.bodies import opened, pieces
from runjson_tracker.remote.cells import json_cell, json_number
from runjson_tracker.remote.http import Http
from runjson_tracker.remote.source import RemoteSource, ask_series, bounds_json, made, told
from runjson_tracker.smoothing import demand_weight
from runjson_tracker.upkeep.trash import Trashed

if TYPE_CHECKING:
    from runjson_tracker.points import Bounds
    from runjson_tracker.reading.interface import Form, Portion, RunKey, Source
    from runjson_tracker.sources import StoredFile

# So many runs a page has at most, so many texts, runs, and runs with all that they say are asked for at once.
_PAGE: Final = 1000
_TEXTS: Final = 1000
_RUNS: Final = 200
_DETAILS: Final = 20
# Seconds for which a question is asked again where nobody answers: a person waits.
_PATIENCE: Final = 15.0


class RemoteTracker:
    """A tracker that a server holds.

    Attributes:
        location: the address of the server.
        notice: None.
    """

    def __init__(self, http: Http) -> None:
        self.location = http.address
        self.notice: str | None = None
        self._http = http

    @classmethod
    def open(cls, address: str) -> Self:
        """The tracker at an address, which is asked for nothing yet."""
        http = Http(address)
        http.patience = _PATIENCE
        return cls(http)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- runs --------------------------------------------------------------------------------------------------------

    def projects(self) -> list[ProjectRow]:
        """All projects by name."""
        return [made(ProjectRow, one) for one in self._http.get("/projects").json()["projects"]]

    def find(self, text: str) -> list[RunRow]:
        """The runs that a person means: of this id, of this `project/id`, or else those whose id begins so."""
        return self.find_each([text])[0]

    def find_each(self, texts: Sequence[str]) -> list[list[RunRow]]:
        """For each of many texts the runs that a person means."""
        found: list[list[RunRow]] = []
        for asked in _batches(list(texts), _TEXTS):
            each = self._http.post("/find", {"texts": asked}).json()["found"]
            found += [[made(RunRow, _with_tags(row)) for row in rows] for rows in each]
        return found

    def run(self, project: str, run: str) -> RunView:
        """A run.

        Raises:
            RunMissing: there is none.
        """
        return self._view(self._http.get("/run", {"project": project, "id": run}).json())

    def run_each(self, runs: Iterable[RunKey]) -> list[RunView]:
        """Runs, by project and id, in this order.

        Raises:
            RunMissing: one of them is not there.
        """
        return [
            self._view(one)
            for asked in _batches(list(runs), _DETAILS)
            for one in self._http.post("/runs/read", {"runs": _keys(asked)}).json()["runs"]
        ]

    def status(self, project: str, run: str) -> str | None:
        """The status of a run; `crashed` if it says that it is running and was not heard of for long.

        Raises:
            RunMissing: there is none.
        """
        status: str | None = self._http.get("/status", {"project": project, "id": run}).json()["status"]
        return status

    def last_heard(self, project: str, run: str) -> float | None:
        """When a sign of a run's life was last seen, in seconds since 1970; None if there is no such run."""
        answer = self._http.send("GET", "/status", params={"project": project, "id": run}, expected=(404,))
        heard: float | None = answer.json().get("heard")
        return heard

    def _view(self, told: dict[str, Any]) -> RunView:  # Any: JSON
        sources = [RemoteSource(self._http, told["project"], told["id"], one) for one in told["sources"]]
        return RunView(told["project"], told["id"], told["record"], sources)

    # -- tables of runs ----------------------------------------------------------------------------------------------

    def select_runs(
        self,
        *,
        project: str | None = None,
        where: str | None = None,
        sort: Sequence[str] = (),
        columns: Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
        after: str | None = None,
        trash: bool = False,
    ) -> RunsPage:
        """The runs that match a filter, page by page where they are many; see `query.table.select_runs`."""
        question = {"project": project, "where": where, "sort": list(sort), "columns": list(columns), "trash": trash}
        rows: list[TableRow] = []
        names: dict[int, str] = {}
        while True:
            left = _PAGE if limit is None else min(limit - len(rows), _PAGE)
            asked = {**question, "limit": left, "offset": 0 if rows else offset, "after": after}
            page = self._http.post("/runs/search", asked).json()
            rows += map(_row, page["rows"])
            # Of a pattern each page has only the columns that a row of it has.
            names |= dict(zip(page["places"], page["columns"], strict=True))
            after = page["next"]
            if after is None or (limit is not None and len(rows) >= limit):
                return RunsPage(rows, page["total"], [names[place] for place in sorted(names)], after)

    def group_runs(
        self,
        by: Sequence[str],
        values: Sequence[str] = (),
        *,
        project: str | None = None,
        where: str | None = None,
        trash: bool = False,
    ) -> list[Group]:
        """The groups of the runs that match a filter; see `query.groups.group_runs`."""
        asked = {"by": list(by), "columns": list(values), "project": project, "where": where, "trash": trash}
        return [_group(one) for one in self._http.post("/groups/search", asked).json()["groups"]]

    def best(
        self,
        by: str,
        per: Sequence[str] = (),
        goal: Goal | None = None,
        *,
        project: str | None = None,
        where: str | None = None,
    ) -> list[Best]:
        """The best run of each group; see `query.groups.best`."""
        asked = {"by": by, "per": list(per), "goal": goal, "project": project, "where": where}
        return [
            Best(tuple(map(json_cell, one["key"])), json_cell(one["value"]), _row(one["run"]))
            for one in self._http.post("/best/search", asked).json()["best"]
        ]

    def field_names(self, project: str | None = None) -> list[str]:
        """All fields that runs of a project, or of all, have or had."""
        return list(self._http.get("/fields", {"project": project}).json()["fields"])

    # -- points and files --------------------------------------------------------------------------------------------

    def series_of(
        self,
        runs: Iterable[RunKey],
        names: Iterable[str] | None = None,
        *,
        most: int | None = None,
        steps: Bounds | None = None,
        times: Bounds | None = None,
        smoothing: float | None = None,
    ) -> Iterator[Portion]:
        """Points of series of numbers of many runs: by run as they are given, then by writer, then by name as given.

        Raises:
            RunMissing: there is no such run.
            SourceChanged: a source was replaced while it was read.
            ValueError: `most` is less than `reduce.LEAST_POINTS`, or `smoothing` is none or without `most`.
        """
        demand_most(most)
        demand_weight(smoothing, most)
        question = {
            "names": None if names is None else list(names), "points": most, "steps": bounds_json(steps),
            "times": bounds_json(times), "smoothing": smoothing,
        }  # fmt: skip
        for asked in _batches(list(runs), _RUNS):
            yield from ask_series(self._http, {**question, "runs": _keys(asked)})

    def open_file(self, project: str, run: str, writer: str, file: StoredFile) -> IO[bytes]:
        """Open a file that a source of a run has.

        Raises:
            OSError: it breaks off while it is read.
            RunMissing: it is not there.
        """
        asked = {
            "project": project, "id": run, "writer": writer, "kind": file.kind, "name": file.name,
            "index": file.index or 0, "sha256": file.sha256,
        }  # fmt: skip
        return opened(self._http.get("/file", asked, stream=True, headers={"Accept-Encoding": "identity"}))

    def run_file(self, project: str, run: str, source: Source, form: Form) -> Iterator[bytes]:
        """A source of a run as the text of its run file, piece by piece; a stream needs an id.

        Raises:
            SourceChanged: the source was replaced meanwhile.
        """
        asked = {"project": project, "id": run, "writer": source.writer, "form": form}
        yield from pieces(told(self._http.send("GET", "/export", params=asked, stream=True, expected=(409,))))

    # -- changes -----------------------------------------------------------------------------------------------------

    def edit(self, project: str, run: str, record: Mapping[str, Any], attached: Sequence[Attached] = ()) -> None:
        """Add a record to what people changed in a run, behind the files that it names; see `edits.edit`.

        Raises:
            RunMissing: there is no such run.
            EditRefused: the record is not valid.
        """
        files = [
            {"kind": one.kind, "name": one.name, "path": one.path, "media_type": one.media_type,
             "sha256": send_blob(self._http, project, _bytes(one.source))}
            for one in attached
        ]  # fmt: skip
        asked = {"project": project, "id": run, "record": dict(record), "files": files}
        answer = self._http.send("POST", "/edits", json=asked, expected=(422,))
        if answer.status_code == 422:
            raise EditRefused(str(answer.json()["detail"]))

    def trash(self) -> list[Trashed]:
        """The runs in the trash, the last put there first."""
        return [made(Trashed, one) for one in self._http.get("/trash").json()["runs"]]

    def put_away(self, wanted: Iterable[RunKey]) -> int:
        """Put runs in the trash; says how many were not there before."""
        return self._change("/trash", wanted)

    def take_back(self, wanted: Iterable[RunKey]) -> int:
        """Take runs out of the trash; says how many were in it."""
        return self._change("/restore", wanted)

    def _change(self, path: str, wanted: Iterable[RunKey]) -> int:
        return sum(
            int(self._http.post(path, {"runs": _keys(asked)}).json()["changed"])
            for asked in _batches(list(wanted), _PAGE)
        )


def _bytes(source: Any) -> Any:  # Any: a path, or bytes; a blob is one of a store that is open here
    if hasattr(source, "sha256"):
        raise StoreError("A file of another tracker can not be attached; download it first.")
    return source


def _batches(found: list[Any], size: int) -> Iterator[list[Any]]:  # Any: of one type
    for begin in range(0, len(found), size):
        yield found[begin : begin + size]


def _keys(runs: Iterable[RunKey]) -> list[dict[str, str]]:
    return [{"project": project, "id": run} for project, run in runs]


def _with_tags(told: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    return {**told, "tags": tuple(told["tags"])}


def _row(told: dict[str, Any]) -> TableRow:  # Any: JSON
    values = {name: json_cell(value) for name, value in told["values"].items()}
    return made(TableRow, {**_with_tags(told), "values": values})


def _group(told: dict[str, Any]) -> Group:  # Any: JSON
    statistics = {
        column: made(Statistics, one | {name: json_number(one[name]) for name in ("mean", "std", "min", "max")})
        for column, one in told["statistics"].items()
    }
    return Group(tuple(map(json_cell, told["key"])), told["runs"], statistics)
