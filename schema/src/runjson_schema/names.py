"""Texts with rules: names, ids, times and paths (SPEC sections 4, 5.4, 5.5 and 7.1)."""

from __future__ import annotations

import datetime
import re
from typing import Final

# The writer of what people changed in a tracker (SPEC 9.3).
EDITS: Final = "~"
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
VERSION: Final = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\Z")
SHA256: Final = re.compile(r"[0-9A-Fa-f]{64}\Z")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?(?:([Zz])|([+-])(\d\d):?(\d\d))\Z", re.ASCII)
TIME_WITHOUT_OFFSET: Final = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)\Z", re.ASCII)
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def name_fault(name: str) -> str | None:
    """What keeps a text from being a name (SPEC 5.4), as the end of a sentence; None if it is one."""
    if not name:
        return "is empty"
    if len(name) > 1024 or len(name.encode()) > 1024:
        return "is longer than 1024 bytes of UTF-8"
    if control := _CONTROL.search(name):
        return f"holds the control character U+{ord(control[0]):04X}"
    for segment in name.split("/"):
        if not segment:
            return "has an empty part between, before or behind its slashes"
        if segment in {".", ".."}:
            return f"has the part {segment!r}"
    return None


def normal_time(text: str) -> str | None:
    """A time text in its normal spelling (SPEC 5.5); None if it is no moment."""
    match = _TIME.match(text)
    if not match:
        return None
    date, clock, fraction, zulu, sign, hours, minutes = match.groups()
    hour, minute, second = (int(part) for part in clock.split(":"))
    if hour > 23 or minute > 59 or second > 60 or int(hours or 0) > 23 or int(minutes or 0) > 59:
        return None
    try:
        datetime.date.fromisoformat(date)
    except ValueError:
        return None
    return f"{date}T{clock}{fraction or ''}" + ("Z" if zulu else f"{sign}{hours}:{minutes}")


def path_fault(path: str) -> str | None:
    """What keeps a text from being a path (SPEC 7.1), as the end of a sentence; None if it is one."""
    if not path:
        return "is empty"
    normal = normal_path(path)
    if path.startswith("data:") or normal.startswith("data:"):
        return "is a data: URL"
    if path.startswith("/"):
        return "is absolute"
    if "\\" in path:
        return "holds a backslash"
    if _DRIVE.match(path) or _DRIVE.match(normal):
        return "begins with a drive"
    if control := _CONTROL.search(path):
        return f"holds the control character U+{ord(control[0]):04X}"
    segments = path.removesuffix("/").split("/")
    if "" in segments:
        return "has an empty segment"
    if ".." in segments:
        return "has the segment '..'"
    if set(segments) == {"."}:
        return "names the folder itself"
    return None


def normal_path(path: str) -> str:
    """A path without its `.` segments and the slash at its end."""
    return "/".join(segment for segment in path.split("/") if segment not in {"", "."})
