"""Tables as CSV (RFC 4180, UTF-8, lines that end with LF), with what CONVENTIONS says about a table."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from runjson.media.foreign import kind, origins

_PORTION = 10_000
_TAKEN = (
    "a table is a data frame of pandas, polars or Arrow, or rows: dictionaries, or sequences of cells with `columns`"
)
# A portion of a table: a list of cells for each column.
Portion = list[list[Any]]


class Written(NamedTuple):
    """What was written.

    Attributes:
        rows: how many, the header not counted.
        columns: `name` and `type` of each.
        bytes: the size of the file.
        sha256: of the file.
    """

    rows: int
    columns: list[dict[str, str]]
    bytes: int
    sha256: str


def write_table(path: Path, table: Any, columns: Sequence[str] | None) -> Written:
    """Write a table to a new CSV file, 10,000 rows at a time.

    Of a pandas frame the parts of the index that have a name are the first columns. What is missing is an empty cell;
    NaN is `NaN`, truth values are `true` and `false`, moments are written as in ISO 8601.

    Args:
        path: of the file.
        table: a data frame of pandas, polars or pyarrow; or rows, as dictionaries or as sequences of cells.
        columns: names of the cells, where rows are sequences; else which ones are written, in this order.

    Raises:
        TypeError: it is no table.
        ValueError: there are no columns, or a row has more or fewer cells.
        OSError: the file can not be written.
    """
    if columns is not None and isinstance(columns, str):
        raise TypeError("the columns of a table are a list of names, and not a text.")
    names, declared, portions = _parts(table, None if columns is None else list(columns))
    if not names:
        raise ValueError("the table has no columns; an empty one is written if `columns` names them.")
    rows, seen = 0, [set[str]() for _ in names]
    with path.open("xb") as file:
        lines = _Lines(file)
        writer = csv.writer(lines, lineterminator="\r\n")
        writer.writerow(names)
        for portion in portions:
            texts = [_cells(column, types) for column, types in zip(portion, seen, strict=True)]
            writer.writerows(zip(*texts, strict=True))
            lines.flush()
            rows += len(portion[0])
        lines.flush()
    described = [
        {"name": name, "type": _type(types) or told or "string"}
        for name, types, told in zip(names, seen, declared, strict=True)
    ]
    return Written(rows, described, lines.bytes, lines.digest.hexdigest())


class _Lines:
    """Takes the lines of a CSV writer; a portion of them is encoded, counted and written at once.

    The writer is told that lines end with CR LF, since it puts a cell into quotes only for the ends that it knows.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lines: list[str] = []
        self.bytes = 0
        self.digest = hashlib.sha256()

    def write(self, line: str) -> None:
        self._lines.append(line[:-2])

    def flush(self) -> None:
        data = "".join(f"{line}\n" for line in self._lines).encode("utf-8", "replace")
        self._lines.clear()
        self._file.write(data)
        self.digest.update(data)
        self.bytes += len(data)


def _parts(table: Any, columns: list[str] | None) -> tuple[list[str], list[str | None], Iterable[Portion]]:
    """Names and declared types of the columns, and the cells."""
    found = origins(table)
    if "polars" in found and hasattr(table, "collect"):
        table = table.collect()
    if "pandas" in found and hasattr(table, "iloc") and hasattr(table, "columns"):
        index = [at for at, name in enumerate(table.index.names) if name is not None]
        named = [table.index.names[at] for at in index]
        frames = [table.index.get_level_values(at).to_series() for at in index]
        frames += [table.iloc[:, at] for at in range(table.shape[1])]
        every = [_label(name) for name in (*named, *table.columns)]
    elif "polars" in found and hasattr(table, "get_columns"):
        every, frames = list(table.columns), table.get_columns()
    elif "pyarrow" in found and hasattr(table, "schema") and hasattr(table, "num_rows"):
        every = [str(name) for name in table.schema.names]
        frames = table.columns
    else:
        return _of_rows(table, columns)
    if columns is not None:
        columns = [str(name) for name in columns]
        missing = [name for name in columns if name not in every]
        if missing:
            raise ValueError(f"the table has no column {missing[0]!r}; it has {', '.join(every[:50])}.")
        frames = [frames[every.index(name)] for name in columns]
        every = columns
    declared = [_declared(str(getattr(frame, "dtype", getattr(frame, "type", "")))) for frame in frames]

    def portions() -> Iterator[Portion]:
        for at in range(0, len(frames[0]) if frames else 0, _PORTION):
            yield [_of_column(getattr(one, "iloc", one)[at : at + _PORTION]) for one in frames]

    return every, declared, portions()


