"""The machine that the program runs on, and what is installed there."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runjson import lines
from runjson.capture.aside import Aside
from runjson.capture.commands import printed
from runjson.capture.control_group import ControlGroup, cores
from runjson.capture.gpus import Gpus
from runjson.capture.masking import is_secret, masked

if TYPE_CHECKING:
    from runjson.run import Run

_MIB = 1 << 20
_VARIABLES = ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS")
_SLURM = {
    "slurm/job": "SLURM_JOB_ID", "slurm/array": "SLURM_ARRAY_TASK_ID", "slurm/name": "SLURM_JOB_NAME",
    "slurm/partition": "SLURM_JOB_PARTITION", "slurm/nodes": "SLURM_JOB_NODELIST", "slurm/account": "SLURM_JOB_ACCOUNT",
}  # fmt: skip


class Machine(Aside):
    """Says what the machine is in `environment`; memory is in MiB, and as much as the control group allows."""

    def __init__(self, run: Run) -> None:
        # What is known at once is said at once; commands and the list of packages take their time.
        run._say({"environment": lines.entries({name: lines.value(one) for name, one in _at_once().items()})})
        super().__init__(run, lambda: self._rest(run), "environment")

    def _rest(self, run: Run) -> None:
        found: dict[str, Any] = {}
        model = _processor()
        if model:
            found["cpu/model"] = model
        gpus = Gpus()
        for index, (name, total) in enumerate(gpus.names()):
            if name:
                found[f"gpu/{index}/name"] = name
            if total is not None:
                found[f"gpu/{index}/memory/total"] = round(total)
        if found:
            run._say({"environment": lines.entries({name: lines.value(one) for name, one in found.items()})})
        run._say({"environment": lines.entries({"packages": lines.value(self._packages())})})

    def _packages(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for distribution in importlib.metadata.distributions():
            name = distribution.metadata["Name"]
            if name and name not in found:  # the first is the one that is imported
                found[name] = distribution.version
            if not self.hurry.is_set():
                self.hurry.wait(0.002)  # the training goes first
        return dict(sorted(found.items()))


def _at_once() -> dict[str, Any]:
    group = ControlGroup()
    count = cores(group.quota)
    found: dict[str, Any] = {
        "host": socket.gethostname(), "user": _user(), "os": _system(), "python": platform.python_version(),
        "cpu/count": int(count) if count == int(count) else count,
    }  # fmt: skip
    memory = _memory()
    if memory is not None and group.limit is not None:
        memory = min(memory, group.limit)
    if memory is not None:
        found["memory/total"] = memory // _MIB
    found |= {name: os.environ[variable] for name, variable in _SLURM.items() if os.environ.get(variable)}
    variables = {
        name: "***" if is_secret(name) else masked(text)
        for name, text in sorted(os.environ.items())
        if name in _VARIABLES or name.startswith("SLURM_")
    }
    if variables:
        found["variables"] = variables
    return {name: one for name, one in found.items() if one is not None}


def _user() -> str | None:
    import getpass  # noqa: PLC0415  loaded when it is used

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may have no such user
        return None


def _system() -> str:
    kernel = f"{platform.system()} {platform.release()} {platform.machine()}"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']} ({kernel})"
    except (OSError, KeyError):
        return kernel


def _memory() -> int | None:
    """Bytes of memory of the machine."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, model = line.partition(":")
            if name.strip() in {"model name", "Model", "cpu model"}:
                return model.strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return (printed(command) or b"").decode("utf-8", "replace").strip()
    return platform.machine()
