"""Points of series of numbers of many runs, read with few statements and a bounded number at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Final, TypeAlias

import numpy as np
from runjson_schema.points import Points
from sqlalchemy import Engine, and_, select

from runjson_tracker.errors import RunMissing, SourceChanged
from runjson_tracker.joining import joined
from runjson_tracker.points import Bounds, empty, read_range, read_whole, read_whole_of
from runjson_tracker.reading.interface import Portion, RunKey
from runjson_tracker.reduce import (
    LEAST_POINTS,
    Indices,
    Reduced,
    demand_most,
    positions,
    read_reduced,
    read_reduced_of,
)
from runjson_tracker.smoothing import averages_at, demand_weight
from runjson_tracker.tables import projects, runs, series, sources

# So many points are decoded at once: 100 MB with steps and times.
_AT_ONCE: Final = 1 << 22
# So many values are averaged at once, of one long series or of many: 8 MB, and as much again while it is done.
_SMOOTHED_AT_ONCE: Final = 1 << 20
_RUNS_A_STATEMENT: Final = 200
_NAMES_A_STATEMENT: Final = 500
# Of so many sources the few points of each series wait together.
_SOURCES_AT_ONCE: Final = 50
# The index of the first point of a part of a series, and the index behind its last one.
Part: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A source, and number and count of the series that are wanted of it, by name in their order."""

    id: int
    project: str
    run: str
    writer: str
    series: dict[str, tuple[int, int]] = field(default_factory=dict)

    def begun(self, parts: Mapping[str, Part], numbers: Mapping[str, int]) -> _Stored:
        """As it was when its series had no more points than their parts, and no other series was there."""
        here = {name: one for name, one in self.series.items() if name in parts}
        replaced = any(here.get(name, (None,))[0] != number for name, number in numbers.items())
        if replaced or any(count < parts[name][1] for name, (_, count) in here.items()):
            raise SourceChanged("The source was replaced while it was read; read it again.")
        series = {name: (number, parts[name][1]) for name, (number, _) in here.items()}
        return _Stored(self.id, self.project, self.run, self.writer, series)

    def portion(self, name: str, points: Points, indices: Indices, count: int) -> Portion:
        """Some points of one of its series."""
        return Portion(self.project, self.run, self.writer, name, points, indices, count)


def read_portions(
    engine: Engine,
    wanted: Iterable[RunKey],
    names: Iterable[str] | None,
    *,
    most: int | None,
    steps: Bounds | None,
    times: Bounds | None,
    times_of: Mapping[RunKey, Bounds] | None = None,
    writer: str | None = None,
    parts: Mapping[str, Part] | None = None,
    numbers: Mapping[str, int] | None = None,
    only_values: bool = False,
    smoothing: float | None = None,
    at_once: int | None = None,
) -> Iterator[Portion]:
    """Points of series of numbers of many runs; see `reading.interface.Reading.series_of`.

    Args:
        engine: the store's.
        wanted: the runs.
        names: of the series.
        most: of the points of each.
        steps: of the points.
        times: of the points.
        times_of: the same of runs that have their own, in place of `times`.
        writer: of the sources, "" for none; None for all sources.
        parts: by name, the index of the first point that is wanted and the index behind the last one; what the series
            got behind that is not looked at, and series that are not named are left out.
        numbers: with `parts`: the numbers that series must have, which others have after a source was replaced.
        only_values: whether to leave steps and times unread, where all points are wanted.
        smoothing: the weight of averages of all values up to each of `most` points.
        at_once: so many points are decoded at once, and no portion of all points has more.

    Raises:
        RunMissing: there is no such run.
        SourceChanged: a source was replaced while it was read.
        ValueError: `most` is less than `LEAST_POINTS`, or `smoothing` is no weight or without `most`.
    """
    demand_most(most)
    demand_weight(smoothing, most)
    asked = None if names is None else list(dict.fromkeys(names))
    chosen = list(wanted)
    # No connection is held while whoever asks works on the points: a transaction that stays open keeps others waiting.
    for begin in range(0, len(chosen), _RUNS_A_STATEMENT):
        here = _sources(engine, chosen[begin : begin + _RUNS_A_STATEMENT], asked)
        wished = [source for source in here if writer in {None, source.writer}]
        if most is not None and parts is None and steps is None and times is None and not times_of:
            yield from _smoothed(engine, wished, _reduced(engine, wished, most), smoothing)
            continue
        for source in wished:
            own = (times_of or {}).get((source.project, source.run), times)
            begun = source if parts is None else source.begun(parts, numbers or {})
            starts = {name: start for name, (start, _) in (parts or {}).items() if start}
            if starts or steps is not None or own is not None:
                found = _parts(engine, begun, most, steps, own, starts, at_once or _AT_ONCE)
            elif most is not None:
                found = _reduced(engine, [begun], most)
            else:
                found = _whole(engine, begun, only_values=only_values, at_once=at_once or _AT_ONCE)
            yield from _smoothed(engine, [begun], found, smoothing)


