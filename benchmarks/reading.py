"""Reading run files without a store: validation, and folding."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from data import Document, columns, name, stream
from measure import Row, check_points, timed

# The pure jsonschema is two orders slower: it gets a document of this share of the size.
_SMALLER = 20
_TEN_LINES = """\
{
  "runjson": "1.0",
  "id": "ten lines",
  "status": "finished",
  "parameters": {"lr": .1, "amp": True},
  "series": {
    "loss": [0.9, NaN, 0.5],
    "acc": {"values": [1, 2], "steps": [1]}
  }
}
"""


def reading(place: Path, *, quick: bool) -> list[Row]:
    """A document and two kinds of streams, some 40 MB each, and what is wrong with ten lines."""
    share, turns = (50, 1) if quick else (1, 3)
    document, single, five = place / "run.json", place / "single.jsonl", place / "five.jsonl"
    Document("document", 1, 800_000 // share).write(document)
    stream(single, "single", 1, 420_000 // share)
    stream(five, "five", 5, 160_000 // share)
    return [
        *_rows("a document of one series", document, 1, 800_000 // share, turns, 150),
        *_rows("a stream, one point a line", single, 1, 420_000 // share, turns, 80),
        *_rows("a stream, five points a line", five, 5, 160_000 // share, turns, 80),
        *_beside_jsonschema(place, share, turns),
        *_memory(single, turns),
        *_explained(place, document, turns),
    ]


def _rows(what: str, path: Path, series: int, points: int, turns: int, target: int) -> list[Row]:
    from runjson_schema.decode import fold_file
    from runjson_validator import validate

    _check(path, series, points)
    megabytes = path.stat().st_size / 1e6
    rust = _jsonschema_rs()
    validated, folded, parsed, valid = [], [], [], []
    for _ in range(turns):
        validated.append(megabytes / timed(lambda: validate(path)))
        valid.append(megabytes / timed(lambda: _valid(path, rust)))
        folded.append(megabytes / timed(lambda: fold_file(path)))
        parsed.append(megabytes / timed(lambda: _parse(path)))
    what = f"{what} ({megabytes:.0f} MB)"
    return [
        Row(f"validate {what}", "MB/s", validated, target, "more", "`json.loads`, then jsonschema-rs", valid),
        Row(f"fold {what}", "MB/s", folded, None, "more", "`json.loads` alone", parsed),
    ]


def _beside_jsonschema(place: Path, share: int, turns: int) -> list[Row]:
    """The library that most people would take, on a document that is small enough for it."""
    import jsonschema
    from runjson_schema import schemas
    from runjson_validator import validate

    path = place / "smaller.json"
    Document("smaller", 1, 800_000 // share // _SMALLER).write(path)
    megabytes = path.stat().st_size / 1e6
    validator = jsonschema.Draft202012Validator(schemas.load("record.strict"))
    ours, theirs = [], []
    for _ in range(turns):
        ours.append(megabytes / timed(lambda: validate(path)))
        theirs.append(megabytes / timed(lambda: _valid(path, validator)))
    what = f"validate a document of one series ({megabytes:.1f} MB)"
    return [Row(what, "MB/s", ours, None, "more", "`json.loads`, then jsonschema", theirs)]


def _memory(path: Path, turns: int) -> list[Row]:
    """The most memory that the command holds while it reads a stream."""
    most = [_peak("validate", path) for _ in range(turns)]
    return [Row("`runjson validate` of the stream with one point a line: most memory", "MB", most, 100, "less")]


# VmHWM is the process's own; what getrusage says of a child includes what its parent held when it was started.
_PEAK = (
    "import re, sys; from runjson.__main__ import main; code = main(sys.argv[1:]); "
    "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr); sys.exit(code)"
)


def _peak(*words: object) -> float:
    command = [sys.executable, "-c", _PEAK, *map(str, words)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return int(done.stderr) * 1024 / 1e6


def _explained(place: Path, document: Path, turns: int) -> list[Row]:
    """Whole commands on files with errors, start-up included, beside the command of check-jsonschema."""
    ten = place / "ten.json"
    ten.write_text(_TEN_LINES)
    large = place / "faulty.json"
    text = document.read_text()
    large.write_text(text.rstrip().removesuffix("}") + ', "status": "finished", "tags": [1], "name": NaN}')
    schema = place / "schema.json"
    schema.write_text(json.dumps(_strict()))
    valid = place / "valid.json"  # check-jsonschema stops at text that is not JSON: it gets a file without such
    valid.write_text('{"runjson": "1.0", "status": "finished", "series": {"loss": [null, 0.5]}}')
    checker = Path(sys.executable).with_name("check-jsonschema")
    ours, theirs, explained = [], [], []
    for _ in range(max(turns, 5)):
        ours.append(_command(sys.executable, "-m", "runjson", "validate", ten, says=b"not valid (6 errors)"))
        theirs.append(_command(checker, "--schemafile", schema, valid, says=b"'finished' is not one of"))
    for _ in range(turns):
        explained.append(_command(sys.executable, "-m", "runjson", "validate", large, says=b"not valid (3 errors)"))
    size = large.stat().st_size / 1e6
    return [
        Row("`runjson validate` of ten lines with six errors", "s", ours, 0.6, "less", "check-jsonschema", theirs),
        Row(f"`runjson validate` of a document with three errors ({size:.0f} MB)", "s", explained, None, "less"),
    ]


def _command(*words: object, says: bytes) -> float:
    """How long a command takes that finds errors; it must say so."""
    found = b""

    def run() -> None:
        nonlocal found
        done = subprocess.run([str(word) for word in words], capture_output=True, check=False)
        found = done.stdout + done.stderr

    took = timed(run)
    if says not in found:
        raise AssertionError(f"{words[0]} does not say {says!r} but {found[-300:]!r}")
    return took


def _strict() -> dict[str, Any]:
    from runjson_schema import schemas

    return schemas.load("record.strict")


def _jsonschema_rs() -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(_strict())


def _valid(path: Path, validator: Any) -> None:
    """What a validator built of a JSON library and a schema does: no place, no fold, no rule beyond the schema."""
    with path.open("rb") as source:
        for line in source:
            if not validator.is_valid(json.loads(line)):
                raise AssertionError(f"{path.name} is not valid by the schema")


def _parse(path: Path) -> None:
    """What Python's own decoder does with the file: the least that a reader without ours would do."""
    with path.open("rb") as source:
        for line in source:
            json.loads(line)


def _check(path: Path, series: int, points: int) -> None:
    """Fail unless the file is valid and its fold holds each value and step, and the times of the first series."""
    from runjson_schema.decode import fold_file
    from runjson_validator import validate

    report = validate(path)
    if report.errors:
        raise AssertionError(f"{path.name} has {report.errors} errors")
    found = {key: part for _, key, part in fold_file(path).fold.take_points()}
    times = columns(points, 0)[2]
    for index in range(series):
        values, steps, _ = columns(points, index)
        check_points(found[name(index)], values, steps, times)
