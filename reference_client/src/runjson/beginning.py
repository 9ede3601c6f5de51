"""Beginning a run."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from runjson import lines, names
from runjson.parameters import Default, plain
from runjson.run import Run

Resume = Literal["never", "allow", "must"]
# What is captured unless it is switched off.
CAPTURED: Final = ("git", "program", "environment", "hardware", "console", "ending")
# What is captured when it is asked for.
_ON_REQUEST: Final = ("console-fd",)


# They outlive this process; kept, so that nobody takes them for forgotten.
_followers: list[Any] = []


class RunExists(FileExistsError):
    """The run is there already, and is not to be gone on with."""


class RunMissing(FileNotFoundError):
    """The run that is to be gone on with is not there."""


def init(
    project: str | None = None,
    name: str | None = None,
    *,
    id: str | None = None,  # noqa: A002  the format's word
    parameters: Any = None,
    tags: str | Iterable[str] = (),
    properties: Mapping[str, Any] | None = None,
    description: str | None = None,
    group: str | None = None,
    parent: str | Mapping[str, Any] | None = None,
    writer: str | None = None,
    resume: Resume = "never",
    dir: str | os.PathLike[str] | None = None,  # noqa: A002  as in tempfile
    mode: Literal["file", "disabled"] | None = None,
    capture: bool | Iterable[str] = True,
    source_files: str | Iterable[str] | None = None,
    upload: bool | str | os.PathLike[str] | None = None,
    default: Default | None = None,
) -> Run:  # fmt: skip
    """Begin a run: a folder with its run file, to which all that is logged is written at once.

    Args:
        project: that the run belongs to; `RUNJSON_PROJECT` by default.
        name: its title.
        id: its id, 1 to 128 letters, digits, `.`, `_` and `-`; made anew by default. Processes that were started
            together by torchrun, mpirun, mpiexec or srun get one in common, and a writer each.
        parameters: what the run is given: a dictionary, dataclass, namespace, pydantic or attrs model, OmegaConf
            configuration, nested.
        tags: short words to find it by.
        properties: what may change later.
        description: Markdown.
        group: of runs that differ in the seed alone.
        parent: the run that it goes on from, by id, or `{"id": ..., "step": ...}`.
        writer: which part of a run of several processes or stages this is.
        resume: whether a run of this id that is there is gone on with: `never`, `allow`, or `must`.
        dir: where the folder of the run is made; `RUNJSON_DIR`, or else `runs`, by default.
        mode: `disabled` writes nothing, and everything else works; `RUNJSON_MODE`, or else `file`, by default.
        capture: whether to capture what a run captures by itself, or which parts: `git`, `program`, `environment`,
            `hardware`, `console`, `ending`; `console-fd`, which is not among them by default, takes what other
            languages and processes print, too.
        source_files: patterns such as `src/**/*.py`: a copy of each file is kept, under its path from the working
            directory. Of a script a copy is kept by default, as part of `program`; `()` keeps none.
        upload: a tracker that the run is uploaded to while it goes; True for the default one; `RUNJSON_TRACKER`, if it
            is set, by default; False for none.
        default: makes something that JSON has of parameters that it has not, such as `str`.

    Raises:
        RunExists: there is such a run, and `resume` is `never`.
        RunMissing: there is none, and `resume` is `must`.
        ParameterChanged: the run is gone on with, and a parameter has another value there.
        NotJson: a parameter or property can not be written; the message names it.
        ValueError: an argument is none of those allowed.
        OSError: the folder can not be made.
    """
    disabled = _mode(mode) == "disabled"
    chosen_project = project if project is not None else os.environ.get("RUNJSON_PROJECT") or None
    if chosen_project is not None and names.cleaned(chosen_project) != chosen_project:
        raise ValueError(
            f"project {chosen_project!r}: parts between / are not empty, . or .., without control characters."
        )
    ranked = names.rank()
    common = id or os.environ.get("RUNJSON_ID") or (names.shared_id() if ranked else None)
    chosen = common or names.new_id()
    if not names.is_id(chosen):
        raise ValueError(f"id {chosen!r}: 1 to 128 letters A to Z, digits, . _ and -, a letter or digit first.")
    if resume not in {"never", "allow", "must"}:
        raise ValueError(f'resume {resume!r}: it is "never", "allow" or "must".')
    if writer is not None and not names.is_id(writer):
        raise ValueError(f"writer {writer!r}: letters A to Z, digits, . _ and -, a letter or digit first.")
    part = writer if writer is not None else f"rank-{ranked[0]}" if ranked else None
    folder = Path(dir or os.environ.get("RUNJSON_DIR") or "runs") / chosen
    run = Run(
        project=chosen_project, id=chosen, writer=part, folder=folder.absolute(), disabled=disabled, default=default
    )
    there = not disabled and run.path.exists() and run.path.stat().st_size > 0
    if ranked and ranked[0] == 0 and common is None and not disabled:
        run._warn(
            "ranks",
            f"nothing tells the {ranked[1]} ranks of this start an id in common: each has a run of its own. "
            "Set RUNJSON_ID, the same for all of them.",
        )
    if there and resume == "never":
        raise RunExists(f'{run.path} is there already: give another id, or say resume="allow".')
    if not there and resume == "must" and not disabled:
        raise RunMissing(f'{run.path} is not there, and resume is "must".')
    if there:
        run._parameters.read(run.path)
    members = _members(run, name, parameters, tags, properties, description, group, parent, default, resumed=there)
    run._begin(members)
    _capture(run, capture, source_files)
    if not disabled:
        _follow(run, upload)
    return run


def _mode(mode: str | None) -> str:
    chosen = mode or os.environ.get("RUNJSON_MODE") or "file"
    if chosen not in {"file", "disabled"}:
        raise ValueError(f'mode {chosen!r}: it is "file" or "disabled".')
    return chosen


def _members(
    run: Run, name: str | None, parameters: Any, tags: str | Iterable[str], properties: Mapping[str, Any] | None,
    description: str | None, group: str | None, parent: str | Mapping[str, Any] | None, default: Default | None, *,
    resumed: bool,
) -> dict[str, str]:  # fmt: skip
    """The first line of the run, as JSON texts by member."""
    found: dict[str, str] = {}
    for member, text in (("name", name), ("description", description), ("group", group)):
        if text is not None:
            found[member] = lines.quoted(text)
    found["status"] = '"running"'
    if not resumed:
        found["started_at"] = lines.quoted(datetime.now(UTC).isoformat().replace("+00:00", "Z"))
    if parent is not None:
        found["parent"] = lines.value({"id": parent} if isinstance(parent, str) else dict(parent))
    words = [tags] if isinstance(tags, str) else list(tags)
    if words:
        found["tags"] = lines.value([str(word) for word in words if word])
    if parameters is not None:
        tree = plain(parameters, "parameters", default)
        if not isinstance(tree, dict):
            raise ValueError(f"parameters are a {type(parameters).__name__}, and not something with names.")
        run._parameters.add(tree)
        found["parameters"] = lines.value(tree)
    if properties:
        found["properties"] = lines.entries(
            {run._name(key): lines.value(plain(value, key, default)) for key, value in properties.items()}
        )
    return found


def _capture(run: Run, capture: bool | Iterable[str], source_files: str | Iterable[str] | None) -> None:
    """Begin to capture; what fails there is told, and the run goes on."""
    parts = [capture] if isinstance(capture, str) else capture
    wanted = set(CAPTURED) if parts is True else set() if parts is False else set(parts)
    unknown = wanted - {*CAPTURED, *_ON_REQUEST}
    if unknown:
        raise ValueError(f"capture {sorted(unknown)}: there are {', '.join((*CAPTURED, *_ON_REQUEST))}.")
    patterns = [source_files] if isinstance(source_files, str) else source_files
    if run._disabled:
        return
    atexit.register(_at_exit, run)

    def begin() -> None:
        from runjson.capture.all import begin as begin_all  # noqa: PLC0415  what is captured is loaded with it

        run._captures = begin_all(run, wanted, None if patterns is None else list(patterns))

    if wanted or patterns:
        run._guarded(begin)


def _at_exit(run: Run) -> None:
    """A program that comes to its end without an exception has succeeded; at a prompt exceptions end nothing."""
    if not run.finished and run._process == os.getpid():
        error = None if hasattr(sys, "ps1") else getattr(sys, "last_value", None)
        run.finish("succeeded" if error is None else "aborted" if isinstance(error, KeyboardInterrupt) else "failed")


def _follow(run: Run, upload: bool | str | os.PathLike[str] | None) -> None:
    """Start a process that uploads the run while it goes, and that training never waits for."""
    if upload is False:
        return
    tracker = os.environ.get("RUNJSON_TRACKER") if upload is None else None if upload is True else os.fspath(upload)
    if upload is None and not tracker:
        return

    def start() -> None:
        import subprocess  # noqa: PLC0415  loaded when it is used

        command = [sys.executable, "-m", "runjson", "upload", "--follow", str(run.path), "--while", str(os.getpid())]
        command += ["--to", tracker] if tracker else []
        with (run.folder / "upload.log").open("ab") as log:
            _followers.append(
                subprocess.Popen(  # noqa: S603  our own command
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            )

    run._guarded(start)
