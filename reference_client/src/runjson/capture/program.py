"""The program that runs: its script and its arguments."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from runjson import lines
from runjson.capture.masking import masked_arguments

if TYPE_CHECKING:
    from runjson.run import Run


class Program:
    """Says `script` and `arguments` in `source`; what looks like a secret is `***`."""

    def __init__(self, run: Run) -> None:
        script = sys.argv[0] if sys.argv else ""
        entries = {"arguments": lines.value(masked_arguments(sys.argv[1:]))}
        if script and script != "-c":
            entries = {"script": lines.quoted(script), **entries}
        run._say({"source": lines.entries(entries)})

    def stop(self) -> None:
        """All is said."""

    def forked(self) -> None:
        """Nothing goes on."""
