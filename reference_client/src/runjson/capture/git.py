"""The state of the code in git: commit, branch, remote, and what differs from the commit."""

from __future__ import annotations

import re
import subprocess
import threading
from typing import TYPE_CHECKING

from runjson import lines

if TYPE_CHECKING:
    from runjson.run import Run

_SECONDS = 5.0
# A larger difference is no difference that anybody reads.
_MOST = 10 << 20
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_ENTRIES = ("commit", "author", "date", "message")


class Git:
    """Looks at the repository of the working folder, beside the program: `init` does not wait for it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._thread = threading.Thread(target=lambda: run._guarded(self._look), name="runjson-git", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Wait for it, some seconds at most."""
        self._thread.join(_SECONDS)

    def _look(self) -> None:
        shown = _git("log", "-1", "--format=%H%x00%an <%ae>%x00%aI%x00%s")
        if shown is None:
            return
        found: dict[str, object] = dict(
            zip((f"git/{name}" for name in _ENTRIES), shown.strip().split("\0"), strict=False)
        )
        if branch := (_git("rev-parse", "--abbrev-ref", "HEAD") or "").strip():
            found["git/branch"] = branch
        if remote := (_git("remote", "get-url", "origin") or "").strip():
            found["git/remote"] = _CREDENTIALS.sub("", remote)
        status = _git("status", "--porcelain")
        if status is not None:
            found["git/dirty"] = bool(status.strip())
        self._run._say({"source": lines.value(found)})
        difference = _git("diff", "HEAD", "--no-color") if found.get("git/dirty") else None
        if difference and len(difference) < _MOST:
            path = self._run.folder / "source" / "changes.diff"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(difference, encoding="utf-8", errors="replace")
            file = {"path": "source/changes.diff", "media_type": "text/x-diff"}
            self._run._say({"artifacts": lines.entries({"source/diff": lines.value(file)})})


def _git(*words: str) -> str | None:
    """What git prints; None without git, or outside of a repository."""
    command = ["git", *words]
    try:
        done = subprocess.run(  # noqa: S603  fixed words
            command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
