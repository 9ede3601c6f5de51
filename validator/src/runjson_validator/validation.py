"""Validation as a library: from a path, bytes or a stream to a report."""

from __future__ import annotations

import io
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from runjson_schema.decode import RunFile
from runjson_schema.slow import OnFile

from runjson_validator.advice import Advice
from runjson_validator.advice_places import placed
from runjson_validator.collect import Collector, Selection
from runjson_validator.files import Folder
from runjson_validator.recognise import recognise
from runjson_validator.report import Report
from runjson_validator.shape import explain


def validate(
    source: Path | str | bytes | BinaryIO,
    *,
    name: str | None = None,
    lenient: bool = False,
    files: bool | OnFile = True,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
) -> Report:
    """Validate one run file.

    Args:
        source: its path, its bytes, or a stream of them. A stream is read once, in bounded memory if it holds one
            record a line.
        name: what it is called in the report, and what says whether it is named as a stream; the path by default.
        lenient: whether unknown members pass with a warning (SPEC section 11).
        files: whether the files that it names are checked, of a path; or what checks them, of anything.
        select: the codes, or beginnings of codes, of which alone findings are wanted; all by default.
        ignore: the codes, or beginnings of codes, of which findings are not wanted.

    Returns:
        What was found; of findings that are alike the first, with the count of all.

    Raises:
        OSError: the file can not be read.
    """
    collector = Collector(Selection(select, ignore))
    if isinstance(source, str | Path):
        path = Path(source)
        with path.open("rb") as opened:
            on_file = Folder(path.parent).check if files is True else files or None
            _read(opened, name or path.name, collector, lenient=lenient, on_file=on_file)
        return collector.report(name or str(source))
    stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
    on_file = None if isinstance(files, bool) else files
    _read(stream, name or "", collector, lenient=lenient, on_file=on_file)
    return collector.report(name or "-")


def _read(source: BinaryIO, name: str, collector: Collector, *, lenient: bool, on_file: OnFile | None) -> None:
    file = RunFile(
        source,
        name,
        collector,
        lenient=lenient,
        explain=explain,
        recognise=recognise,
        on_file=on_file,
        enough=collector.enough,
    )
    advice = Advice()
    for _ in file.batches():
        for kind, series, points in file.fold.take_points():
            advice.points(kind, series, points)
    found = list(advice.found(file.fold))
    sound = not any(code < "RJ3" for code in collector.counts if collector.by_severity["error"])
    taken = {(what.line, what.column) for what in collector.findings}
    again = source.seekable() and (sound or file.kind == "document")
    for what in placed(found, source if again else None, file.kind):
        if (what.line is None or (what.line, what.column) not in taken) and not collector.enough(what):
            collector(what)
