"""Following run files: what is appended is tracked within a second, file by file in turns, many in one transaction."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from runjson_schema.discover import places, run_files
from runjson_tracker.errors import SourceChanged, StoreError
from sqlalchemy.exc import DBAPIError

from runjson_uploader.live import TURN, LiveFile, Options, Ready
from runjson_uploader.target import of_the_target

if TYPE_CHECKING:
    from runjson_uploader.live import Tell
    from runjson_uploader.target import Target

# How often files are looked at, in seconds.
_LOOK: Final = 0.2
# Folders are searched so that it takes no more than this share of the time.
_SHARE: Final = 0.1
# So many files, and bytes of them, go into one transaction: it is short, and what waits for it is little.
_FILES: Final = 256
_BYTES: Final = 4 * TURN
# So many files are sent to a server at once.
_AT_ONCE: Final = 8
# A transaction waits so long for another process's; then it is told, and tried again, at longer and longer intervals.
_BUSY: Final = 1.0
_BACKOFF: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(slots=True)
class Summary:
    """What became of the files that were followed.

    Attributes:
        files: how many there were.
        points: how many points were tracked.
        faulty: the files that are left with an error, or refused, and why.
        ended: whether all runs said that they ended.
    """

    files: int = 0
    points: int = 0
    faulty: dict[Path, list[str]] = field(default_factory=dict)
    ended: bool = False


class _Reached:
    """The target while files are followed: where it was, or waited for. It is never made anew."""

    def __init__(self, target: Target, notice: Callable[[str], None]) -> None:
        self.target = target
        self._notice = notice
        self._same = target.identity
        self._failures = 0
        self._not_before = 0.0
        target.wait_at_most(_BUSY)

    def reachable(self) -> bool:
        """Whether it may be tried now."""
        return time.monotonic() >= self._not_before

    def check(self) -> bool:
        """Whether it is another one than before, which was opened then.

        Raises:
            StoreError: it is not there, or can not be opened.
        """
        now = self.target.identity
        if now is None:
            raise StoreError(f"The tracker at {self.target.location} is not there.")
        if now == self._same:
            return False
        target = self.target.reopened()
        self.target.close()
        self.target, self._same = target, now
        target.wait_at_most(_BUSY)
        return True

    def works(self) -> None:
        """Say that it took something."""
        if self._failures:
            self._failures = 0
            self._notice("The tracker can be written again.")

    def failed(self, why: Exception) -> None:
        """Tell once why it can not be used, and wait longer each time."""
        if not self._failures:
            said = str(why.orig) if isinstance(why, DBAPIError) else str(why)
            self._notice(f"{said.rstrip('.')}. Waiting for it; nothing is lost.")
        self._not_before = time.monotonic() + _BACKOFF[min(self._failures, len(_BACKOFF) - 1)]
        self._failures += 1


class Follower:
    """Follows run files until their runs have ended, until it is stopped, or until a process that is named is gone."""

    def __init__(
        self, words: Iterable[str], target: Target, options: Options, tell: Tell, notice: Callable[[str], None],
        process: int | None = None,
    ) -> None:  # fmt: skip
        self._words = list(words)
        self._options = options
        self._tell = tell
        self._reached = _Reached(target, notice)
        self._pool: ThreadPoolExecutor | None = None
        self._process = process
        self._live: dict[Path, LiveFile] = {}
        self._folders = False
        self._searched = 0.0
        self._stop = threading.Event()
        self._turns: dict[Path, int] = {}
        self._turn = 0

    def run(self) -> Summary:
        """Follow; SIGINT and SIGTERM let the transaction at hand come to its end."""
        with _signals(self._stop):
            while not self._stop.is_set():
                begun = time.monotonic()
                gone = self._process is not None and not _is_there(self._process)
                self._search()
                due = [live for live in self._live.values() if live.look()]
                if due and self._reached.reachable():
                    self._track(due)
                elif self._all_ended() or (gone and not any(live.pending for live in self._live.values())):
                    break
                worked = due and self._reached.reachable()
                self._stop.wait(0.0 if worked else max(_LOOK - (time.monotonic() - begun), _LOOK / 4))
        if self._pool is not None:
            self._pool.shutdown()
        self._reached.target.close()
        live = self._live.values()
        return Summary(
            len(live), sum(one.points for one in live), {one.path: one.fault for one in live if one.fault},
            ended=not self._stop.is_set(),
        )  # fmt: skip

    def _all_ended(self) -> bool:
        return not self._folders and bool(self._live) and all(one.ended for one in self._live.values())

    def _search(self) -> None:
        """Look for new files in folders, and for those that patterns match."""
        begun = time.monotonic()
        if begun < self._searched:
            return
        for word in self._words:
            for place in places(word) or [Path(word)]:
                self._folders = self._folders or place.is_dir() or place != Path(word)
                for path in run_files(place) if place.is_dir() else [place]:
                    if path not in self._live:
                        self._live[path] = LiveFile(path, self._options, self._tell)
        took = time.monotonic() - begun
        self._searched = begun + max(_LOOK, took / _SHARE)

    def _track(self, due: list[LiveFile]) -> None:
        """Let the files that have something to do have their turn, and commit what came of it."""
        # Little things first: a run that goes on is not kept waiting by a large file that is read for the first time,
        # and of these the one first that had its turn the longest ago.
        due.sort(key=lambda one: (one.backlog > TURN, self._turns.get(one.path, 0)))
        self._turn += 1
        if self._reached.target.store is None:
            self._send(due[:_FILES])
            return
        ready: list[Ready] = []
        tried: list[LiveFile] = []
        size = 0
        with ExitStack() as ingests:
            try:
                if self._reached.check():
                    for live in self._live.values():
                        live.drop()
                for live in due:
                    if len(ready) >= _FILES or size >= _BYTES or self._stop.is_set():
                        break
                    size += min(max(live.backlog, 0), TURN)
                    tried.append(live)
                    self._turns[live.path] = self._turn
                    if (one := self._one(live)) is not None:
                        ready.append(one)
                        ingests.enter_context(one.ingest)
                if ready:
                    self._commit(ready)
            except (StoreError, DBAPIError) as why:
                for live in tried:
                    live.drop()
                self._reached.failed(why)
                return
        if ready:
            self._reached.works()

    def _send(self, due: list[LiveFile]) -> None:
        """Let a server have what is new of files, several at once: each answer is waited for."""
        for live in due:
            self._turns[live.path] = self._turn
        # The threads stay: each has connections of its own, which are kept open from turn to turn.
        self._pool = self._pool or ThreadPoolExecutor(_AT_ONCE)
        sent = [(live, self._pool.submit(self._one, live)) for live in due]
        failed = None
        for live, one in sent:
            try:
                one.result()
            except StoreError as why:
                live.again()
                failed = why
        if failed is None:
            self._reached.works()
        else:
            self._reached.failed(failed)

    def _one(self, live: LiveFile) -> Ready | None:
        try:
            return live.turn(self._reached.target)
        except SourceChanged:  # by another program: what is tracked now is looked at again
            live.drop()
            return None
        except OSError as fault:
            if of_the_target(self._reached.target, fault):
                raise StoreError(f"The tracker cannot be written: {fault.strerror or fault}.") from fault
            live.unreadable(fault)
            return None

    def _commit(self, ready: list[Ready]) -> None:
        self._reached.check()
        store = self._reached.target.store
        assert store is not None
        with store.transaction() as connection:
            for one in sorted(ready, key=lambda one: one.ingest.run):  # all programs lock runs in one order
                one.commit(connection)
        for one in ready:
            one.done()


def _is_there(process: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM set `stop`; a second one does what it does elsewhere."""
    before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}

    def on_signal(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
