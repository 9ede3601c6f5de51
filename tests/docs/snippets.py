"""Pages of the documentation as programs: their fenced blocks run in order, in one temporary folder per page.

| block | what is done with it |
|---|---|
| any, with `title="NAME"` behind its language | written to the file NAME |
| `sh` | run by `sh -e` |
| `python` | run by the interpreter |
| `text` | what the block before it printed, on both outputs |

What a reader does not see stands in a comment on the line above a block:

| comment | says |
|---|---|
| `<!-- exit 1 -->` | the block ends with this exit status |
| `<!-- until "TEXT" -->` | once this is printed, the block gets Ctrl-C |
| `<!-- from PATH -->` | the block is a part of this file of the repository |

Every other block is an error. `python -m tests.docs.snippets PAGE...` writes anew what the blocks of pages print, and
the parts of files.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# How far to the right the lines of a program may stand.
_INDENTS = (0, 2, 4)
# Seconds that a block may take: none needs a tenth of it.
_LONGEST = 60
_BLOCK = re.compile(r"(?:^<!-- (?P<note>.*?) -->\n)?^```(?P<info>.*)\n(?P<text>(?:.*\n)*?)^```$", re.MULTILINE)
_TITLE = re.compile(r'(?P<language>[\w-]*)(?: title="(?P<title>[^"]+)")?')
_NOTE = re.compile(r'exit (?P<exit>\d+)|until "(?P<until>.+)"|from (?P<origin>\S+)')
# What is another one each time: ids that are made, times, durations, processes.
_CHANGING = (
    (re.compile(r"\b\d{8}-\d{6}-[a-z2-9]{5}\b"), "ID"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r"\b1[789]\d{8}(?:\.\d+)?\b"), "SECONDS"),
    (re.compile(r"\b\d+(?:\.\d+)?(?:e-\d+)? (?:s|ms|min)\b"), "DURATION"),
    (re.compile(r"\bjob-[0-9a-f]{16}\b"), "JOB"),
)


class Wrong(AssertionError):
    """A block that does not do what the page says; the message begins with its place."""


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: that it stands in.
        line: of its fence.
        language: behind the fence.
        title: the file that it is; None if it is none.
        exit: the exit status that it should have.
        until: the text at which it is stopped.
        origin: the file of the repository that it is a part of.
        text: between the fences.
        start: where the text begins in the page.
    """

    page: Path
    line: int
    language: str
    title: str | None
    exit: int
    until: str | None
    origin: str | None
    text: str
    start: int

    @property
    def place(self) -> str:
        """As an editor opens it."""
        page = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page
        return f"{page.as_posix()}:{self.line}"

    def is_part(self) -> bool:
        """Whether it stands in its origin: a line anywhere, several lines perhaps further to the right."""
        source = self._source()
        if self.text.count("\n") == 1:
            return self.text.strip() in source
        return any(f"\n{textwrap.indent(self.text, ' ' * blanks)}" in f"\n{source}" for blanks in _INDENTS)

    def renewed(self) -> str:
        """What stands in its origin now, from its first line to its last.

        Raises:
            Wrong: there is no such line any more.
        """
        first, *_, last = self.text.splitlines()
        lines = self._source().splitlines()
        for blanks in _INDENTS:
            if " " * blanks + first in lines:
                begin = lines.index(" " * blanks + first)
                if " " * blanks + last in lines[begin:]:
                    end = lines.index(" " * blanks + last, begin)
                    return "".join(f"{line[blanks:]}\n" for line in lines[begin : end + 1])
        raise self.wrong(f"{first} ... {last} does not stand in {self.origin}")

    def _source(self) -> str:
        return (ROOT / str(self.origin)).read_text(encoding="utf-8")

    def wrong(self, what: str) -> Wrong:
        return Wrong(f"{self.place}: {what}")


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("info")) + 1
        info, note = _TITLE.fullmatch(match["info"]), _NOTE.fullmatch(match["note"] or "exit 0")
        if info is None or note is None:
            raise Wrong(f"{page.name}:{line}: ```{match['info']} <!-- {match['note']} --> says nothing that is known")
        found.append(
            Block(
                page,
                line,
                info["language"],
                info["title"],
                int(note["exit"] or 0),
                note["until"],
                note["origin"],
                match["text"],
                match.start("text"),
            )
        )
    if len(found) * 2 != len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE)):
        raise Wrong(f"{page.name}: a fence is indented, of tildes, or without its other half")
    return found


