"""Validation as a library: from a path, bytes or a stream to a report."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from runjson_schema.decode import RunFile
from runjson_schema.findings import Finding

from runjson_validator.files import Folder
from runjson_validator.report import FileReport
from runjson_validator.shape import explain

# Of each code so many findings are kept; the others are counted.
MOST = 100


class _Collector:
    """Keeps findings, and counts those of a code that has been told often enough."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.counts: dict[str, int] = {}
        self.errors = 0

    def __call__(self, what: Finding) -> None:
        self.errors += what.severity == "error"
        count = self.counts[what.code] = self.counts.get(what.code, 0) + 1
        if count <= MOST:
            self.findings.append(what)


def open_run_file(
    source: BinaryIO, name: str, report: _Collector, *, lenient: bool = False, folder: Path | None = None
) -> RunFile:
    """A run file that is to be read with every explanation, its files checked if its folder is given."""
    return RunFile(
        source,
        name,
        report,
        lenient=lenient,
        explain=explain,
        on_file=Folder(folder).check if folder is not None else None,
    )


def validate(
    source: Path | str | bytes | BinaryIO, *, name: str | None = None, lenient: bool = False, files: bool = True
) -> FileReport:
    """Validate one run file.

    Args:
        source: its path, its bytes, or a stream of them.
        name: what it is called in the report, and what says whether it is named as a stream; the path by default.
        lenient: whether unknown members pass with a warning (SPEC section 11).
        files: whether the files that it names are checked; of a path only.

    Returns:
        What was found; at most `MOST` findings of each code, with the count of all.

    Raises:
        OSError: the file can not be read.
    """
    collector = _Collector()
    if isinstance(source, str | Path):
        path = Path(source)
        with path.open("rb") as opened:
            folder = path.parent if files else None
            _read(open_run_file(opened, path.name, collector, lenient=lenient, folder=folder))
        name = name or str(source)
    else:
        stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
        _read(open_run_file(stream, name or "", collector, lenient=lenient))
    return FileReport.of(name or "-", collector.findings, collector.counts, collector.errors)


def _read(file: RunFile) -> None:
    for _ in file.batches():
        for _points in file.fold.take_points():
            pass
