"""What readers and commands ask of an open tracker, wherever it is. `Store` answers out of a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from runjson_schema.points import Floats, Kind, Points

    from runjson_tracker.edits import Attached
    from runjson_tracker.points import Bounds
    from runjson_tracker.query.groups import Best, Goal, Group
    from runjson_tracker.query.table import RunsPage
    from runjson_tracker.read import ProjectRow, RunRow, RunView
    from runjson_tracker.reduce import Indices, Reduced
    from runjson_tracker.sources import StoredFile
    from runjson_tracker.summary import Summary
    from runjson_tracker.upkeep.trash import Trashed

# A run's project and id.
RunKey: TypeAlias = tuple[str, str]
# Whether a run file is a document or a stream.
Form: TypeAlias = Literal["json", "jsonl"]


@dataclass(frozen=True, slots=True)
class Portion:
    """Points of a series of numbers of one source of a run.

    Attributes:
        project: of the run.
        run: its id.
        writer: of the source, "" for none.
        name: of the series.
        points: shape (n,), in the order in which they were written.
        indices: shape (n,), ascending: their indices in the series.
        count: how many points the series has, or the part of it that was asked for.
        smoothed: shape (n,): the averages of all values up to each of these points; None if nobody asked for them.
    """

    project: str
    run: str
    writer: str
    name: str
    points: Points
    indices: Indices
    count: int
    smoothed: Floats | None = None


class SourceSeries(Protocol):
    """What is known of a series without its points."""

    @property
    def count(self) -> int:
        """How many points it has."""

    @property
    def summary(self) -> Summary | None:
        """Of its points; None if it has none."""


class Source(Protocol):
    """A snapshot of one source of a run; points and files are read when they are asked for.

    Whatever reads points raises SourceChanged if the source was replaced after the snapshot was made.
    """

    @property
    def writer(self) -> str:
        """`""` for none."""

    @property
    def kind(self) -> Literal["document", "stream"]:
        """How it was written."""

    @property
    def record(self) -> dict[str, Any]:  # Any: a record's members are any JSON
        """Its fold without points."""

    @property
    def series(self) -> Mapping[tuple[Kind, str], SourceSeries]:
        """Its series by kind and name."""

    @property
    def counts(self) -> Mapping[tuple[Kind, str], int]:
        """How many points each series has."""

    @property
    def files(self) -> Sequence[StoredFile]:
        """Its files, by kind, name and index."""

    def points(self, kind: Kind, name: str, start: int = 0, stop: int | None = None) -> Points:
        """The points of a series from the index `start` to before `stop`; none if there is no such series."""

    def many(self, kind: Kind, names: Iterable[str], *, only_values: bool = False) -> Mapping[str, Points]:
        """All points of many series, by name; names that the source lacks are left out."""

    def ends(self, kind: Kind, names: Iterable[str], most: int) -> Mapping[str, Points]:
        """The last points of many series, at most `most` of each, by name; names that the source lacks are left out."""

    def reduced(
        self, name: str, most: int, *,
        start: int = 0, stop: int | None = None, steps: Bounds | None = None, times: Bounds | None = None,
    ) -> Reduced:  # fmt: skip
        """At most `most` points that show a series of numbers, or a part of it; none if there is no such series."""

    def part(self, name: str, *, steps: Bounds | None = None, times: Bounds | None = None) -> Reduced:
        """All points of a series of numbers that lie within some steps and times; none if there is no such series."""

    def reduced_many(self, names: Iterable[str], most: int) -> Mapping[str, Reduced]:
        """At most `most` points that show each of many series of numbers, by name; names it lacks are left out."""


class Reading(Protocol):
    """An open tracker, as readers and commands need it."""

    @property
    def location(self) -> object:
        """Where it is; its text is told to people."""

    @property
    def notice(self) -> str | None:
        """What its user should be told once."""

    def close(self) -> None:
        """Let go of it."""

    # -- runs --------------------------------------------------------------------------------------------------------

    def projects(self) -> list[ProjectRow]:
        """All projects by name."""

    def find(self, text: str) -> list[RunRow]:
        """The runs that a person means: of this id, of this `project/id`, or else those whose id begins so."""

    def find_each(self, texts: Sequence[str]) -> list[list[RunRow]]:
        """For each of many texts the runs that a person means."""

    def run(self, project: str, run: str) -> RunView:
        """A run.

        Raises:
            RunMissing: there is none.
        """

    def run_each(self, runs: Iterable[RunKey]) -> list[RunView]:
        """Runs, by project and id, in this order.

        Raises:
            RunMissing: one of them is not there.
        """

    def status(self, project: str, run: str) -> str | None:
        """The status of a run; `crashed` if it says that it is running and was not heard of for long.

        Raises:
            RunMissing: there is none.
        """

    def last_heard(self, project: str, run: str) -> float | None:
        """When a sign of a run's life was last seen, in seconds since 1970; None if there is no such run."""

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
        """The runs that match a filter; see `query.table.select_runs`."""

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

    def field_names(self, project: str | None = None) -> list[str]:
        """All fields that runs of a project, or of all, have or had."""

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

        Args:
            runs: by project and id.
            names: of the series; those that a source lacks are left out. None for all, by name.
            most: at most so many points that show each series; None for all points. A long series then comes in
                several portions, one behind the other.
            steps: the least and the greatest step of the points; a point without a step stands at its index.
            times: the same of times, in seconds since 1970; points without a time are left out.
            smoothing: with `most`: the weight of what was before, from 0 to less than 1, in averages of all values up
                to each point; see `smoothing.Average`.

        Raises:
            RunMissing: there is no such run.
            SourceChanged: a source was replaced while it was read.
            ValueError: `most` is less than `reduce.LEAST_POINTS`, or `smoothing` is none of these or without `most`.
        """

    def open_file(self, project: str, run: str, writer: str, file: StoredFile) -> IO[bytes]:
        """Open a file that a source of a run has.

        Raises:
            OSError: it is not there, or cannot be read.
        """

    def run_file(self, project: str, run: str, source: Source, form: Form) -> Iterator[bytes]:
        """A source of a run as the text of its run file, piece by piece; a stream needs an id.

        Raises:
            SourceChanged: the source was replaced meanwhile.
        """

    # -- changes -----------------------------------------------------------------------------------------------------

    def edit(self, project: str, run: str, record: Mapping[str, Any], attached: Sequence[Attached] = ()) -> None:
        """Add a record to what people changed in a run; see `edits.edit`.

        Raises:
            RunMissing: there is no such run.
            EditRefused: the record is not valid.
        """

    def trash(self) -> list[Trashed]:
        """The runs in the trash, the last put there first."""

    def put_away(self, wanted: Iterable[RunKey]) -> int:
        """Put runs in the trash; says how many were not there before."""

    def take_back(self, wanted: Iterable[RunKey]) -> int:
        """Take runs out of the trash; says how many were in it."""
