"""Names, ids and folders of runs: what the format allows, and what is made of the rest."""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
_LONGEST = 1024
# Letters that are hard to take for each other.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def cleaned(name: str) -> str:
    """The name itself where it is one (SPEC 5.4); else one like it, with _ for what is not allowed."""
    if not _CONTROL.search(name) and len(name) <= _LONGEST // 4 and _segments_fine(name):
        return name
    text = _CONTROL.sub("_", name).encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore")
    return "/".join(part if part not in {"", ".", ".."} else "_" for part in text.split("/"))


def _segments_fine(name: str) -> bool:
    return bool(name) and {"", ".", ".."}.isdisjoint(name.split("/"))


def is_id(text: str) -> bool:
    """Whether a text is an id, or a writer (SPEC section 4)."""
    return bool(_ID.match(text))


def new_id() -> str:
    """An id that sorts by time and that nobody else makes: the moment in UTC and five random letters."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return f"{moment}-{''.join(secrets.choice(_LETTERS) for _ in range(5))}"


def rank() -> tuple[int, int] | None:
    """The rank of this process among those that were started together, and how many these are; None for one alone."""
    for own, all_of_them in (
        ("RANK", "WORLD_SIZE"),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
        ("PMI_RANK", "PMI_SIZE"),
        ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
    ):
        try:
            found = int(os.environ[own]), int(os.environ[all_of_them])
        except (KeyError, ValueError):
            continue
        if found[1] > 1:
            return found
    return None


def shared_id() -> str | None:
    """An id for the processes of one start, made of what their launcher told them; None if it told nothing.

    MPICH's mpiexec tells no name of the start, but how many ranks are on this machine. If these are all, the process
    that started them is known to each.
    """
    import hashlib  # noqa: PLC0415  rarely needed

    told = [
        os.environ[name]
        for name in (
            "SLURM_JOB_ID",
            "SLURM_STEP_ID",
            "TORCHELASTIC_RUN_ID",
            "MASTER_ADDR",
            "MASTER_PORT",
            "PMIX_NAMESPACE",
        )
        if os.environ.get(name, "none") != "none"
    ]
    if not told:
        every = os.environ.get("PMI_SIZE")
        started_by = _launcher("PMI_RANK") if every and os.environ.get("MPI_LOCALNRANKS") == every else None
        if started_by is None:
            return None
        told.append(started_by)
    elif not os.environ.get("SLURM_JOB_ID"):
        told.append(str(os.getppid()))  # one launcher on one machine
    return f"job-{hashlib.sha256(chr(0).join(told).encode()).hexdigest()[:16]}"


def _launcher(mark: str) -> str | None:
    """The machine, and the process on it that gave this one a variable, with the moment it began; None if not known.

    It is the nearest one above that had no such variable itself: a script may stand between. Only Linux tells this.
    """
    process = os.getppid()
    while process > 1:
        place = Path(f"/proc/{process}")
        try:
            # Behind the name, which may hold anything: the state, the parent, ..., the start in ticks since boot.
            stat = (place / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        try:
            given = f"\0{mark}=".encode() in b"\0" + (place / "environ").read_bytes()
        except OSError:
            given = False  # somebody else's: a launcher that runs as another user
        if not given:
            return f"{os.uname().nodename} {process} {stat[19]}"
        process = int(stat[1])
    return None
