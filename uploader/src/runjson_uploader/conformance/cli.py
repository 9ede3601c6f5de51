"""The command `runjson conformance`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

if TYPE_CHECKING:
    from runjson_schema.conformance import Case, Manifest

    from runjson_uploader.conformance.reports import Judged


def conformance(
    command: Annotated[
        list[str] | None, typer.Argument(help="A reader's command, behind --, as --reader.", metavar="[-- CMD...]")
    ] = None,
    reader: Annotated[
        str | None, typer.Option(help="A reader's command, which is split as a shell does.", metavar="CMD")
    ] = None,
    writer: Annotated[str | None, typer.Option(help="A writer's command, split likewise.", metavar="CMD")] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="The folder of the corpus; the one that is installed by default.")
    ] = None,
    level: Annotated[list[str] | None, typer.Option(help="Only cases of this level: core, text, files.")] = None,
    only: Annotated[str, typer.Option(help="Only cases whose path contains this text.")] = "",
    required: Annotated[
        bool, typer.Option("--required", help="Only cases that every reader or writer must pass.")
    ] = False,
    known: Annotated[
        Path | None,
        typer.Option(help="A list of cases that are known to fail: a path a line, behind a # a remark."),
    ] = None,
    format: Annotated[  # noqa: A002  the option's name
        Literal["table", "json", "junit"], typer.Option(help="How to report.")
    ] = "table",
) -> None:
    """Judge a reader or a writer of run files by the conformance corpus.

    Without a command: our own reader, and the Python client. schema/conformance/README.md says what a command gets and
    what it answers or writes. Exits with 0 when every case passes, save those that are listed by --known, which must
    not; 1 when one does not; 2 when there was nothing to judge.
    """
    from runjson_schema import conformance as kit

    from runjson_uploader.conformance.known import KnownError, known_cases
    from runjson_uploader.conformance.reports import ConformanceReport, junit, table

    folder = corpus or kit.corpus()
    try:
        manifest = kit.load(folder)
    except OSError:
        _unable(f"{folder}: holds no manifest.json of a corpus.")
    if command and reader is not None:
        _unable("--reader and a command behind -- are two readers: give one.")
    reading = command or _words("--reader", reader)
    writing = _words("--writer", writer)
    listed: frozenset[str] = frozenset()
    if known is not None:
        try:
            listed = known_cases(known, {case.path for case in (*manifest.cases, *manifest.writing)})
        except KnownError as fault:
            _unable(str(fault))

    def chosen(case: Case) -> bool:
        return only in case.path and (not level or case.level in level) and (case.required or not required)

    chosen_cases = manifest.model_copy(
        update={"cases": [*filter(chosen, manifest.cases)], "writing": [*filter(chosen, manifest.writing)]}
    )
    judged = _judged(chosen_cases, folder, reading, writing, listed)
    if not judged:
        _unable("there is no such case.")
    report = ConformanceReport.of(manifest.corpus, judged)
    if format == "json":
        print(report.model_dump_json(indent=2))
    elif format == "junit":
        print(junit(report))
    else:
        print("\n\n".join("\n".join(table(one)) for one in judged))
    raise typer.Exit(0 if report.passed else 1)


def _words(option: str, command: str | None) -> list[str] | None:
    """The words of a command; None for none."""
    if command is None:
        return None
    try:
        words = shlex.split(command)
    except ValueError as fault:
        _unable(f"{option} {command}: {fault}.")
    if not words:
        _unable(f"{option} names no command.")
    return words


def _judged(
    manifest: Manifest, folder: Path, reading: list[str] | None, writing: list[str] | None, listed: frozenset[str]
) -> list[Judged]:
    """Who was judged, by the cases of a manifest: the commands that were given, else our own; without a case nobody."""
    from runjson_schema.conformance import CommandReader, judge

    from runjson_uploader.conformance.our_reader import OurReader
    from runjson_uploader.conformance.reports import CaseReport, Judged
    from runjson_uploader.conformance.writing import CommandWriter, judge_writer

    judged = []
    if manifest.cases and (reading or not writing):
        reader = CommandReader(reading) if reading else OurReader()
        cases = [CaseReport.of(judge(reader, case, folder), listed) for case in manifest.cases]
        judged.append(Judged(kind="reader", name=shlex.join(reading) if reading else "our own", cases=cases))
    if manifest.writing and (writing or not reading):
        # A process for each case, as of every writer: a run that is not finished is one whose process died.
        writer = CommandWriter(writing or [sys.executable, "-m", "runjson_uploader.conformance.our_writer"])
        cases = [CaseReport.of(judge_writer(writer, case, folder), listed) for case in manifest.writing]
        judged.append(Judged(kind="writer", name=shlex.join(writing) if writing else "the Python client", cases=cases))
    return judged


def _unable(why: str) -> NoReturn:
    print(f"runjson: {why}", file=sys.stderr)
    raise typer.Exit(2)