def settled(text: str, folder: Path | None = None) -> str:
    """A text without what is another one each time; the widths of columns go with it."""
    found = text if folder is None else text.replace(f"{folder}/", "")
    count = 0
    for pattern, word in _CHANGING:
        found, times = pattern.subn(word, found)
        count += times
    if count:
        found = re.sub(r" +", " ", found)
    return "\n".join(line.rstrip() for line in found.strip("\n").splitlines())


class Shell:
    """The folder in which a page's blocks run, as a reader's own: an empty home, and no setting of ours.

    Args:
        folder: that is made; what a test needs beside it is made beside it.
        stand_ins: commands that a test can not run as they are, by name: the lines of a shell script.
    """

    def __init__(self, folder: Path, stand_ins: Mapping[str, str] | None = None) -> None:
        folder.mkdir()
        self.folder = folder
        beside = folder.with_name(f"{folder.name}-bin")
        beside.mkdir()
        for name, script in (stand_ins or {}).items():
            (beside / name).write_text(f"#!/bin/bash\nset -e\n{script}\n")
            (beside / name).chmod(0o755)
        home = folder.with_name(f"{folder.name}-home")
        home.mkdir()
        self.environment = {
            "PATH": f"{beside}:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC", "COLUMNS": "90", "GIT_CONFIG_GLOBAL": os.devnull,
        }  # fmt: skip

    def run(self, words: list[str], until: str | None = None) -> tuple[int, str]:
        """The exit status of a command, and what it printed.

        Args:
            words: of the command.
            until: once this is printed, the command and all that it started get Ctrl-C.
        """
        with subprocess.Popen(
            words, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, encoding="utf-8", start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            late = threading.Timer(_LONGEST, os.killpg, (process.pid, signal.SIGKILL))
            late.start()
            try:
                printed = []
                for line in process.stdout:
                    printed.append(line)
                    if until is not None and until in line:
                        os.killpg(process.pid, signal.SIGINT)
                        until = None
                return process.wait(), "".join(printed)
            finally:
                late.cancel()

    def do(self, block: Block) -> str | None:
        """Do what a block says; what it prints, if it is run.

        Raises:
            Wrong: it ends otherwise than it should, or nobody knows what it is.
        """
        if block.origin is not None:
            if not block.is_part():
                raise block.wrong(f"these lines do not stand in {block.origin}")
            return None
        if block.title is not None:
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            return None
        words = {"sh": ["sh", "-e", "-c"], "python": [sys.executable, "-c"]}.get(block.language)
        if words is None:
            raise block.wrong(f"a block of {block.language or 'no language'} without title is not checked by anything")
        status, printed = self.run([*words, block.text], block.until)
        stopped = block.until is not None and status in {-signal.SIGINT, 128 + signal.SIGINT}
        if status != block.exit and not stopped:
            raise block.wrong(f"exit status {status} and not {block.exit}\n{printed}")
        if block.until is not None and block.until not in printed:
            raise block.wrong(f"{block.until!r} was never printed\n{printed}")
        return printed


def prints(page: Path, shell: Shell, leave_out: Iterable[str] = ()) -> Iterator[tuple[Block, str]]:
    """Run a page: each `text` block, and what the block before it printed.

    Args:
        page: of the documentation.
        shell: that it runs in.
        leave_out: texts that blocks which are not run begin with.
    """
    printed: str | None = None
    for block in blocks(page):
        if (block.language, block.title, block.origin) == ("text", None, None):
            if printed is None:
                raise block.wrong("no block that prints stands before this one")
            yield block, printed
            printed = None
        elif any(block.text.startswith(one) for one in leave_out):
            printed = None
        else:
            printed = shell.do(block)


def rewritten(page: Path, shell: Shell, leave_out: Iterable[str] = ()) -> str:
    """The page, with what its blocks print now, and with the lines that stand in their origins now."""
    text = page.read_text(encoding="utf-8")
    found = blocks(page)
    now = {block: block.renewed() for block in found if block.origin is not None and not block.is_part()}
    if not now:
        for block, printed in prints(page, shell, leave_out):
            if settled(printed, shell.folder) != settled(block.text):
                shown = printed.replace(f"{shell.folder}/", "").strip("\n")
                now[block] = "".join(f"{line.rstrip()}\n" for line in shown.splitlines())
    for block in reversed(found):
        if block in now:
            text = text[: block.start] + now[block] + text[block.start + len(block.text) :]
    return text


if __name__ == "__main__":
    from tests.docs.test_snippets import LEFT_OUT, STAND_INS

    for page in map(Path, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place).resolve() / "page"
            page.write_text(rewritten(page.resolve(), Shell(folder, STAND_INS), LEFT_OUT), encoding="utf-8")
