"""The files that a path or a pattern names, and how they are copied."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_FICLONE = 0x40049409  # of linux/fs.h: one file's blocks, shared with another until one of them changes
_PORTION = 1 << 20


class Source(NamedTuple):
    """A file or folder to be an artifact.

    Attributes:
        name: of the artifact.
        path: absolute.
    """

    name: str
    path: Path


def sources(path_or_pattern: str, name: str | None, own: Path) -> list[Source]:
    """The files or the folder that are meant.

    What is there under the very path is that; else it is a pattern as in `glob`, with `**` for any folders. A pattern
    with `**` stands for files alone, since it matches each folder on the way too.

    Args:
        path_or_pattern: what the caller gave.
        name: of the artifact; of several, each is named `name/` and its path below the fixed part of the pattern.
        own: the folder of the run, of which a pattern that begins outside takes nothing.

    Raises:
        FileNotFoundError: there is nothing.
    """
    path = Path(os.path.abspath(path_or_pattern))  # noqa: PTH100  `resolve` would follow the link that was named
    if os.path.lexists(path):
        return [Source(name or path.name or "root", path)]
    if not glob.has_magic(path_or_pattern):
        raise FileNotFoundError(f"there is no file or folder {path_or_pattern!r} (in {os.getcwd()}).")  # noqa: PTH109
    base = _fixed(path)
    recursive = "**" in path.parts
    inside = _real(base).is_relative_to(_real(own))
    found = []
    for match in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207  pathlib matches hidden files
        one = Path(match)
        if (recursive and one.is_dir()) or (not inside and _real(one).is_relative_to(_real(own))):
            continue
        below = one.relative_to(base).as_posix()
        found.append(Source(f"{name}/{below}" if name else below, one))
    if not found:
        raise FileNotFoundError(f"no file matches {path_or_pattern!r} (in {os.getcwd()}).")  # noqa: PTH109
    return found


def files_below(folder: Path, own: Path) -> list[tuple[str, Path]]:
    """The regular files below a folder, by their path below it, in order. Links are followed.

    A link that leads back to a folder above it is left out, and so is the folder of the run.

    Raises:
        OSError: a link leads nowhere, or a folder can not be read.
        ValueError: something is no file: a pipe, a socket, a device.
    """
    return list(_below(folder, "", frozenset({_real(folder)}), _real(own)))


def _below(folder: Path, prefix: str, above: frozenset[Path], own: Path) -> Iterator[tuple[str, Path]]:
    for one in sorted(folder.iterdir()):
        if one.is_dir():
            real = _real(one)
            if real not in above and real not in {own, own / "artifacts"}:
                yield from _below(one, f"{prefix}{one.name}/", above | {real}, own)
        else:
            regular(one)
            yield prefix + one.name, one


def regular(path: Path) -> None:
    """Raise unless a path leads to a regular file: reading a pipe would wait for ever.

    Raises:
        FileNotFoundError: the link leads nowhere, or nothing is there.
        ValueError: it is something else.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        kind = "a link that leads nowhere" if path.is_symlink() else "missing"
        raise FileNotFoundError(f"{str(path)!r} is {kind}.") from None
    if not stat.S_ISREG(mode):
        raise ValueError(f"{str(path)!r} is no regular file and no folder, which alone can be kept.")


def copy_file(source: Path, target: Path) -> tuple[int, str]:
    """Copy a file to a new one, as a reflink where the file system has them.

    Returns:
        The size in bytes and the SHA-256 of what was written, in hexadecimal.
    """
    regular(source)
    with source.open("rb", buffering=0) as reader, target.open("xb", buffering=0) as writer:
        if not _cloned(reader.fileno(), writer.fileno()):
            digest = hashlib.sha256()
            size = 0
            while portion := reader.read(_PORTION):
                digest.update(portion)
                rest = memoryview(portion)
                while rest:
                    rest = rest[writer.write(rest) :]
                size += len(portion)
            return size, digest.hexdigest()
    return digest_of(target)


def copy_folder(source: Path, target: Path, own: Path) -> None:
    """Copy the files below a folder to a new one; see `files_below`."""
    files = files_below(source, own)
    target.mkdir()
    for below, path in files:
        place = target / below
        place.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb", buffering=0) as reader, place.open("xb", buffering=0) as writer:
            _copy(reader.fileno(), writer.fileno())


def digest_of(path: Path) -> tuple[int, str]:
    """The size in bytes and the SHA-256 of a file."""
    regular(path)
    with path.open("rb") as reader:
        digest = hashlib.file_digest(reader, "sha256").hexdigest()
        return reader.tell(), digest


def _cloned(reader: int, writer: int) -> bool:
    try:
        import fcntl  # noqa: PLC0415  not on every system

        fcntl.ioctl(writer, _FICLONE, reader)
    except (ImportError, OSError):
        return False
    return True


def _copy(reader: int, writer: int) -> None:
    if _cloned(reader, writer):
        return
    try:
        while os.copy_file_range(reader, writer, 1 << 30):
            pass
    except (AttributeError, OSError):
        pass  # the rest is copied by hand, and what is wrong with the disk is said there
    with open(reader, "rb", closefd=False) as source, open(writer, "wb", closefd=False) as target:
        shutil.copyfileobj(source, target, _PORTION)


def _fixed(pattern: Path) -> Path:
    """The folder above the first part of a pattern that has wildcards."""
    for number, part in enumerate(pattern.parts):
        if glob.has_magic(part):
            return Path(*pattern.parts[:number])
    return pattern.parent


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # `resolve` raises where links lead in a circle
