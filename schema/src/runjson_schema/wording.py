"""What to say of a member that is unknown or has a value that is not allowed, and what was probably meant."""

from __future__ import annotations

import difflib
import json
import math
import re
from typing import Any, Final

from runjson_schema.findings import Finding, Pointer, finding
from runjson_schema.names import SHA256, TIME_WITHOUT_OFFSET, normal_time, path_fault
from runjson_schema.records import MEMBERS

# What other trackers and schedulers call the four statuses, and the two goals.
SYNONYMS: Final = {
    "finished": "succeeded", "completed": "succeeded", "complete": "succeeded", "success": "succeeded",
    "done": "succeeded", "ok": "succeeded",
    "error": "failed", "failure": "failed", "crashed": "failed", "active": "running",
    "started": "running", "killed": "aborted", "cancelled": "aborted", "canceled": "aborted", "stopped": "aborted",
    "interrupted": "aborted", "min": "minimize", "max": "maximize",
}  # fmt: skip
# What a row of points calls its step and its time.
STEPS: Final = ("step", "_step", "global_step", "iteration", "iter", "epoch", "x")
TIMES: Final = ("time", "_timestamp", "timestamp")
_COLUMNS: Final = 'Write columns: {"values": [0.5, 0.4], "steps": [1, 2]}.'
_NULL: Final = (
    "Octave's jsonencode, JSON.stringify, jq and pandas write null for NaN and for both infinities, so what was there "
    'is lost. Write "NaN", "Infinity" or "-Infinity"; leave a point out that was not measured, and give "steps". '
    "If you know which it was: `runjson fix --null nan`, or `--null drop`."
)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z", re.ASCII)
_DATA_URL: Final = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,")


