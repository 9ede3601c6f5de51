"""The server: what it takes in, how soon, how it is asked, and what memory it needs, beside MLflow's server.

On SQLite always; on PostgreSQL too if RUNJSON_POSTGRESQL is the address of an empty database, such as
postgresql:///benchmark, and RUNJSON_POSTGRESQL_PEER that of another one for MLflow.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
from data import columns, name, stream
from measure import Row, check_points, timed
from queries import COLUMNS, MODELS, SORT, WHERE, Runs

_SERIES, _LINES = 10, 50  # 500 points a request
_CLIENTS = 8
_EVERY = 1.0  # seconds between two lines of a live run


def serving(place: Path, *, quick: bool) -> list[Row]:
    """Each database in turn."""
    rows = list(_of("SQLite", place / "sqlite", str(place / "sqlite" / "store"), None, quick=quick))
    rows += _tables("SQLite", place / "table", str(place / "table" / "store"), quick=quick)
    address = os.environ.get("RUNJSON_POSTGRESQL")
    if address is None:
        print("PostgreSQL is left out: RUNJSON_POSTGRESQL names no empty database.", file=sys.stderr)
        return rows
    joined = "&" if "?" in address else "?"
    location = f"{address}{joined}blobs={place / 'blobs'}"
    # The runs of the table go in first: what comes behind them is measured in a database that is not empty.
    rows += _tables("PostgreSQL", place / "runs", location, quick=quick)
    return rows + list(
        _of("PostgreSQL", place / "postgresql", location, os.environ.get("RUNJSON_POSTGRESQL_PEER"), quick=quick)
    )


def _of(database: str, place: Path, location: str, peer: str | None, *, quick: bool) -> Iterator[Row]:
    place.mkdir()
    with _Server(location, place) as server:
        yield from _bulk(database, server, place, quick=quick)
        yield from _small(database, server, place, peer, quick=quick)
        yield from _live(database, server, quick=quick)
        yield from _followed(database, server, place, quick=quick)
        yield from _asked(database, server, place, quick=quick)
        yield Row(f"{database}: all processes of the server: most memory", "MB", [server.memory()], 250, "less")


class _Server:
    """`runjson serve`, and a token of it that may write."""

    def __init__(self, location: str, place: Path, person: str = "benchmark") -> None:
        from runjson_tracker.store import Store

        self.location = location
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        with Store.open(location) as store:
            store.access.add_person(person, secrets.token_urlsafe(), admin=True)
            self.token = store.access.make_token(person, "benchmark", "admin")[1]
        self._log = (place / "server.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "runjson", "serve", "--to", location, "--port", str(port)],
            stdout=self._log, stderr=self._log,
        )  # fmt: skip
        _wait_for(port)
        self._most = 0.0
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def __enter__(self) -> _Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watcher.join()
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def memory(self) -> float:
        """The most memory that its processes held together, what they share counted once, in megabytes."""
        return self._most

    def _watch(self) -> None:
        own = self._process.pid
        while not self._ended.wait(0.1):
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
                self._most = max(self._most, sum(_held(int(process)) for process in (own, *children)))

    def target(self) -> Any:
        from runjson_tracker.remote.http import Http
        from runjson_uploader.sending import OverHttp

        return OverHttp(Http(self.address, self.token))


def _held(process: int) -> float:
    """What a process holds, in megabytes: of what several share each counts its part."""
    found = re.search(r"Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text())
    assert found is not None
    return int(found[1]) * 1024 / 1e6


def _wait_for(port: int) -> None:
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)


def _bulk(database: str, server: _Server, place: Path, *, quick: bool) -> Iterator[Row]:
    """One large stream, sent as `runjson upload` sends it, and a run of as many points as a document."""
    from runjson_tracker.store import Store

    points = 20_000 if quick else 400_000
    path = place / "bulk.jsonl"
    stream(path, "bulk", 5, points)
    rates = []
    for turn in range(1 if quick else 3):
        text = path.read_text().replace('"bulk"', f'"bulk{turn}"', 1)
        path.with_name(f"bulk{turn}.jsonl").write_text(text)
        with path.with_name(f"bulk{turn}.jsonl").open("rb") as source:
            took = timed(lambda source=source: server.target().upload(source, "b.jsonl", place, project="benchmark"))
        rates.append(5 * points / took)
    with Store.open(server.location) as store:
        for turn in range(len(rates)):
            source = store.source("benchmark", f"bulk{turn}", "")
            assert source is not None
            times = columns(points, 0)[2]
            for index in range(5):
                values, steps, _ = columns(points, index)
                check_points(source.points("series", name(index)), values, steps, times)
    size = path.stat().st_size / 1e6
    yield Row(
        f"{database}: a stream of {5 * points:,} points ({size:.0f} MB) to the server", "points/s", rates, 8e5, "more"
    )


def _small(database: str, server: _Server, place: Path, peer: str | None, *, quick: bool) -> Iterator[Row]:
    """Requests of 500 points, by several clients at once, each for a run of its own."""
    requests_each = 5 if quick else 60
    ours = [_rate(_Ours(server), requests_each, turn) for turn in range(1 if quick else 3)]
    theirs, told = [], ""
    database_of_peer = peer or f"sqlite:///{place / 'mlflow.db'}"
    if database == "SQLite" or peer:
        with _MlflowServer(database_of_peer, place) as mlflow:
            theirs = [_rate(mlflow, 2 if quick else 6, turn) for turn in range(1 if quick else 3)]
        told = "`log_batch` to an MLflow server on such a database"
    else:
        print("MLflow on PostgreSQL is left out: RUNJSON_POSTGRESQL_PEER names no empty database.", file=sys.stderr)
    what = f"{database}: requests of {_SERIES * _LINES} points, {_CLIENTS} clients at once"
    yield Row(what, "points/s", ours, 8e4, "more", told, theirs)


def _values(run: int, request: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What a request of a client has, by line and series."""
    return np.random.default_rng(run * 1000 + request).random((_LINES, _SERIES))


