"""Where the store is: a folder that holds `tracker.sqlite` and `blobs/`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

DATABASE: Final = "tracker.sqlite"
BLOBS: Final = "blobs"
# Several machines may share these; SQLite's write-ahead log needs memory that all of its users share.
_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "beegfs", "ceph", "afs", "9p", "fuse.sshfs", "glusterfs"}
    | {"fuse.glusterfs", "pvfs2", "orangefs", "panfs", "wekafs", "virtiofs"}
)


def find_location(location: str | os.PathLike[str] | None = None) -> Path:
    """The store's folder: what is given, else `RUNJSON_TRACKER`, else `runjson` in the user's data folder.

    The database's own file stands for its folder. Nothing is made here.
    """
    chosen = os.fspath(location) if location is not None else os.environ.get("RUNJSON_TRACKER", "")
    if not chosen:
        return _data_folder() / "runjson"
    path = Path(chosen).expanduser().absolute()
    return path.parent if path.name == DATABASE else path


def _data_folder() -> Path:
    # The XDG base directory specification says that a relative path is ignored.
    configured = os.environ.get("XDG_DATA_HOME", "")
    return Path(configured) if configured.startswith("/") else Path.home() / ".local" / "share"


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
