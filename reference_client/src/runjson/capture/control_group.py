"""What the control group of this process allows and uses, versions 1 and 2; Linux alone has them."""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
# Version 1 says a number like this where there is no limit.
_NO_LIMIT = 1 << 60


class ControlGroup:
    """The groups that this process is in, from its own up to the root; empty where there are none.

    Attributes:
        quota: cores that may be used, a fraction perhaps; None without a quota.
        limit: bytes of memory that may be used; None without a limit.
    """

    def __init__(self) -> None:
        self._cpu = _folders("cpu", "cpu.max", "cpu.cfs_quota_us")
        self._memory = _folders("memory", "memory.current", "memory.usage_in_bytes")
        quotas = [(found, folder) for folder in self._cpu if (found := _quota(folder)) is not None]
        self.quota: float | None = min(quotas)[0] if quotas else None
        self._quota_folder = min(quotas)[1] if quotas else None
        limits = [(found, folder) for folder in self._memory if (found := _limit(folder)) is not None]
        self.limit: int | None = min(limits)[0] if limits else None
        self._limit_folder = min(limits)[1] if limits else None

    def processor_seconds(self) -> float | None:
        """Processor time that the group with the quota has used, in seconds."""
        folder = self._quota_folder
        if folder is None:
            return None
        for line in _text(folder / "cpu.stat").splitlines():
            name, _, count = line.partition(" ")
            if name == "usage_usec":
                return int(count) / 1e6
        # Version 1 counts in a group of its own, which lies beside it or in the same place.
        below = folder.relative_to(_ROOT).parts[1:]
        for place in (folder, _ROOT.joinpath("cpuacct", *below), _ROOT.joinpath("cpu,cpuacct", *below)):
            if count := _text(place / "cpuacct.usage").strip():
                return int(count) / 1e9
        return None

    def memory_used(self) -> float | None:
        """Bytes that the group with the limit uses, without files that are only kept in memory while it is free."""
        folder = self._limit_folder
        if folder is None:
            return None
        used = _text(folder / "memory.current") or _text(folder / "memory.usage_in_bytes")
        if not used.strip():
            return None
        kept = 0
        for line in _text(folder / "memory.stat").splitlines():
            name, _, count = line.partition(" ")
            if name == "total_inactive_file" or (name == "inactive_file" and not kept):
                kept = int(count)
        return max(0, int(used) - kept)


def cores(quota: float | None) -> float:
    """How many cores this process may use: those it may run on, and not more than the quota."""
    try:
        count = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        count = os.cpu_count() or 1
    return count if quota is None or quota >= count else quota


def _folders(controller: str, *markers: str) -> list[Path]:
    """The folders of a controller's groups, from that of this process up to the root."""
    for line in _text(_OWN).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        for root in (_ROOT / controllers, _ROOT / controller) if controllers else (_ROOT, _ROOT / "unified"):
            own = root / path.strip("/")
            found = [one for one in (own, *own.parents) if one.is_relative_to(root)]
            # In a container the path may be that of the host: then the root is the group itself.
            there = [one for one in found if any((one / marker).exists() for marker in markers)]
            if there:
                return there
    return []


def _quota(folder: Path) -> float | None:
    quota, _, period = _text(folder / "cpu.max").strip().partition(" ")
    if not quota:
        quota, period = (_text(folder / f"cpu.cfs_{part}_us").strip() for part in ("quota", "period"))
    try:
        found = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):  # "max", or no such file
        return None
    return found if found > 0 else None


def _limit(folder: Path) -> int | None:
    for name in ("memory.max", "memory.limit_in_bytes"):
        try:
            found = int(_text(folder / name))
        except ValueError:  # "max", or no such file
            continue
        if 0 < found < _NO_LIMIT:
            return found
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
