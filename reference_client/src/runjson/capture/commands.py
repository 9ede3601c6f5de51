"""Other programs that are asked, each with a limit on time and on what it prints."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

_PORTION = 1 << 16
# While a program is started no fork may happen: the child would hold a pipe open that `Popen` waits for, as long as it
# lives itself. Data loaders fork at any time.
_starting = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_starting.acquire, after_in_parent=_starting.release, after_in_child=_starting.release
    )  # fmt: skip
# Programs that could not be killed; kept, so that nobody takes them for forgotten.
_left: list[subprocess.Popen[bytes]] = []


def printed(
    command: Sequence[str], seconds: float = 3.0, most: int = 1 << 20, environment: Mapping[str, str] | None = None
) -> bytes | None:
    """What a program prints on standard output.

    A program that hangs in the kernel can not be killed, and what it started may hold its output open: neither is
    waited for.

    Args:
        command: its words.
        seconds: that it may take.
        most: bytes that are read; a program that prints more is ended.
        environment: its variables; those of this process by default.

    Returns:
        At most so many bytes and one; None if it is not there, fails, or is not done in time.
    """
    try:
        with _starting:
            process = subprocess.Popen(  # noqa: S603  our own commands
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=environment, start_new_session=True,
            )  # fmt: skip
    except OSError:
        return None
    found: list[bytes] = []
    reader = threading.Thread(target=_read, args=(process, most, found), name="runjson-command", daemon=True)
    end = time.monotonic() + seconds
    reader.start()
    reader.join(seconds)
    late = reader.is_alive()
    text = b"".join(found)
    if late or len(text) > most:
        _end(process)
        return None if late else text
    try:
        return text if process.wait(max(0.0, end - time.monotonic())) == 0 else None
    except subprocess.TimeoutExpired:
        _end(process)
        return None


def _read(process: subprocess.Popen[bytes], most: int, found: list[bytes]) -> None:
    assert process.stdout is not None
    rest = most + 1
    with process.stdout as pipe, contextlib.suppress(OSError, ValueError):
        while rest > 0 and (portion := os.read(pipe.fileno(), min(_PORTION, rest))):
            found.append(portion)
            rest -= len(portion)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it, and those that it started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    try:
        process.wait(0.2)
    except subprocess.TimeoutExpired:
        _left.append(process)
