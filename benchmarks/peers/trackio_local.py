"""Trackio, local. What is kept is read from its SQLite database by its own `SQLiteStorage`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# It reads its settings when it is imported.
os.environ.update({"TRACKIO_DIR": sys.argv[2], "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"})

import trackio
from turns import Log, main


def begin(place: Path) -> tuple[Log, Callable[[], object]]:
    run = trackio.init(project="benchmark", name="r", auto_log_gpu=False, auto_log_cpu=False, embed=False)
    return run.log, run.finish


def read(place: Path) -> Iterator[tuple[int, str, float]]:
    from trackio.sqlite_storage import SQLiteStorage

    for row in SQLiteStorage.get_logs("benchmark", "r"):
        for name, value in row.items():
            if name not in ("step", "timestamp"):
                yield row["step"], name, value


if __name__ == "__main__":
    main("trackio", begin, read)
