"""`runjson serve` as a process of the tests' own, on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from runjson_tracker.store import Store

from tests.storage import free_port

DEADLINE = 60.0


class Serving:
    """A server, killed at the end if it still runs. In its options `{address}` stands for its own.

    Attributes:
        place: of its store.
        address: under which it is asked.
        log: what it has said so far.
    """

    def __init__(self, place: object, *options: str, command: str = "serve", **environment: str) -> None:
        self.place = str(place)
        self.port = free_port()
        self.address = f"{'https' if '--certificate' in options else 'http'}://127.0.0.1:{self.port}"
        words = [one.replace("{address}", self.address) for one in options]
        self._words = [sys.executable, "-m", "runjson", command, "--to", self.place, "--port", str(self.port), *words]
        self._environment = {**os.environ, **environment}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  `stop` closes it
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            self._words, stdout=self._log, stderr=self._log, env=self._environment, start_new_session=True
        )
        end = time.monotonic() + DEADLINE
        while True:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < end, self.log
            try:
                requests.get(f"{self.address}/api/v1/session", timeout=10)
            except requests.exceptions.SSLError:
                return  # it answers; whether its certificate is trusted is the test's affair
            except requests.ConnectionError:
                time.sleep(0.03)
            else:
                return

    @property
    def log(self) -> str:
        place = self._log.tell()
        self._log.seek(0)
        try:
            return self._log.read().decode()
        finally:
            self._log.seek(place)

    def kill(self) -> None:
        """Kill all of its processes, as `kill -9` does."""
        assert self.process is not None
        os.killpg(self.process.pid, 9)
        self.process.wait(DEADLINE)

    def stop(self) -> int:
        """Ask it to end, and give its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(DEADLINE)

    def close(self) -> None:
        """Let nothing of it be left."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self._log.close()

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        assert self.process is not None
        own = self.process.pid
        return [int(one) for one in Path(f"/proc/{own}/task/{own}/children").read_text().split()]

    def token(
        self, person: str = "ada", scope: str = "write", *, project: str | None = None, admin: bool = False
    ) -> str:
        """A new token of a person, who is added if nobody has the name."""
        with Store.open(self.place) as store:
            access = store.access
            if access.person(person) is None:
                access.add_person(person, "correct horse battery", admin=admin)
            name = f"token {len(access.tokens(person))}"
            return access.make_token(person, name, scope, project=project)[1]


@contextmanager
def serving(place: object, *options: str, **environment: str) -> Iterator[Serving]:
    """A server for as long as it is needed."""
    server = Serving(place, *options, **environment)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def server(place):
    """A server over a new store, in each database that there is."""
    with serving(place) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    """The header that a token is sent in."""
    return {"Authorization": f"Bearer {token}"}
