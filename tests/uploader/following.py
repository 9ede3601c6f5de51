"""What the tests of following share: the command as a process, and waiting for what it does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from runjson_tracker.store import Store, StoreError
from sqlalchemy.exc import DatabaseError

from tests.serving import Serving

# Generous: a test fails by it, and never waits for it.
DEADLINE = 90.0


def eventually(check, what=lambda: "it does not happen"):
    """Wait until `check` gives something that is true, and give it; `what` says what is the case instead."""
    end = time.monotonic() + DEADLINE
    while not (found := check()):
        assert time.monotonic() < end, what()
        time.sleep(0.03)
    return found


class Following:
    """`runjson upload --follow` as a process, killed at the end if it still runs."""

    def __init__(
        self, place: Path, *words: object, store: Path | str | None = None, server: Serving | None = None
    ) -> None:
        self.store = store or place / "store"
        to, token = (server.address, server.token(admin=True)) if server else (str(self.store), "")
        self._out, self._err = place / "out.txt", place / "err.txt"
        command = [sys.executable, "-m", "runjson", "upload", "--follow", "--to", to, *map(str, words)]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, "RUNJSON_TOKEN": token})

    def __enter__(self) -> Following:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    @property
    def most_memory(self) -> int:
        """The most memory that the process held so far, in megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024

    def values(self, run: str, series: str = "a", project: str = "default") -> list[float] | None:
        """The values of a series, if they are tracked."""
        try:
            with Store.open(self.store, create=False) as store:
                source = store.source(project, run, "")
                return None if source is None else source.points("series", series).values.tolist()
        except (StoreError, DatabaseError):
            return None

    def has(self, run: str, values: list[float], series: str = "a", project: str = "default") -> None:
        """Wait until a series has exactly these values."""
        eventually(
            lambda: self.values(run, series, project) == values,
            lambda: f"{run}: {str(self.values(run, series, project))[:300]}\n{self.out}\n{self.err}",
        )

    def says_so_often(self, text: str, times: int) -> None:
        """Wait until standard error has a text so many times."""
        eventually(lambda: self.err.count(text) == times, lambda: f"not {times} times {text!r}: {self.err}")

    def says(self, text: str) -> None:
        """Wait until it says something, on either of its outputs."""
        eventually(lambda: text in self.out or text in self.err, lambda: f"{text!r}\n{self.out}\n{self.err}")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it, and give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)
