"""Neptune's client for its service as it was, offline.

What is kept is read from the queue on the disk by its own `DiskQueue`, as `neptune sync` does.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

# Before it is imported.
os.environ.update({"NEPTUNE_DATA_DIRECTORY": sys.argv[2], "NEPTUNE_DISABLE_TELEMETRY": "1"})

import neptune
from turns import Log, main


def begin(place: Path) -> tuple[Log, Callable[[], object]]:
    run = neptune.init_run(
        mode="offline",
        capture_stdout=False,
        capture_stderr=False,
        capture_traceback=False,
        capture_hardware_metrics=False,
        source_files=[],
        git_ref=False,
    )

    # A dictionary goes into a namespace, and each name under it in a call of its own all the same.
    def log(values: dict[str, float], /, *, step: int) -> None:
        for name, value in values.items():
            run[name].append(value, step=step)

    return log, run.stop


def read(place: Path) -> Iterator[tuple[int, str, float]]:
    from neptune.core.components.queue.disk_queue import DiskQueue
    from neptune.internal.operation import LogFloats, Operation

    for path in (place / "offline").iterdir():
        queue: DiskQueue[Operation] = DiskQueue(path, Operation.to_dict, Operation.from_dict, threading.RLock())
        while (element := queue.get()) is not None:
            if isinstance(element.obj, LogFloats):
                for point in element.obj.values:
                    yield int(point.step), "/".join(element.obj.path), point.value


if __name__ == "__main__":
    main("neptune", begin, read)
