"""Tables as rows of Python, and as the data frames of whichever library is at hand."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np

# So many rows are printed; the rest is counted.
_SHOWN: Final = 20
_WIDEST: Final = 40


class Frame(Sequence[dict[str, Any]]):  # Any: cells of several types
    """A table: its columns by name, each with a cell for every row; None where a row has none.

    A sequence of its rows, which are dictionaries. Columns of numbers may be arrays, in which NaN stands for none.
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns: dict[str, Any] = {
            name: cells if isinstance(cells, np.ndarray) else list(cells) for name, cells in columns.items()
        }
        self._length = len(next(iter(self._columns.values()), ()))

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self._columns)

    def column(self, name: str) -> list[Any]:
        """The cells of a column.

        Raises:
            KeyError: there is no such column.
        """
        cells = self._columns[name]
        return cells.tolist() if isinstance(cells, np.ndarray) else list(cells)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:  # Any: a row, or a list of rows for a slice
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(self._length))]
        return {name: _cell(cells[index]) for name, cells in self._columns.items()}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for index in range(self._length):
            yield self[index]

    def to_pandas(self) -> Any:  # Any: a pandas.DataFrame
        """The table as a `pandas.DataFrame`.

        Raises:
            ImportError: pandas is not installed.
        """
        return _library("pandas").DataFrame(self._columns)

    def to_polars(self) -> Any:  # Any: a polars.DataFrame
        """The table as a `polars.DataFrame`; a column of several types has objects.

        Raises:
            ImportError: polars is not installed.
        """
        polars = _library("polars")
        return polars.DataFrame(
            [
                polars.Series(name, _even(cells), strict=True)
                if _one_type(cells)
                else polars.Series(name, cells, dtype=polars.Object)
                for name, cells in self._columns.items()
            ]
        )

    def to_arrow(self) -> Any:  # Any: a pyarrow.Table
        """The table as a `pyarrow.Table`; a column of several types has their texts.

        Raises:
            ImportError: pyarrow is not installed.
        """
        arrow = _library("pyarrow")
        return arrow.table(
            {
                name: _even(cells)
                if _one_type(cells)
                else [None if cell is None else str(cell) for cell in cells]
                for name, cells in self._columns.items()
            }
        )  # fmt: skip

    def __repr__(self) -> str:
        rows = [self.columns, *(list(map(_text, row.values())) for row in self[:_SHOWN])]
        widths = [min(max(map(len, cells)), _WIDEST) for cells in zip(*rows, strict=True)]
        lines = ["  ".join(cell[:width].ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        if self._length > _SHOWN:
            lines.append(f"... {self._length:,} rows")
        return "\n".join(line.rstrip() for line in lines) or "no rows"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self._columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_text(cell))}</td>" for cell in row.values()) + "</tr>"
            for row in self[:_SHOWN]
        )
        more = f"<caption>{self._length:,} rows</caption>" if self._length > _SHOWN else ""
        return f"<table>{more}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _library(name: str) -> Any:  # Any: a module
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise ImportError(f"{name} is not installed: pip install {name}") from None


def _text(cell: Any) -> str:  # Any: a cell
    if isinstance(cell, float):
        return f"{cell:.6g}"
    return "" if cell is None else str(cell).replace("\n", "\\n")


def _cell(cell: Any) -> Any:  # Any: a cell
    return cell.item() if isinstance(cell, np.generic) else cell


def _one_type(cells: Any) -> bool:
    """Whether a column has one type, integers and floats counting as one if no digit is lost by it."""
    if isinstance(cells, np.ndarray) and cells.dtype != object:
        return True
    types = {type(cell) for cell in cells if cell is not None}
    if types == {int, float}:
        return all(abs(cell) <= 2**53 for cell in cells if isinstance(cell, int))
    if types == {int}:
        return all(-(2**63) <= cell < 2**63 for cell in cells if cell is not None)
    return len(types) <= 1 and not types & {dict, tuple}


def _even(cells: Any) -> Any:  # Any: a list, or an array of numbers
    """Cells of one type: floats where some are integers."""
    if isinstance(cells, np.ndarray) and cells.dtype != object:
        return cells
    if {type(cell) for cell in cells if cell is not None} == {int, float}:
        return [None if cell is None else float(cell) for cell in cells]
    return list(cells)