def _of_column(part: Any) -> list[Any]:
    """The cells of a part of a column."""
    if hasattr(part, "to_pylist"):
        return list(part.to_pylist())
    cells = list(part.to_list())
    if "pandas" in origins(part) and not str(part.dtype).startswith("float"):
        # There NaN says that a text, a category, or whatever it is, is missing.
        return [None if missing else cell for cell, missing in zip(cells, part.isna().to_list(), strict=True)]
    return cells


def _of_rows(table: Any, columns: list[str] | None) -> tuple[list[str], list[str | None], Iterable[Portion]]:
    rows = table.tolist() if "numpy" in origins(table) and hasattr(table, "tolist") else table
    if (
        isinstance(rows, str | bytes | Mapping)
        or not isinstance(rows, Iterable)
        or origins(rows) & {"pandas", "polars"}
    ):
        raise TypeError(f"a {kind(table)} is no table: {_TAKEN}.")
    rows = list(rows)
    if columns is None:
        columns = list(dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row))
        if any(not isinstance(row, Mapping) for row in rows):
            raise ValueError("rows that are no dictionaries need `columns`, the names of their cells.")
    names = columns

    def cells(number: int, row: Any) -> Sequence[Any]:
        if isinstance(row, Mapping):
            return [row.get(name) for name in names]
        found = row.tolist() if hasattr(row, "tolist") else row
        if isinstance(found, str | bytes) or not isinstance(found, Sequence):
            raise TypeError(f"row {number} is a {kind(row)}: {_TAKEN}.")
        if len(found) != len(names):
            raise ValueError(f"row {number} has {len(found)} cells, and there are {len(names)} columns.")
        return found

    def portions() -> Iterator[Portion]:
        for at in range(0, len(rows), _PORTION):
            part = [cells(number, row) for number, row in enumerate(rows[at : at + _PORTION], at)]
            yield [list(column) for column in zip(*part, strict=True)]

    return [str(name) for name in names], [None] * len(names), portions()


def _cells(column: list[Any], types: set[str]) -> list[Any]:
    """The cells as the CSV writer is to have them; what types they have is added to `types`."""
    kinds = set(map(type, column))
    if kinds <= {str}:
        types.update({"string"} if kinds else ())
        return column
    if kinds == {int}:
        types.add("integer")
        return column
    return [_cell(cell, types) for cell in column]


def _cell(cell: Any, types: set[str]) -> Any:
    if type(cell).__module__ == "numpy" and hasattr(cell, "item"):
        cell = cell.item()
    if cell is None or type(cell).__name__ in {"NAType", "NaTType"}:  # what pandas has for missing
        return None
    if isinstance(cell, bool):
        types.add("boolean")
        return "true" if cell else "false"
    if isinstance(cell, int):
        types.add("integer")
        return int(cell)
    if isinstance(cell, float | Decimal):
        types.add("number")
        if math.isnan(cell):
            return "NaN"
        if math.isinf(cell):
            return "Infinity" if cell > 0 else "-Infinity"
        return repr(float(cell)) if isinstance(cell, float) else str(cell)
    if isinstance(cell, datetime | date):
        types.add("datetime")
        return cell.isoformat()
    types.add("string")
    return str(cell)


def _type(types: set[str]) -> str | None:
    """The type of a column whose cells have these; None if all are missing."""
    if types == {"integer", "number"}:
        return "number"
    return next(iter(types)) if len(types) == 1 else "string" if types else None


def _declared(dtype: str) -> str | None:
    """The type of a column without any value, by what its library calls it."""
    lowered = dtype.lower()
    for beginnings, found in (
        (("bool",), "boolean"),
        (("int", "uint"), "integer"),
        (("float", "double", "decimal", "halffloat"), "number"),
        (("date", "timestamp"), "datetime"),
    ):
        if lowered.startswith(beginnings):
            return found
    return None


def _label(name: Any) -> str:
    """The name of a column, which pandas may have in several parts."""
    return "/".join(map(str, name)) if isinstance(name, tuple) else str(name)
