"""Logging from Python beside other trackers that keep their files on this machine: what a call costs, and what a kill
had lost. Each runs in an environment of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure import Row

_ROOT = Path(__file__).parent.parent
_ENVIRONMENTS = _ROOT / ".venv-peers"
_PROGRAMS = Path(__file__).parent / "peers"
# Seconds for a turn of a peer; none takes a tenth of it.
_LIMIT = 120
# Nothing listens there: a peer that asks for the network is refused at once.
_NOWHERE = "http://127.0.0.1:9"


@dataclass
class _Peer:
    """A tracker, and what was found of it.

    Attributes:
        name: as the table says it, before and after the version.
        call: that logs.
        program: its file in `peers/`.
        environment: its folder of Python.
        needs: what is installed there.
        calls: in a turn; some seconds' worth.
        seconds: a call took, one a turn.
        finish: the seconds that the end of the run took, one a turn.
        killed: calls lost and calls returned, one a kill of the process that logs.
        killed_all: the same where the processes that it had started were killed with it.
        remarks: what was stored other than it was logged.
        reason: why there are no figures.
    """

    name: tuple[str, str]
    call: str
    program: str
    environment: str
    needs: tuple[str, ...]
    calls: int
    version: str = ""
    seconds: list[float] = field(default_factory=list)
    finish: list[float] = field(default_factory=list)
    killed: list[tuple[int, int]] = field(default_factory=list)
    killed_all: list[tuple[int, int]] = field(default_factory=list)
    remarks: set[str] = field(default_factory=set)
    reason: str = ""

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return _ENVIRONMENTS / self.environment / "bin/python"

    @property
    def lossless(self) -> bool:
        """Whether it was killed and nothing was lost."""
        return bool(self.killed) and not any(lost for lost, _ in self.killed + self.killed_all)


_MLFLOW = ("mlflow-skinny>=3.17", "sqlalchemy>=2.0", "alembic>=1.13", "sqlparse>=0.5")


def _all() -> list[_Peer]:
    return [
        _Peer(("RunJSON", "with msgspec"), "`log`", "ours", "runjson", ("msgspec>=0.19",), 100_000),
        _Peer(("W&B", "offline"), "`log`", "wandb_offline", "wandb", ("wandb>=0.31",), 20_000),
        _Peer(("MLflow", "SQLite"), "`log_metrics`", "mlflow_sync", "mlflow", _MLFLOW, 1000),
        _Peer(("MLflow", "SQLite, asynchronous"), "`log_metrics`", "mlflow_async", "mlflow", _MLFLOW, 500),
        _Peer(("MLflow", "files"), "`log_metrics`", "mlflow_files", "mlflow", _MLFLOW, 10_000),
        _Peer(
            ("TensorBoardX", "event file"), "`add_scalar`, five calls", "tensorboardx_events", "tensorboardx",
            ("tensorboardX>=2.6", "tensorboard>=2.21"), 20_000,
        ),
        _Peer(("Aim", "local"), "`track`", "aim_local", "aim", ("aim>=3.29",), 10_000),
        _Peer(("Trackio", "local"), "`log`", "trackio_local", "trackio", ("trackio>=0.43",), 100_000),
        _Peer(("SwanLab", "offline"), "`log`", "swanlab_offline", "swanlab", ("swanlab>=0.10",), 50_000),
        _Peer(("Neptune", "offline"), "`append`, five calls", "neptune_offline", "neptune", ("neptune>=1.14",), 20_000),
    ]  # fmt: skip


class _Failed(Exception):
    """A peer can not be measured; the text says why."""


def peers(place: Path, *, quick: bool) -> list[Row]:
    """Calls of five numbers with a step, flat out, and what was lost when they were killed in their midst."""
    turns, kills = (1, 1) if quick else (5, 5)
    generator = random.Random(2)
    every = _all()
    for peer in every:
        if quick:
            peer.calls //= 20
        _attempt(_install, peer)
    for turn in range(turns):
        for peer in every:
            _attempt(_turn, peer, place / f"{peer.program}-{turn}")
    for kill in range(kills):
        for peer in every:
            moment = 0.5 if quick else generator.uniform(0.5, 2.5)
            _attempt(_kills, peer, place / f"{peer.program}-kill-{kill}", moment)
    ours, *theirs = every
    if ours.reason or ours.remarks or not ours.lossless:
        raise AssertionError(f"RunJSON: {ours.reason or ours.remarks or ours.killed}")
    fastest = min((peer for peer in theirs if peer.seconds and peer.lossless), key=_median, default=None)
    return [_row(ours, ours, None), *(_row(peer, ours, 10 if peer is fastest else None) for peer in theirs)]


def _attempt(step: Callable[..., None], peer: _Peer, *arguments: object) -> None:
    """Do a step, unless the peer has failed before."""
    if not peer.reason:
        try:
            step(peer, *arguments)
        except _Failed as failed:
            peer.reason = str(failed)


def _install(peer: _Peer) -> None:
    """Make its environment, if it is not there as it should be; RunJSON is installed anew each time."""
    folder = _ENVIRONMENTS / peer.environment
    made = folder / "made-of.txt"
    ours = peer.environment == "runjson"
    if made.is_file() and made.read_text(encoding="utf-8") == "\n".join(peer.needs) and not ours:
        return
    print(f"installing {' '.join(peer.needs)} ...", file=sys.stderr, flush=True)
    words = [*peer.needs, *(["--force-reinstall", str(_ROOT)] if ours else [])]
    for command in (
        [sys.executable, "-m", "venv", "--clear", folder],
        [peer.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words],
    ):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            errors = "\n".join(line for line in done.stderr.splitlines() if line.startswith("ERROR"))
            raise _Failed(f"does not install on Python {sys.version.split()[0]}: {_last(errors or done.stderr)}")
    made.write_text("\n".join(peer.needs), encoding="utf-8")


def _turn(peer: _Peer, place: Path) -> None:
    """Log so many calls, and see what is kept after the run has ended in order."""
    place.mkdir()
    told = _program(peer, place, "log", place, peer.calls)
    kept = _program(peer, place, "read", place, peer.calls)
    peer.version = told["version"]
    if kept["kept"] != peer.calls or kept["points"] != 5 * peer.calls:
        peer.remarks.add(f"kept {kept['kept']:,} of {peer.calls:,} calls though the run ended in order")
    if kept["exact"] < kept["kept"]:
        peer.remarks.add("keeps single precision")
    # The first call is not timed.
    peer.seconds.append(told["seconds"] / (peer.calls - 1))
    peer.finish.append(told["finish"])


def _kills(peer: _Peer, place: Path, moment: float) -> None:
    """Kill the process that logs, and once more with the processes that it has started, if it has."""
    lost, helped = _kill(peer, place, moment, with_helpers=False)
    peer.killed.append(lost)
    if helped:
        lost, _ = _kill(peer, place.with_name(f"{place.name}-all"), moment, with_helpers=True)
        peer.killed_all.append(lost)


def _kill(peer: _Peer, place: Path, moment: float, *, with_helpers: bool) -> tuple[tuple[int, int], bool]:
    """Kill it so many seconds after its first call; the calls lost and returned, and whether it had helpers."""
    place.mkdir()
    counter = place / "returned"
    counter.write_bytes(bytes(8))
    child = _start(peer, place, "kill", place, counter)
    limit = time.monotonic() + _LIMIT
    while not any(counter.read_bytes()):
        if child.poll() is not None or time.monotonic() > limit:
            child.kill()
            child.wait()
            raise _Failed(f"did not begin to log: {_last((place / 'err').read_text(encoding='utf-8'))}")
        time.sleep(0.01)
    time.sleep(moment)
    helpers = [process for process in _processes(place) if process != child.pid]
    # The one that logs first: what it had returned from by then is what counts.
    child.send_signal(signal.SIGKILL)
    if with_helpers:
        _end(helpers)
    child.wait()
    _let_go(place)
    returned = int.from_bytes(counter.read_bytes(), sys.byteorder)
    kept = _program(peer, place, "read", place, returned)["kept"]
    return (returned - kept, returned), bool(helpers)


def _processes(place: Path) -> list[int]:
    """Processes whose home is that folder: the program, and what it has started, however it did."""
    home = f"HOME={place}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if home in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found


def _let_go(place: Path) -> None:
    """What is left of a program may write what it has, and go by itself."""
    limit = time.monotonic() + 30
    while (left := _processes(place)) and time.monotonic() < limit:
        time.sleep(0.1)
    _end(left)


def _end(processes: list[int]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _start(peer: _Peer, place: Path, *words: object) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
    environment |= dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.1")
    command = [peer.python, _PROGRAMS / f"{peer.program}.py", *words]
    # Into files: a pipe would stay open as long as anything that the peer has started.
    with (place / "out").open("wb") as out, (place / "err").open("wb") as err:
        return subprocess.Popen([str(word) for word in command], cwd=place, env=environment, stdout=out, stderr=err)


def _program(peer: _Peer, place: Path, *words: object) -> dict[str, Any]:
    """What a program of a peer tells."""
    child = _start(peer, place, *words)
    try:
        code = child.wait(_LIMIT)
    except subprocess.TimeoutExpired:
        _end(_processes(place))
        child.wait()
        raise _Failed(f"`{words[0]}` had not ended after {_LIMIT} s") from None
    _let_go(place)
    if code != 0:
        raise _Failed(f"`{words[0]}` failed: {_last((place / 'err').read_text(encoding='utf-8'))}")
    told: dict[str, Any] = json.loads((place / "told.json").read_text(encoding="utf-8"))
    return told


def _last(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")


def _median(peer: _Peer) -> float:
    return statistics.median(peer.seconds)


def _row(peer: _Peer, ours: _Peer, target: float | None) -> Row:
    """A row of the table; what was lost stands in its first column."""
    name, how = peer.name
    if peer.reason:
        return Row(f"{name}, {how}: not measured, {peer.reason}", "µs a call", [], None, "less")
    told = [f"{name} {peer.version}, {how}; lost at `kill -9`: {_lost(peer.killed)}"]
    if peer.killed_all:
        told.append(f"with the processes that it starts {_lost(peer.killed_all)}")
    finish = statistics.median(peer.finish)
    if finish > _median(peer) * peer.calls / 2:
        told.append(f"the end of the run took {finish:.2g} s more, for {peer.calls:,} calls")
    told += sorted(peer.remarks)
    figures = [one * 1e6 for one in ours.seconds]
    if peer is ours:
        return Row("; ".join(told), "µs a call", figures, None, "less")
    theirs = [one * 1e6 for one in peer.seconds]
    return Row("; ".join(told), "µs a call", figures, None, "less", peer.call, theirs, ratio_target=target)


def _lost(killed: list[tuple[int, int]]) -> str:
    """The kill in the middle, and the worst."""
    if not any(lost for lost, _ in killed):
        return f"none of {sum(returned for _, returned in killed):,} calls"
    ordered = sorted(killed)
    (lost, returned), (most, of) = ordered[len(ordered) // 2], ordered[-1]
    return f"{lost:,} of {returned:,} calls" + (f", at worst {most:,} of {of:,}" if len(killed) > 1 else "")
