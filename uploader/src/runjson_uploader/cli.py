"""The commands `runjson upload` and `runjson conformance`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

if TYPE_CHECKING:
    from rich.progress import Progress
    from runjson_schema.conformance import Verdict
    from runjson_tracker.store import Store

    from runjson_uploader.upload import Outcome

# Below this size a file is done before a progress bar could be read.
_SHOWN = 8_000_000


def upload(
    places: Annotated[
        list[Path], typer.Argument(help="Run files, and folders that hold them.", metavar="FILE|FOLDER...")
    ],
    to: Annotated[
        str | None,
        typer.Option("--to", help="The tracker: a folder. RUNJSON_TRACKER, else the user's own, by default."),
    ] = None,
    project: Annotated[str, typer.Option(help="The project of files that name none.")] = "default",
    replace: Annotated[bool, typer.Option("--replace", help="Replace a source whose past changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be tracked; track nothing.")] = False,
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
    from runjson_schema.discover import run_files
    from runjson_tracker.store import Store, StoreError

    try:
        with Store.open(to) as store:
            if store.notice:
                print(f"runjson: {store.notice}", file=sys.stderr)
            code = 0
            for place in places:
                if not place.exists():
                    print(f"{place}: there is no such file or folder.", file=sys.stderr)
                    code = 2
                    continue
                found = False
                for path in run_files(place):
                    found = True
                    code = max(code, _one(path, store, project, replace=replace, dry_run=dry_run))
                if not found:
                    print(f'{place}: holds no run file: no run.json or run.jsonl, nor another with "runjson" in it.')
    except StoreError as fault_of_store:
        print(f"runjson: {fault_of_store}", file=sys.stderr)
        raise typer.Exit(2) from None
    raise typer.Exit(code)


def _one(path: Path, store: Store, project: str, *, replace: bool, dry_run: bool) -> int:
    from runjson_schema.wording import neutral

    from runjson_uploader.upload import upload as upload_one

    try:
        with path.open("rb") as opened:
            source, progress = _with_progress(opened, path)
            with progress if progress else _nothing():
                outcome = upload_one(
                    source, path.name, path.parent, store, project=project, replace=replace, dry_run=dry_run
                )
    except OSError as fault:
        print(f"{path}: can not be read: {fault.strerror or fault}.", file=sys.stderr)
        return 2
    if outcome.faulty:
        _explain(path)
        return 1
    print(f"{outcome.answer:9}  {_told(outcome)}  {path}" + ("  (not tracked: --dry-run)" if dry_run else ""))
    for line in outcome.why:
        print(f"    {neutral(line)}")
    for line in outcome.warnings:
        print(f"    warning: {neutral(line)}")
    if outcome.answer == "refused":
        print("    What is tracked stays as it is. If the new file is right: runjson upload --replace")
        return 1
    return 0


def _told(outcome: Outcome) -> str:
    from runjson_schema.wording import neutral

    run = f"{outcome.project} {outcome.run}" + (f" ({outcome.writer})" if outcome.writer else "")
    told = [neutral(run)]
    if outcome.points:
        told.append(f"{outcome.points:,} points")
    if outcome.files:
        told.append(f"{outcome.files:,} files")
        told.append(f"{outcome.bytes:,} bytes")
    return told[0] + (f"  {', '.join(told[1:])}" if told[1:] else "")


def _explain(path: Path) -> None:
    """Say all that is wrong with a file, as `runjson validate` does."""
    from runjson_validator.formats.text import text_lines
    from runjson_validator.validation import validate

    report = validate(path)
    for line in text_lines(report):
        print(line)
    errors = "1 error" if report.errors == 1 else f"{report.errors} errors"
    print(f"refused    {path}: {errors}; nothing of it is tracked")


def _with_progress(opened: BinaryIO, path: Path) -> tuple[BinaryIO, Progress | None]:
    size = path.stat().st_size
    if size < _SHOWN or not sys.stderr.isatty():
        return opened, None
    from rich.console import Console
    from rich.progress import Progress

    progress = Progress(console=Console(stderr=True), transient=True)
    return progress.wrap_file(opened, size, description=path.name), progress


def _nothing() -> Progress:
    from contextlib import nullcontext
    from typing import cast

    return cast("Progress", nullcontext())


def conformance(
    command: Annotated[
        list[str] | None, typer.Argument(help="A reader's command, behind --; ours by default.", metavar="[-- CMD...]")
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="The folder of the corpus; the one that is installed by default.")
    ] = None,
    level: Annotated[list[str] | None, typer.Option(help="Only cases of this level: core, text, files.")] = None,
    only: Annotated[str, typer.Option(help="Only cases whose path contains this text.")] = "",
    required: Annotated[bool, typer.Option("--required", help="Only cases that every reader must pass.")] = False,
) -> None:
    """Judge a reader of run files by the conformance corpus.

    schema/conformance/README.md says what the command gets and answers. Exits with 0 when every case passes.
    """
    from runjson_schema import conformance as kit

    folder = corpus or kit.corpus()
    try:
        manifest = kit.load(folder)
    except OSError:
        print(f"{folder}: holds no manifest.json of a corpus.", file=sys.stderr)
        raise typer.Exit(2) from None
    if command:
        reader: kit.Reader = kit.CommandReader(command)
    else:
        from runjson_uploader.reader import OurReader

        reader = OurReader()
    verdicts = [
        kit.judge(reader, case, folder)
        for case in manifest.cases
        if only in case.path and (not level or case.level in level) and (case.required or not required)
    ]
    _table(verdicts)
    raise typer.Exit(1 if any(verdict.faults for verdict in verdicts) else 0)


def _table(verdicts: list[Verdict]) -> None:
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.case.group, verdict.case.level), []).append(verdict)
        for fault in verdict.faults:
            print(f"FAIL {verdict.case.path}: {fault}")
    print(f"{'group':<12}{'level':<8}{'cases':>6}{'passed':>8}")
    for (group, level), members in sorted(groups.items()):
        passed = sum(not verdict.faults for verdict in members)
        print(f"{group:<12}{level:<8}{len(members):>6}{passed:>8}")
    passed = sum(not verdict.faults for verdict in verdicts)
    print(f"{'all':<20}{len(verdicts):>6}{passed:>8}")
