"""The commands that change what is tracked: `edit`, `rm`, `store`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from runjson_tracker.cli.opening import (
    RUN_HELP,
    Location,
    Origin,
    all_runs,
    fail,
    failures,
    new_console,
    one_run,
    open_store,
    open_tracker,
)


def edit(
    run: Annotated[str, typer.Argument(help=RUN_HELP, metavar="RUN")],
    properties: Annotated[
        list[str] | None,
        typer.Option("--set", help="A property, NAME=VALUE; VALUE is JSON, or else a text.", metavar="NAME=VALUE"),
    ] = None,
    unset: Annotated[list[str] | None, typer.Option("--unset", help="A property to take back.", metavar="NAME")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag to add.")] = None,
    untag: Annotated[list[str] | None, typer.Option("--untag", help="A tag to take away.")] = None,
    name: Annotated[str | None, typer.Option(help="Another title.")] = None,
    description: Annotated[str | None, typer.Option(help="Another description, in Markdown.")] = None,
    group: Annotated[str | None, typer.Option(help="Another group.")] = None,
    artifact: Annotated[list[Path] | None, typer.Option(help="A file to add.", metavar="FILE")] = None,
    tracker: Location = None,
) -> None:
    """Change a tracked run: properties, tags, title, artifacts.

    What its writers said stays; the changes are kept beside it, and exported with it. Parameters stay what they were.
    """
    from runjson_tracker.reading.run import Run

    record: dict[str, Any] = {
        "properties": {**dict(map(_assigned, properties or ())), **dict.fromkeys(unset or ())},
        "tags": tag or [],
        "untags": untag or [],
        "name": name,
        "description": description,
        "group": group,
    }
    record = {member: value for member, value in record.items() if value not in ({}, [], None)}
    if not record and not artifact:
        fail("Say what to change: --set NAME=VALUE, --tag TAG, --name TITLE; `runjson edit --help` lists all.", code=2)
    with failures(), open_tracker(tracker) as store:
        found = one_run(store, run)
        if record:
            store.edit(found.project, found.id, record)
        for path in artifact or ():
            Run(store, found.project, found.id).log_artifact(path)
    print(f"changed {found.project}/{found.id}")


def rm(
    chosen: Annotated[list[str], typer.Argument(help=RUN_HELP, metavar="RUN...")],
    restore: Annotated[bool, typer.Option("--restore", help="Take them out of the trash.")] = False,
    tracker: Location = None,
) -> None:
    """Put runs in the trash, or take them back with --restore.

    `runjson runs --trash` lists what is in it, `runjson store gc` frees what has been there for seven days.
    """
    with failures(), open_tracker(tracker) as store:
        if not restore:
            wanted = [(found.project, found.id) for found in all_runs(store, chosen)]
            store.put_away(wanted)
            for project, run in wanted:
                print(f"in the trash: {project}/{run}")
            return
        there = [(one.project, one.id) for one in store.trash()]
        wanted = []
        for text in chosen:
            found = [one for one in there if text in {one[1], f"{one[0]}/{one[1]}"}]
            if len(found) != 1:
                fail(f'The trash has {"several runs" if found else "no run"} "{text}": `runjson runs --trash`.')
            wanted += found
        store.take_back(wanted)
        for project, run in wanted:
            print(f"taken back: {project}/{run}")


store = typer.Typer(help="Verify a tracker, copy it, and free what nobody needs.", no_args_is_help=True)


@store.command()
def check(tracker: Origin = None) -> None:
    """Verify every digest, count, chunk and summary of a tracker.

    Exits with 0 when all is well, 1 when something is not.
    """
    from runjson_schema.wording import counted

    with failures(), open_store(tracker) as opened:
        checked = opened.check()
    _conclude(
        checked.problems,
        f"{counted(checked.runs, 'run')}, {counted(checked.points, 'point')} in {counted(checked.chunks, 'chunk')}, "
        f"{counted(checked.files, 'file')}",
    )


@store.command()
def gc(
    days: Annotated[float, typer.Option(help="How long runs stay in the trash.", min=0)] = 7.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be freed; free nothing.")] = False,
    tracker: Location = None,
) -> None:
    """Free the runs that have been in the trash for seven days, and the files that no run needs."""
    from runjson_schema.wording import counted

    from runjson_tracker.terminal import size
    from runjson_tracker.upkeep.freeing import DAY

    with failures(), open_store(tracker) as opened:
        freed = opened.free(kept=days * DAY, dry_run=dry_run)
    new_console().print(
        f"{'would free' if dry_run else 'freed'} {counted(freed.runs, 'run')} with {counted(freed.points, 'point')}, "
        f"{counted(freed.blobs, 'file')} of {size(freed.bytes)}"
    )


@store.command()
def move(
    origin: Annotated[str, typer.Argument(help="The tracker that is copied.", metavar="FROM")],
    target: Annotated[str, typer.Argument(help="The tracker that gets its runs; made if it is missing.", metavar="TO")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace runs and settings of the target that are others.")
    ] = False,
) -> None:
    """Copy all runs of a tracker into another one, with their files and the trash, and who may do what with them.

    Both are a folder or postgresql://USER@HOST/NAME. The tracker that is copied stays as it is. Stopped, it goes on
    where it was when it is called again; at the end all of the target is verified.

    Exits with 0 when all is well, 1 when the target has a problem, 2 when it could not be done.
    """
    from runjson_schema.wording import counted

    from runjson_tracker.store import Store
    from runjson_tracker.upkeep.moving import move

    with failures(), open_store(origin) as opened, Store.open(target) as to:
        moved = move(opened, to, replace=replace, tell=lambda run: print(f"copied     {run}", flush=True))
        checked = to.check()
    _conclude(
        checked.problems,
        f"copied {counted(moved.runs, 'run')}, {counted(moved.points, 'point')} and {counted(moved.files, 'file')}, "
        f"{moved.unchanged:,} there already",
    )


def _conclude(problems: list[str], what: str) -> NoReturn:
    """Tell the problems of a tracker, and whether there are any; end the command accordingly."""
    from runjson_schema.wording import counted

    for problem in problems:
        print(problem)
    print(f"{what}: {counted(len(problems), 'problem') if problems else 'all is well'}")
    raise typer.Exit(1 if problems else 0)


def _assigned(text: str) -> tuple[str, Any]:
    """`NAME=VALUE`; VALUE is JSON, or else a text."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        fail(f'--set wants NAME=VALUE, not "{text}".', code=2)
    try:
        return name, json.loads(value, parse_constant=lambda word: {"$float": word})
    except ValueError:
        return name, value
