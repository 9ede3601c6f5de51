"""What the systems do differently: all calls that POSIX or Linux alone have, each with what is done elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

# Several machines may share these; SQLite's write-ahead log needs memory that all of its users share.
_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "beegfs", "ceph", "afs", "9p", "fuse.sshfs", "glusterfs"}
    | {"fuse.glusterfs", "pvfs2", "orangefs", "panfs", "wekafs", "virtiofs"}
)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk; without this they may be lost with the power though the bytes are there.

    Where folders can not be opened, as on Windows, nothing is done: its file systems keep names in a journal.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_in_place(draft: Path, path: Path) -> None:
    """Give a finished file its name, unless another process gave it to one of its own meanwhile.

    Linking, unlike renaming, never replaces a file. Where there are no links, renaming is what is left.
    """
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:
        draft.rename(path)


def network_file_system(folder: Path) -> str | None:
    """The type of the network file system that holds a folder; None on a local one, or where nobody knows."""
    try:
        mounts = Path("/proc/self/mounts").read_text(errors="replace").splitlines()
    except OSError:
        return None
    place = folder.resolve()
    deepest, found = -1, ""
    for mount in mounts:
        fields = mount.split(" ")
        if len(fields) < 3:
            continue
        # The kernel writes white space and backslashes as three octal digits.
        point = Path(fields[1].encode("latin-1", "replace").decode("unicode_escape"))
        if place.is_relative_to(point) and len(point.parts) >= deepest:
            deepest, found = len(point.parts), fields[2]
    return found if found in _NETWORK else None
