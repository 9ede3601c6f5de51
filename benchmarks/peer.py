"""MLflow, the peer that is measured beside ours."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np
from data import Document, Floats, columns, name

# The most that `log_batch` takes.
BATCH = 1000


class Mlflow:
    """MLflow's client on a new SQLite store, called in-process, synchronously."""

    def __init__(self, place: Path) -> None:
        from mlflow.tracking import MlflowClient

        # After the import, which sets the levels itself.
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        place.mkdir()
        self.place = place
        self._uri = f"sqlite:///{place / 'mlflow.db'}"
        self._client = MlflowClient(tracking_uri=self._uri)
        self._experiment = self._client.create_experiment("benchmark")

    def log(self, document: Document) -> tuple[str, float]:
        """Log the series of a document as a new run; its id, and how long that took in seconds.

        The time is that of making the run and of `log_batch`; the metrics are made before.
        """
        from mlflow.entities import Metric

        metrics = [
            # MLflow's times are whole milliseconds.
            Metric(name(index), value, int(at * 1000), int(step))
            for index in range(document.series)
            for value, step, at in zip(
                *(column.tolist() for column in columns(document.points, document.seed + index)), strict=True
            )
        ]
        begun = time.perf_counter()
        run: str = self._client.create_run(self._experiment).info.run_id
        for start in range(0, len(metrics), BATCH):
            self._client.log_batch(run, metrics=metrics[start : start + BATCH])
        return run, time.perf_counter() - begun

    def read(self, run: str, series: int) -> tuple[list[Floats], float]:
        """The values of a run's series in the order of their steps, and how long reading them took in seconds."""
        begun = time.perf_counter()
        histories = [self._client.get_metric_history(run, name(index)) for index in range(series)]
        took = time.perf_counter() - begun
        return [
            np.array([one.value for one in sorted(history, key=lambda each: each.step)]) for history in histories
        ], took

    def check(self, run: str, document: Document) -> None:
        """Fail unless the run holds each value of the document."""
        for index, values in enumerate(self.read(run, document.series)[0]):
            np.testing.assert_array_equal(values, columns(document.points, document.seed + index)[0])
