"""The command `runjson`: puts the commands of all packages together and imports only the one that runs."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

# name -> (module, what the list of commands says of it). The function has the name of the command.
COMMANDS = {
    "validate": ("runjson_validator.cli", "Check run files and say what is wrong with them."),
    "fix": ("runjson_validator.cli", "Repair what is mechanical in run files, in their place."),
    "rule": ("runjson_validator.cli", "Explain a rule: what it says, why, a bad and a good example."),
    "upload": ("runjson_uploader.cli", "Track run files: new ones, and what grew since the last upload."),
    "runs": ("runjson_tracker.cli.listing", "List the tracked runs, the newest first."),
    "show": ("runjson_tracker.cli.reading", "Show one tracked run."),
    "get": ("runjson_tracker.cli.reading", "Get an artifact or an image of a run."),
    "diff": ("runjson_tracker.cli.listing", "Show in what runs differ."),
    "best": ("runjson_tracker.cli.listing", "Show the best run, or the best run of each group."),
    "plot": ("runjson_tracker.cli.reading", "Draw series of runs, in the terminal or as a picture."),
    "edit": ("runjson_tracker.cli.changing", "Change a tracked run: properties, tags, title, artifacts."),
    "export": ("runjson_tracker.cli.reading", "Write tracked runs as run files, CSV, Parquet, or one HTML file."),
    "rm": ("runjson_tracker.cli.changing", "Put runs in the trash, or take them back."),
    "store": ("runjson_tracker.cli.changing", "Verify a tracker, copy it, and free what nobody needs."),
    "login": ("runjson_tracker.cli.login", "Keep a token for a server."),
    "serve": ("runjson_server.cli", "Serve a tracker to a team over HTTP."),
    "ui": ("runjson_server.cli", "Look at your tracked runs in the browser."),
    "user": ("runjson_tracker.cli.people", "Add people to a tracker, invite them, and say who may sign in."),
    "token": ("runjson_tracker.cli.people", "Make tokens for programs, list them, and revoke them."),
    "project": ("runjson_tracker.cli.projects", "Make projects, and say who may read and change them."),
    "audit": ("runjson_tracker.cli.projects", "Show what was done in a tracker, and by whom."),
    "fmt": ("runjson_schema.cli", "Lay a run file out for people, without changing what it says."),
    "fold": ("runjson_schema.cli", "Fold a run file into one document."),
    "split": ("runjson_schema.cli", "Split a run file into a stream of records."),
    "schema": ("runjson_schema.cli", "Print the JSON Schema of a record."),
    "conformance": (
        "runjson_uploader.conformance.cli",
        "Judge a reader or a writer of run files by the conformance corpus.",
    ),
}
_SERVERS = frozenset({"serve", "ui"})


def _missing(fault: ModuleNotFoundError, command: str | None) -> int:
    extra = "serve" if command in _SERVERS else "all"
    print(
        f"runjson: the module {fault.name} is not installed. This needs more than the client: "
        f'pip install "runjson[{extra}]"',
        file=sys.stderr,
    )
    return 2


def _stub() -> None:
    """Stand for a command that is listed and does not run."""


def _version(asked: bool) -> None:
    if asked:
        from runjson import __version__

        print(f"runjson {__version__}")
        raise SystemExit(0)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words behind `runjson`; those of this process by default.

    Returns:
        The exit code: 0 when all went well, 1 for an error in what was given, 2 when it could not run.
    """
    words = sys.argv[1:] if arguments is None else arguments
    wanted = next((word for word in words if not word.startswith("-")), None)
    try:
        import typer

        app = typer.Typer(
            name="runjson",
            help="Run files and tracked experiments.",
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            no_args_is_help=True,
            add_completion="--install-completion" in words
            or "--show-completion" in words
            or "_RUNJSON_COMPLETE" in os.environ,
        )

        @app.callback()
        def _options(
            version: bool = typer.Option(
                False, "--version", callback=_version, is_eager=True, help="Print the version."
            ),
        ) -> None:
            """Run files and tracked experiments."""

        for name, (module, summary) in COMMANDS.items():
            function: Callable[..., Any] | typer.Typer = _stub
            if name == wanted or "_RUNJSON_COMPLETE" in os.environ:
                function = getattr(importlib.import_module(module), name)
            if isinstance(function, typer.Typer):
                app.add_typer(function, name=name)
            else:
                app.command(name, help=None if function is not _stub else summary)(function)
    except ModuleNotFoundError as fault:
        return _missing(fault, wanted)
    return _run(app, words, wanted)


def _run(app: Any, words: list[str], wanted: str | None) -> int:  # Any: typer is imported only here
    try:
        result = app(words, prog_name="runjson", standalone_mode=True)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except ModuleNotFoundError as fault:
        return _missing(fault, wanted)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    sys.exit(main())
