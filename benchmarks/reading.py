"""Reading run files without a store: validation, and folding."""

from __future__ import annotations

import json
from pathlib import Path

from data import Document, columns, name, stream
from measure import Row, check_points, timed


def reading(place: Path, *, quick: bool) -> list[Row]:
    """A document and two kinds of streams, some 40 MB each."""
    share, turns = (50, 1) if quick else (1, 3)
    document, single, five = place / "run.json", place / "single.jsonl", place / "five.jsonl"
    Document("document", 1, 800_000 // share).write(document)
    stream(single, "single", 1, 420_000 // share)
    stream(five, "five", 5, 160_000 // share)
    return [
        *_rows("a document of one series", document, 1, 800_000 // share, turns),
        *_rows("a stream, one point a line", single, 1, 420_000 // share, turns),
        *_rows("a stream, five points a line", five, 5, 160_000 // share, turns),
    ]


def _rows(what: str, path: Path, series: int, points: int, turns: int) -> list[Row]:
    from runjson_schema.decode import fold_file
    from runjson_validator.validate import validate

    _check(path, series, points)
    megabytes = path.stat().st_size / 1e6
    validated, folded, parsed = [], [], []
    for _ in range(turns):
        validated.append(megabytes / timed(lambda: validate(path)))
        folded.append(megabytes / timed(lambda: fold_file(path)))
        parsed.append(megabytes / timed(lambda: _parse(path)))
    what = f"{what} ({megabytes:.0f} MB)"
    return [
        Row(f"validate {what}", "MB/s", validated, None, "more", "`json.loads` alone", parsed),
        Row(f"fold {what}", "MB/s", folded, None, "more", "`json.loads` alone", parsed),
    ]


def _parse(path: Path) -> None:
    """What Python's own decoder does with the file: the least that a reader without ours would do."""
    with path.open("rb") as source:
        for line in source:
            json.loads(line)


def _check(path: Path, series: int, points: int) -> None:
    """Fail unless the file is valid and its fold holds each value and step, and the times of the first series."""
    from runjson_schema.decode import fold_file
    from runjson_validator.validate import validate

    report = validate(path)
    if report.errors:
        raise AssertionError(f"{path.name} has {report.errors} errors")
    found = {key: part for _, key, part in fold_file(path).fold.take_points()}
    times = columns(points, 0)[2]
    for index in range(series):
        values, steps, _ = columns(points, index)
        check_points(found[name(index)], values, steps, times)
