from __future__ import annotations

import numpy as np
import pytest
from runjson_schema.points import Points
from runjson_tracker.store import Store

from tests.tracker.points import RECORD


@pytest.fixture
def store(place):
    with Store.open(place) as opened:
        yield opened


@pytest.fixture
def track(store):
    """Track one source of numbers: `track("run", loss=[0.5, 0.25])`."""

    def track(run="r", writer="", project="p", record=RECORD, merged=None, **series):
        with store.ingest(project, run, writer, store.source(project, run, writer)) as ingest:
            for name, values in series.items():
                ingest.append("series", name, values if isinstance(values, Points) else Points(np.array(values, float)))
            ingest.commit(record, "0" * 64, "document", None, None, merged or record)
        return store.source(project, run, writer)

    return track
