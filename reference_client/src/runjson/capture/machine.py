"""What the run runs on: host, system, processor, memory, GPUs, Python and its packages."""

from __future__ import annotations

import getpass
import os
import platform
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runjson import lines

if TYPE_CHECKING:
    from runjson.run import Run

_SECONDS = 5.0
_MIB = 1 << 20
# Of the environment's variables those alone that say how the program was placed.
_VARIABLES = ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "RANK", "WORLD_SIZE", "LOCAL_RANK")
_SLURM = {
    "job": "SLURM_JOB_ID",
    "array": "SLURM_ARRAY_TASK_ID",
    "nodes": "SLURM_JOB_NODELIST",
    "partition": "SLURM_JOB_PARTITION",
}


class Machine:
    """Looks at the machine, beside the program: `init` does not wait for it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._thread = threading.Thread(target=lambda: run._guarded(self._look), name="runjson-machine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Wait for it, some seconds at most."""
        self._thread.join(_SECONDS)

    def _look(self) -> None:
        found: dict[str, Any] = {
            "host": socket.gethostname(),
            "os": platform.platform(),
            "python": platform.python_version(),
            "cpu/count": cores(),
        }
        for name, look in (("user", getpass.getuser), ("cpu/model", _cpu_model), ("memory/total", memory_limit)):
            try:
                value = look()
            except Exception:  # noqa: S112  what the system does not tell is left out
                continue
            if value is not None:
                found[name] = value
        for name, variable in _SLURM.items():
            if variable in os.environ:
                found[f"slurm/{name}"] = os.environ[variable]
        if variables := {name: os.environ[name] for name in _VARIABLES if name in os.environ}:
            found["variables"] = variables
        found |= _gpus()
        self._run._say({"environment": lines.value(found)})
        self._run._say({"environment": lines.value({"packages": _packages()})})


def cores() -> float | int:
    """How many processors this process may use: by its affinity, and by the quota of its control group."""
    try:
        count: float = len(os.sched_getaffinity(0))
    except AttributeError:
        count = os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        if quota != "max":
            count = min(count, int(quota) / int(period))
    except (OSError, ValueError):
        return count
    return count


def memory_limit() -> float | None:
    """The memory that this process may use, in MiB."""
    total = None
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        if limit != "max":
            total = min(total, int(limit))
    except (OSError, ValueError):
        return total / _MIB
    return total / _MIB


def _cpu_model() -> str | None:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        return platform.processor() or None
    return platform.processor() or None


def _gpus() -> dict[str, Any]:
    """Name and memory (MiB) of each GPU, as nvidia-smi tells them; nothing without it."""
    found: dict[str, Any] = {}
    for index, (name, memory) in enumerate(nvidia("name", "memory.total")):
        found[f"gpu/{index}/name"] = name
        found[f"gpu/{index}/memory/total"] = float(memory)
    return found


def nvidia(*queries: str) -> list[list[str]]:
    """What nvidia-smi answers, a row for each GPU; no rows without it."""
    command = ["nvidia-smi", f"--query-gpu={','.join(queries)}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, text=True)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return []
    if done.returncode != 0:
        return []
    return [[cell.strip() for cell in line.split(",")] for line in done.stdout.splitlines() if line.strip()]


def _packages() -> dict[str, str]:
    from importlib.metadata import distributions  # noqa: PLC0415  it takes some time

    found = {}
    for one in distributions():
        name = one.metadata["Name"]
        if name:
            found[str(name)] = str(one.version)
    return dict(sorted(found.items(), key=lambda entry: entry[0].lower()))
