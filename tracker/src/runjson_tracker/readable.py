"""What a store answers readers: runs, tables of runs, points and files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING

from sqlalchemy import Engine

from runjson_tracker.blobs import Blobs
from runjson_tracker.location import find_silence
from runjson_tracker.read import ProjectRow, RunRow, RunView, find_runs, load_projects, load_run, load_runs
from runjson_tracker.size import ProjectSize, load_size

if TYPE_CHECKING:
    from runjson_tracker.points import Bounds
    from runjson_tracker.query.groups import Best, Goal, Group
    from runjson_tracker.query.table import RunsPage
    from runjson_tracker.reading.interface import Form, Portion, RunKey, Source
    from runjson_tracker.sources import StoredFile


class Readable:
    """The part of a store by which it is read, as `reading.interface.Reading` says.

    What takes `projects` tells of runs of these projects alone; None stands for all.

    Attributes:
        blobs: the files.
    """

    _engine: Engine
    blobs: Blobs

    @property
    def silence(self) -> float:
        """After so many seconds without a sign of life a running run counts as crashed."""
        return find_silence()

    # -- runs --------------------------------------------------------------------------------------------------------

    def projects(self, projects: Collection[str] | None = None) -> list[ProjectRow]:
        """All projects by name."""
        return load_projects(self._engine, projects)

    def size(self, project: str) -> ProjectSize:
        """How much a project holds; nothing if there is none of this name."""
        return load_size(self._engine, project)

    def runs(self, project: str | None = None) -> list[RunRow]:
        """The runs of a project, or of all, the newest first."""
        return load_runs(self._engine, project)

    def find(self, text: str, projects: Collection[str] | None = None) -> list[RunRow]:
        """The runs that a person means: of this id, of this `project/id`, or else those whose id begins so."""
        return self.find_each([text], projects)[0]

    def find_each(
        self, texts: Sequence[str], projects: Collection[str] | None = None, ids: Collection[str] | None = None
    ) -> list[list[RunRow]]:
        """For each of many texts the runs that a person means."""
        return find_runs(self._engine, texts, projects, ids)

    def run(self, project: str, run: str) -> RunView:
        """A run.

        Raises:
            RunMissing: there is none.
        """
        return load_run(self._engine, project, run)

    def run_each(self, runs: Iterable[RunKey]) -> list[RunView]:
        """Runs, by project and id, in this order.

        Raises:
            RunMissing: one of them is not there.
        """
        return [self.run(*key) for key in runs]

    def status(self, project: str, run: str) -> str | None:
        """The status of a run; `crashed` if it says that it is running and was not heard of for long.

        Raises:
            RunMissing: there is none.
        """
        from runjson_tracker.query.status import load_status  # noqa: PLC0415  filters are not needed to write

        return load_status(self._engine, project, run, self.silence)

    def last_heard(self, project: str, run: str) -> float | None:
        """When a sign of a run's life was last seen, in seconds since 1970; None if there is no such run."""
        from runjson_tracker.query.status import last_heard  # noqa: PLC0415  filters are not needed to write

        return last_heard(self._engine, project, run)

    # -- tables of runs ----------------------------------------------------------------------------------------------

    def select_runs(
        self,
        *,
        project: str | None = None,
        projects: Collection[str] | None = None,
        ids: Collection[str] | None = None,
        where: str | None = None,
        sort: Sequence[str] = (),
        columns: Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
        after: str | None = None,
        trash: bool = False,
    ) -> RunsPage:
        """The runs that match a filter; see `query.table.select_runs`.

        Raises:
            QueryError: a filter, sort key, column or `after` cannot be understood, or no run has what is named.
        """
        from runjson_tracker.query.table import select_runs  # noqa: PLC0415  filters are not needed to write

        return select_runs(
            self._engine, project=project, projects=projects, ids=ids, where=where, sort=sort, columns=columns,
            limit=limit, offset=offset, after=after, trash=trash, silence=self.silence,
        )  # fmt: skip

    def group_runs(
        self,
        by: Sequence[str],
        values: Sequence[str] = (),
        *,
        project: str | None = None,
        projects: Collection[str] | None = None,
        ids: Collection[str] | None = None,
        where: str | None = None,
        trash: bool = False,
    ) -> list[Group]:
        """The groups of the runs that match a filter; see `query.groups.group_runs`.

        Raises:
            QueryError: a filter or field cannot be understood, or no run has what it names, or holds no numbers.
        """
        from runjson_tracker.query.groups import group_runs  # noqa: PLC0415  filters are not needed to write

        return group_runs(
            self._engine,
            by,
            values,
            project=project,
            projects=projects,
            ids=ids,
            where=where,
            trash=trash,
            silence=self.silence,
        )

    def best(
        self,
        by: str,
        per: Sequence[str] = (),
        goal: Goal | None = None,
        *,
        project: str | None = None,
        projects: Collection[str] | None = None,
        ids: Collection[str] | None = None,
        where: str | None = None,
    ) -> list[Best]:
        """The best run of each group; see `query.groups.best`.

        Raises:
            QueryError: a filter or field cannot be understood, or no run has what it names, or holds no numbers.
        """
        from runjson_tracker.query.groups import best  # noqa: PLC0415  filters are not needed to write

        return best(
            self._engine, by, per, goal, project=project, projects=projects, ids=ids, where=where, silence=self.silence
        )  # fmt: skip

    def field_names(
        self,
        project: str | None = None,
        projects: Collection[str] | None = None,
        ids: Collection[str] | None = None,
    ) -> list[str]:
        """All fields that runs of a project, or of all, have or had: as they are written in filters."""
        from runjson_tracker.query.table import field_names  # noqa: PLC0415  filters are not needed to write

        return field_names(self._engine, project, projects, ids)

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
        from runjson_tracker.portions import read_portions  # noqa: PLC0415  not needed to write

        return read_portions(self._engine, runs, names, most=most, steps=steps, times=times, smoothing=smoothing)

    def open_file(self, project: str, run: str, writer: str, file: StoredFile) -> IO[bytes]:
        """Open a file that a source of a run has.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        del project, run, writer  # a blob is known by its digest; who may read it is not asked here
        return self.blobs.open(file.sha256)

    def run_file(self, project: str, run: str, source: Source, form: Form) -> Iterator[bytes]:
        """A source of a run as the text of its run file, piece by piece; a stream needs an id.

        Raises:
            SourceChanged: the source was replaced meanwhile.
        """
        from runjson_tracker.exports.canonical import document, stream  # noqa: PLC0415  not needed to write

        del project, run  # the source reads its points itself
        return stream(source) if form == "jsonl" else document(source)