def _rate(way: Any, requests_each: int, turn: int) -> float:
    """Points a second over all clients; what is stored is checked."""
    runs = [way.run(turn * _CLIENTS + client) for client in range(_CLIENTS)]
    bodies = [
        [way.body(_values(turn * _CLIENTS + client, one), one) for one in range(requests_each)]
        for client in range(_CLIENTS)
    ]

    def client(number: int) -> None:
        for body in bodies[number]:
            runs[number].send(body)

    with ThreadPoolExecutor(_CLIENTS) as pool:
        took = timed(lambda: list(pool.map(client, range(_CLIENTS))))
    for number, run in enumerate(runs):
        run.check(np.concatenate([_values(turn * _CLIENTS + number, one) for one in range(requests_each)]))
    return _CLIENTS * requests_each * _SERIES * _LINES / took


@dataclass
class _Ours:
    """Our server, as a program would use it that has nothing of ours."""

    server: _Server

    def run(self, number: int) -> _OurRun:
        return _OurRun(self.server, f"small{number}")

    @staticmethod
    def body(values: Any, request: int) -> bytes:
        lines = []
        for index, line in enumerate(values.tolist()):
            series = ", ".join(f'"{name(one)}": {value!r}' for one, value in enumerate(line))
            lines.append(f'{{"step": {request * _LINES + index}, "series": {{{series}}}}}\n')
        return "".join(lines).encode()


class _OurRun:
    """A run, and a connection to the server by the standard library: what the clients take, the server does not get."""

    def __init__(self, server: _Server, run: str) -> None:
        self._server, self._run = server, run
        self._connection = HTTPConnection(server.address.removeprefix("http://"))
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = {"Authorization": f"Bearer {server.token}"}
        self._post("project=benchmark", f'{{"runjson": "1.0", "id": "{run}", "status": "running"}}\n'.encode())

    def send(self, body: bytes) -> None:
        self._post(f"project=benchmark&run={self._run}&offset={self._offset}", body)

    def _post(self, query: str, body: bytes) -> None:
        self._connection.request("POST", f"/api/v1/runs?{query}", body, self._headers)
        self._offset = json.loads(self._connection.getresponse().read())["offset"]

    def check(self, values: Any) -> None:
        from runjson_tracker.store import Store

        with Store.open(self._server.location) as store:
            source = store.source("benchmark", self._run, "")
            assert source is not None
            for index in range(_SERIES):
                points = source.points("series", name(index))
                np.testing.assert_array_equal(points.values, values[:, index])
                np.testing.assert_array_equal(np.asarray(points.steps), np.arange(len(values)))


class _MlflowServer:
    """MLflow's server, on a database of the same kind."""

    def __init__(self, database: str, place: Path) -> None:
        import mlflow

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._log = (place / "mlflow.log").open("wb")
        command = [Path(sys.executable).with_name("mlflow"), "server", "--backend-store-uri", database]
        more = ["--default-artifact-root", str(place / "artifacts"), "--host", "127.0.0.1", "--port", str(port)]
        self._process = subprocess.Popen(
            [*map(str, command), *more], stdout=self._log, stderr=self._log, start_new_session=True
        )
        _wait_for(port)
        self.client = mlflow.MlflowClient(f"http://127.0.0.1:{port}")
        self._experiment = self.client.create_experiment("benchmark")

    def __enter__(self) -> _MlflowServer:
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, 15)
        self._process.wait()
        self._log.close()

    def run(self, _: int) -> _MlflowRun:
        return _MlflowRun(self.client, self.client.create_run(self._experiment).info.run_id)

    @staticmethod
    def body(values: Any, request: int) -> list[Any]:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        return [
            Metric(name(one), value, now, request * _LINES + index)
            for index, line in enumerate(values.tolist())
            for one, value in enumerate(line)
        ]


