"""A file that a tracker holds for a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from runjson_tracker.reading.interface import Reading
    from runjson_tracker.sources import StoredFile


@dataclass(frozen=True, slots=True)
class Held:
    """A file as a run has it: who may read the run may read it.

    Attributes:
        tracker: that holds it.
        project: of the run.
        run: its id.
        writer: of the source that has it, "" for none.
        file: what is known of it.
    """

    tracker: Reading
    project: str
    run: str
    writer: str
    file: StoredFile

    @property
    def sha256(self) -> str:
        """Of its bytes, in lower-case hexadecimal."""
        return self.file.sha256

    @property
    def size(self) -> int:
        """In bytes."""
        return self.file.bytes

    def open(self) -> IO[bytes]:
        """Open it to read it.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        return self.tracker.open_file(self.project, self.run, self.writer, self.file)
