"""What the program uses of the machine, as series `system/...` with times."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import TYPE_CHECKING

from runjson import lines
from runjson.capture.gpus import Gpus
from runjson.capture.usage import usage
from runjson.names import rank
from runjson.points import record

if TYPE_CHECKING:
    from runjson.run import Run

# Seconds between two samples, and until the first.
_INTERVAL = 10.0
_FIRST = 1.0
_UNITS = {
    "system/cpu/utilization": "%", "system/memory/used": "MiB", "system/memory/process": "MiB",
    "system/disk/read": "MiB", "system/disk/written": "MiB",
    "system/network/received": "MiB", "system/network/sent": "MiB",
}  # fmt: skip
_GPU_UNITS = {"utilization": "%", "memory/used": "MiB", "power": "W", "temperature": "Cel"}
_LOCAL_RANKS = ("LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID")
_LOCAL_SIZES = ("LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS")


def samples_here() -> bool:
    """Whether this process samples: the first on its machine, of those that were started together.

    Where nobody told which is the first on a machine, the first of all is known to be one.
    """
    ranked, local = rank(), _first_number(_LOCAL_RANKS)
    return ranked is None or (ranked[0] if local is None else local) == 0


def _first_number(names: tuple[str, ...]) -> int | None:
    return next((int(os.environ[name]) for name in names if os.environ.get(name, "").isdigit()), None)


def _prefix() -> str:
    """The host as first segment, where processes on several hosts write one run."""
    ranked, local = rank(), _first_number(_LOCAL_SIZES)
    nodes = os.environ.get("SLURM_STEP_NUM_NODES") or os.environ.get("SLURM_NNODES") or "1"
    several = ranked is not None and (local < ranked[1] if local is not None else nodes != "1")
    return f"{socket.gethostname()}/" if several else ""


class Hardware:
    """Samples in a thread of its own: a second after the start, then every so many seconds, and at the end.

    Args:
        run: that the points are of.
        interval: seconds between two samples.
    """

    def __init__(self, run: Run, interval: float = _INTERVAL) -> None:
        self._run = run
        self._interval = interval
        self._prefix = _prefix()
        self._said: set[str] = set()
        self._stopping = threading.Event()
        self._process = os.getpid()
        self._thread = threading.Thread(target=run._guarded, args=(self._work,), name="runjson-hardware", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take the last sample."""
        if self._process != os.getpid():
            return
        self._stopping.set()
        if self._thread is not threading.current_thread():
            self._thread.join(5)

    def forked(self) -> None:
        """The thread is the parent's."""

    def _work(self) -> None:
        measured = usage()
        gpus = Gpus()
        pause = min(_FIRST, self._interval)
        ended = False
        while not ended:
            ended = self._stopping.wait(pause)
            pause = self._interval
            found = {f"system/{name}": (value, _UNITS[f"system/{name}"]) for name, value in measured.sample().items()}
            for index, gpu in enumerate(gpus.sample()):
                for (name, unit), value in zip(_GPU_UNITS.items(), gpu, strict=True):
                    if value is not None:
                        found[f"system/gpu/{index}/{name}"] = (value, unit)
            self._write(found)

    def _write(self, found: dict[str, tuple[float, str]]) -> None:
        moment = round(time.time(), 3)
        series = {}
        for name, (value, unit) in found.items():
            text = lines.number(round(value, 2))
            if name not in self._said:  # the unit is said once
                self._said.add(name)
                columns = {"values": f"[{text}]", "times": f"[{moment!r}]", "unit": lines.quoted(unit)}
                text = lines.entries(columns)
            series[self._prefix + name] = text
        if series:
            self._run._write(record(None, moment, {"series": series}))