@dataclass
class _MlflowRun:
    client: Any
    run: str

    def send(self, body: list[Any]) -> None:
        self.client.log_batch(self.run, metrics=body)

    def check(self, values: Any) -> None:
        for index in range(_SERIES):
            history = sorted(self.client.get_metric_history(self.run, name(index)), key=lambda one: one.step)
            np.testing.assert_array_equal([one.value for one in history], values[:, index])


def _live(database: str, server: _Server, *, quick: bool) -> Iterator[Row]:
    """200 programs that each send a line a second: how long each waits for its answer."""
    runs, seconds = (20, 3) if quick else (200, 20)
    lines = [_OurRun(server, f"live{run}") for run in range(runs)]
    took: list[float] = []
    lock = threading.Lock()

    def one(number: int) -> None:
        mine = []
        begun = time.monotonic() + number / runs * _EVERY
        for turn in range(seconds):
            time.sleep(max(begun + turn * _EVERY - time.monotonic(), 0))
            body = _Ours.body(_values(number, turn)[:1], turn)
            mine.append(timed(lambda body=body: lines[number].send(body)))
        with lock:
            took.extend(mine)

    with ThreadPoolExecutor(runs) as pool:
        list(pool.map(one, range(runs)))
    for number in range(runs):
        values = np.concatenate([_values(number, turn)[:1] for turn in range(seconds)])
        _check_live(server, f"live{number}", values)
    what = f"{database}: {runs} live runs, a line of {_SERIES} points each every {_EVERY:g} s"
    yield Row(f"{what}: until it is committed, median", "s", [float(np.median(took))], None, "less")
    yield Row(f"{what}: until it is committed, 99th percentile", "s", [float(np.quantile(took, 0.99))], 0.3, "less")


def _check_live(server: _Server, run: str, values: Any) -> None:
    from runjson_tracker.store import Store

    with Store.open(server.location) as store:
        source = store.source("benchmark", run, "")
        assert source is not None
        for index in range(_SERIES):
            np.testing.assert_array_equal(source.points("series", name(index)).values, values[:, index])


def _followed(database: str, server: _Server, place: Path, *, quick: bool) -> Iterator[Row]:
    """From a line of a file that `runjson upload --follow` follows to an answer of the server that has it."""
    import requests

    path = place / "followed.jsonl"
    path.write_text('{"runjson": "1.0", "id": "followed"}\n')
    environment = {**os.environ, "RUNJSON_TOKEN": server.token}
    command = [
        sys.executable,
        "-m",
        "runjson",
        "upload",
        "--follow",
        path,
        "--to",
        server.address,
        "--project",
        "benchmark",
    ]
    follow = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, env=environment)
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {server.token}"
    took = []
    try:
        for turn in range(5 if quick else 40):
            with path.open("a") as target:
                target.write(f'{{"step": {turn}, "series": {{"a": {turn}}}}}\n')
            begun = time.perf_counter()
            while not _has(session, server, turn + 1):
                time.sleep(0.005)
            if turn:  # its start-up is no part of it
                took.append(time.perf_counter() - begun)
    finally:
        follow.terminate()
        follow.wait()
    what = f"{database}: from a line of a file that is followed to an answer that has it"
    yield Row(f"{what}, at worst", "s", [max(took)], 1, "less")


def _has(session: Any, server: _Server, count: int) -> bool:
    body = {"runs": [{"project": "benchmark", "id": "followed"}], "names": ["a"]}
    answer = session.post(f"{server.address}/api/v1/series", json=body)
    return answer.ok and f'"count":{count}' in answer.text.replace(" ", "")


def _asked(database: str, server: _Server, place: Path, *, quick: bool) -> Iterator[Row]:
    """The questions of the viewer, asked of the store itself and over HTTP in turns."""
    import runjson
    from runjson_tracker.store import Store

    runs, points, long = (10, 1000, 200_000) if quick else (100, 10_000, 10_000_000)
    with Store.open(server.location) as store:
        for run in range(runs):
            _track(store, f"curve{run}", columns(points, run))
        _track(store, "long", columns(long, 7))
    os.environ["RUNJSON_TOKEN"] = server.token
    with runjson.open(server.location) as here, runjson.open(server.address) as there:
        for what, target, question in _questions(runs, long):
            ours, theirs = _in_turns(question, here, there, 3 if quick else 9)
            yield Row(f"{database}: {what}, over HTTP", "s", ours, target, "less", "the store itself", theirs)
        whole = there.run("benchmark/long").series(name(0))
        check_points(_Plain(whole.values, whole.steps, whole.times), *columns(long, 7))  # type: ignore[arg-type]  # it has the columns


