"""The commands `runjson runs` and `runjson show`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from runjson_tracker.store import Store

Location = Annotated[
    str | None,
    typer.Option(
        "--tracker",
        "--to",
        help="The tracker's folder; RUNJSON_TRACKER or your data folder by default.",
        metavar="PATH",
    ),
]


def runs(
    project: Annotated[str | None, typer.Argument(help="Its runs only.")] = None,
    series: Annotated[
        list[str] | None, typer.Option("--series", "-s", help="A series whose last value is shown; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="So many at most; 0 for all.")] = 50,
    tracker: Location = None,
) -> None:
    """List the tracked runs, the newest first."""
    from runjson_tracker.show import runs_table

    with _failures(), _open(tracker) as store:
        found = store.runs(project, last=series or ())
        if not found and project is not None and (others := store.projects()):
            _fail(f'There is no project "{project}". There are: {", ".join(one.name for one in others)}.')
        if not found:
            print(f"The tracker at {store.location} has no runs yet. `runjson upload FILE` tracks one.")
            return
    console = _console()
    shown = found[: limit or None]
    console.print(runs_table(shown, series or ()))
    if len(shown) < len(found):
        console.print(f"{len(found) - len(shown):,} more; --limit 0 lists all.")


def show(
    run: Annotated[str, typer.Argument(help="A run's id, the beginning of it, or PROJECT/ID.", metavar="RUN")],
    tracker: Location = None,
) -> None:
    """Show one tracked run."""
    from runjson_tracker.show import run_page

    with _failures(), _open(tracker) as store:
        found = store.find(run)
        if not found:
            _fail(f'The tracker at {store.location} has no run "{run}". `runjson runs` lists what there is.')
        if len(found) > 1:
            first = ", ".join(f"{one.project}/{one.id}" for one in found[:5])
            more = f" and {len(found) - 5} more" if len(found) > 5 else ""
            _fail(f'"{run}" may be {first}{more}: give PROJECT/ID.')
        console = _console()
        for part in run_page(store.run(found[0].project, found[0].id), console):
            console.print(part)


@contextmanager
def _failures() -> Iterator[None]:
    """Tell what goes wrong with a store in a line: a person has no use for a stack trace."""
    from sqlalchemy.exc import DatabaseError

    from runjson_tracker.database import reason
    from runjson_tracker.errors import RunMissing, StoreError

    try:
        yield
    except RunMissing as error:
        _fail(str(error))
    except StoreError as error:
        _fail(str(error), code=2)
    except DatabaseError as error:
        _fail(f"The tracker cannot be read: {reason(error)}.", code=2)


def _open(location: str | None) -> Store:
    from runjson_tracker.store import Store

    store = Store.open(location, create=False)
    if store.notice is not None:
        print(f"runjson: {store.notice}", file=sys.stderr)
    return store


def _console() -> Console:
    from rich.console import Console

    # A terminal may lack a character; a question mark in its place is better than a failure.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a text stream, of which TextIO says less
    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=False)
    if not console.is_terminal:
        # Whoever reads a pipe wants whole lines.
        console.width = 1000
    return console


def _fail(message: str, code: int = 1) -> NoReturn:
    from runjson_tracker.terminal import neutral

    print(f"runjson: {neutral(message, 2000)}", file=sys.stderr)
    raise typer.Exit(code)
