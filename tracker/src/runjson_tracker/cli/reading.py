"""The commands that read runs: `show`, `get`, `plot`, `export`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runjson_tracker.cli.opening import RUN_HELP, Origin, all_runs, fail, failures, new_console, one_run, open_tracker

if TYPE_CHECKING:
    from runjson_tracker.plotting import Curve
    from runjson_tracker.read import RunView
    from runjson_tracker.reading.files import Artifact, File
    from runjson_tracker.reading.interface import Reading

Chosen = Annotated[list[str], typer.Argument(help=RUN_HELP, metavar="RUN...")]


class Axis(StrEnum):
    """What a curve is drawn over."""

    STEP = "step"
    TIME = "time"
    RELATIVE = "relative"


class Form(StrEnum):
    """What runs are exported to."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    ZIP = "zip"
    HTML = "html"


def show(run: Annotated[str, typer.Argument(help=RUN_HELP, metavar="RUN")], tracker: Origin = None) -> None:
    """Show one tracked run."""
    from runjson_tracker.show import run_page

    with failures(), open_tracker(tracker) as store:
        found = one_run(store, run)
        console = new_console()
        status = store.status(found.project, found.id)
        heard = store.last_heard(found.project, found.id) if status == "crashed" else None
        for part in run_page(store.run(found.project, found.id), console, status, heard):
            console.print(part)


def get(
    run: Annotated[str, typer.Argument(help=RUN_HELP, metavar="RUN")],
    name: Annotated[str, typer.Argument(help="An artifact, or an image: NAME, or NAME[INDEX], the last by default.")],
    output: Annotated[
        str, typer.Option("--output", "-o", help="A file, a folder, or - for standard output.", metavar="PATH")
    ] = ".",
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file that is there.")] = False,
    tracker: Origin = None,
) -> None:
    """Get an artifact or an image of a run.

    In a folder, and without --output, a file has the last part of the path that the run file gives it, with _ for a dot
    at the beginning. A file that is there with other bytes is replaced with --replace alone. Exits with 1 if the run
    has none of that name, or if such a file is there.
    """
    from runjson_schema.wording import counted

    from runjson_tracker.errors import FileThere
    from runjson_tracker.reading.run import Run
    from runjson_tracker.terminal import neutral

    with failures(), open_tracker(tracker) as store:
        found = one_run(store, run)
        opened = Run(store, found.project, found.id)
        artifacts, images = opened.artifacts, opened.images
        base, index = _indexed(name)
        if name in artifacts:
            wanted: Artifact | File = artifacts[name]
        elif name in images or base in images:
            points = images[name if name in images else base]
            place = -1 if name in images or index is None else index
            if not -len(points) <= place < len(points):
                fail(f"{base} has {counted(len(points), 'image')}, counted from 0.")
            wanted = points[place]
        else:
            below = next((one for one in artifacts if name.startswith(f"{one}/") and name[len(one) + 1 :] in
                          artifacts[one].files), None)  # fmt: skip
            if below is None:
                there = ", ".join([*artifacts, *images]) or "none"
                fail(f'{found.project}/{found.id} has no artifact or image "{name}". There are: {there}.')
            wanted = artifacts[below].files[name[len(below) + 1 :]]
        if output == "-":
            sys.stdout.buffer.write(wanted.read())
            return
        download = wanted.plan(output)
        told = str(download.place)
        try:
            if not download.write(replace=replace):
                print(f"runjson: {neutral(told, 4096)} was there already, with the same bytes.", file=sys.stderr)
        except FileThere as there:
            fail(f"{there.path} is there already, with other bytes: -o OTHER writes elsewhere, --replace replaces it.")
        print(neutral(told, 4096) if sys.stdout.isatty() else told)


def plot(
    chosen: Chosen,
    series: Annotated[
        list[str] | None, typer.Option("--series", "-s", help="A series; may be repeated. The first by default.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A picture instead: .png, .svg or .pdf.", metavar="FILE")
    ] = None,
    x: Annotated[Axis, typer.Option(help="What to draw over; relative is the time since the first point.")] = Axis.STEP,
    log: Annotated[bool, typer.Option("--log", help="A logarithmic axis of values.")] = False,
    tracker: Origin = None,
) -> None:
    """Draw series of runs, in the terminal or as a picture.

    No spike is left out, and NaN and the infinities are marked where they are.
    """
    from runjson_tracker.plotting import picture, terminal_picture

    with failures(), open_tracker(tracker) as store:
        curves = list(_curves(store, chosen, series or [], x))
        if not curves:
            fail("None of the runs has such a series: `runjson show RUN` lists them.")
        title = "time, s" if x is Axis.RELATIVE else x.value
        if output is not None:
            picture(curves, output, title, log=log)
            print(output)
            return
        console = new_console()
        width = min(console.width, 100)
        for line in terminal_picture(
            curves, width, 20, title, log=log, coloured=bool(console.color_system) and not console.no_color
        ):
            console.print(line)


