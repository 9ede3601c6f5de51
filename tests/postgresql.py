"""A PostgreSQL server of the tests' own: made in a temporary folder, reached by a socket, gone afterwards.

Its fixtures are for all tests: `place` has each of them run with a store in SQLite and one in PostgreSQL.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from runjson_tracker.store import Store

_numbers = itertools.count()
_QUICK = ("fsync=off", "full_page_writes=off")


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest if there are several; None if they are not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name), default=None)


class Cluster:
    """A server, and databases in it.

    Args:
        folder: of its data; the server's user, `postgres` where the tests run as root, must be able to enter it.
        settings: of the server. What survives a kill is tested; what survives a power cut is the server's own affair.
    """

    _process: subprocess.Popen[bytes] | None = None

    def __init__(self, folder: Path, settings: Sequence[str] = _QUICK) -> None:
        bin_ = programs()
        assert bin_ is not None
        self._bin, self._data, self.folder, self._settings = bin_, folder / "data", folder, settings
        # It refuses to be run by root.
        self._as: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(folder, "postgres")
        # A collation that is not that of code points, as most servers have.
        words = ["-U", "runjson", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu"]
        done = subprocess.run(
            [self._bin / "initdb", "-D", self._data, *words, "--icu-locale=en-US", "--no-sync"],
            cwd=folder, capture_output=True, text=True, check=False, **self._as,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        import psycopg

        own = ("listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=300")
        words = [word for one in (*own, *self._settings) for word in ("-c", one)]
        command = [self._bin / "postgres", "-D", self._data, *words]
        for _ in range(600):
            if self._process is None or self._process.poll() is not None:
                # What a killed server leaves may be in use for a moment.
                with (self.folder / "log").open("ab") as log:
                    self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **self._as)
            try:
                psycopg.connect(f"host={self.folder} user=runjson dbname=postgres").close()
                return
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        """Stop it at once, in good order."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)

    def kill(self) -> None:
        """Kill it, and all its processes, as `kill -9` does."""
        assert self._process is not None
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        self._process.kill()
        for one in map(int, children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self._process.wait(60)

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://runjson@/{database}?host={self.folder}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A new database, as an address; it is dropped at the end."""
        name = f"test{next(_numbers)}"
        self.tell(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url(name)
        finally:
            self.tell(f'DROP DATABASE "{name}" WITH (FORCE)')

    def tell(self, statement: str) -> None:
        """Have a statement run that stands in no transaction."""
        import psycopg

        address = f"host={self.folder} user=runjson dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def cluster(settings: Sequence[str] = _QUICK) -> Iterator[Cluster]:
    """A server for as long as it is needed; the test that asks for it is skipped where PostgreSQL is not installed."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    # A socket's path has 107 bytes at most, so not below pytest's own folder.
    with tempfile.TemporaryDirectory(prefix="rj-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        running = Cluster(Path(folder), settings)
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.once)])
def place(request, tmp_path):
    """Where a new store is to be, in each database that there is."""
    if request.param == "sqlite":
        yield tmp_path / "store"
        return
    server, template = request.getfixturevalue("postgresql")
    (tmp_path / "blobs").mkdir()
    with server.database(template) as address:
        yield f"{address}&blobs={tmp_path / 'blobs'}"


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory):
    """A server, and the name of a database in it that holds an empty store: a copy is made sooner than the tables."""
    with cluster() as server:
        server.tell("CREATE DATABASE empty_store")
        Store.open(f"{server.url('empty_store')}&blobs={tmp_path_factory.mktemp('blobs')}").close()
        yield server, "empty_store"
