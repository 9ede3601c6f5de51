"""Processor, memory, disk, network and GPUs while the run goes, as the series of CONVENTIONS."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from runjson import lines
from runjson.capture.machine import cores, nvidia
from runjson.points import record

if TYPE_CHECKING:
    from runjson.run import Run

# Seconds between two looks.
INTERVAL = 10.0
_MIB = 1 << 20
_SECTOR = 512
_UNITS = {
    "system/cpu/utilization": "%",
    "system/memory/used": "MiB",
    "system/memory/process": "MiB",
    "system/disk/read": "MiB",
    "system/disk/written": "MiB",
    "system/network/received": "MiB",
    "system/network/sent": "MiB",
}
_GPU = (("utilization", "utilization.gpu", "%"), ("memory/used", "memory.used", "MiB"),
        ("power", "power.draw", "W"), ("temperature", "temperature.gpu", "Cel"))  # fmt: skip


class Hardware:
    """A thread that looks every ten seconds; a child that is forked has none."""

    def __init__(self, run: Run, interval: float = INTERVAL) -> None:
        self._run = run
        self._interval = interval
        self._stop = threading.Event()
        self._told: set[str] = set()
        self._usage = _usage()
        self._since = time.monotonic()
        self._begun = _moved()
        self._gpus = bool(nvidia("name")) if Path("/proc/driver/nvidia").exists() else False
        self._thread = threading.Thread(target=lambda: run._guarded(self._work), name="runjson-hardware", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look a last time."""
        self._stop.set()
        self._thread.join(2.0)

    def _work(self) -> None:
        while not self._stop.wait(self._interval):
            self._look()
        self._look()

    def _look(self) -> None:
        found = {**self._processor(), **_memory(), **self._since_start(), **(self._gpu() if self._gpus else {})}
        points = {}
        for name, value in found.items():
            points[name] = lines.number(value)
            if name not in self._told:
                unit = _UNITS.get(name) or next(unit for part, _, unit in _GPU if name.endswith(part))
                points[name] = f'{{"values":[{points[name]}],"unit":{lines.quoted(unit)}}}'
                self._told.add(name)
        if points:
            self._run._write(record(None, time.time(), {"series": points}))

    def _processor(self) -> dict[str, float]:
        """How much of what the processes may use was used since the last look, in percent."""
        usage, now = _usage(), time.monotonic()
        if usage is None or self._usage is None:
            return {}
        share = (usage - self._usage) / max(now - self._since, 1e-3) / cores()
        self._usage, self._since = usage, now
        return {"system/cpu/utilization": min(max(100.0 * share, 0.0), 100.0)}

    def _since_start(self) -> dict[str, float]:
        return {name: (count - self._begun.get(name, 0)) / _MIB for name, count in _moved().items()}

    def _gpu(self) -> dict[str, float]:
        found = {}
        for index, row in enumerate(nvidia(*(query for _, query, _ in _GPU))):
            for (part, _, _), cell in zip(_GPU, row, strict=False):
                try:
                    found[f"system/gpu/{index}/{part}"] = float(cell)
                except ValueError:
                    continue  # a GPU that does not tell it
        return found


def _usage() -> float | None:
    """Seconds of processor time that were used: by the control group, or by the machine."""
    try:
        for line in Path("/sys/fs/cgroup/cpu.stat").read_text(encoding="ascii").splitlines():
            if line.startswith("usage_usec"):
                return int(line.split()[1]) / 1e6
    except (OSError, ValueError):
        pass  # no control groups of version 2
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _, _, *rest = map(int, fields)
    return (user + nice + system + sum(rest[:3])) / os.sysconf("SC_CLK_TCK")


def _memory() -> dict[str, float]:
    found = {}
    try:
        told = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        total, free = (int(told[name].split()[0]) for name in ("MemTotal", "MemAvailable"))
        found["system/memory/used"] = (total - free) / 1024
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        found["system/memory/process"] = pages * os.sysconf("SC_PAGE_SIZE") / _MIB
    except (OSError, ValueError, KeyError):
        return found
    return found


def _moved() -> dict[str, int]:
    """Bytes that this process read and wrote, and that the machine received and sent."""
    found: dict[str, int] = {}
    try:
        told = dict(line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines())
        found["system/disk/read"], found["system/disk/written"] = int(told["read_bytes"]), int(told["write_bytes"])
    except (OSError, ValueError, KeyError):
        pass  # not told to this process
    try:
        rows = Path("/proc/net/dev").read_text(encoding="ascii").splitlines()[2:]
        fields = [row.split(":")[1].split() for row in rows if not row.strip().startswith("lo:")]
        found["system/network/received"] = sum(int(row[0]) for row in fields)
        found["system/network/sent"] = sum(int(row[8]) for row in fields)
    except (OSError, ValueError, IndexError):
        return found
    return found
