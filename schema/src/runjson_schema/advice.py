"""What to say of a member that is unknown or has a value that is not allowed, and what was probably meant."""

from __future__ import annotations

import difflib
import re
from typing import Any, Final

from runjson_schema.files import shown
from runjson_schema.findings import Finding, Pointer, finding
from runjson_schema.records import MEMBERS

# What other trackers and schedulers call the four statuses, and the two goals.
_SYNONYMS: Final = {
    "finished": "succeeded", "completed": "succeeded", "complete": "succeeded", "success": "succeeded",
    "done": "succeeded", "ok": "succeeded",
    "error": "failed", "failure": "failed", "crashed": "failed", "active": "running",
    "started": "running", "killed": "aborted", "cancelled": "aborted", "canceled": "aborted", "stopped": "aborted",
    "interrupted": "aborted", "min": "minimize", "max": "maximize",
}  # fmt: skip


def bad_id(member: str, value: str) -> Finding:
    """A text that is no id, and one near it that is."""
    fitting = re.sub(r"[^A-Za-z0-9._-]+", "-", value).strip("-._")[:128]
    hint = f"So {shown(fitting)}, perhaps. " if fitting else ""
    message = (
        f"{member} {shown(value)}: expected 1 to 128 of the letters A to Z, digits, . _ and -, a letter or digit first."
    )
    return finding("RJ109", message, (member,), hint + 'A title for people goes into "name".')


def not_allowed(member: str, value: str, allowed: tuple[str, ...], at: Pointer) -> Finding:
    """A value that is not one of those allowed, and the one that was probably meant."""
    meant = _SYNONYMS.get(value.lower()) or next(iter(difflib.get_close_matches(value.lower(), allowed, 1)), None)
    hint = f'Did you mean "{meant}"?' if meant in allowed else None
    return finding("RJ107", f"{member} is {shown(value)}; expected one of {', '.join(allowed)}.", at, hint)


def holds_numbers_or_objects(value: object) -> bool:
    """Whether a value is a number or an object, or an array that holds one at any depth (SPEC section 11)."""
    if isinstance(value, list):
        return any(map(holds_numbers_or_objects, value))
    return isinstance(value, dict | int | float) and not isinstance(value, bool)


def unknown(value: Any, at: Pointer, *, heavy: bool, warning: bool) -> Finding:  # Any: any JSON
    """An unknown member, and what was probably meant by it."""
    name = str(at[-1])
    message = f"unknown member {shown(name)}" + (f", {shown(value)}." if heavy else ".")
    close = difflib.get_close_matches(name.lower(), MEMBERS, 1)
    hint = f'Did you mean "{close[0]}"?' if close else None
    if heavy and not close:
        hint = f'A metric goes into "series": {{"{name}": ...}}; an extension is named "vendor:{name}".'
    return finding("RJ105", message, at, hint, warning=warning)


def point_text(text: str) -> str:
    """What to do about a text among numbers that stands for none."""
    try:
        float(text)
    except ValueError:
        return '"NaN" is a point that came out as NaN; one that was not measured is left out.'
    return f"Write {text} without quotes."
