"""A program that kills children while they replace a source, and looks at what they left.

Usage: killed.py STORE statements | killed.py STORE moments COUNT
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

import numpy as np
from runjson_schema.points import Points
from runjson_tracker.store import Store
from sqlalchemy import event

COUNT = 100_000
LOCATION = Path(sys.argv[1])


def state(version):
    """What the source holds in a version: every part of it differs from every other version's."""
    rng = np.random.default_rng(version)
    series = {f"s{index}": Points(rng.normal(size=COUNT), np.arange(COUNT) + version * 1.0) for index in range(3)}
    return series, [f"version {version}"] * 10, f"model {version}".encode()


def replace(version, statement=None):
    """Bring the source to a version; die before a statement of the transaction if one is named."""
    with Store.open(LOCATION) as store, store.ingest("p", "r", "", store.source("p", "r", "")) as ingest:
        if version > 1:
            ingest.replace_all()
        series, texts, model = state(version)
        for name, points in series.items():
            ingest.append("series", name, points)
        ingest.append("text", f"log{version}", Points(texts))
        ingest.add_file("artifacts", "model", None, "model", None, model)
        if statement is not None:
            death = Death(statement)
            event.listen(store._engine, "checkout", lambda driver, *_: driver.set_trace_callback(death))
        record = {"id": "r", "name": f"version {version}"}
        ingest.commit(record, f"{version:064}", "document", None, None, record)


class Death:
    """Kills before a statement; one that is executed for many rows counts once."""

    def __init__(self, statement):
        self.left = statement
        self.last = ""

    def __call__(self, text):
        if text[:30] == self.last:
            return
        self.last = text[:30]
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


def verify():
    """The version that the store holds, after everything in it was found to be of that version."""
    with sqlite3.connect(LOCATION / "tracker.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT sum(count) FROM chunks").fetchone() == (3 * COUNT + 10,)
    connection.close()
    with Store.open(LOCATION) as store:
        source, view = store.source("p", "r", ""), store.run("p", "r")
        version = int(source.digest)
        series, texts, model = state(version)
        assert source.version == version
        assert source.record == view.record == {"id": "r", "name": f"version {version}"}
        assert store.runs()[0].name == f"version {version}"
        assert source.counts == {("text", f"log{version}"): 10} | {("series", name): COUNT for name in series}
        for (_, name), points in view.arrays().items():
            assert (points.values == series[name].values).all()
            assert (points.steps == series[name].steps).all()
        assert source.points("text", f"log{version}").values == texts
        (file,) = source.files
        assert store.blobs.path(file.sha256).read_bytes() == model
    return version


def child(version, statement=None, delay=None):
    """Let a child bring the source to a version, kill it after a delay if there is one; say whether it ended well."""
    pid = os.fork()
    if pid == 0:
        replace(version, statement)
        os._exit(0)
    if delay is not None:
        time.sleep(delay)
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1] == 0


def statements():
    """Kill a child before each statement of the transaction in turn: the old state must be there."""
    statement = 0
    while not child(2, statement):
        assert verify() == 1
        statement += 1
    assert verify() == 2
    print(statement)


def moments(count):
    """Kill children at random moments of their work: the old state or the new one must be there."""
    begin = time.monotonic()
    assert child(2)
    work = time.monotonic() - begin
    version, killed = 2, 0
    for _ in range(count):
        killed += not child(version + 1, delay=random.uniform(0, work))
        found = verify()
        assert found in (version, version + 1)
        version = found
    print(killed)


if __name__ == "__main__":
    assert child(1)
    assert verify() == 1
    if sys.argv[2] == "statements":
        statements()
    else:
        moments(int(sys.argv[3]))
