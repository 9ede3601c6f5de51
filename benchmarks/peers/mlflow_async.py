"""MLflow, into SQLite, with asynchronous logging."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import mlflow_client
from turns import Log, main


def begin(place: Path) -> tuple[Log, Callable[[], object]]:
    return mlflow_client.begin(mlflow_client.sqlite(place), waits=False)


def read(place: Path) -> Iterator[tuple[int, str, float]]:
    return mlflow_client.read(mlflow_client.sqlite(place))


if __name__ == "__main__":
    main("mlflow-skinny", begin, read)
