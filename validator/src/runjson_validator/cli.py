"""The commands `runjson validate`, `runjson fix` and `runjson rule`."""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from runjson_validator.config import Config, Format
    from runjson_validator.fix import Change
    from runjson_validator.report import Report, Unread


def validate(
    files: Annotated[
        list[str],
        typer.Argument(help="Run files, folders that hold them, patterns; - for standard input.", metavar="FILE..."),
    ],
    format: Annotated[  # noqa: A002  the option's name
        Literal["text", "json", "github", "sarif", "junit"] | None,
        typer.Option(help="How to report; github where GITHUB_ACTIONS is set, else text."),
    ] = None,
    lenient: Annotated[bool | None, typer.Option("--lenient", help="Take unknown members with a warning.")] = None,
    no_files: Annotated[
        bool | None, typer.Option("--no-files", help="Do not look at the files that run files name.")
    ] = None,
    select: Annotated[
        list[str] | None, typer.Option(help="Codes, or their beginnings (RJ3), of which alone findings are wanted.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="Codes, or their beginnings, of which findings are not wanted.")
    ] = None,
    error_on: Annotated[
        Literal["error", "warning", "advice"] | None, typer.Option(help="The least severity that fails.")
    ] = None,
) -> None:
    """Check run files and say what is wrong with them.

    Exits with 0 when no error was found (warnings are printed), 1 when one was, 2 when a file could not be read.
    What a project always wants stands in its pyproject.toml, below [tool.runjson.validate], or in .runjson.toml, below
    [validate]: format, lenient, files, select, ignore, exclude, error-on.
    """
    from runjson_validator.config import ConfigError, find

    try:
        config = find(Path())
    except ConfigError as fault:
        print(fault, file=sys.stderr)
        raise typer.Exit(2) from None
    given = {
        "format": format,
        "lenient": lenient,
        "files": None if no_files is None else not no_files,
        "select": _codes(select),
        "ignore": _codes(ignore),
        "error_on": error_on,
    }
    config = config.model_copy(update={name: value for name, value in given.items() if value is not None})
    for code in (*config.select, *config.ignore):
        _check_code(code)
    raise typer.Exit(_validate(files, config))


def _codes(words: list[str] | None) -> list[str] | None:
    """Codes from words such as RJ301,RJ4."""
    return (
        None if words is None else [code.strip().upper() for word in words for code in word.split(",") if code.strip()]
    )


def _check_code(code: str) -> None:
    from runjson_schema.findings import CODES

    if not any(one.startswith(code) for one in CODES):
        print(f"{code}: there is no such code, and none begins so. `runjson rule` lists them.", file=sys.stderr)
        raise typer.Exit(2)


def _validate(words: list[str], config: Config) -> int:
    from runjson_validator.report import Unread

    chosen: Format = config.format or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")
    reports: list[Report] = []
    unread: list[Unread] = []
    for word in words:
        for file in _files(word, config, unread):
            try:
                report = _one(file, config)
            except OSError as fault:
                unread.append(Unread(file=file, why=f"can not be read: {fault.strerror or fault}."))
                continue
            _show(report, chosen)
            # Of a folder of many thousand files, what was printed is not kept.
            reports.append(
                report if chosen in {"json", "sarif", "junit"} else report.model_copy(update={"findings": []})
            )
    for one in unread:
        print(f"{one.file}: {one.why}", file=sys.stderr)
    _show_all(reports, unread, chosen, config)
    return 2 if unread else 1 if any(report.has(config.error_on) for report in reports) else 0


def _files(word: str, config: Config, unread: list[Unread]) -> Iterator[str]:
    from runjson_schema.discover import places, run_files

    from runjson_validator.report import Unread

    if word == "-":
        yield word
        return
    found = places(word)
    if not found:
        unread.append(Unread(file=word, why="no file matches this pattern."))
    for place in found:
        if not place.is_dir():
            yield str(place)
            continue
        empty = True
        for path in run_files(place):
            empty = False
            if not any(fnmatch.fnmatch(path.as_posix(), pattern) for pattern in config.exclude):
                yield str(path)
        if empty:
            why = 'holds no run file: no run.json or run.jsonl, nor another with "runjson" in it.'
            unread.append(Unread(file=word, why=why))


def _one(file: str, config: Config) -> Report:
    from runjson_validator.validation import validate as validate_one

    return validate_one(
        sys.stdin.buffer if file == "-" else Path(file),
        name=file,
        lenient=config.lenient,
        files=config.files,
        select=config.select,
        ignore=config.ignore,
    )


def _show(report: Report, chosen: Format) -> None:
    from runjson_validator.formats.text import text_lines, verdict

    if chosen == "text":
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        for line in text_lines(report, colour=colour):
            print(line)
        print(verdict(report))
    elif chosen == "github":
        from runjson_validator.formats.github import commands

        for line in commands(report):
            print(line)
        print(verdict(report))


def _show_all(reports: list[Report], unread: list[Unread], chosen: Format, config: Config) -> None:
    if chosen == "json":
        from runjson_schema.terminal import print_json

        from runjson_validator.report import Reports

        valid = not unread and all(report.valid for report in reports)
        print_json(Reports(valid=valid, files=reports, unread=unread).model_dump_json(indent=2))
    elif chosen == "sarif":
        from runjson_validator.formats.sarif import sarif

        print(sarif(reports, unread))
    elif chosen == "junit":
        from runjson_validator.formats.junit import junit

        print(junit(reports, unread, config.error_on))
    elif len(reports) > 1:
        from runjson_schema.wording import counted

        bad = sum(not report.valid for report in reports)
        errors, warnings = sum(report.errors for report in reports), sum(report.warnings for report in reports)
        print(
            f"{len(reports):,} run files: {bad:,} not valid, {counted(errors, 'error')}, {counted(warnings, 'warning')}"
        )


def rule(
    code: Annotated[str | None, typer.Argument(help="A code, such as RJ203; all are listed without one.")] = None,
) -> None:
    """Explain a rule: what it says, why, a bad and a good example."""
    from runjson_schema.findings import CODES

    from runjson_validator.rules.page import explanation, listing

    if code is None:
        print(listing())
        return
    name = code.upper()
    if name not in CODES:
        import difflib

        close = difflib.get_close_matches(name, CODES, 1, 0.5)
        hint = f" Did you mean {close[0]}?" if close else ""
        print(f"{code}: there is no such code.{hint} `runjson rule` lists them.", file=sys.stderr)
        raise typer.Exit(2)
    print(explanation(name))


def fix(
    files: Annotated[list[str], typer.Argument(help="Run files, folders that hold them, patterns.", metavar="FILE...")],
    diff: Annotated[bool, typer.Option("--diff", help="Print what would change; change nothing.")] = False,
    null: Annotated[
        Literal["nan", "drop"] | None,
        typer.Option(help='What a point that is null becomes: "NaN", or left out; it stays an error by default.'),
    ] = None,
) -> None:
    """Repair what is mechanical in run files, in their place.

    Numbers and literals as Fortran, C or Python print them, numbers in quotes, milliseconds, rows of points, metrics
    beside `step`, other words for a status and the like; everything else stays as it is, byte for byte. A file is
    written whole or not at all, and only when no error is left in it. Exits with 0 when every file is valid now, 1 when
    one is not, 2 when one could not be read or written. With --diff: 1 when something would change.
    """
    from runjson_validator.config import Config
    from runjson_validator.report import Unread

    unread: list[Unread] = []
    code = 0
    for word in files:
        for file in _files(word, Config(), unread):
            try:
                code = max(code, _fix(file, diff=diff, null=null))
            except OSError as fault:
                unread.append(Unread(file=file, why=f"can not be read or written: {fault.strerror or fault}."))
    for one in unread:
        print(f"{one.file}: {one.why}", file=sys.stderr)
    raise typer.Exit(2 if unread else code)


def _fix(file: str, *, diff: bool, null: Literal["nan", "drop"] | None) -> int:
    from runjson_schema.findings import CODES

    from runjson_validator.fix import fix as fix_one
    from runjson_validator.formats.text import text_lines

    changes: list[Change] | None = [] if diff else None
    result = fix_one(Path(file), null=null, write=not diff, changes=changes)
    report = result.report
    if changes:
        _print_diff(file, changes)
    if report is None or not report.valid:
        print(f"{file}: {'not valid then' if diff else 'not changed'}; this is left, which only you can mend:")
        if report:
            left = [one for one in report.findings if one.severity == "error" and not one.fixable]
            for line in text_lines(report.model_copy(update={"file": file, "findings": left or report.findings})):
                print(line)
        return 1
    if not result.done:
        print(f"{file}: valid, nothing to repair", file=sys.stderr if diff else sys.stdout)
    elif not diff:
        done = "; ".join(f"{count:,} {code} ({CODES[code][0]})" for code, count in sorted(result.done.items()))
        print(f"{file}: repaired {done}")
    return 1 if diff and result.done else 0


def _print_diff(file: str, changes: list[Change]) -> None:
    out = sys.stdout.buffer
    sys.stdout.flush()
    out.write(f"--- {file}\n+++ {file}\n".encode())
    shift = 0
    for change in changes:
        before = change.before.split(b"\n")
        after = [] if change.after is None else change.after.split(b"\n")
        new = change.line + shift - (not after)
        out.write(f"@@ -{change.line},{len(before)} +{new},{len(after)} @@\n".encode())
        for sign, lines in ((b"-", before), (b"+", after)):
            out.writelines(sign + (_visible(line) if sys.stdout.isatty() else line) + b"\n" for line in lines)
        shift += len(after) - len(before)
    out.flush()


def _visible(line: bytes) -> bytes:
    """A line of a file for a terminal, which is not to act upon it."""
    from runjson_schema.wording import neutral

    text = line.removesuffix(b"\r").decode("utf-8", "replace")
    return "\t".join(map(neutral, text.split("\t"))).encode()
