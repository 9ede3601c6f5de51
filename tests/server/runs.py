"""Runs to read over HTTP, tracked behind the server's back."""

from __future__ import annotations

import numpy as np
from runjson_schema.points import Points

BARE = Points(np.array([3.0, 2.0]))


def add(store, run, project="p", writer="", record=None, files=(), **series):
    record = {"runjson": "1.0", "id": run, **(record or {})}
    with store.ingest(project, run, writer, store.source(project, run, writer)) as ingest:
        for name, values in series.items():
            ingest.append("series", name, values if isinstance(values, Points) else Points(np.array(values, float)))
        for kind, name, index, path, content in files:
            ingest.add_file(kind, name, index, path, None, content)
        ingest.commit(record, "", "document", None, None, record)
