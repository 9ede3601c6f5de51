"""Which run files a folder or a pattern holds (SPEC section 13)."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NAMES: Final = ("run.json", "run.jsonl")
_ENDINGS: Final = (".json", ".jsonl", ".ndjson")
_SNIFFED: Final = 4096


def run_files(place: Path) -> Iterator[Path]:
    """The run files of a place: itself if it is a file, else those below the folder, in order of their paths.

    Within a folder streams come before documents, so that the document of a stream finds it tracked. What lies in
    folders whose name begins with a dot is left out, and links to folders are not followed.
    """
    if not place.is_dir():
        yield place
        return
    for above, folders, names in os.walk(place):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names, key=lambda name: (name.endswith(".json"), name)):
            path = Path(above, name)
            if path.suffix in _ENDINGS and path.is_file() and is_run_file(path):
                yield path


def is_run_file(path: Path) -> bool:
    """Whether a file in a folder is a run file, told from its name or its beginning."""
    if path.name in _NAMES or path.name.endswith((".run.json", ".run.jsonl")):
        return True
    try:
        with path.open("rb") as source:
            return b'"runjson"' in source.read(_SNIFFED)
    except OSError:
        return False


def places(word: str) -> list[Path]:
    """What a word of a command line names: the place of that name, else those that it matches as a pattern.

    Args:
        word: a path, or a pattern with `*`, `?`, `[...]` and `**` for folders at any depth.
    """
    if Path(word).exists() or not glob.has_magic(word):
        return [Path(word)]
    return [Path(found) for found in sorted(glob.glob(word, recursive=True))]  # noqa: PTH207  a pattern may be absolute
