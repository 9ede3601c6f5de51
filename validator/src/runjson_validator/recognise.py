"""Files of other programs, which are no run files: whose they are, and what to do with them (RJ015)."""

from __future__ import annotations

import json
from typing import Any, Final

from runjson_schema.findings import Finding, finding
from runjson_schema.kind import FileKind
from runjson_schema.records import MEMBERS
from runjson_schema.text import SPACE
from runjson_schema.wording import STEPS, TIMES

# A larger document without the word runjson is not decoded as a whole to be recognised.
_LARGEST: Final = 50_000_000
_NEPTUNE: Final = frozenset(
    {"log_metric", "log_text", "log_image", "send_metric", "send_text", "send_image", "channels"}
)


def recognise(head: bytes, kind: FileKind) -> Finding | None:
    """Say of a file without `runjson` which other program's it is.

    Args:
        head: its beginning; of a document all of it.
        kind: what it looks like.

    Returns:
        None if it is not one that is known.
    """
    if len(head) > _LARGEST:
        return None
    text = head if kind == "document" else next((line for line in head.split(b"\n") if line.strip(SPACE)), b"")
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return None
    told = _rows(tree, kind) or _object(tree)
    if told is None:
        return None
    what, how = told
    return finding("RJ015", f"this is {what}, and no run file", (), how)


def is_row(value: object) -> bool:
    """Whether a value is a row of a table: an object of numbers and texts, some of them numbers, none a record's."""
    return (
        isinstance(value, dict)
        and not value.keys() & (MEMBERS - {"step", "time", "name", "id", "description", "group"})
        and all(isinstance(one, int | float | str | None) for one in value.values())
        and any(type(one) in (int, float) for column, one in value.items() if column not in (*STEPS, *TIMES))
    )


def _rows(tree: Any, kind: FileKind) -> tuple[str, str] | None:  # Any: any JSON
    rows = [tree] if kind == "stream" else tree
    if not isinstance(rows, list) or not rows:
        return None
    if all(isinstance(row, list) and len(row) == 3 and all(type(one) in (int, float) for one in row) for row in rows):
        how = 'Its rows are time, step, value: {"values": [...], "steps": [...], "times": [...]} of one series.'
        return "a scalar series that TensorBoard exported", how
    if not all(map(is_row, rows)):
        return None
    first = rows[0]
    columns = ", ".join(f'"{one}"' for one in list(first)[:4])
    if "_step" in first and ("_runtime" in first or "_timestamp" in first):
        how = '_step is "step", _timestamp is "time", every other number a point: {"step": 0, "series": {"loss": 0.5}}.'
        return "a history of Weights & Biases", how
    step = next((one for one in STEPS if one in first), None)
    value = next((one for one in first if one not in (*STEPS, *TIMES)), "loss")
    how = f'Write a record a line: {{"step": {first.get(step or "", 1)}, "series": {{"{value}": ...}}}}'
    how += ', the first line with "runjson" and "id".'
    return f"a table, a row a point, with the columns {columns}", how


def _object(tree: Any) -> tuple[str, str] | None:  # Any: any JSON
    if not isinstance(tree, dict):
        return None
    if any(
        isinstance(channel, dict) and {"x", "y"} <= channel.keys()
        for member in _NEPTUNE & tree.keys()
        if isinstance(tree[member], dict)
        for channel in tree[member].values()
    ):
        how = (
            '"params" are "parameters"; "log_metric" (or "send_metric", "channels") is "series", "log_text" is "text", '
            '"log_image" is "images", each {"x": [...], "y": [...]} as {"steps": [...], "values": [...]}; '
            '"log_artifact" is "artifacts", path by name.'
        )
        return "an experiment in the format of Neptune's with_json", how
    if "_wandb" in tree and "_step" in tree:
        how = "It holds the last value of each series alone; the history has them all."
        return "a summary of Weights & Biases", how
    if isinstance(tree.get("log_history"), list):
        how = 'Each entry of "log_history" is a record: {"step": 10, "series": {"loss": 0.5}}.'
        return "a trainer_state.json of Hugging Face's Trainer", how
    columns = tree.get("history") if set(tree) <= {"history", "epoch", "params"} else tree
    if not isinstance(columns, dict) or not columns:
        return None
    if all(isinstance(one, dict) and {"values", "steps", "timestamps"} <= one.keys() for one in columns.values()):
        how = '"timestamps" are texts; "times" count seconds since 1970. The rest stands right, below "series".'
        return "a metrics.json of Sacred", how
    sizes = {len(one) for one in columns.values() if _is_column(one)}
    if len(sizes) == 1 and all(map(_is_column, columns.values())) and not columns.keys() & MEMBERS:
        first = next(iter(columns))
        how = f'Put its lists into "series": {{"runjson": "1.0", "series": {{"{first}": [...]}}}}.'
        return "a history of Keras, or another object of equally long columns", how
    return None


def _is_column(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(one) in (int, float) for one in value)