def export(
    chosen: Chosen,
    to: Annotated[
        Form, typer.Option("--to", help="json, jsonl or zip: run files; csv, parquet: all points; html: a report.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder for run files, else a file.", metavar="PATH")
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(help="Of html: at most so many points show each series; 500 to 10,000 by default.", min=5),
    ] = None,
    tracker: Annotated[
        str | None,
        typer.Option(
            "--tracker",
            "--from",
            help="A folder, postgresql://USER@HOST/NAME or https://HOST; RUNJSON_TRACKER or your data folder.",
        ),
    ] = None,
) -> None:
    """Write tracked runs as run files, CSV, Parquet, or one HTML file.

    Run files are written with their images and artifacts, and upload again as the same runs. Without --output a run of
    one source, or CSV, goes to standard output. A report in HTML opens in any browser, without a server or a network;
    its charts hold as many points of each series as --points says.
    """
    from runjson_schema.terminal import write_json
    from runjson_schema.wording import counted

    from runjson_tracker.exports.files import export_runs, form_of
    from runjson_tracker.exports.tables import write_csv, write_parquet

    with failures(), open_tracker(tracker) as store:
        runs = [(found.project, found.id) for found in all_runs(store, chosen)]
        if to is Form.CSV:
            if output is None:
                write_csv(store.series_of(runs), sys.stdout, visible=sys.stdout.isatty())
                return
            with output.open("w", encoding="utf-8", newline="") as opened:
                print(f"{counted(write_csv(store.series_of(runs), opened), 'point')} in {output}")
        elif to is Form.PARQUET:
            if output is None:
                fail("Parquet needs a file: --output points.parquet", code=2)
            print(f"{counted(write_parquet(store.series_of(runs), output), 'point')} in {output}")
            return
        views = store.run_each(runs)
        if to is Form.HTML:
            _report(store, views, output or Path(f"{views[0].id if len(views) == 1 else 'report'}.html"), points)
            return
        if output is None and to is not Form.ZIP:
            sources = [source for view in views for source in view.sources]
            if len(sources) != 1 or any(one.path for one in sources[0].files):
                fail("Several sources, or a run with files, need a folder: --output FOLDER", code=2)
            form = form_of(sources[0], "jsonl" if to is Form.JSONL else "json")
            write_json(store.run_file(*runs[0], sources[0], form))
        else:
            place = output or Path(f"{views[0].id}.zip")
            if to is Form.ZIP and place.suffix.lower() != ".zip":
                place = place.with_name(place.name + ".zip")
            for told in export_runs(store, views, place, "jsonl" if to is Form.JSONL else "json"):
                print(f"runjson: {told}", file=sys.stderr)
            print(f"{counted(len(views), 'run')} in {place}")


def _report(store: Reading, views: Sequence[RunView], place: Path, points: int | None) -> None:
    from runjson_schema.wording import counted

    from runjson_tracker.exports.places import written
    from runjson_tracker.exports.report import Report

    report = Report(store, views, most=points)
    with written(place) as opened:
        report.write(opened)
    for lacking in report.left_out:
        print(f"runjson: {lacking}", file=sys.stderr)
    print(f"{counted(len(views), 'run')} and {counted(report.points, 'point')} in {place}")


def _indexed(name: str) -> tuple[str, int | None]:
    """`plot[3]` as a name and an index."""
    base, bracket, rest = name.rpartition("[")
    if not bracket or not rest.endswith("]"):
        return name, None
    try:
        return base, int(rest[:-1])
    except ValueError:
        return name, None


def _curves(tracker: Reading, chosen: list[str], names: list[str], x: Axis) -> Iterator[Curve]:
    """The curves of runs; without names of series, of the first one of each source."""
    from runjson_tracker.plotting import POINTS, curve
    from runjson_tracker.terminal import writer_text

    runs = [(found.project, found.id) for found in all_runs(tracker, chosen)]
    firsts: set[tuple[str, str, str, str]] = set()
    if not names:
        for view in tracker.run_each(runs):
            for source in view.sources:
                there = sorted(name for kind, name in source.series if kind == "series")
                firsts |= {(view.project, view.id, source.writer, name) for name in there[:1]}
    wanted = names or sorted({name for *_, name in firsts})
    for one in tracker.series_of(runs, wanted, most=POINTS):
        if names or (one.project, one.run, one.writer, one.name) in firsts:
            label = f"{one.run} {one.name}" + (f" ({writer_text(one.writer)})" if one.writer else "")
            yield curve(label, one, x.value)
