"""Series, texts, images and histograms of a run as Python has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from runjson_schema.points import Floats, Kind
from runjson_schema.wording import counted

from runjson_tracker.reading.files import Image
from runjson_tracker.reading.frames import Frame
from runjson_tracker.reading.held import Held
from runjson_tracker.reading.values import plain

if TYPE_CHECKING:
    from runjson_tracker.reading.interface import Source
    from runjson_tracker.sources import StoredFile


@dataclass(frozen=True)
class Series:
    """Points of a series of numbers.

    Attributes:
        name: of the series.
        values: shape (n,), doubles, NaN and infinities among them.
        steps: shape (n,); NaN where a point has none.
        times: shape (n,), seconds since 1970; NaN where a point has none.
        count: how many points the series has, of which `values` may be a reduced number.
        indices: shape (n,), the index of each point in the series.
        notes: what its writer said beside the points: unit, goal, description, x.
    """

    name: str
    values: Floats
    steps: Floats
    times: Floats
    count: int
    indices: np.ndarray[Any, np.dtype[np.int64]]
    notes: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def x(self) -> Floats:
        """The steps, and the index of each point that has none."""
        return np.where(np.isnan(self.steps), self.indices.astype(np.float64), self.steps)

    def to_frame(self) -> Frame:
        """The points as a table: index, step, time, value."""
        return Frame(
            {
                "index": self.indices.tolist(),
                "step": _cells(self.steps),
                "time": _cells(self.times),
                "value": self.values.tolist(),
            }
        )

    def to_pandas(self) -> Any:  # Any: a pandas.DataFrame
        """The points as a `pandas.DataFrame`: index, step, time, value."""
        return self.to_frame().to_pandas()

    def __repr__(self) -> str:
        shown = "" if len(self) == self.count else f" of {self.count:,}"
        last = f", last {self.values[-1]:.6g}" if len(self) else ""
        return f"<series {self.name}: {len(self):,}{shown} points{last}>"


class Entries(Sequence[Any]):  # Any: a text, an image or a histogram
    """The points of a name that are no numbers: a sequence, read as it is asked for."""

    def __init__(self, source: Source, kind: Kind, name: str, hold: Callable[[StoredFile], Held]) -> None:
        self._hold = hold
        self._source = source
        self._kind = kind
        self.name = name
        self.notes: dict[str, Any] = plain(source.record.get(kind, {}).get(name, {}))
        self._length = source.counts.get((kind, name), 0)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:  # Any: an entry, or a list of them for a slice
        if isinstance(index, slice):
            first, last, stride = index.indices(len(self))
            if stride != 1:
                return [self[one] for one in range(first, last, stride)]
            return self._read(first, last)
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"{self._kind} {self.name} has {counted(len(self), 'point')}")
        return self._read(place, place + 1)[0]

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), 1000):
            yield from self._read(start, min(start + 1000, len(self)))

    def _read(self, start: int, stop: int) -> list[Any]:
        values = self._source.points(self._kind, self.name, start, stop).values
        if self._kind != "images":
            return [plain(value) for value in values]
        stored = self._stored
        return [Image(value, stored.get(index)) for index, value in zip(range(start, stop), values, strict=True)]

    @property
    def _stored(self) -> dict[int | None, Held]:
        return {
            one.index: self._hold(one) for one in self._source.files if (one.kind, one.name) == (self._kind, self.name)
        }

    @property
    def steps(self) -> Floats:
        """The steps of all points; NaN where one has none."""
        steps = self._source.points(self._kind, self.name).steps
        return np.full(len(self), np.nan) if steps is None else steps

    @property
    def times(self) -> Floats:
        """The times of all points, in seconds since 1970; NaN where one has none."""
        times = self._source.points(self._kind, self.name).times
        return np.full(len(self), np.nan) if times is None else times

    def __repr__(self) -> str:
        return f"<{self._kind} {self.name}: {counted(len(self), 'point')}>"


def _cells(numbers: Floats) -> list[float | None]:
    return [None if number != number else number for number in numbers.tolist()]  # noqa: PLR0124  NaN is none
