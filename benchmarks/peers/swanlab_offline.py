"""SwanLab, offline. What is kept is read from its run file by its own `DataStoreReader`, as `swanlab sync` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import swanlab
from turns import NAMES, Log, main


def begin(place: Path) -> tuple[Log, Callable[[], object]]:
    settings = swanlab.Settings(
        interactive=False,
        terminal=swanlab.Settings.Terminal(proxy_type="none"),
        probe=swanlab.Settings.Probe(monitor=False),
    )
    run = swanlab.init(project="benchmark", mode="offline", log_dir=str(place), settings=settings)
    return run.log, run.finish


def read(place: Path) -> Iterator[tuple[int, str, float]]:
    from swanlab.proto.swanlab.record.v1.record_pb2 import Record
    from swanlab.sdk.internal.core_python.store import DataStoreReader

    for path in place.rglob("*.swanlab"):
        reader = DataStoreReader()
        reader.open(path)
        for text in reader:
            record = Record.FromString(text)
            if record.HasField("scalar") and record.scalar.key in NAMES:
                yield record.scalar.step, record.scalar.key, record.scalar.value.number


if __name__ == "__main__":
    main("swanlab", begin, read)
