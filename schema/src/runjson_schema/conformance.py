"""The conformance corpus, and how a reader is judged by it (schema/conformance/README.md)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias

from pydantic import BaseModel, ConfigDict

Level: TypeAlias = Literal["core", "text", "files"]
# What a reader may say instead of a finer code (SPEC appendix B).
_COARSER = {"RJ004": "RJ003", "RJ005": "RJ003"}
# How long a command may take for one case, in seconds.
PATIENCE = 60


class Expected(BaseModel):
    """A finding that a case expects."""

    model_config = ConfigDict(extra="forbid")

    code: str
    pointer: str | None = None
    line: int | None = None


class Case(BaseModel):
    """One case of the corpus: a run file, a sequence of uploads, or a description of a run, and what is to follow.

    `links` names symbolic links, which packages can not hold: the case runs in a folder of these links and a file
    `inside.txt`, beside which stands a file `outside.txt`. `lenient` says that it holds for readers in lenient mode.
    """

    model_config = ConfigDict(extra="forbid")

    path: str
    level: Level
    required: bool
    rule: str
    section: str
    findings: list[Expected] = []
    links: dict[str, str] = {}
    lenient: bool = False

    @property
    def group(self) -> str:
        """The folder of the case: fold, canonical, stream, source, valid, invalid, lint or writer."""
        return self.path.split("/", 1)[0]


class Manifest(BaseModel):
    """All cases of the corpus: those of readers, and those of writers."""

    model_config = ConfigDict(extra="forbid")

    corpus: str
    cases: list[Case]
    writing: list[Case] = []


class Reading(BaseModel):
    """What a reader answers for one run file."""

    valid: bool
    findings: list[dict[str, Any]] = []  # Any: a reader may report more than is judged
    canonical: str | None = None


class Sources(BaseModel):
    """What a tracker answers for a sequence of uploads."""

    answers: list[str]
    runs: dict[str, str]


class Reader(Protocol):
    """A reader under test."""

    def read(self, name: str, data: bytes, folder: Path, *, lenient: bool = False) -> Reading:
        """Read the bytes of a run file whose paths begin at `folder`, in strict mode or the lenient one."""

    def sources(self, uploads: list[dict[str, Any]]) -> Sources:
        """Take a sequence of uploads."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a reader or writer did on one case; `faults` says what was otherwise than expected."""

    case: Case
    faults: tuple[str, ...]


class Unable(Exception):
    """A reader or writer could not run a case."""


def corpus() -> Path:
    """The folder of the corpus: inside the package if it is there, else in the checkout."""
    inside = Path(__file__).parent / "conformance_corpus"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "conformance"


def load(folder: Path) -> Manifest:
    """The manifest of a corpus."""
    return Manifest.model_validate_json((folder / "manifest.json").read_bytes())


# The file of another program: a reader that does not know it says what else is wrong.
_FOREIGN: Final = "RJ015"
# In these groups a case that lists no warnings deserves none; what is no rule of SPEC may be asked everywhere.
_NO_MORE_WARNINGS: Final = frozenset({"valid", "canonical", "stream"})
_ASKED: Final = "RJ4"


def judge(reader: Reader, case: Case, folder: Path) -> Verdict:
    """Run one case and compare the answer with what is expected."""
    path = folder / case.path
    try:
        if case.group == "source":
            faults = tuple(_judge_sources(reader, json.loads(path.read_bytes())))
        else:
            with _folder(case, path) as place:
                reading = reader.read(path.name, path.read_bytes(), place, lenient=case.lenient)
            expected = expected_form(path)
            faults = tuple(_judge_reading(reading, case, expected.read_bytes() if expected.exists() else None))
    except Unable as unable:
        faults = (str(unable),)
    return Verdict(case, faults)


def expected_form(path: Path) -> Path:
    """Where the canonical form that a case expects stands."""
    return path.with_name(path.name.split(".")[0] + ".expected.json")


@contextmanager
def _folder(case: Case, path: Path) -> Iterator[Path]:
    """The folder in which a run file's paths begin."""
    if not case.links:
        yield path.parent
        return
    with tempfile.TemporaryDirectory() as above:
        (Path(above) / "outside.txt").write_text("outside\n", encoding="utf-8")
        place = Path(above) / "case"
        place.mkdir()
        (place / "inside.txt").write_text("inside\n", encoding="utf-8")
        for name, target in case.links.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).symlink_to(target)
        yield place


