"""Which run files a folder holds (SPEC section 13)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NAMES: Final = ("run.json", "run.jsonl")
_ENDINGS: Final = (".json", ".jsonl", ".ndjson")
_SNIFFED: Final = 4096


def run_files(place: Path) -> Iterator[Path]:
    """The run files of a place: itself if it is a file, else those below the folder, in order of their paths.

    Within a folder streams come before documents, so that the document of a stream finds it tracked.
    """
    if not place.is_dir():
        yield place
        return
    found = (path for path in place.rglob("*") if path.suffix in _ENDINGS and path.is_file() and is_run_file(path))
    yield from sorted(found, key=lambda path: (path.parent.parts, path.suffix == ".json", path.name))


def is_run_file(path: Path) -> bool:
    """Whether a file in a folder is a run file, told from its name or its beginning."""
    if path.name in _NAMES or path.name.endswith((".run.json", ".run.jsonl")):
        return True
    try:
        with path.open("rb") as source:
            return b'"runjson"' in source.read(_SNIFFED)
    except OSError:
        return False
