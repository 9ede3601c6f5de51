from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from runjson_schema.points import Points
from runjson_tracker.reading.opening import open_reading
from runjson_tracker.store import Store

from tests.served import served
from tests.tracker.points import RECORD


@pytest.fixture
def store(place):
    with Store.open(place) as opened:
        yield opened


@pytest.fixture(params=["here", "over HTTP"])
def where(request, store, place):
    """Where the store is read: in its place, and from a server."""
    if request.param == "here":
        yield str(place)
        return
    with served(place) as address:
        yield address


@pytest.fixture
def reading(where):
    """The store as it is read."""
    with closing(open_reading(where)) as opened:
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


@pytest.fixture
def access(store):
    return store.access


@pytest.fixture
def cheap(monkeypatch):
    """Passwords that take no time, where they are not what is tested."""
    from argon2 import PasswordHasher
    from runjson_tracker.access import passwords

    encoder = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_encoder", lambda: (encoder, encoder.hash(b"nobody's")))
