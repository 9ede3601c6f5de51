"""What the programs of MLflow share: its calls, and its client, which reads what is kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import mlflow
from turns import NAMES, Log


def begin(uri: str, *, waits: bool) -> tuple[Log, Callable[[], object]]:
    mlflow.disable_system_metrics_logging()
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("benchmark")
    mlflow.start_run()
    # `end_run` waits for what is in the queue.
    return partial(mlflow.log_metrics, synchronous=waits), mlflow.end_run


def read(uri: str) -> Iterator[tuple[int, str, float]]:
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    (run,) = client.search_runs([client.get_experiment_by_name("benchmark").experiment_id])
    for name in NAMES:
        for point in client.get_metric_history(run.info.run_id, name):
            yield point.step, point.key, point.value


def sqlite(place: Path) -> str:
    return f"sqlite:///{place / 'mlflow.db'}"


def files(place: Path) -> str:
    return (place / "mlruns").as_uri()
