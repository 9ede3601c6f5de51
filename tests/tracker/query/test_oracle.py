"""What filters find in the database is what plain Python finds in the same runs."""

from __future__ import annotations

import fnmatch
import math
import operator

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from runjson_schema.points import Points
from runjson_tracker.query.language import parse
from runjson_tracker.query.syntax import And, Condition, Not, Or
from runjson_tracker.query.table import select_runs
from runjson_tracker.store import Store

BIG = 2**53
VALUES = st.one_of(
    st.sampled_from([0, 1, -1, 0.5, BIG, BIG + 1, -BIG - 1, 1e300, True, False, None, "", "a", "A", "1", "é%", [1]]),
    st.sampled_from([math.nan, math.inf, -math.inf]),
    st.integers(-3, 3),
    st.text("ab", max_size=2),
)
RUN = st.fixed_dictionaries(
    {"points": st.lists(st.sampled_from([0.0, 1.0, -2.5, math.nan, math.inf]), max_size=3)},
    optional={"x": VALUES, "y": VALUES, "name": st.text("ab", max_size=2), "tags": st.sets(st.sampled_from("ab"))},
)
SPELLED = st.sampled_from(
    [
        "0",
        "1",
        "-1",
        "0.5",
        str(BIG),
        str(BIG + 1),
        str(-BIG - 1),
        "1e300",
        "NaN",
        "Infinity",
        '""',
        '"a"',
        '"A"',
        '"b"',
        '"1"',
    ]
)
ANY = st.one_of(SPELLED, st.sampled_from(["true", "false", "null"]))
EQUAL = st.sampled_from(["==", "!="])
TREE = st.sampled_from(["parameters.x", "parameters.y"])
ORDER = st.sampled_from(["<", "<=", ">", ">="])
SERIES = st.sampled_from(["last", "min", "max", "count"]).map("series.s.{}".format)
NUMBERS = st.sampled_from(["0", "1", "-2.5", "NaN", "Infinity", "2"])
TESTS = st.one_of(
    st.builds("{} {} {}".format, TREE, EQUAL, ANY),
    st.builds("{} {} {}".format, TREE, ORDER, SPELLED),
    st.builds("{} {} [{}]".format, TREE, st.sampled_from(["in", "not in"]), st.lists(ANY, max_size=3).map(", ".join)),
    st.builds(
        '{} {} "{}"'.format, TREE, st.sampled_from(["contains", "matches"]), st.sampled_from(["", "a", "a*", "?"])
    ),
    st.builds("{} {}".format, st.one_of(TREE, SERIES, st.just("name")), st.sampled_from(["exists", "missing"])),
    st.builds("{} {} {}".format, SERIES, st.one_of(ORDER, EQUAL), NUMBERS),
    st.builds("{} not in [{}]".format, SERIES, st.lists(NUMBERS, max_size=2).map(", ".join)),
    st.builds(
        'name {} "{}"'.format, st.one_of(ORDER, st.sampled_from(["==", "!=", "contains"])), st.text("ab", max_size=2)
    ),
    st.builds('"{}" in tags'.format, st.sampled_from("abc")),
)
FILTERS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
    ),
    max_leaves=5,
)
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
MISSING = object()


def found_in(run, field):
    """The value of a field of a run, in plain Python."""
    if field.kind == "series":
        points = run["points"]
        finite = [point for point in points if math.isfinite(point)]
        if not points:
            return MISSING
        if field.statistic in {"last", "count"}:
            return points[-1] if field.statistic == "last" else len(points)
        return {"min": min, "max": max}[field.statistic](finite) if finite else MISSING
    return run.get(field.path[0] if field.path else field.kind, MISSING)


def sort_of(value):
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def alike(value, wanted):
    return sort_of(value) == sort_of(wanted) and (value == wanted or str(value) == str(wanted) == "nan")


def holds(node, run):
    """Whether a filter holds for a run, in plain Python."""
    match node:
        case Not(inner):
            return not holds(inner, run)
        case And(nodes):
            return all(holds(one, run) for one in nodes)
        case Or(nodes):
            return any(holds(one, run) for one in nodes)
        case Condition(field, operation, literals):
            value = found_in(run, field)
            wanted = [one.value for one in literals]
            if field.kind == "tags":
                return wanted[0] in (value if value is not MISSING else ())
            if operation in {"exists", "missing"}:
                return (value is MISSING) == (operation == "missing")
            if value is MISSING:
                return False
            if operation in {"==", "in"}:
                return any(alike(value, one) for one in wanted)
            if operation in {"!=", "not in"}:
                return not any(alike(value, one) for one in wanted)
            if sort_of(value) != sort_of(wanted[0]):
                return False
            if operation in COMPARE:
                return COMPARE[operation](*map(float, (value, wanted[0]))
                                          if sort_of(value) == "number" else (value, wanted[0]))  # fmt: skip
            return wanted[0] in value if operation == "contains" else fnmatch.fnmatchcase(value, wanted[0])


def tagged(value):
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    return {"$int": str(value)} if type(value) is int and abs(value) >= BIG else value


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(given_runs=st.lists(RUN, min_size=1, max_size=6), queries=st.lists(FILTERS, min_size=3, max_size=8))
@example([{"points": [], "x": math.nan}], ["parameters.x != 1", "not parameters.x < 1", "parameters.x not in [NaN]"])
@example([{"points": [math.nan]}], ["series.s.last != 1", "series.s.min != 1", "series.s.last not in []"])
def test_the_database_finds_what_plain_python_finds(tmp_path_factory, given_runs, queries):

    # One run has every field in every type, so that no question is refused.
    everything = [{"points": [1.0], "x": value, "y": value} for value in (0, "a", True)]
    told = {f"r{index}": run for index, run in enumerate([*given_runs, *everything])}
    with Store.open(tmp_path_factory.mktemp("store")) as store:
        for name, run in told.items():
            record = {"runjson": "1.0", "id": name}
            record |= {"parameters": {key: tagged(run[key]) for key in ("x", "y") if key in run}}
            record |= {key: run[key] for key in ("name",) if key in run}
            record |= {"tags": sorted(run["tags"])} if run.get("tags") else {}
            with store.ingest("p", name, "", None) as ingest:
                if run["points"]:
                    ingest.append("series", "s", Points(np.array(run["points"])))
                ingest.commit(record, "0" * 64, "document", None, None, record)
        for query in queries:
            page = select_runs(store._engine, where=query, limit=100)
            expected = {name for name, run in told.items() if holds(parse(query), run)}
            assert {row.id for row in page.rows} == expected, query
            assert page.total == len(expected)
