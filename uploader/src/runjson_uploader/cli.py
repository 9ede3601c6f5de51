"""The command `runjson upload`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runjson_uploader.live import LiveFile
    from runjson_uploader.many import Options, Tracked
    from runjson_uploader.report import FileReport
    from runjson_uploader.target import Target


def upload(
    places: Annotated[
        list[str],
        typer.Argument(help="Run files, folders that hold them, and patterns.", metavar="FILE|FOLDER..."),
    ],
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="A folder, postgresql://... or https://...; RUNJSON_TRACKER, else your data folder.",
        ),
    ] = None,
    project: Annotated[str, typer.Option(help="The project of files that name none.")] = "default",
    replace: Annotated[bool, typer.Option("--replace", help="Replace a source whose past changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be tracked; track nothing.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Track what is written from now on, too; Ctrl-C ends it.")
    ] = False,
    while_pid: Annotated[
        int | None, typer.Option("--while", help="With --follow: end when this process is gone too.", metavar="PID")
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, help="How many processes work at once; 0 for one a core.")
    ] = 1,
    report: Annotated[
        Path | None, typer.Option("--report", help="A file to write what became of each file to, as JSON.")
    ] = None,
) -> None:
    """Track run files: new ones, and what grew since the last upload.

    The same file again changes nothing; a file that grew adds the rest; a file with errors, or one whose past changed,
    is refused whole, and the others go on. Exits with 0 when nothing was refused, 1 when something was, 2 when it could
    not run.
    """
    from runjson_schema.names import name_fault

    if fault := name_fault(project):
        print(f'the project "{project}" {fault}.', file=sys.stderr)
        raise typer.Exit(2)
    if follow and (dry_run or report is not None or jobs != 1):
        print("runjson: --follow goes with --to, --project and --replace alone.", file=sys.stderr)
        raise typer.Exit(2)
    from contextlib import closing

    from runjson_tracker.errors import StoreError
    from sqlalchemy.exc import DBAPIError

    from runjson_uploader.target import open_target

    try:
        with closing(open_target(to)) as target:
            if target.notice:
                print(f"runjson: {target.notice}", file=sys.stderr)
            if follow:
                code = _follow(places, target, project, replace=replace, process=while_pid)
            else:
                from runjson_uploader.many import Options

                options = Options(target.location, project, replace, dry_run)
                code = _all(places, target, options, jobs, report)
    except StoreError as fault_of_store:
        print(f"runjson: {fault_of_store}", file=sys.stderr)
        raise typer.Exit(2) from None
    except DBAPIError as fault_of_database:
        print(f"runjson: the tracker cannot be used: {fault_of_database.orig}.", file=sys.stderr)
        raise typer.Exit(2) from None
    raise typer.Exit(code)


def _all(words: list[str], target: Target, options: Options, jobs: int, report: Path | None) -> int:
    """Track all files that were named; the exit code."""
    import os

    from runjson_uploader import many
    from runjson_uploader.progress import shown
    from runjson_uploader.report import UploadReport

    begun = time.perf_counter()
    paths, missing = _files(words)
    kept: list[FileReport] = []
    code = 2 if missing else 0
    jobs = jobs or len(os.sched_getaffinity(0))
    with shown(sum(map(_size, paths))) as progress:

        def one_by_one() -> Iterator[Tracked]:
            for path in paths:
                yield many.track(path, target, options, progress.reading)

        before = 0
        for tracked in one_by_one() if jobs == 1 else many.track_all(paths, options, jobs):
            code = max(code, _show(tracked, progress.line, dry_run=options.dry_run))
            progress.done(tracked.report.size, tracked.report.points, before)
            before = progress.so_far
            if report is not None:
                kept.append(tracked.report)
    if report is not None:
        kept += [many.unread(Path(word), why).report for word, why in missing]
        seconds = time.perf_counter() - begun
        try:
            UploadReport.of(options.location, kept, seconds, dry_run=options.dry_run).write(report)
        except OSError as fault:
            print(f"{report}: can not be written: {fault.strerror or fault}.", file=sys.stderr)
            return 2
    return code


def _files(words: list[str]) -> tuple[list[Path], list[tuple[str, str]]]:
    """The run files that were named, and the words that name none, which are told, with the reason."""
    from runjson_schema.discover import places, run_files

    paths: dict[Path, None] = {}
    missing = []
    for word in words:
        found = places(word)
        if not found or not all(place.exists() for place in found):
            why = "there is no such file or folder." if found else "no file matches this pattern."
            missing.append((word, why))
            print(f"{word}: {why}", file=sys.stderr)
            continue
        below = [path for place in found for path in run_files(place)]
        if not below:
            print(f'{word}: holds no run file: no run.json or run.jsonl, nor another with "runjson" in it.')
        paths.update(dict.fromkeys(below))
    return list(paths), missing


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # it is told when it is read


def _show(tracked: Tracked, line: Callable[[str], None], *, dry_run: bool) -> int:
    """Say what became of a file; the exit code that it asks for."""
    from runjson_schema.wording import counted, neutral

    one = tracked.report
    if one.answer == "unread":
        print(f"{one.file}: {one.why[0]}", file=sys.stderr)
        return 2
    if tracked.lines:
        for text in tracked.lines:
            line(text)
        line(f"refused    {one.file}: {counted(one.errors, 'error')}; nothing of it is tracked")
        return 1
    line(f"{one.answer:9}  {_told(one)}{one.file}" + ("  (not tracked: --dry-run)" if dry_run else ""))
    for text in one.why:
        line(f"    {neutral(text)}")
    for text in one.warnings:
        line(f"    warning: {neutral(text)}")
    if one.answer == "refused":
        line("    What is tracked stays as it is. If the new file is right: runjson upload --replace")
        return 1
    return 0


def _told(one: FileReport) -> str:
    from runjson_schema.wording import counted, neutral

    if one.run is None:
        return ""
    told = [counted(one.points, "point")] if one.points else []
    if one.files:
        told += [counted(one.files, "file"), counted(one.bytes, "byte")]
    run = f"{one.project} {one.run}" + (f" ({one.writer})" if one.writer else "")
    return neutral(run) + (f"  {', '.join(told)}  " if told else "  ")


def _follow(words: list[str], target: Target, project: str, *, replace: bool, process: int | None) -> int:
    """Follow the files that were named; the exit code."""
    from runjson_schema.wording import counted, neutral

    from runjson_uploader.follow import Follower
    from runjson_uploader.live import Options

    def tell(live: LiveFile, what: str, lines: list[str]) -> None:
        if what == "error":
            print("\n".join(lines))
            print(
                f"error      {live.path}: what stands before is tracked; the file waits until this is mended",
                flush=True,
            )
            return
        print(f"{what:9}  {live.path}", *(f"    {neutral(text)}" for text in lines), sep="\n", flush=True)

    def notice(text: str) -> None:
        print(f"runjson: {text}", file=sys.stderr, flush=True)

    summary = Follower(words, target, Options(project, replace), tell, notice, process).run()
    faulty = f", {len(summary.faulty)} with errors or refused" if summary.faulty else ""
    points = counted(summary.points, "point was", "points were")
    print(f"followed   {counted(summary.files, 'file')}: {points} tracked{faulty}", flush=True)
    return 1 if summary.ended and summary.faulty else 0
