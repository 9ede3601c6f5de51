"""The command `runjson validate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer


def validate(
    files: Annotated[list[str], typer.Argument(help="Run files; - for standard input.", metavar="FILE...")],
    format: Annotated[Literal["text", "json"], typer.Option(help="How to report.")] = "text",  # noqa: A002  the option's name
    lenient: Annotated[bool, typer.Option("--lenient", help="Take unknown members with a warning.")] = False,
) -> None:
    """Check run files and say what is wrong with them.

    Exits with 0 when there is no error (warnings are printed), 1 when there is one, 2 when a file could not be read.
    """
    from runjson_validator.report import Report, text_lines
    from runjson_validator.validate import validate as validate_one

    reports = []
    unread = False
    for file in files:
        try:
            if file == "-":
                report = validate_one(sys.stdin.buffer, name="-", lenient=lenient)
            else:
                report = validate_one(Path(file), lenient=lenient)
        except OSError as fault:
            print(f"{file}: can not be read: {fault.strerror or fault}.", file=sys.stderr)
            unread = True
            continue
        reports.append(report)
        if format == "text":
            for line in text_lines(report):
                print(line)
            print(f"{file}: {'valid' if report.valid else 'not valid'}{_counted(report.errors, report.warnings)}")
    valid = all(report.valid for report in reports)
    if format == "json":
        print(Report(runjson="1.0", valid=valid and not unread, files=reports).model_dump_json(indent=2))
    raise typer.Exit(2 if unread else 0 if valid else 1)


def _counted(errors: int, warnings: int) -> str:
    said = [
        f"{count} {word}{'s' * (count != 1)}" for count, word in ((errors, "error"), (warnings, "warning")) if count
    ]
    return f" ({', '.join(said)})" if said else ""
