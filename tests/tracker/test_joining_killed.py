"""Small chunks are joined in the transaction that appends: killed at any moment in it, no point is lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import time

import numpy as np
from runjson_schema.points import Points
from runjson_tracker.chunks import CHUNK_POINTS
from runjson_tracker.store import Store
from runjson_tracker.tables import chunks
from sqlalchemy import func, select

KILLS = 50
RECORD = {"runjson": "1.0", "id": "r"}
NAMES = ("a", "b", "c")


def append(place, seed, committed):
    """Append to all series, a few points at a time, until somebody kills it; each commit is told to a pipe."""
    rng = random.Random(seed)
    with Store.open(place) as store:
        tracked = store.source("p", "r", "")
        while True:
            size = rng.choice((1, 7, 300, 900))
            first = tracked.counts.get(("series", "a"), 0) if tracked else 0
            index = np.arange(first, first + size, dtype=np.float64)
            with store.ingest("p", "r", "", tracked) as ingest:
                for number, name in enumerate(NAMES):
                    ingest.append("series", name, Points(np.sin(index) + number, index))
                ingest.append("text", "log", Points([str(number) for number in range(first, first + size)]))
                tracked = ingest.commit(RECORD, "", "stream", first + size, "x", RECORD)
            os.write(committed, b".")


def rows(store):
    with store._engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(chunks)).scalar_one()


def test_killed_fifty_times_while_chunks_are_joined(place):
    rng = random.Random(3)
    counts = set()
    for turn in range(KILLS):
        told, committed = os.pipe()
        child = os.fork()
        if child == 0:
            append(place, turn, committed)
            os._exit(1)
        if turn % 5:  # mostly not before something was committed, which takes as long as the machine is busy
            os.read(told, 1)
        time.sleep(rng.uniform(0.0, 0.06))
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        os.close(told)
        os.close(committed)
        with Store.open(place) as store:
            source = store.source("p", "r", "")
            count = source.counts[("series", "a")] if source else 0
            counts.add(count)
            if source is None:
                continue
            assert source.read_bytes == count
            assert set(source.counts.values()) == {count}
            if turn % 10 == 9:
                assert store.check().problems == []
    assert len(counts) > KILLS // 2  # most of them had committed something
    with Store.open(place) as store:
        source = store.source("p", "r", "")
        index = np.arange(source.counts["series", "a"], dtype=np.float64)
        for number, name in enumerate(NAMES):
            found = source.points("series", name)
            np.testing.assert_array_equal(found.values, np.sin(index) + number)
            np.testing.assert_array_equal(found.steps, index)
        assert source.points("text", "log").values == [str(int(one)) for one in index]
        assert store.check().problems == []
        # Nearly all of the points lie in full chunks.
        assert rows(store) <= 4 * (len(index) // CHUNK_POINTS + 20)