@dataclass
class _Plain:
    values: Any
    steps: Any
    times: Any


def _questions(runs: int, long: int) -> Iterator[tuple[str, float, Any]]:
    """What is asked, in how many seconds it is to be answered (one and a half times what the store has), and how."""
    curves = [f"benchmark/curve{run}" for run in range(runs)]
    yield (
        f"{runs} curves to 1,000 points each", 0.090,
        lambda at: np.asarray(at.series(name(0), runs=curves, points=1000).column("value"), dtype=float),
    )  # fmt: skip
    yield (
        f"a series of {long:,} points to 2,000", 0.075,
        lambda at: at.run("benchmark/long").series(name(0), points=2000).values,
    )  # fmt: skip
    yield (
        "a zoom into it, to 2,000 points", 0.225,
        lambda at: at.run("benchmark/long").series(name(0), points=2000, steps=(long * 0.4, long * 0.401)).values,
    )  # fmt: skip


def _tables(database: str, place: Path, location: str, *, quick: bool) -> Iterator[Row]:
    """Tables of many runs, one store for all: a page that is filtered by four tests and sorted, the newest, groups."""
    import runjson

    place.mkdir()
    sizes = ((500, None, None), (1000, None, None)) if quick else ((10_000, 0.030, None), (100_000, 0.375, 0.600))
    after = 0
    for size, of_page, of_groups in sizes:
        runs = Runs.make(size)
        project = f"of-{size}"
        runs.store(location, project, after).dispose()
        after += size + 100  # beyond the numbers of its fields, too
        with _Server(location, place, f"benchmark-{project}") as server:
            os.environ["RUNJSON_TOKEN"] = server.token
            with runjson.open(server.location) as here, runjson.open(server.address) as there:
                for what, target, question, answer in _asked_of_table(runs, project, of_page, of_groups):
                    ours, theirs = _in_turns(question, here, there, 3 if quick else 15, answer)
                    told = f"{database}, {size:,} runs: {what}, over HTTP"
                    yield Row(told, "s", ours, target, "less", "the store itself", theirs)


def _in_turns(
    question: Any, here: Any, there: Any, turns: int, answer: object = None
) -> tuple[list[float], list[float]]:
    """How long the server took, and the store itself; each answer is checked, by the store's first if none is given."""
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(turns + 1):
        for at, took in ((here, theirs), (there, ours)):
            begun = time.perf_counter()
            found = question(at)
            if turn > 0:  # it imports and opens what it needs at first
                took.append(time.perf_counter() - begun)
            if answer is None:
                answer = found
            if not _alike(found, answer):
                raise AssertionError(f"{found!r} instead of {answer!r}")
    return ours, theirs


def _alike(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=True)
    return one == other


def _asked_of_table(
    runs: Runs, project: str, of_page: float | None, of_groups: float | None
) -> Iterator[tuple[str, float | None, Any, Any]]:
    """What is asked, in how many seconds it is to be answered (one and a half times the store's), how, the answer."""
    newest = [f"r{run}" for run in reversed(range(len(runs) - 50, len(runs)))]
    accuracy = "series.validation/accuracy.max"
    sizes = {name: int((runs.model == at).sum()) for at, name in enumerate(MODELS)}
    yield (
        "filtered by four tests, sorted, 50 rows of 5 columns", of_page,
        lambda at: at.runs(project, where=WHERE, sort=SORT, columns=COLUMNS, limit=50).column("id"), runs.page(),
    )  # fmt: skip
    yield (
        "the newest 50 rows of 5 columns", of_page,
        lambda at: at.runs(project, columns=COLUMNS, limit=50).column("id"), newest,
    )  # fmt: skip
    yield (
        "mean and std of a series by a parameter", of_groups,
        lambda at: _sizes(at.runs(project, group_by="parameters.model", columns=[accuracy])), sizes,
    )  # fmt: skip


def _sizes(groups: Any) -> dict[str, int]:
    """How many runs each group has."""
    return dict(zip(groups.column("parameters.model"), groups.column("runs"), strict=True))


def _track(store: Any, run: str, points: tuple[Any, Any, Any]) -> None:
    from runjson_schema.points import Points

    record = {"runjson": "1.0", "id": run, "status": "succeeded"}
    with store.ingest("benchmark", run, "", None) as ingest:
        ingest.append("series", name(0), Points(*points))
        ingest.commit(record, "", "stream", 0, "", record)