def _sources(engine: Engine, chosen: Sequence[RunKey], names: Sequence[str] | None) -> Iterator[_Stored]:
    """The sources of some runs, in the order of these."""
    found: dict[RunKey, list[_Stored]] = {}
    of_source = and_(series.c.source == sources.c.id, series.c.kind == "series")
    if names is not None and len(names) <= _NAMES_A_STATEMENT:
        of_source = and_(of_source, series.c.name.in_(names))
    statement = (
        select(runs.c.run, sources.c.id, sources.c.writer, series.c.name, series.c.number, series.c.count)
        .select_from(projects.join(runs).outerjoin(sources).outerjoin(series, of_source))
        .order_by(runs.c.run, sources.c.writer, series.c.name)
    )
    with engine.connect() as connection:
        for project, keys in groupby(sorted(set(chosen)), itemgetter(0)):
            of_project = statement.where(projects.c.name == project, runs.c.run.in_([run for _, run in keys]))
            for run, source, writer, name, number, count in connection.execute(of_project):
                here = found.setdefault((project, run), [])
                if source is not None and (not here or here[-1].id != source):
                    here.append(_Stored(source, project, run, writer))
                if name is not None:
                    here[-1].series[name] = (number, count)
    for key in chosen:
        if key not in found:
            raise RunMissing(
                f'There is no run "{key[1]}" in the project "{key[0]}". `runjson runs` lists what there is.'
            )
        for one in found[key]:
            ordered = one.series if names is None else {name: one.series[name] for name in names if name in one.series}
            yield _Stored(one.id, one.project, one.run, one.writer, ordered)


def read_part(
    engine: Engine, source: int, number: int, count: int, *, steps: Bounds | None, times: Bounds | None
) -> Reduced:
    """All points of a series of numbers that lie within some steps and times.

    Args:
        engine: the store's.
        source: the source's number.
        number: the series' number.
        count: how many points it had when the source was read; what it got since is left out.
        steps: the least and the greatest step; a point without a step stands at its index.
        times: the same of times, in seconds since 1970; points without a time are left out.

    Raises:
        SourceChanged: the series was replaced by one that has fewer points.
    """
    stored = _Stored(source, "", "", "", {"": (number, count)})
    found = list(_parts(engine, stored, None, steps, times, {}, _AT_ONCE))
    indices = np.concatenate([one.indices for one in found])
    return Reduced(joined([one.points for one in found]), indices, len(indices))


def _whole(engine: Engine, source: _Stored, *, only_values: bool, at_once: int) -> Iterator[Portion]:
    """All points of a source: many short series at once, and a long one in several portions."""
    for batch in _batches(source, at_once):
        counts = {source.series[name][0]: source.series[name][1] for name in batch}
        if sum(counts.values()) <= at_once:
            with engine.connect() as connection:
                found = read_whole(connection, source.id, "series", counts, only_values=only_values)
            for name in batch:
                number, count = source.series[name]
                yield source.portion(name, found[number], np.arange(count), count)
            continue
        for name in batch:
            yield from _ranges(engine, source, name, at_once, only_values=only_values)


def _batches(source: _Stored, at_once: int) -> Iterator[list[str]]:
    """The names of a source's series, so many at once as may be decoded together, or one that is longer."""
    batch: list[str] = []
    gathered = 0
    for name, (_, count) in source.series.items():
        if batch and gathered + count > at_once:
            yield batch
            batch, gathered = [], 0
        batch.append(name)
        gathered += count
    if batch:
        yield batch


def _ranges(
    engine: Engine, source: _Stored, name: str, at_once: int, begin: int = 0, *, only_values: bool = False
) -> Iterator[Portion]:
    """A long series from a place on, portion by portion."""
    number, count = source.series[name]
    for start in range(begin, count, at_once):
        stop = min(start + at_once, count)
        with engine.connect() as connection:
            points = read_range(connection, source.id, number, "series", start, stop, only_values=only_values)
        yield source.portion(name, points, np.arange(start, stop), count - begin)


