"""What the commands about tracked runs share: the tracker that is meant, the runs that are meant, and failures."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from runjson_tracker.read import RunRow
    from runjson_tracker.reading.interface import Reading
    from runjson_tracker.store import Store

_HELP: Final = "A folder, postgresql://USER@HOST/NAME or https://HOST; RUNJSON_TRACKER or your data folder by default."
Location = Annotated[str | None, typer.Option("--tracker", "--to", help=_HELP, metavar="PLACE")]
# Of the commands that only read.
Origin = Annotated[str | None, typer.Option("--tracker", "--from", "--to", help=_HELP, metavar="PLACE")]
RUN_HELP = "A run's id, the beginning of it, or PROJECT/ID."


@contextmanager
def failures() -> Iterator[None]:
    """Tell what goes wrong with a store in a line: a person has no use for a stack trace."""
    from sqlalchemy.exc import DBAPIError

    from runjson_tracker.database import reason
    from runjson_tracker.errors import RunMissing, StoreError
    from runjson_tracker.query.errors import QueryError

    try:
        yield
    except QueryError as error:
        print(f"runjson: {error.message}", file=sys.stderr)
        for line in error.pointed().splitlines():
            print(f"  {line}", file=sys.stderr)
        if error.hint:
            print(f"  = {error.hint}", file=sys.stderr)
        raise typer.Exit(2) from None
    except RunMissing as error:
        fail(str(error))
    except StoreError as error:
        fail(str(error), code=2)
    except DBAPIError as error:
        fail(f"The tracker cannot be read: {reason(error)}.", code=2)
    except OSError as error:
        fail(f"{error.filename or 'a file'}: {error.strerror or error}.", code=2)


def open_store(location: str | None) -> Store:
    """The store of a command that works on the store itself; it must be there."""
    from runjson_tracker.errors import StoreError
    from runjson_tracker.remote.address import server_address
    from runjson_tracker.store import Store

    address = server_address(location)
    if address is not None:
        raise StoreError(f"This works on the tracker itself, and not over HTTP: call it where {address} has it.")
    store = Store.open(location, create=False)
    _tell(store)
    return store


@contextmanager
def open_tracker(location: str | None) -> Iterator[Reading]:
    """The tracker of a command that reads, wherever it is, for the length of the command; it must be there."""
    from runjson_tracker.reading.opening import open_reading

    with closing(open_reading(location)) as tracker:
        _tell(tracker)
        yield tracker


def _tell(tracker: Reading) -> None:
    if tracker.notice is not None:
        print(f"runjson: {tracker.notice}", file=sys.stderr)


def one_run(tracker: Reading, text: str) -> RunRow:
    """The run that is meant; ends the command if there is none, or several."""
    return _only(tracker, text, tracker.find(text))


def all_runs(tracker: Reading, texts: Sequence[str]) -> list[RunRow]:
    """The runs that are meant, one for each text; ends the command if there is none, or several, for one of them."""
    return [_only(tracker, text, found) for text, found in zip(texts, tracker.find_each(texts), strict=True)]


def _only(tracker: Reading, text: str, found: list[RunRow]) -> RunRow:
    if not found:
        fail(f'The tracker at {tracker.location} has no run "{text}". `runjson runs` lists what there is.')
    if len(found) > 1:
        first = ", ".join(f"{one.project}/{one.id}" for one in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        fail(f'"{text}" may be {first}{more}: give PROJECT/ID.')
    return found[0]


def new_console() -> Console:
    """The terminal, or a pipe."""
    from rich.console import Console

    # A terminal may lack a character; a question mark in its place is better than a failure.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a text stream, of which TextIO says less
    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=False)
    if not console.is_terminal:
        # Whoever reads a pipe wants whole lines.
        console.width = 1000
    return console


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with a message."""
    from runjson_tracker.terminal import neutral

    print(f"runjson: {neutral(message, 2000)}", file=sys.stderr)
    raise typer.Exit(code)
