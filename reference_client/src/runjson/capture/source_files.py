"""Copies of the program's files, as artifacts `source/PATH`."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runjson.capture.notebook import in_notebook
from runjson.media.sources import sources

if TYPE_CHECKING:
    from runjson.run import Run

# A script above this, in bytes, is none that a person wrote.
_LARGEST_SCRIPT = 1_000_000


class SourceFiles:
    """Keeps files under their path from the working directory; what lies elsewhere, under its path in the pattern.

    Files of runs and of virtual environments are left out, unless a pattern names a file itself.

    Args:
        run: that they are artifacts of.
        patterns: as of `Run.log_artifact`; None for the script alone.
    """

    def __init__(self, run: Run, patterns: list[str] | None) -> None:
        self._others: dict[Path, bool] = {}
        if patterns is None:
            found = script()
            if found is not None and found.stat().st_size <= _LARGEST_SCRIPT:
                self._keep(run, found.name, found)
            return
        for pattern in patterns:
            run._guarded(functools.partial(self._keep_all, run, pattern))

    def stop(self) -> None:
        """All is kept."""

    def forked(self) -> None:
        """Nothing goes on."""

    def _keep_all(self, run: Run, pattern: str) -> None:
        here = Path.cwd()
        for name, path in sources(pattern, None, run.folder):
            if path.is_dir() or (str(path) != str(Path(pattern).absolute()) and self._is_other(path.parent)):
                continue
            self._keep(run, path.relative_to(here).as_posix() if path.is_relative_to(here) else name, path)

    def _keep(self, run: Run, name: str, path: Path) -> None:
        run._guarded(lambda: run._log_artifact(str(path), f"source/{name}", {}))

    def _is_other(self, folder: Path) -> bool:
        """Whether it belongs to a run or a virtual environment, or is below such a folder."""
        if folder not in self._others:
            self._others[folder] = (
                (folder / "run.jsonl").exists()
                or (folder / "pyvenv.cfg").exists()
                or (folder != folder.parent and self._is_other(folder.parent))
            )
        return self._others[folder]


def script() -> Path | None:
    """The file of the program that runs; None in a notebook, at a prompt, and of an installed command."""
    named = getattr(sys.modules.get("__main__"), "__file__", None)
    if not named or in_notebook():
        return None
    path = Path(named).resolve()
    installed = any(path.is_relative_to(prefix) for prefix in {sys.prefix, sys.base_prefix})
    return path if path.is_file() and not installed else None
