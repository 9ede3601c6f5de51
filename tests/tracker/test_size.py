"""How much a project holds."""

from __future__ import annotations

import numpy as np
from runjson_schema.points import Points
from runjson_tracker.size import ProjectSize

from tests.tracker.points import RECORD


def add(store, project, run, points, files):
    with store.ingest(project, run, "", None) as ingest:
        ingest.append("series", "loss", Points(np.zeros(points)))
        for place, content in enumerate(files):
            ingest.add_file("artifacts", f"file {place}", None, f"{place}.bin", None, content)
        ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)


def test_a_project_is_as_large_as_its_runs_points_and_different_files(store):
    assert store.size("p") == ProjectSize(0, 0, 0, 0)
    add(store, "p", "one", 3, [b"x" * 100, b"y" * 100, b"x" * 100])
    add(store, "p", "two", 4, [b"x" * 100, b""])
    add(store, "p", "none", 0, [])
    add(store, "q", "one", 50, [b"x" * 100, b"z" * 1000])
    assert store.size("p") == ProjectSize(runs=3, points=7, files=3, bytes=200)
    assert store.size("q") == ProjectSize(runs=1, points=50, files=2, bytes=1100)
    store.put_away([("p", "one")])
    assert store.size("p") == ProjectSize(runs=2, points=4, files=2, bytes=100)
    assert store.size("none") == ProjectSize(0, 0, 0, 0)
