"""What all benchmarks share: rows of the table, commands that are timed, and the check of what a store holds."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from data import Document, Floats, columns, name

if TYPE_CHECKING:
    from runjson_schema.points import Points


@dataclass
class Row:
    """One line of the table.

    Attributes:
        what: is measured.
        unit: of the figures.
        ours: the figures of RunJSON, one a turn; none in a row that is there for comparison.
        target: what their median is to reach; None if nothing was set.
        better: whether more or less is better.
        peer: what `theirs` was measured with.
        theirs: the figures of the peer, one a turn; none where there is no peer.
        ratio_target: how many times better than the peer ours is to be; None if nothing was set.
    """

    what: str
    unit: str
    ours: list[float]
    target: float | None
    better: Literal["more", "less"]
    peer: str = ""
    theirs: list[float] = field(default_factory=list)
    ratio_target: float | None = None

    @property
    def median(self) -> float | None:
        """Of ours, if it was measured."""
        return statistics.median(self.ours) if self.ours else None

    @property
    def their_median(self) -> float | None:
        """Of the peer, if there is one."""
        return statistics.median(self.theirs) if self.theirs else None

    @property
    def ratio(self) -> float | None:
        """How many times better ours is than the peer; None where one of them is missing."""
        ours, theirs = self.median, self.their_median
        if ours is None or theirs is None:
            return None
        return ours / theirs if self.better == "more" else theirs / ours

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the target; None if nothing was set."""
        ours = self.median
        if ours is None or self.target is None:
            return None
        return ours >= self.target if self.better == "more" else ours <= self.target


def seconds(*command: object) -> float:
    """How long a command takes, its output thrown away; it must succeed."""
    words = [str(word) for word in command]
    begun = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def upload(store: Path, place: Path) -> float:
    """How long `runjson upload` takes for a file or a folder, in seconds."""
    return seconds(sys.executable, "-m", "runjson", "upload", place, "--to", store)


def timed(function: Callable[[], object]) -> float:
    """How long a function takes, in seconds."""
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def disk(folder: Path) -> int:
    """What `du` says of a folder, in bytes: the blocks that its files fill."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def check(store: Path, documents: Iterable[Document]) -> None:
    """Fail unless the store holds exactly what the documents said: each value, step and time, bit for bit."""
    from runjson_tracker.store import Store

    with Store.open(store, create=False) as opened:
        for one in documents:
            source = opened.source("default", one.run, "")
            if source is None or source.point_count != one.series * one.points:
                raise AssertionError(f"{one.run} has not {one.series * one.points} points in {store}")
            found = source.many("series", [name(index) for index in range(one.series)])
            for index in range(one.series):
                check_points(found[name(index)], *columns(one.points, one.seed + index))


def check_points(points: Points, *expected: Floats) -> None:
    """Fail unless points have these values, steps and times."""
    for column, wanted in zip((points.values, points.steps, points.times), expected, strict=True):
        np.testing.assert_array_equal(np.asarray(column), wanted)
