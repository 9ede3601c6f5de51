"""Values of columns of tables as JSON that a reader takes for nothing else (SPEC 5.3)."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final

from runjson_schema.numbers import special
from runjson_schema.values import is_tagged

# Beyond it JavaScript, and much else that reads JSON, has no integer exactly.
_EXACT: Final = 2**53


def cell_json(cell: Any) -> Any:  # Any: a value of a column, and JSON
    """A cell of a table as JSON: what JSON lacks, and integers of 2^53 and beyond, have the tags of the format."""
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else {"$float": special(cell)}
    if isinstance(cell, int):
        return cell if abs(cell) < _EXACT else {"$int": str(cell)}
    if isinstance(cell, datetime):
        return {"$datetime": cell.isoformat()}
    return list(cell) if isinstance(cell, tuple) else cell


def json_cell(told: Any) -> Any:  # Any: JSON, and a value of a column
    """The cell of a table that JSON stands for. Only the cell itself has a tag that is read, no part of it."""
    if not is_tagged(told):
        return told
    ((tag, text),) = told.items()
    if tag == "$float":
        return float(text)
    return int(text) if tag == "$int" else datetime.fromisoformat(text)


def number_json(number: float | None) -> float | str | None:
    """A number where one is expected: NaN and the infinities are texts."""
    return number if number is None or math.isfinite(number) else special(number)


def json_number(told: float | str | None) -> float | None:
    """The number that JSON stands for where one is expected."""
    return None if told is None else float(told)
