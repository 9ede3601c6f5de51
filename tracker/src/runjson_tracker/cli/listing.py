"""The commands that look at many runs: `runs`, `best`, `diff`."""

from __future__ import annotations

import csv
import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from runjson_tracker.cli.opening import Origin, all_runs, fail, failures, new_console, open_tracker

if TYPE_CHECKING:
    from runjson_tracker.reading.frames import Frame


class Format(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Goal(StrEnum):
    """Which end of the numbers is the better one."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


Project = Annotated[str | None, typer.Argument(help="Its runs only.")]
Where = Annotated[
    str | None,
    typer.Option("--where", "-w", help="A filter, such as 'parameters.lr < 0.1 and status == \"failed\"'."),
]
As = Annotated[Format, typer.Option("--format", help="How to print it.")]


def runs(
    project: Project = None,
    where: Where = None,
    sort: Annotated[
        list[str] | None, typer.Option("--sort", "-s", help="A field, -FIELD for descending; may be repeated.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--columns", "-c", help="Fields, or patterns such as 'parameters.*'; comma or repeated."),
    ] = None,
    group_by: Annotated[
        list[str] | None, typer.Option("--group-by", "-g", help="Fields; runs equal in them are one row of means.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="So many at most; 0 for all.")] = 50,
    trash: Annotated[bool, typer.Option("--trash", help="Look in the trash instead.")] = False,
    fmt: As = Format.TABLE,
    tracker: Origin = None,
) -> None:
    """List the tracked runs, the newest first.

    docs/queries.md describes filters and fields. Exits with 0, or 2 for a filter that can not be understood.
    """
    from runjson_tracker.reading.tracker import Tracker

    named = _split(columns)
    with failures(), open_tracker(tracker) as store:
        if project is not None and project not in (there := [one.name for one in store.projects()]):
            fail(f'There is no project "{project}". There are: {", ".join(there) or "none"}.')
        if group_by:
            groups = Tracker(store).runs(project, where=where, columns=named, group_by=_split(group_by), trash=trash)
            print_frame(groups, fmt)
            return
        if fmt is not Format.TABLE:
            table = Tracker(store).runs(
                project, where=where, sort=_split(sort), columns=named, limit=limit or None, trash=trash
            )
            print_frame(table, fmt)
            return
        page = store.select_runs(
            project=project, where=where, sort=_split(sort), columns=named, limit=limit or None, trash=trash
        )
        if not page.total and not where and not trash:
            print(f"The tracker at {store.location} has no runs yet. `runjson upload FILE` tracks one.")
            return
    from runjson_tracker.tables_of_runs import runs_table

    console = new_console()
    if not page.total:
        console.print("The trash is empty." if trash and not where else "No run matches.")
        return
    console.print(runs_table(page.rows, page.columns))
    if len(page.rows) < page.total:
        console.print(f"{page.total - len(page.rows):,} more; --limit 0 lists all.")


def best(
    project: Project = None,
    by: Annotated[str, typer.Option("--by", help="A field with numbers, such as series.validation/accuracy.max.")] = "",
    per: Annotated[
        list[str] | None, typer.Option("--per", help="Fields: the best of the runs equal in them, each.")
    ] = None,
    goal: Annotated[
        Goal | None, typer.Option(help="Which end is better; by default as the series says, else maximize.")
    ] = None,
    where: Where = None,
    fmt: As = Format.TABLE,
    tracker: Origin = None,
) -> None:
    """Show the best run, or the best run of each group."""
    from runjson_tracker.reading.frames import Frame
    from runjson_tracker.reading.tracker import Tracker

    if not by:
        fail("Say by what: --by series.loss.min", code=2)
    keys = _split(per)
    with failures(), open_tracker(tracker) as store:
        found = Tracker(store).best(by, per=keys, goal=goal.value if goal else None, project=project, where=where)
    if not found and fmt is Format.TABLE:
        print(f"No run has {by}.")
        return
    table = {name: [one.key[index] for one in found] for index, name in enumerate(keys)}
    table[by] = [one.value for one in found]
    table["run"] = [f"{one.run.project}/{one.run.id}" for one in found]
    table["name"] = [one.run.name for one in found]
    print_frame(Frame(table), fmt)


def diff(
    chosen: Annotated[list[str], typer.Argument(help="Two runs or more: ids, or PROJECT/ID.", metavar="RUN...")],
    everything: Annotated[bool, typer.Option("--all", help="What is equal too.")] = False,
    fmt: As = Format.TABLE,
    tracker: Origin = None,
) -> None:
    """Show in what runs differ: parameters, properties, tags, source, environment, last values of series."""
    from runjson_tracker.comparing import differences
    from runjson_tracker.reading.frames import Frame

    if len(chosen) < 2:
        fail("Name two runs or more.", code=2)
    with failures(), open_tracker(tracker) as store:
        views = store.run_each((found.project, found.id) for found in all_runs(store, chosen))
        if len({(view.project, view.id) for view in views}) == 1:
            fail(
                f"{' and '.join(dict.fromkeys(chosen))} {'are' if len(set(chosen)) > 1 else 'is'} one run: name two.",
                code=2,
            )
        rows = list(differences(views, everything=everything))
    names = [f"{view.project}/{view.id}" for view in views]
    table: dict[str, list[Any]] = {"field": [name for name, _ in rows]}
    for index, name in enumerate(names):
        table[name if names.count(name) == 1 else f"{name} ({index + 1})"] = [values[index] for _, values in rows]
    if not rows and fmt is Format.TABLE:
        print("They differ in nothing that is compared.")
        return
    print_frame(Frame(table), fmt)


def _split(texts: list[str] | None) -> list[str]:
    """Fields that were given one by one, or with commas between them; a comma in backticks belongs to a name."""
    found: list[str] = []
    for text in texts or ():
        part, quoted = "", False
        for char in text:
            quoted ^= char == "`"
            if char == "," and not quoted:
                found.append(part)
                part = ""
            else:
                part += char
        found.append(part)
    return [part.strip() for part in found if part.strip()]


def print_frame(table: Frame, fmt: Format) -> None:
    """Print a table as it is asked for."""
    from runjson_schema.terminal import print_json

    from runjson_tracker.tables_of_runs import cell_text, frame_table
    from runjson_tracker.terminal import neutral

    if fmt is Format.JSON:
        rows = [{name: _plain(cell) for name, cell in row.items()} for row in table]
        print_json(json.dumps(rows, ensure_ascii=False))
        return
    if fmt is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        for cells in (table.columns, *([cell_text(cell, exact=True) for cell in row.values()] for row in table)):
            # What a file or another program gets is exact.
            writer.writerow([neutral(cell, len(cell)) for cell in cells] if sys.stdout.isatty() else cells)
        return
    new_console().print(frame_table(table))


def _plain(cell: Any) -> Any:  # Any: a cell
    """A cell as JSON, in the format's own spelling of what JSON lacks."""
    from datetime import datetime
    from math import isfinite

    from runjson_schema.numbers import special

    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, float) and not isfinite(cell):
        return special(cell)
    return cell
