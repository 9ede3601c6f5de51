"""The series of runs as long tables: CSV with the standard library, Parquet with pyarrow."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import numpy as np
from runjson_schema.numbers import special

from runjson_tracker.errors import StoreError
from runjson_tracker.terminal import neutral

if TYPE_CHECKING:
    from runjson_tracker.reading.interface import Portion

COLUMNS: Final = ("project", "run", "writer", "series", "index", "step", "time", "value")


def write_csv(portions: Iterable[Portion], out: TextIO, *, visible: bool = False) -> int:
    """Write points of series of numbers as CSV (RFC 4180); says how many.

    NaN and the infinities are written as run files do; a step or time that a point lacks is empty.

    Args:
        portions: the points, as `series_of` gives them.
        out: where to write.
        visible: whether names have escapes for what a terminal would act upon.
    """
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for one in portions:
        points = one.points
        key = [neutral(name, len(name)) for name in _key(one)] if visible else _key(one)
        values = np.asarray(points.values).tolist()
        steps = [None] * len(points) if points.steps is None else points.steps.tolist()
        times = [None] * len(points) if points.times is None else points.times.tolist()
        for index, value, step, time in zip(one.indices.tolist(), values, steps, times, strict=True):
            writer.writerow((*key, index, _cell(step), _cell(time), _number(value)))
        count += len(points)
    return count


def write_parquet(portions: Iterable[Portion], path: Path) -> int:
    """Write points of series of numbers as Parquet; says how many.

    Raises:
        StoreError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  an optional part
        import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: PLC0415
    except ModuleNotFoundError:
        raise StoreError("Parquet needs pyarrow: pip install pyarrow. CSV needs nothing: --to csv.") from None
    texts = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        [(name, texts) for name in COLUMNS[:4]]
        + [("index", pa.int64()), ("step", pa.float64()), ("time", pa.float64()), ("value", pa.float64())]
    )
    count = 0
    with pq.ParquetWriter(path, schema) as writer:
        for one in portions:
            points, rows = one.points, len(one.points)
            named: list[Any] = [pa.array([text] * rows, pa.string()).dictionary_encode() for text in _key(one)]
            steps, times = (
                pa.nulls(rows, pa.float64()) if column is None else pa.array(column, pa.float64(), from_pandas=True)
                for column in (points.steps, points.times)
            )
            values = pa.array(np.asarray(points.values), pa.float64(), from_pandas=False)
            indices = pa.array(one.indices, pa.int64())
            writer.write_table(pa.table([*named, indices, steps, times, values], schema=schema))
            count += rows
    return count


def _key(one: Portion) -> list[str]:
    return [one.project, one.run, one.writer, one.name]


def _cell(number: float | None) -> str:
    return "" if number is None or math.isnan(number) else repr(number)


def _number(number: float) -> str:
    return repr(number) if math.isfinite(number) else special(number)
