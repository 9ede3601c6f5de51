"""RunJSON's client. What is kept is read from the lines of run.jsonl; the last one may be half a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import runjson
from turns import Log, main


def begin(place: Path) -> tuple[Log, Callable[[], object]]:
    run = runjson.init(id="r", dir=place, capture=False)
    return run.log, run.finish


def read(place: Path) -> Iterator[tuple[int, str, float]]:
    with (place / "r/run.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                record = json.loads(line)
                for name, value in record.get("series", {}).items():
                    yield record["step"], name, value


if __name__ == "__main__":
    main("runjson", begin, read)
