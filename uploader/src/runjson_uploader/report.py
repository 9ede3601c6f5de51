"""The report of an upload, for programs: what became of each file."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, Field

from runjson_uploader.comparison import Answer


class FileReport(BaseModel):
    """What became of one run file."""

    file: str
    answer: Answer | str = Field(description="new, grown, unchanged, replaced, refused, trashed; unread if it was not")
    project: str | None = Field(default=None, description="null where the file does not come to say it")
    run: str | None = None
    writer: str | None = Field(default=None, description="null for none")
    size: int = Field(default=0, description="of the run file, in bytes")
    points: int = Field(default=0, description="that were added, of all kinds")
    files: int = Field(default=0, description="images and artifacts that were added")
    bytes: int = Field(default=0, description="of these files")
    seconds: float = Field(default=0.0, description="that it took")
    why: list[str] = Field(default=[], description="of a file that was not tracked: what is wrong, or what changed")
    warnings: list[str] = Field(default=[], description="what is odd about what was read")
    errors: int = Field(default=0, description="of a file with errors: how many there are")
    findings: dict[str, int] = Field(default={}, description="of a file with errors: findings of each code")


class Totals(BaseModel):
    """The sums over all run files."""

    run_files: int
    answers: dict[str, int] = Field(description="how many files got each answer")
    size: int
    points: int
    files: int
    bytes: int
    seconds: float = Field(description="from the beginning to the end")


class UploadReport(BaseModel):
    """What became of all run files of one upload."""

    runjson: str = Field(default="1.0", description="the version of the specification")
    tracker: str = Field(description="where the runs are tracked: a folder, a database, or a server")
    dry_run: bool
    ended_at: datetime
    totals: Totals
    files: list[FileReport]

    @classmethod
    def of(cls, tracker: object, files: Iterable[FileReport], seconds: float, *, dry_run: bool) -> UploadReport:
        """The report of an upload that took so many seconds."""
        files = list(files)
        answers: dict[str, int] = {}
        for one in files:
            answers[one.answer] = answers.get(one.answer, 0) + 1
        totals = Totals(
            run_files=len(files),
            answers=dict(sorted(answers.items())),
            size=sum(one.size for one in files),
            points=sum(one.points for one in files),
            files=sum(one.files for one in files),
            bytes=sum(one.bytes for one in files),
            seconds=seconds,
        )
        return cls(tracker=str(tracker), dry_run=dry_run, ended_at=datetime.now(UTC), totals=totals, files=files)

    def write(self, path: Path) -> None:
        """Write it as JSON, so that nobody sees half of it.

        Raises:
            OSError: the file can not be written.
        """
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with draft.open("x", encoding="utf-8") as target:
                target.write(self.model_dump_json(indent=2) + "\n")
                target.flush()
                os.fsync(target.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
