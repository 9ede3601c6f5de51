"""How the program was called, without the secrets in its command line."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from runjson import lines

if TYPE_CHECKING:
    from runjson.run import Run

_MASK = "***"
_NAME = r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|auth)"
_OPTION = re.compile(rf"-{{1,2}}[A-Za-z0-9_-]*{_NAME}[A-Za-z0-9_-]*\Z", re.IGNORECASE)
_ASSIGNED = re.compile(rf"((?:-{{0,2}}|.*[._-]){_NAME}[A-Za-z0-9_-]*[=:]).+", re.IGNORECASE | re.DOTALL)
_SHAPES = re.compile(
    r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{8,}"
    r"|\bhf_\w{20,}|\bsk-[\w-]{16,}|\bAIza[\w-]{30,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)


class Program:
    """Says script and arguments of the program."""

    def __init__(self, run: Run) -> None:
        script = sys.argv[0] if sys.argv else ""
        found: dict[str, object] = {"arguments": masked(sys.argv[1:])}
        if script:
            found["script"] = script
        run._say({"source": lines.value(found)})

    def stop(self) -> None:
        """There is nothing to stop."""


def masked(words: Sequence[str]) -> list[str]:
    """Words of a command line, with *** for what looks like a secret: the value of `--password`, a key by its shape."""
    found: list[str] = []
    hidden = False
    for word in words:
        if hidden and not word.startswith("-"):
            found.append(_MASK)
            hidden = False
            continue
        hidden = bool(_OPTION.match(word))
        assigned = _ASSIGNED.match(word)
        found.append(assigned[1] + _MASK if assigned else _SHAPES.sub(_MASK, word))
    return found
