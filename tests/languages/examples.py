"""The writers in examples/<language>/, built and run as their example.toml says."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "examples/data/iris.csv"
VARIANTS = ("fit", "diverge", "fail")
# A line of strace: a write, the file that it went to, and how many bytes.
_WRITE = re.compile(r"^\d+ +(?:write|writev|pwrite64)\(\d+<([^>]*)>, .* = (\d+)$")


@dataclass(frozen=True)
class Example:
    """A writer.

    Attributes:
        folder: of examples/.
        language: as people write it.
        needs: commands that must be there.
        debian: packages that bring them.
        build: a command of a shell, or nothing.
        run: the words of the command; variant, data and folder come behind them.
    """

    folder: Path
    language: str
    needs: tuple[str, ...]
    debian: tuple[str, ...]
    build: str
    run: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the folder, and what its ids begin with."""
        return self.folder.name

    @property
    def source(self) -> Path:
        """The program."""
        (found,) = (path for path in self.folder.iterdir() if path.stem.lower() == "iris")
        return found

    @property
    def missing(self) -> list[str]:
        """Commands that are not there."""
        return [command for command in self.needs if shutil.which(command) is None]


@cache
def examples() -> list[Example]:
    """All of them, by their folder."""
    found = []
    for path in sorted((ROOT / "examples").glob("*/example.toml")):
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        found.append(
            Example(
                path.parent,
                said["language"],
                tuple(said["needs"]),
                tuple(said["debian"]),
                said["build"],
                tuple(said["run"]),
            )
        )
    return found


class Written:
    """What a writer wrote, of every variant.

    Attributes:
        folder: that holds it.
        codes: exit codes by variant.
        writes: of each run file that is a stream, how many bytes each write to the system had.
    """

    def __init__(self, example: Example, place: Path) -> None:
        copy = place / "program"
        shutil.copytree(example.folder, copy)
        if example.build:
            subprocess.run(example.build, shell=True, cwd=copy, check=True, capture_output=True, timeout=300)
        self.folder = place / "written"
        self.folder.mkdir()
        self.codes: dict[str, int] = {}
        self.writes: dict[str, list[int]] = {}
        for variant in VARIANTS:
            log = place / f"{variant}.strace"
            command = ["strace", "-f", "-y", "-e", "trace=write,writev,pwrite64", "-s", "4", "-o", log, *example.run]
            done = subprocess.run(
                [*command, variant, DATA, self.folder],
                cwd=copy,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            self.codes[variant] = done.returncode
            for line in log.read_text(errors="replace").splitlines():
                match = _WRITE.match(line)
                if match and match[1].endswith(".jsonl"):
                    self.writes.setdefault(Path(match[1]).name, []).append(int(match[2]))
