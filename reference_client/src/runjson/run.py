"""A run while it goes: what is said of it becomes lines of its run file at once."""

from __future__ import annotations

import html
import json
import os
import time as clock
import traceback
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from runjson import lines
from runjson.field import Field
from runjson.names import cleaned
from runjson.parameters import Default, NotJson, plain
from runjson.part import Part
from runjson.points import Lines, as_number, flat, record, several

Status = Literal["succeeded", "failed", "aborted"]


class Run(Part):
    """One run, which is written to its folder as it goes.

    It is made by `runjson.init`. A context manager: it is finished at the end of the block, `failed` if an exception
    left it. Any number of threads may use it; a forked or spawned process that does writes a file of its own.

    No method raises because something can not be written: that is told once on standard error, and training goes on.

    Attributes:
        id: of the run.
        project: of the run; None if none was named.
        writer: of this process' part of it; None mostly.
        folder: of the run file, its images and artifacts.
        path: of the run file.
    """

    def __init__(
        self, *, project: str | None, id: str, writer: str | None, folder: Path, disabled: bool,  # noqa: A002  the format's word
        default: Default | None,
    ) -> None:  # fmt: skip
        super().__init__(
            project=project, id=id, writer=writer, folder=folder, disabled=disabled, default=default
        )  # fmt: skip
        self._lines = Lines()

    # -- the end -----------------------------------------------------------------------------------------------------

    def finish(self, status: Status = "succeeded") -> None:
        """End the run. What is logged afterwards is ignored, with one warning."""
        with self._lock:
            if self.finished:
                return
            for capture in reversed(self._captures):
                self._guarded(capture.stop)
            self.finished = True
            self._write(lines.record({"status": lines.quoted(status), "ended_at": lines.quoted(_now())}), last=True)
            if self._stream is not None:
                self._stream.close()

    def fail(self, error: BaseException | str) -> None:
        """End the run as failed.

        Args:
            error: what ended it; an exception brings its traceback.
        """
        if isinstance(error, BaseException):
            said = {
                "type": type(error).__name__,
                "message": str(error),
                "traceback": "".join(traceback.format_exception(error)),
            }
        else:
            said = {"message": error}
        self._say({"error": lines.value(said)})
        self.finish("failed")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or (isinstance(error, SystemExit) and error.code in {None, 0}):
            self.finish()
        elif isinstance(error, KeyboardInterrupt):
            self.finish("aborted")
        else:
            self.fail(error)

    # -- points ------------------------------------------------------------------------------------------------------

    def log(self, values: Mapping[str, Any], step: float | None = None, time: float | None = None) -> None:
        """Add a point to each of some series.

        Args:
            values: by name. Numbers (of Python, numpy, or tensors with one element) are series, texts are texts,
                figures and pictures are images; a dictionary is a namespace of further names.
            step: of the points; any finite number.
            time: of the points, in seconds since 1970; now by default.
        """
        try:
            moment = clock.time() if time is None else self._time(time)
            line = self._lines.numbers(values, step, moment)
            if line is None:
                self._log(values, step, moment)
            else:
                self._write(line)
        except Exception as fault:
            if isinstance(values, Mapping):
                self._trouble("log", fault)
            else:
                self._warn("log", f"log takes a dictionary of names and values, and not a {type(values).__name__}.")

    def _log(self, values: Mapping[str, Any], step: Any, moment: float) -> None:
        """The long way of `log`."""
        numbers: dict[str, str] = {}
        texts: dict[str, str] = {}
        for name, value in flat(values):
            if isinstance(value, str):
                texts[self._name(name)] = lines.quoted(value)
                continue
            found = as_number(value)
            if found is not None:
                self._lines.learn(name)
                numbers[self._name(name)] = lines.number(found)
            elif (points := several(value)) is not None:
                numbers[self._name(name)] = lines.numbers(points)
            elif value is None:
                self._warn(f"none {name}", f'"{name}" is None, which is no point: it was left out.')
            else:
                self.log_image(name, value, step=step, time=moment)
        if numbers or texts:
            self._write(record(self._step(step), moment, {"series": numbers, "text": texts}))

    def log_text(self, name: str, text: str, step: float | None = None, time: float | None = None) -> None:
        """Add a text."""
        points = {self._name(name): lines.quoted(str(text))}
        self._write(record(self._step(step), self._time(time), {"text": points}))

    def log_image(
        self, name: str, image: Any, step: float | None = None, time: float | None = None,
        description: str | None = None,
    ) -> None:  # fmt: skip
        """Add an image.

        Args:
            name: of the series of images.
            image: a figure of matplotlib or plotly; a picture of PIL; an array or tensor of shape (height, width),
                (height, width, 1, 3 or 4) or with the channels first, of bytes or of numbers from 0 to 1; or the path
                of an image file.
            step: of the point.
            time: of the point, in seconds since 1970; now by default.
            description: a text.
        """
        self._guarded(lambda: self._log_image(name, image, step, time, description), name)

    def _log_image(self, name: str, image: Any, step: Any, time: Any, description: str | None) -> None:
        if self._disabled:
            return
        file = self._store().image(self._name(name), image)
        if description is not None:
            file["description"] = description
        points = {self._name(name): f"[{lines.value(file)}]"}
        self._write(record(self._step(step), self._time(time), {"images": points}))

    def log_histogram(
        self, name: str, data: Any = None, *, counts: Sequence[float] | None = None,
        edges: Sequence[float] | None = None, bins: int = 64, step: float | None = None, time: float | None = None,
    ) -> None:  # fmt: skip
        """Add a histogram, of data or of counts and edges.

        Args:
            name: of the series of histograms.
            data: numbers in any shape; those that are not finite are left out, with a warning.
            counts: n counts.
            edges: their n + 1 edges, which never fall.
            bins: how many there are to be, of data.
            step: of the point.
            time: of the point, in seconds since 1970; now by default.
        """
        self._guarded(lambda: self._log_histogram(name, data, counts, edges, bins, step, time), name)

    def _log_histogram(
        self, name: str, data: Any, counts: Any, edges: Any, bins: int, step: Any, time: Any
    ) -> None:  # fmt: skip
        from runjson.media.histograms import histogram  # noqa: PLC0415  loaded when it is used

        found = histogram(data, counts, edges, bins)
        if found.left_out:
            self._warn(
                f"histogram {name}", f'{found.left_out:,} values of the histogram "{name}" are not finite: left out.'
            )
        text = f'{{"edges":{lines.numbers(found.edges)},"counts":{lines.numbers(found.counts)}}}'
        self._write(record(self._step(step), self._time(time), {"histograms": {self._name(name): f"[{text}]"}}))

    def extend(
        self, name: str, values: Iterable[Any], steps: Iterable[float | None] | None = None,
        times: Iterable[float | None] | None = None,
    ) -> None:  # fmt: skip
        """Add many points to a series of numbers.

        Args:
            name: of the series.
            values: n numbers.
            steps: n steps; None for none.
            times: n times in seconds since 1970; None for none.
        """
        self._guarded(lambda: self._extend(name, values, steps, times))

    def _extend(self, name: str, values: Any, steps: Any, times: Any) -> None:
        points = [as_number(value) for value in values]
        if None in points:
            raise TypeError(f'the values of "{name}" are not all numbers')
        columns = {"values": lines.numbers(points)}
        for member, column in (("steps", steps), ("times", times)):
            if column is not None:
                cells = [None if cell is None else as_number(cell) for cell in column]
                if len(cells) != len(points):
                    raise ValueError(f'"{name}" has {len(points)} values and {len(cells)} {member}')
                columns[member] = lines.numbers(None if cell is None or cell - cell != 0 else cell for cell in cells)
        if points:
            self._write(record(None, None, {"series": {self._name(name): lines.entries(columns)}}))

    def define_series(
        self, name: str, *, unit: str | None = None, goal: Literal["minimize", "maximize"] | None = None,
        description: str | None = None, x: str | None = None,
    ) -> None:  # fmt: skip
        """Say what a series is, before or after its points.

        Args:
            name: of the series.
            unit: as in UCUM or SI, such as `s`, `MiB`, `%`.
            goal: which end is the best.
            description: a text.
            x: the series that it is drawn over, paired with it by step.
        """
        columns = {"unit": unit, "goal": goal, "description": description, "x": None if x is None else self._name(x)}
        if goal not in {None, "minimize", "maximize"}:
            self._warn("goal", f'the goal {goal!r} of "{name}" is neither "minimize" nor "maximize": it was left out.')
            del columns["goal"]
        said = {member: lines.quoted(str(text)) for member, text in columns.items() if text is not None}
        if said:
            self._say({"series": lines.entries({self._name(name): lines.entries({"values": "[]", **said})})})

    # -- files -------------------------------------------------------------------------------------------------------

    def log_artifact(self, path: str | os.PathLike[str], name: str | None = None, **metadata: Any) -> None:
        """Keep a copy of a file, of a folder, or of the files that a pattern matches.

        Args:
            path: of the file or folder, or a pattern such as `checkpoints/*.pt`.
            name: of the artifact; by default that of the file or folder.
            metadata: what is said beside it, such as `kind="model"`.
        """
        self._guarded(lambda: self._log_artifact(path, name, metadata))

    def _log_artifact(self, path: str | os.PathLike[str], name: str | None, metadata: Mapping[str, Any]) -> None:
        if self._disabled:
            return
        for named, file in self._store().artifacts(os.fspath(path), name):
            self._artifact(named, file, metadata)

    def track_files(self, path: str | os.PathLike[str], name: str | None = None, **metadata: Any) -> None:
        """Say where files are, with size and digest, without a copy.

        Args:
            path: of a file or folder, or a pattern.
            name: of the artifact; by default that of the file or folder.
            metadata: what is said beside it, such as `kind="dataset"`.
        """
        self._guarded(lambda: self._track_files(path, name, metadata))

    def _track_files(self, path: str | os.PathLike[str], name: str | None, metadata: Mapping[str, Any]) -> None:
        if self._disabled:
            return
        for named, file in self._store().tracked(os.fspath(path), name):
            self._artifact(named, file, metadata)

    def log_table(self, name: str, table: Any, columns: Sequence[str] | None = None) -> None:
        """Keep a table as CSV, an artifact.

        Args:
            name: of the artifact.
            table: a data frame of pandas, polars or Arrow, or rows: dictionaries, or sequences of cells.
            columns: the names of the cells, where the rows are sequences.
        """
        self._guarded(lambda: self._log_table(name, table, columns), name)

    def _log_table(self, name: str, table: Any, columns: Sequence[str] | None) -> None:
        if self._disabled:
            return
        file, metadata = self._store().table(self._name(name), table, columns)
        self._artifact(self._name(name), file, metadata)

    def _artifact(self, name: str, file: dict[str, Any], metadata: Mapping[str, Any]) -> None:
        if metadata:
            file = {**file, "metadata": plain(dict(metadata), name, str)}
        self._say({"artifacts": lines.entries({self._name(name): lines.value(file)})})

    # -- what is said of the run -------------------------------------------------------------------------------------

    def set_parameters(self, parameters: Any = None, **named: Any) -> None:
        """Set parameters, nested as they are.

        Args:
            parameters: a dictionary, dataclass, namespace, pydantic or attrs model, or the like.
            named: more of them.

        Raises:
            ParameterChanged: one has another value already.
            NotJson: a value can not be written; the message names it.
        """
        found = {} if parameters is None else plain(parameters, "parameters", self._default)
        if not isinstance(found, dict):
            raise NotJson(f"parameters are a {type(parameters).__name__}, and not something with names.")
        self._set_parameters({**found, **plain(named, "parameters", self._default)})

    def _set_parameters(self, tree: dict[str, Any]) -> None:
        with self._lock:
            self._parameters.add(tree)
        self._say({"parameters": lines.value(tree)})

    def set_properties(self, properties: Mapping[str, Any] | None = None, **named: Any) -> None:
        """Set properties, which may change later; None takes one back.

        Raises:
            NotJson: a value can not be written; the message names it.
        """
        entries = {
            self._name(name): lines.value(plain(value, name, self._default))
            for name, value in {**(properties or {}), **named}.items()
        }
        self._say({"properties": lines.entries(entries)})

    def add_tags(self, *tags: str) -> None:
        """Add tags."""
        self._say({"tags": lines.value([str(tag) for tag in tags if tag])})

    def remove_tags(self, *tags: str) -> None:
        """Take tags away."""
        self._say({"untags": lines.value([str(tag) for tag in tags if tag])})

    def describe(self, description: str) -> None:
        """Give the run a description, which is Markdown."""
        self._say({"description": lines.quoted(description)})

    def write_record(self, text: str) -> None:
        """Append a record of the format (SPEC section 4) as it is, such as another language makes.

        Args:
            text: one JSON object. That it is one is looked at; the rest is the validator's.
        """
        try:
            if not isinstance(json.loads(text, parse_constant=_refused), dict):
                raise ValueError("it is no object")
        except ValueError as error:
            self._warn(f"record {error}", f"a record that is no JSON was left out ({error}).")
            return
        self._write(f"{text.strip().replace(chr(13), ' ').replace(chr(10), ' ')}\n".encode())

    def __getitem__(self, path: str) -> Field:
        """A series, text, image, parameter or property by its path."""
        return Field(self, path)

    def __setitem__(self, path: str, value: Any) -> None:
        """Set `parameters`, `parameters/...`, or else a property.

        Raises:
            ParameterChanged: a parameter has another value already.
            NotJson: the value can not be written.
        """
        first, slash, rest = path.partition("/")
        if first != "parameters":
            self.set_properties({path: value})
        elif not slash:
            self.set_parameters(value)
        else:
            tree = plain(value, path, self._default)
            for name in reversed(rest.split("/")):
                tree = {name: tree}
            self._set_parameters(tree)

    # -- small things ------------------------------------------------------------------------------------------------

    def _name(self, name: Any) -> str:
        text = str(name)
        found = cleaned(text)
        if found != text:
            self._warn(f"name {text}", f"{text!r} is no name: {found!r} is used instead.")
        return found

    def _step(self, step: Any) -> float | int | None:
        if step is None:
            return None
        found = as_number(step)
        if found is None or found - found != 0:
            self._warn("step", f"the step {step!r} is no finite number: it was left out.")
            return None
        return found

    def _time(self, time: Any) -> float:
        found = None if time is None else as_number(time)
        if found is not None and abs(found) <= 1e11:
            return float(found)
        if time is not None:
            self._warn("time", f"the time {time!r} is not in seconds since 1970: the present one is used.")
        return clock.time()

    def __repr__(self) -> str:
        return f"<run {self._title()}: {self._state()}, {self.path}>"

    def _repr_html_(self) -> str:
        """What notebooks show."""
        title, path = html.escape(self._title()), html.escape(str(self.path))
        return f"<div>Run <b>{title}</b>, {self._state()}<br><code>{path}</code></div>"

    def _title(self) -> str:
        return f"{self.project}/{self.id}" if self.project else self.id

    def _state(self) -> str:
        return "disabled" if self._disabled else "finished" if self.finished else "running"


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
