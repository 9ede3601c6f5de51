"""How a writer is judged: by the run file that it leaves for a description of a run (schema/conformance/README.md)."""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from runjson_schema.conformance import PATIENCE, Case, Unable, Verdict, answer, command_words, expected_form
from runjson_schema.discover import run_files
from runjson_schema.points import KINDS
from runjson_schema.wording import counted, neutral, shown

from runjson_uploader.conformance.differences import Number, differences
from runjson_uploader.conformance.our_reader import OurReader

# What clients add by themselves, and no description says.
_ADDED: Final = ("started_at", "ended_at", "source", "environment")
# Warnings of what a writer must not do, or of something that was lost: a torn line, another spelling of NaN.
_NOT_OF_A_WRITER: Final = ("RJ010", "RJ206")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_MOST_TOLD: Final = 5


class Writer(Protocol):
    """A writer under test."""

    def write(self, description: bytes, folder: Path) -> None:
        """Write the run of a description, which is JSON, anywhere below an empty folder.

        Raises:
            Unable: it did not.
        """


class CommandWriter:
    """A writer that is a command, started anew for each case.

    Args:
        command: its words.
        patience: how long it may take for a case, in seconds.
    """

    def __init__(self, command: Sequence[str], patience: float = PATIENCE) -> None:
        self._command = command_words(command)
        self._patience = patience

    def write(self, description: bytes, folder: Path) -> None:
        """Give the description on standard input, in the folder."""
        code, _, errors = answer(self._command, description, folder, self._patience, quiet=True)
        if code:
            said = errors.decode("utf-8", "replace").strip().splitlines()
            raise Unable(f"exits with {code}" + (f": {neutral(said[-1])[:200]}" if said else ", and says nothing"))


def judge_writer(writer: Writer, case: Case, corpus: Path) -> Verdict:
    """Run one case of the manifest's `writing`, and compare what was written with what is expected."""
    path = corpus / case.path
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        try:
            writer.write(path.read_bytes(), folder)
            faults = [*_judge_folder(folder, expected_form(path).read_bytes())]
        except Unable as unable:
            faults = [str(unable)]
    return Verdict(case, tuple(faults))


def _judge_folder(folder: Path, expected: bytes) -> Iterator[str]:
    files = [*run_files(folder)]
    if not files:
        others = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        yield "leaves no run file" + (f", but {', '.join(others[:3])}" if others else "")
        return
    sources: dict[tuple[Any, ...], str] = {}
    for path in files:
        name = path.relative_to(folder).as_posix()
        fold, faults = _read(path)
        if fold is not None:
            sources.setdefault(tuple(fold.get(member) for member in ("project", "id", "writer")), name)
            wanted = _compared(json.loads(expected, parse_int=Number, parse_float=Number), folder)
            _leave_out(fold := _compared(fold, path.parent), wanted)
            found = [*differences(fold, wanted)]
            faults += [f"the canonical form differs at {one}" for one in found[:_MOST_TOLD]]
            if len(found) > _MOST_TOLD:
                faults.append(f"the canonical form differs at {len(found) - _MOST_TOLD:,} more places")
        yield from (f"{name}: {fault}" for fault in faults)
    if len(sources) > 1:
        yield f"leaves {counted(len(sources), 'source')}, and one was to be written: {', '.join(sources.values())}"


def _read(path: Path) -> tuple[dict[str, Any] | None, list[str]]:
    """The fold of a run file, None if it has none, and what a writer must not write."""
    data = path.read_bytes()
    reading = OurReader().read(path.name, data, path.parent)
    faults = ["begins with a byte order mark"] if data.startswith(_BYTE_ORDER_MARK) else []
    for one in reading.findings:
        if one["severity"] == "error" or one["code"] in _NOT_OF_A_WRITER:
            where = f" at line {one['line']}" if one.get("line") else ""
            faults.append(neutral(f"{one['code']}{where}: {one['message']}"))
    if reading.canonical is None:
        return None, ["is not valid: " + faults[0], *faults[1:_MOST_TOLD]]
    return json.loads(reading.canonical, parse_int=Number, parse_float=Number), faults[:_MOST_TOLD]


def _compared(fold: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What is compared of a fold: an artifact is the SHA-256 of its bytes."""
    fold = {name: value for name, value in fold.items() if name not in _ADDED}
    if "artifacts" in fold:
        fold["artifacts"] = {name: _digest(file, folder) for name, file in fold["artifacts"].items()}
    return fold


def _digest(file: dict[str, Any] | None, folder: Path) -> str | None:
    if file is None:
        return None
    if "data" in file:
        data = base64.b64decode(file["data"])
    elif "path" in file and (folder / file["path"]).is_file():
        data = (folder / file["path"]).read_bytes()
    else:
        return f"no bytes, but {shown(file.get('uri') or file.get('path'))}"
    return f"SHA-256 {hashlib.sha256(data).hexdigest()}"


def _leave_out(fold: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Take from a fold what the description does not say and clients add: times, extensions, that it is running."""
    for name in [*fold]:
        if name not in wanted and (":" in name or (name, fold[name]) == ("status", "running")):
            del fold[name]
    for kind in KINDS:
        for name, columns in fold.get(kind, {}).items():
            said = wanted.get(kind, {}).get(name, {}).get("times")
            if said is None:
                columns.pop("times", None)
            elif len(columns.get("times", ())) == len(said):
                columns["times"] = [
                    None if one is None else time for time, one in zip(columns["times"], said, strict=True)
                ]
