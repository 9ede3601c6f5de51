"""The pages of the programs in examples/<language>/, from their example.toml and their source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from repository import ROOT, code


@dataclass(frozen=True)
class Program:
    """The example of a language.

    Attributes:
        language: as people write it.
        files: its source; the file that the table of languages links to comes first.
        needs: commands that must be there.
        debian: packages of Debian that bring them.
        build: a command of a shell, or nothing.
        run: the command that runs it, before its three arguments.
    """

    language: str
    files: tuple[Path, ...]
    needs: tuple[str, ...]
    debian: tuple[str, ...]
    build: str
    run: str

    @property
    def uri(self) -> str:
        """By which pages link to it."""
        return self.files[0].relative_to(ROOT).as_posix()


def programs() -> list[Program]:
    """All of them, by their language."""
    found = []
    for path in sorted((ROOT / "examples").glob("*/example.toml")):
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        own = sorted(one for one in path.parent.iterdir() if one.stem.lower() == "iris" and one.suffix)
        beside = [path.parent / word for word in said["run"] if (path.parent / word).is_file()]
        files = tuple(dict.fromkeys([*own, *beside]))
        needs, debian = tuple(said["needs"]), tuple(said["debian"])
        found.append(Program(said["language"], files, needs, debian, said["build"], " ".join(said["run"])))
    return sorted(found, key=lambda one: one.language.lower())


def page(program: Program) -> str:
    """The page of a language, in Markdown."""
    folder = program.files[0].parent.relative_to(ROOT).as_posix()
    title = program.language.replace("#", "\\#")
    packages = ", ".join(f"`{one}`" for one in program.debian) or "nothing more"
    steps = [program.build] if program.build else []
    steps += [f"{program.run} fit ../data/iris.csv my-runs", "runjson validate my-runs"]
    text = (
        f"---\nsearch:\n  boost: 0.5\n---\n\n# {title}\n\n"
        "What the program does is described "
        "[with the others](../README.md#one-experiment-in-many-languages).\n\n"
        f"It needs {', '.join(f'`{one}`' for one in program.needs)}; packages of Debian 12: {packages}. "
        f"In the folder `{folder}` of the repository:\n\n"
        + code("run.sh", "\n".join(["mkdir -p my-runs", *steps]) + "\n")
    )
    for path in program.files:
        text += f"\n## {path.name}\n\n" + code(path.name, path.read_text(encoding="utf-8"))
    return text
