"""A program that tracks a source of each of some runs, beside others that do the same: crowd.py STORE WRITER RUNS"""

from __future__ import annotations

import sys

import numpy as np
from runjson_schema.points import Points
from runjson_tracker.store import SourceChanged, Store


def merge(records):
    return {"id": "r", "tags": sorted(records)}


def own(store, run, writer):
    """A source that nobody else touches."""
    with store.ingest("p", run, writer, None) as ingest:
        ingest.append("series", "loss", Points(np.full(5000, float(ord(writer)))))
        ingest.add_file("artifacts", "model", None, "model", None, b"the same for all")
        ingest.commit({"id": run}, "0" * 64, "document", None, None, merge)


def shared(store):
    """One more point of a source that all of them change; who was overtaken reads it again."""
    while True:
        tracked = store.source("p", "shared", "")
        with store.ingest("p", "shared", "", tracked) as ingest:
            try:
                ingest.append("series", "loss", Points(np.array([1.0])))
                ingest.commit({"id": "shared"}, "0" * 64, "document", None, None, merge)
            except SourceChanged:
                continue
            return


location, writer, count = sys.argv[1:]
input()
with Store.open(location) as store:
    for index in range(int(count)):
        own(store, f"r{index}", writer)
        shared(store)