def shown(value: object, most: int = 60) -> str:
    """A value for a message: a text in quotes, long ones shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, dict):
        names = ", ".join(f'"{name}"' for name in list(value)[:3])
        return f"an object with {names}{', …' * (len(value) > 3)}" if value else "an empty object"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    text = repr(value) if not isinstance(value, str) else '"' + value + '"'
    return text if len(text) <= most else f"{text[: most - 1]}…"


def counted(count: int, word: str, several: str | None = None) -> str:
    """So many of something: `1 point`, `2,000 points`.

    Args:
        count: how many.
        word: for one of them.
        several: for several; with an s by default.
    """
    return f"{count:,} {word if count == 1 else several or word + 's'}"


def bad_id(at: Pointer, value: str) -> Finding:
    """A text that is no id, and one near it that is."""
    fitting = re.sub(r"[^A-Za-z0-9._-]+", "-", value).strip("-._")[:128]
    hint = f"So {shown(fitting)}, perhaps. " if fitting else ""
    expected = "1 to 128 of the letters A to Z, digits, . _ and -, a letter or digit first"
    return finding("RJ109", shown(value), at, hint + 'A title for people goes into "name".', expected=expected)


def meant_by(value: str, allowed: tuple[str, ...]) -> str | None:
    """Which of the values allowed a text surely means: another word for it, or its letters in another case."""
    meant = SYNONYMS.get(value.lower(), value.lower())
    return meant if meant in allowed else None


def not_allowed(value: str, allowed: tuple[str, ...], at: Pointer) -> Finding:
    """A value that is not one of those allowed, and the one that was probably meant."""
    sure = meant_by(value, allowed)
    known = {one: one for one in allowed} | {one: meant for one, meant in SYNONYMS.items() if meant in allowed}
    meant = sure or next((known[one] for one in difflib.get_close_matches(value.lower(), known, 1)), None)
    hint = f'Did you mean "{meant}"?' if meant else None
    return finding("RJ107", shown(value), at, hint, expected=f"one of {', '.join(allowed)}", fixable=sure is not None)


def holds_numbers_or_objects(value: object) -> bool:
    """Whether a value is a number or an object, or an array that holds one at any depth (SPEC section 11)."""
    if isinstance(value, list):
        return any(map(holds_numbers_or_objects, value))
    return isinstance(value, dict | int | float) and not isinstance(value, bool)


def near(name: str) -> str | None:
    """The member of a record that a name comes near to."""
    return next(iter(difflib.get_close_matches(name.lower(), MEMBERS, 1, 0.75)), None)


def is_metric(name: str, value: Any, *, steps: bool) -> bool:  # Any: any JSON
    """Whether an unknown member of a record is surely points of a series.

    Args:
        name: the member.
        value: what it holds.
        steps: whether the record has a step or a time.
    """
    entries = value if isinstance(value, list) else [value] if steps else []
    return bool(entries) and not near(name) and all(type(entry) in (int, float) for entry in entries)


def unknown(value: Any, at: Pointer, *, heavy: bool, warning: bool, steps: bool = False) -> Finding:  # Any: any JSON
    """An unknown member, and what was probably meant by it."""
    name = str(at[-1])
    close = near(name)
    metric = heavy and is_metric(name, value, steps=steps)
    fact = "unknown member" + (f", {shown(value)}" if heavy else "")
    hint = f'Did you mean "{close}"?' if close else None
    if heavy and not close:
        said = shown(value) if type(value) in (int, float) else "..."
        hint = (
            f'Points go into "series": {{"{name}": {said}}}, what was set into "parameters"; '
            f'an extension is named "vendor:{name}".'
        )
        if isinstance(value, list) and value and isinstance(value[0], dict) and (columns := _as_columns(value[0])):
            hint = f'Did you mean "series": {columns}?'
    return finding("RJ105", fact, at, hint, warning=warning, fixable=metric and not warning)


def _as_columns(row: dict[str, Any]) -> str | None:
    """A row of points as the series it belongs to: `{"loss": {"values": [0.5], "steps": [1]}}`."""
    step = next((name for name in STEPS if name in row), None)
    value = next((name for name, entry in row.items() if name != step and type(entry) in (int, float)), None)
    if value is None:
        return None
    columns = {"values": [row[value]]} | ({"steps": [row[step]]} if step else {})
    return json.dumps({value: columns})


def is_nested(entry: dict[str, Any]) -> bool:
    """Whether an entry of `series` is surely a namespace of series: {"loss": 0.5, "acc": [0.9]}."""
    return bool(entry) and all(
        is_nested(one) if isinstance(one, dict) and "values" not in one else name != "values" and one is not None
        for name, one in entry.items()
    )


def is_typed_array(value: object) -> bool:
    """Whether an object is an array of numbers as JSON.stringify writes a typed one: {"0": 0.5, "1": 0.4}."""
    return (
        isinstance(value, dict)
        and bool(value)
        and list(value) == [str(index) for index in range(len(value))]
        and all(type(entry) in (int, float) for entry in value.values())
    )


def is_row(entry: object) -> bool:
    """Whether a point is a row of a table: an object of its value, and perhaps its step and time."""
    if not isinstance(entry, dict):
        return False
    rest = [name for name in entry if name not in (*STEPS, *TIMES)]
    return (
        len(rest) == 1
        and all(type(one) in (int, float) for one in entry.values())
        and sum(name in STEPS for name in entry) <= 1
        and sum(name in TIMES for name in entry) <= 1
    )


def without_values(entry: dict[str, Any], at: Pointer) -> Finding:
    """An object among series or texts that is no columns."""
    kind, name = at[0], at[1]
    if is_typed_array(entry):
        return no_point(entry, at, "a number")
    hint = _COLUMNS
    nested = kind == "series" and is_nested(entry)
    if nested:
        inner, value = next(iter(entry.items()))
        said = shown(value) if type(value) in (int, float) else "..."
        hint = f'Names are flat: "{name}/{inner}": {said}.'
    return finding("RJ115", f'{shown(entry)} and no "values"', at, hint, fixable=nested)


def no_point(value: object, at: Pointer, expected: str) -> Finding:
    """A point of the wrong type."""
    if value is None:
        return finding("RJ112", "null is no point", at, _NULL)
    hint: str | None = None
    fixable = False
    if expected == "a number":
        if isinstance(value, str):
            fixable = is_number(value)
            hint = (
                f"Write {value} without quotes (jq: --argjson instead of --arg)."
                if fixable
                else 'A point that was not measured is left out (give "steps"); "NaN" is one that came out as NaN.'
            )
        elif isinstance(value, bool):
            hint = "Write 1 or 0."
        elif is_typed_array(value):
            hint, fixable = "A typed array in JSON.stringify? Array.from(x).", True
        elif isinstance(value, list | dict):
            hint, fixable = _COLUMNS, is_row(value)
    elif isinstance(value, list | dict):
        hint = _COLUMNS
    return finding("RJ113", shown(value), at, hint, expected=expected, fixable=fixable)


def is_number(text: str) -> bool:
    """Whether a text is a finite number as JSON writes it."""
    return bool(_NUMBER.match(text)) and math.isfinite(float(text))


def too_large(value: float, at: Pointer) -> Finding:
    """The finding for a number that no double holds."""
    return finding("RJ006", f"{shown(value)} does not fit a double (largest 1.8e308)", at)


def no_finite_number(value: object, at: Pointer) -> Finding:
    """A step or a time that is no finite number."""
    column = "time" in str(at[-1] if isinstance(at[-1], str) else at[-2])
    hint, fixable = None, False
    if isinstance(value, str) and column and normal_time(value):
        hint, fixable = "Points count seconds since 1970; only started_at and ended_at are texts.", True
    elif isinstance(value, str) and is_number(value):
        hint, fixable = f"Write {value} without quotes.", True
    elif isinstance(value, str) and column:
        hint = "Points count seconds since 1970, as time() does in most languages."
    expected = "a finite number" + (", or null for none" if isinstance(at[-1], int) else "")
    return finding("RJ114", shown(value), at, hint, expected=expected, fixable=fixable)


def no_moment(value: str, at: Pointer) -> Finding:
    """A text that is no moment."""
    if match := TIME_WITHOUT_OFFSET.match(value):
        moment = f"{match[1]}T{match[2]}"
        hint = f'Without an offset from UTC it is no moment. Write "{moment}+01:00" or, in UTC, "{moment}Z".'
    else:
        hint = 'strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(...)).'
    return finding("RJ117", shown(value), at, hint, expected='a time text like "2026-11-21T03:13:41Z"')


def bad_path(path: str, fault: str, at: Pointer) -> Finding:
    """A path that is refused."""
    hint = 'Paths begin at the folder of the run file and go on with "/".'
    fixable = False
    if fault == "is absolute":
        hint += f' A file that stays where it is: {{"uri": "file://{shown(path)[1:-1]}"}} (recorded, never copied).'
    elif fault == "is a data: URL":
        media = path[5:].partition(";")[0]
        hint, fixable = (
            f'Write {{"data": "the base64 behind the comma", "media_type": "{media[:40]}"}}.',
            bool(_DATA_URL.match(path)),
        )
    elif fault == "holds a backslash":
        turned = path.replace("\\", "/")
        fixable = path_fault(turned) is None
        hint = f'Write "{turned}", with /.' if fixable else hint
    return finding("RJ119", f"the path {shown(path)} {fault}", at, hint, fixable=fixable)


def bad_digest(value: object, at: Pointer) -> Finding:
    """A text that is no SHA-256."""
    hint, fixable = None, False
    text = value if isinstance(value, str) else ""
    if len(text) > 64 and SHA256.match(text[:64]) and text[64:65].isspace():
        hint, fixable = "This is the whole line of sha256sum; keep its first 64 characters (cut -c1-64).", True
    elif re.fullmatch("[0-9A-Fa-f]{56,63}", text):
        hint = (
            f"It has {len(text)}: leading zeros were dropped (Java: HexFormat.of().formatHex; C: %02x for each byte)."
        )
    elif len(text) == 44 and text.endswith("="):
        hint = "This looks like base64; write it in hexadecimal."
    return finding("RJ120", shown(value, 80), at, hint, expected="64 hexadecimal digits", fixable=fixable)


def neutral(text: str) -> str:
    """Text with its control characters made visible, so that a file can not command a terminal (SPEC section 14)."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)
