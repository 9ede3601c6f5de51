"""The graphics processors that this process may use, asked of NVIDIA's management library, or of nvidia-smi."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Mapping
from typing import Any, NamedTuple

from runjson.capture.commands import printed

_MIB = 1 << 20
# So many seconds nvidia-smi is waited for; it hangs for ever where a driver does.
_LONGEST = 3.0
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
        self._visible = os.environ.get("CUDA_VISIBLE_DEVICES")
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
            self._handles = self._find()

    def names(self) -> list[tuple[str, float | None]]:
        """The name and the memory, in MiB, of each."""
        if self._nvml is None:
            return [(row[2], _number(row[3])) for row in self._rows()]
        found = []
        for handle in self._handles:
            memory = self._ask("nvmlDeviceGetMemoryInfo", handle)
            found.append((self._text("nvmlDeviceGetName", handle), None if memory is None else memory.total / _MIB))
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

    def _find(self) -> list[Any]:
        """Handles of the visible devices."""
        handles = {
            index: handle
            for index in range(self._ask("nvmlDeviceGetCount") or 0)
            if (handle := self._ask("nvmlDeviceGetHandleByIndex", index)) is not None
        }
        # NVML itself takes whole UUIDs alone; CUDA's variable may hold their beginnings.
        uuids = {index: self._text("nvmlDeviceGetUUID", handle) for index, handle in handles.items()}
        found = []
        for one in _chosen(self._visible, uuids):
            handle = handles[one] if isinstance(one, int) else self._ask("nvmlDeviceGetHandleByUUID", one)
            if handle is None:
                break
            found.append(handle)
        return found

    def _ask(self, function: str, *arguments: Any) -> Any:
        try:
            return getattr(self._nvml, function)(*arguments)
        except Exception:  # not every device supports everything, and the errors are the module's own
            return None

    def _text(self, function: str, handle: Any) -> str:
        found = self._ask(function, handle)
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found or "")

    def _rows(self) -> list[list[str]]:
        if self._command is None:
            return []
        answer = printed([self._command, f"--query-gpu={_FIELDS}", "--format=csv,noheader,nounits"], _LONGEST)
        if answer is None:
            self._command = None  # it is not asked again
            return []
        rows = [[cell.strip() for cell in line.split(",")] for line in answer.decode("utf-8", "replace").splitlines()]
        devices = {int(row[0]): row for row in rows if len(row) == _FIELDS.count(",") + 1 and row[0].isdecimal()}
        chosen = _chosen(self._visible, {index: row[1] for index, row in devices.items()})
        return [devices[one] for one in chosen if isinstance(one, int)]


def _chosen(visible: str | None, uuids: Mapping[int, str]) -> list[int | str]:
    """Which devices CUDA_VISIBLE_DEVICES names, as CUDA reads it: a word that names none, or several, ends the list.

    Args:
        visible: indices, UUIDs of which the beginning is enough, and UUIDs of parts of devices (MIG); None for all.
        uuids: of the devices, by index.

    Returns:
        Indices, and of parts their UUIDs.
    """
    if visible is None:
        return list(uuids)
    found: list[int | str] = []
    for word in (one.strip() for one in visible.split(",")):
        if word.startswith("MIG-"):
            found.append(word)
            continue
        named = [
            index
            for index, uuid in uuids.items()
            if (word.startswith("GPU-") and uuid.startswith(word)) or word == str(index)
        ]
        if len(named) != 1:
            break
        found += named
    return found


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:  # [N/A]
        return None
    return found if found - found == 0 else None
