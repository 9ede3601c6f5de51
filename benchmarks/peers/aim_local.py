"""Aim, in a repository on this machine.

What is kept is read by its own Python interface, from the index that is made first, as Aim's server does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import aim
from turns import Log, main


def begin(place: Path) -> tuple[Log, Callable[[], object]]:
    repo = aim.Repo.from_path(str(place), init=True)
    run = aim.Run(repo=repo, system_tracking_interval=None, capture_terminal_logs=False)
    return run.track, run.close


def read(place: Path) -> Iterator[tuple[int, str, float]]:
    from aim.sdk.index_manager import RepoIndexManager

    repo = aim.Repo.from_path(str(place))
    for name in repo.list_all_runs():
        RepoIndexManager.get_index_manager(repo).index(name)
        for metric in aim.Run(name, repo=repo, read_only=True).metrics():
            # By their keys: `metric.data` pairs what comes first with what comes first, and a call that was killed
            # has written a value and no step, so that many a value would get the step of another.
            steps = dict(metric.series_tree.array("step").items())
            for key, value in metric.series_tree.array("val").items():
                if key in steps:
                    yield int(steps[key]), metric.name, float(value)


if __name__ == "__main__":
    main("aim", begin, read)
