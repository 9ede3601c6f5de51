"""What this process uses of the machine: from /proc and /sys, or else from psutil where it is installed."""

from __future__ import annotations

import importlib
import os
import time
from pathlib import Path
from typing import Any, Protocol

from runjson.capture.control_group import ControlGroup, cores

_MIB = 1 << 20
_SECTOR = 512
_SYS = Path("/sys")
# Differences over less time than this, in seconds, say nothing: clock ticks are 0.01 s long.
_SHORTEST = 0.05
# Interfaces that carry what others carry, too.
_VIRTUAL = ("lo", "docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "dummy")


class Usage(Protocol):
    """Something that measures."""

    def sample(self) -> dict[str, float]:
        """By name below `system/`: utilization in %, memory in MiB, disk and network in MiB since the first look."""


def usage() -> Usage:
    """What measures here; it measures nothing where there is neither /proc nor psutil."""
    return _Proc() if Path("/proc/self/stat").exists() and Path("/proc/stat").exists() else _Psutil()


class _Proc:
    def __init__(self) -> None:
        self._group = ControlGroup()
        self._cores = cores(self._group.quota)
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._total = os.sysconf("SC_PHYS_PAGES") * self._page
        self._interfaces: dict[str, bool] = {}
        self._disks: dict[str, bool] = {}
        self._looked = time.monotonic()
        self._spent = self._busy()
        self._begun = self._flows()

    def sample(self) -> dict[str, float]:
        found: dict[str, float] = {}
        now, spent = time.monotonic(), self._busy()
        if now - self._looked >= _SHORTEST:
            busy, of = spent[0] - self._spent[0], spent[1] - self._spent[1]
            if of > 0:
                found["cpu/utilization"] = min(100.0, max(0.0, 100 * busy / of))
            self._looked, self._spent = now, spent
        used = self._memory()
        if used is not None:
            found["memory/used"] = used / _MIB
        found["memory/process"] = _resident(os.getpid()) * self._page / _MIB
        for name, count in self._flows().items():
            found[name] = max(0, count - self._begun.get(name, 0)) / _MIB
        return found

    def _busy(self) -> tuple[float, float]:
        """Time that the cores which this process may use were busy, and time that they had, in one unit."""
        if self._group.quota is not None and self._group.quota <= self._cores:
            seconds = self._group.processor_seconds()
            if seconds is not None:
                return seconds, time.monotonic() * self._cores
        own = {f"cpu{number}" for number in os.sched_getaffinity(0)}
        busy = of = 0
        for line in _lines("/proc/stat"):
            if not line.startswith("cpu"):
                break
            cells = line.split()
            if cells[0] in own:
                ticks = [int(cell) for cell in cells[1:9]]  # guest time is in user time already
                of += sum(ticks)
                busy += sum(ticks) - ticks[3] - ticks[4]  # idle, and waiting for a disk
        return busy, of

    def _memory(self) -> float | None:
        """Bytes in use: of the control group where it has a limit, else of the machine."""
        if self._group.limit is not None and self._group.limit < self._total:
            return self._group.memory_used()
        for line in _lines("/proc/meminfo"):
            name, _, rest = line.partition(":")
            if name == "MemAvailable":
                return max(0, self._total - int(rest.split()[0]) * 1024)
        return None

    def _flows(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for line in _lines("/proc/diskstats"):
            cells = line.split()
            if self._is_disk(cells[2]):
                found["disk/read"] = found.get("disk/read", 0) + int(cells[5]) * _SECTOR
                found["disk/written"] = found.get("disk/written", 0) + int(cells[9]) * _SECTOR
        for line in _lines("/proc/net/dev")[2:]:
            name, _, rest = line.partition(":")
            if self._is_interface(name.strip()):
                cells = rest.split()
                found["network/received"] = found.get("network/received", 0) + int(cells[0])
                found["network/sent"] = found.get("network/sent", 0) + int(cells[8])
        return found

    def _is_disk(self, name: str) -> bool:
        """Whether it is a whole disk, and not a part of one, or made of others."""
        if name not in self._disks:
            virtual = name.startswith(("loop", "ram", "zram", "dm-", "md", "sr", "fd"))
            self._disks[name] = not virtual and (_SYS / "block" / name).exists()
        return self._disks[name]

    def _is_interface(self, name: str) -> bool:
        """Whether what it carries is not counted by another one: bundles count, and neither their parts nor VLANs."""
        if name not in self._interfaces:
            links = _SYS / "class" / "net"
            carried_by = [one.name.removeprefix("lower_") for one in (links / name).glob("lower_*")]
            shared = (links / name / "master").exists() or any(
                not (links / other / "master").exists() for other in carried_by
            )
            self._interfaces[name] = not name.startswith(_VIRTUAL) and not shared
        return self._interfaces[name]


def _resident(process: int) -> int:
    """Pages in memory of a process and those it started; pages that they share count for each."""
    found, open_ones, seen = 0, [process], set()
    while open_ones:
        one = open_ones.pop()
        if one in seen:
            continue
        seen.add(one)
        for line in _lines(f"/proc/{one}/statm"):
            found += int(line.split()[1])
        try:
            threads = os.listdir(f"/proc/{one}/task")  # noqa: PTH208  a tenth of the time of a Path
        except OSError:
            continue  # it has ended
        for thread in threads:
            for line in _lines(f"/proc/{one}/task/{thread}/children"):
                open_ones += map(int, line.split())
    return found


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123  a third of the time of a Path
            return file.read().splitlines()
    except OSError:
        return []


class _Psutil:
    """Where there is no /proc."""

    def __init__(self) -> None:
        try:
            self._psutil: Any = importlib.import_module("psutil")  # it has no types
        except ImportError:
            self._psutil = None
            return
        self._psutil.cpu_percent()
        self._begun = self._flows()

    def sample(self) -> dict[str, float]:
        if self._psutil is None:
            return {}
        memory = self._psutil.virtual_memory()
        own = self._psutil.Process()
        resident = own.memory_info().rss
        for child in own.children(recursive=True):
            try:
                resident += child.memory_info().rss
            except self._psutil.Error:
                continue  # it has ended
        return {
            "cpu/utilization": self._psutil.cpu_percent(),
            "memory/used": (memory.total - memory.available) / _MIB,
            "memory/process": resident / _MIB,
            **{name: (count - self._begun.get(name, 0)) / _MIB for name, count in self._flows().items()},
        }

    def _flows(self) -> dict[str, float]:
        disk, network = self._psutil.disk_io_counters(), self._psutil.net_io_counters()
        found: dict[str, float] = {}
        if disk is not None:
            found |= {"disk/read": disk.read_bytes, "disk/written": disk.write_bytes}
        if network is not None:
            found |= {"network/received": network.bytes_recv, "network/sent": network.bytes_sent}
        return found
