"""The commit that the program was at, and how the working tree differed from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from runjson import lines
from runjson.capture.aside import Aside
from runjson.capture.commands import printed
from runjson.capture.keeping import keep
from runjson.capture.masking import without_credentials
from runjson.capture.source_files import script

if TYPE_CHECKING:
    from runjson.run import Run

# Seconds that one command may take, and bytes that a difference may have.
_LONGEST = 5.0
_LARGEST = 10_000_000
_FIELDS = {"git/commit": "%H", "git/author": "%an", "git/date": "%cI", "git/message": "%s"}


class Git(Aside):
    """Says `git/...` in `source`, and keeps the changes of tracked files as the artifact `source/diff`.

    The repository is that of the script, or else of the working directory. Without git, or outside of a repository,
    nothing is said. Untracked files do not count: they are mostly what programs write.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(run, lambda: _describe(run), "git")


def _describe(run: Run) -> None:
    for folder in _folders():
        separated = _git(folder, "log", "-1", f"--format={'%x00'.join(_FIELDS.values())}")
        if separated:
            break
    else:
        return
    found = dict(zip(_FIELDS, separated.rstrip("\n").split("\0"), strict=False))
    branch = _git(folder, "symbolic-ref", "--short", "-q", "HEAD")
    if branch:
        found["git/branch"] = branch.strip()
    remote = _git(folder, "config", "--get", "remote.origin.url")
    if remote:
        found["git/remote"] = without_credentials(remote.strip())
    entries = {name: lines.quoted(text) for name, text in found.items()}
    diff = _output(
        folder, "diff", "HEAD", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short"
    )
    if diff is not None:
        entries["git/dirty"] = "true" if diff else "false"
    run._say({"source": lines.entries(entries)})
    if diff and len(diff) <= _LARGEST:
        keep(run, "source/diff", f"source/{run.writer}/diff" if run.writer else "source/diff", diff, "text/x-diff")


def _folders() -> list[Path]:
    """Where the program may be: the folder of its script, if that is no installed command, and the working one."""
    own = script()
    return [Path.cwd()] if own is None else [own.parent, Path.cwd()]


def _git(folder: Path, *arguments: str) -> str | None:
    """What a command of git says; None if there is no git, or it fails."""
    found = _output(folder, *arguments)
    return None if found is None else found.decode("utf-8", "replace")


def _output(folder: Path, *arguments: str) -> bytes | None:
    """The first 10 MB and a byte of what a command of git says; None if it fails or takes longer than 5 s."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    return printed(command, _LONGEST, _LARGEST, environment)
