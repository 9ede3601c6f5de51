"""The graphics processors that this process may use, asked of NVIDIA's management library, or of nvidia-smi."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from typing import Any, NamedTuple

_MIB = 1 << 20
_FIELDS = "index,uuid,name,memory.total,utilization.gpu,memory.used,power.draw,temperature.gpu"


class Gpu(NamedTuple):
    """What one says of itself; None where it says nothing."""

    utilization: float | None  # %
    memory: float | None  # MiB
    power: float | None  # W
    temperature: float | None  # Cel


class Gpus:
    """Those of the visible devices (CUDA_VISIBLE_DEVICES), counted from 0; none if nothing answers within 3 s.

    They are asked through pynvml where it is installed, and else through the command nvidia-smi.
    """

    def __init__(self) -> None:
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        self._visible = None if visible is None else [one.strip() for one in visible.split(",")]
        self._nvml: Any = None  # the module has no types
        self._handles: list[Any] = []
        self._command: str | None = None
        try:
            nvml = importlib.import_module("pynvml")
            nvml.nvmlInit()
        except Exception:  # not installed, or no driver: its errors are its own
            self._command = shutil.which("nvidia-smi")
        else:
            self._nvml = nvml
            self._handles = [handle for one in self._chosen() if (handle := self._handle(one)) is not None]

    def names(self) -> list[tuple[str, float | None]]:
        """The name and the memory, in MiB, of each."""
        if self._nvml is None:
            return [(row[2], _number(row[3])) for row in self._rows()]
        found = []
        for handle in self._handles:
            name = self._ask("nvmlDeviceGetName", handle)
            memory = self._ask("nvmlDeviceGetMemoryInfo", handle)
            text = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name or "")
            found.append((text, None if memory is None else memory.total / _MIB))
        return found

    def sample(self) -> list[Gpu]:
        """What each is doing now."""
        if self._nvml is None:
            return [Gpu(*map(_number, row[4:8])) for row in self._rows()]
        found = []
        for handle in self._handles:
            busy = self._ask("nvmlDeviceGetUtilizationRates", handle)
            memory = self._ask("nvmlDeviceGetMemoryInfo", handle)
            power = self._ask("nvmlDeviceGetPowerUsage", handle)
            found.append(
                Gpu(
                    None if busy is None else busy.gpu,
                    None if memory is None else memory.used / _MIB,
                    None if power is None else power / 1000,
                    self._ask("nvmlDeviceGetTemperature", handle, 0),  # of the chip
                )
            )
        return found

    def _chosen(self) -> list[str]:
        """Indices or UUIDs of the visible devices; as CUDA does it, one that is none ends the list."""
        if self._visible is None:
            return [str(index) for index in range(self._nvml.nvmlDeviceGetCount())]
        found = []
        for one in self._visible:
            if not one.isdigit() and not one.startswith(("GPU-", "MIG-")):
                break
            found.append(one)
        return found

    def _handle(self, one: str) -> Any:
        if one.isdigit():
            return self._ask("nvmlDeviceGetHandleByIndex", int(one))
        return self._ask("nvmlDeviceGetHandleByUUID", one)

    def _ask(self, function: str, *arguments: Any) -> Any:
        try:
            return getattr(self._nvml, function)(*arguments)
        except Exception:  # not every device supports everything, and the errors are the module's own
            return None

    def _rows(self) -> list[list[str]]:
        if self._command is None:
            return []
        command = [self._command, f"--query-gpu={_FIELDS}", "--format=csv,noheader,nounits"]
        try:
            done = subprocess.run(  # noqa: S603  our own command
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3, check=True
            )
        except (OSError, subprocess.SubprocessError):
            self._command = None  # it is not asked again
            return []
        rows = [[cell.strip() for cell in line.split(",")] for line in done.stdout.splitlines()]
        rows = [row for row in rows if len(row) == _FIELDS.count(",") + 1]
        if self._visible is None:
            return rows
        return [row for one in self._visible for row in rows if one and (row[0] == one or row[1].startswith(one))]


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:  # [N/A]
        return None
    return found if found - found == 0 else None
