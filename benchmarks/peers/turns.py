"""What the programs of all peers share: the loop that is timed, the loop that is killed, and the count of what is kept.

PEER.py log PLACE CALLS      log so many calls, and tell how long that took, in seconds
PEER.py kill PLACE COUNTER   log on and on, and keep the number of the calls that have returned in a file
PEER.py read PLACE CALLS     tell how many of so many calls are in PLACE with the numbers that were logged

What they tell stands in PLACE/told.json.
"""

from __future__ import annotations

import gc
import itertools
import json
import mmap
import random
import struct
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

NAMES = ("train/loss", "train/accuracy", "validation/loss", "validation/accuracy", "learning_rate")
_ALL = (1 << len(NAMES)) - 1
# As many different calls as there are; the loop that is killed begins with the first again.
_CALLS = 100_000


class Log(Protocol):
    """A call that logs numbers by name."""

    def __call__(self, values: dict[str, float], /, *, step: int) -> object: ...


Begin = Callable[[Path], tuple[Log, Callable[[], object]]]
Read = Callable[[Path], Iterable[tuple[int, str, float]]]


def main(package: str, begin: Begin, read: Read) -> None:
    """Do what the command line says.

    Args:
        package: the distribution whose version is told.
        begin: makes a run in a folder, and gives what logs a call, and what ends the run.
        read: gives each number that is in a folder, with its step and name, in a process that never logged.
    """
    what, place, argument = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if what == "log":
        told: Mapping[str, float] = _log(begin, place, int(argument))
    elif what == "kill":
        _kill(begin, place, Path(argument))
        return
    else:
        told = _count(read(place), int(argument))
    # Not printed: peers print too.
    (place / "told.json").write_text(json.dumps({"version": version(package), **told}), encoding="utf-8")


def _values(calls: int) -> list[dict[str, float]]:
    generator = random.Random(1)
    return [{name: generator.random() for name in NAMES} for _ in range(calls)]


def _log(begin: Begin, place: Path, calls: int) -> dict[str, float]:
    """The loop is timed after the first call, which sets things up; then what the end of the run takes."""
    values = _values(calls)
    log, finish = begin(place)
    log(values[0], step=0)
    gc.collect()
    begun = time.perf_counter()
    for step in range(1, calls):
        log(values[step], step=step)
    logged = time.perf_counter()
    finish()
    return {"seconds": logged - begun, "finish": time.perf_counter() - logged}


def _kill(begin: Begin, place: Path, counter: Path) -> None:
    values = _values(_CALLS)
    with counter.open("r+b") as opened:
        returned = memoryview(mmap.mmap(opened.fileno(), 8)).cast("Q")
    log, _ = begin(place)
    for step in itertools.count():
        log(values[step % _CALLS], step=step)
        returned[0] = step + 1


def _count(points: Iterable[tuple[int, str, float]], calls: int) -> dict[str, int]:
    """How many calls are kept whole: exactly, or at least in single precision; and how many points there are."""
    values = _values(min(calls, _CALLS))
    bits = {name: 1 << index for index, name in enumerate(NAMES)}
    exact, single = bytearray(calls), bytearray(calls)
    count = 0
    for step, name, value in points:
        count += 1
        # A call may have been written and not have returned.
        if 0 <= step < calls:
            logged = values[step % _CALLS][name]
            if value == logged:
                exact[step] |= bits[name]
            if value in (logged, _single(logged)):
                single[step] |= bits[name]
    return {"exact": _whole(exact), "kept": _whole(single), "points": count}


def _single(value: float) -> float:
    told: float = struct.unpack("f", struct.pack("f", value))[0]
    return told


def _whole(kept: Sequence[int]) -> int:
    return sum(bits == _ALL for bits in kept)