def _reduced(engine: Engine, wished: Sequence[_Stored], most: int) -> Iterator[Portion]:
    """Few points of each series of some sources, many sources with one statement."""
    for begin in range(0, len(wished), _SOURCES_AT_ONCE):
        batch = wished[begin : begin + _SOURCES_AT_ONCE]
        wanted = {source.id: dict(source.series.values()) for source in batch if source.series}
        with engine.connect() as connection:
            found = {(source, number): one for source, number, one in read_reduced_of(connection, wanted, most)}
        for source in batch:
            for name, (number, _) in source.series.items():
                yield _shown(source, name, found[source.id, number])


def _smoothed(
    engine: Engine, here: Sequence[_Stored], found: Iterator[Portion], weight: float | None
) -> Iterator[Portion]:
    """Few points of series of some sources, with averages of all values up to each of them if there is a weight."""
    if weight is None:
        yield from found
        return
    stored = {(one.project, one.run, one.writer): one for one in here}
    known = ((one, stored[one.project, one.run, one.writer]) for one in found)
    for some in _together(known):
        wanted: dict[int, dict[int, int]] = {}
        for one, source in some:
            number, count = source.series[one.name]
            if _end(one) and count <= _SMOOTHED_AT_ONCE:
                wanted.setdefault(source.id, {})[number] = _end(one)
        with engine.connect() as connection:
            whole = read_whole_of(connection, "series", wanted, only_values=True)
            short = {(of, number): np.asarray(points.values) for of, number, points in whole}
        for one, source in some:
            number, _ = source.series[one.name]
            if (source.id, number) in short:
                pieces = iter([short[source.id, number]])
            else:
                begun = replace(source, series={one.name: (number, _end(one))})
                ranges = _ranges(engine, begun, one.name, _SMOOTHED_AT_ONCE, only_values=True)
                pieces = (np.asarray(piece.points.values) for piece in ranges)
            yield replace(one, smoothed=averages_at(pieces, one.indices, weight))


def _together(found: Iterable[tuple[Portion, _Stored]]) -> Iterator[list[tuple[Portion, _Stored]]]:
    """Portions whose series are read together for their averages, as all rows of these come, however few are shown."""
    some: list[tuple[Portion, _Stored]] = []
    gathered = 0
    for one, source in found:
        _, count = source.series[one.name]
        if some and gathered + count > _SMOOTHED_AT_ONCE:
            yield some
            some, gathered = [], 0
        some.append((one, source))
        gathered += count
    if some:
        yield some


def _end(one: Portion) -> int:
    """The index behind the last of its points."""
    return int(one.indices[-1]) + 1 if len(one.indices) else 0


def _parts(
    engine: Engine, source: _Stored, most: int | None, steps: Bounds | None, times: Bounds | None,
    starts: Mapping[str, int], at_once: int,
) -> Iterator[Portion]:  # fmt: skip
    """The part of each series that lies within some steps and times, and behind its start."""
    for name, (number, count) in source.series.items():
        begin = starts.get(name, 0)
        if most is None and (count > at_once or (steps is None and times is None)):
            # Reduced it would lose points, as no more than these are decoded for a picture.
            none = source.portion(name, empty("series"), np.arange(0), 0)
            yield from _within(partial(_ranges, engine, source, name, at_once, begin), none, steps, times)
            continue
        with engine.connect() as connection:
            found = read_reduced(
                connection, source.id, number, count, count + LEAST_POINTS if most is None else most,
                start=begin, steps=steps, times=times,
            )  # fmt: skip
        yield _shown(source, name, found)


def _shown(source: _Stored, name: str, found: Reduced) -> Portion:
    return source.portion(name, found.points, found.indices, found.count)


def _within(
    read: Callable[[], Iterator[Portion]], none: Portion, steps: Bounds | None, times: Bounds | None
) -> Iterator[Portion]:
    """All points of a long series that lie within some steps and times, portion by portion.

    It is read twice, since each portion says how many there are; `none` is what is told where there are no points.
    """
    if steps is None and times is None:
        yield from read()
        return
    count = sum(len(_inside(one, steps, times)[1]) for one in read())
    if not count:
        yield none
        return
    for one in read():
        points, indices = _inside(one, steps, times)
        if len(indices):
            yield replace(one, points=points, indices=indices, count=count)


def _inside(one: Portion, steps: Bounds | None, times: Bounds | None) -> tuple[Points, Indices]:
    inside = np.ones(len(one.points), dtype=np.bool_)
    if steps is not None:
        at = positions(one.points, one.indices)
        inside &= (at >= steps[0]) & (at <= steps[1])
    if times is not None:
        when = one.points.times
        inside &= False if when is None else (when >= times[0]) & (when <= times[1])
    columns = (one.points.steps, one.points.times)
    picked = [None if column is None else column[inside] for column in columns]
    return Points(np.asarray(one.points.values)[inside], *picked), one.indices[inside]