def _judge_reading(reading: Reading, case: Case, canonical: bytes | None) -> Iterator[str]:
    valid = case.group != "invalid"
    if reading.valid != valid:
        told = ", ".join(f"{one.get('code')} at line {one.get('line')}" for one in reading.findings[:3])
        yield f"says {'valid' if reading.valid else 'invalid'}" + (f" ({told})" if told else "")
        return
    if canonical is not None and (reading.canonical or "").encode() != canonical:
        yield f"canonical form {_difference(reading.canonical or '', canonical.decode())}"
    if not reading.findings and not valid:
        return  # a reader need not say why
    for expected in case.findings if reading.findings or valid else ():
        if not any(_matches(expected, found) for found in reading.findings):
            what = f"{expected.code} {expected.pointer or ''} line {expected.line}"
            told = "; ".join(
                f"{one.get('code')} {one.get('pointer') or ''} line {one.get('line')}" for one in reading.findings
            )
            yield f"does not report {what} but {told or 'nothing'}"
    if case.group in _NO_MORE_WARNINGS:
        for found in reading.findings:
            surplus = found.get("severity") == "warning" and not str(found.get("code")).startswith(_ASKED)
            if surplus and not any(_matches(expected, found) for expected in case.findings):
                yield f"warns of {found.get('code')} {found.get('pointer') or ''} line {found.get('line')}"


def _matches(expected: Expected, found: dict[str, Any]) -> bool:
    if expected.code == _FOREIGN:
        return True
    if found.get("code") not in {None, expected.code, _COARSER.get(expected.code)}:
        return False
    if expected.pointer is not None and found.get("pointer") not in {None, expected.pointer}:
        return False
    return expected.line is None or found.get("line") in {None, expected.line}


def _judge_sources(reader: Reader, case: dict[str, Any]) -> Iterator[str]:
    found = reader.sources(case["uploads"])
    if found.answers != case["answers"]:
        yield f"answers {', '.join(found.answers)}; expected {', '.join(case['answers'])}"
    for name, expected in case["runs"].items():
        if found.runs.get(name) != expected:
            yield f"run {name}: {_difference(found.runs.get(name) or '', expected)}"
    for name in found.runs.keys() - case["runs"].keys():
        yield f"run {name} was not expected"


def _difference(found: str, expected: str) -> str:
    same = next((at for at, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), None)
    at = min(len(found), len(expected)) if same is None else same
    begin = max(at - 20, 0)
    return f"differs at {at}: …{found[begin : at + 40]!r}; expected …{expected[begin : at + 40]!r}"


def command_words(command: Sequence[str]) -> list[str]:
    """The words of a command that is started in other folders than this one: files that they name keep their place."""
    return [
        str(Path(word).absolute()) if Path(word).is_file() and (at or len(Path(word).parts) > 1) else word
        for at, word in enumerate(command)
    ]


def answer(
    command: Sequence[str], data: bytes, folder: Path | None, patience: float = PATIENCE, *, quiet: bool = False
) -> tuple[int, bytes, bytes]:  # fmt: skip
    """Start a command, and end it and all that it started once it takes too long.

    Args:
        command: its words.
        data: what it gets on standard input.
        folder: where it is started; here by default.
        patience: how long it may take, in seconds.
        quiet: whether what it writes to standard error is kept from the terminal, and given back.

    Returns:
        The exit code, and what it wrote to standard output and, if that is kept, to standard error.

    Raises:
        Unable: it can not be started, or takes too long.
    """
    try:
        process = subprocess.Popen(  # noqa: S603  the command that the user gave
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE if quiet else None,
            cwd=folder, start_new_session=True,
        )  # fmt: skip
    except OSError as fault:
        raise Unable(f"can not be started: {fault.strerror}") from None
    with process:
        try:
            output, errors = process.communicate(data, timeout=patience)
        except BaseException as fault:
            # All of its session: what a shell started would go on to write, and hold the pipes open.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if isinstance(fault, subprocess.TimeoutExpired):
                raise Unable(f"takes more than {patience:g} s") from None
            raise
    return process.returncode, output, errors or b""


class CommandReader:
    """A reader that is a command, started anew for each case."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command_words(command)

    def read(self, name: str, data: bytes, folder: Path, *, lenient: bool = False) -> Reading:
        """Give the bytes on standard input and the name as the last argument, in the case's folder."""
        mode = ["--lenient"] if lenient else []
        code, output, _ = answer([*self._command, *mode, name], data, folder)
        if code not in (0, 1):
            raise Unable(f"exits with {code}")
        try:
            reading = Reading.model_validate_json(output)
        except ValueError:
            raise Unable(f"writes no answer: {output[:60]!r}") from None
        if reading.valid != (code == 0):
            raise Unable(f"exits with {code} and says valid = {reading.valid}")
        return reading

    def sources(self, uploads: list[dict[str, Any]]) -> Sources:
        """Give the uploads as JSON on standard input."""
        code, output, _ = answer([*self._command, "--sources"], json.dumps({"uploads": uploads}).encode(), None)
        try:
            return Sources.model_validate_json(output)
        except ValueError:
            raise Unable(f"exits with {code} and writes no answer: {output[:60]!r}") from None
