"""Arbitrary records for the property tests: every member, in every spelling that SPEC takes."""

from __future__ import annotations

import json
import math

from hypothesis import strategies as st

NAMES = st.sampled_from(["loss", "a", "a/b", "MAP@k", "__proto__", "acme:x", "é", "e\u0301", "\U0001f600", "\ufb33"])
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1e21, 1e-7, 1e20, 7.0, 123456789012345680000.0]
)
STEPS = st.integers(-(2**60), 2**60) | DOUBLES
TIMES = st.floats(1e8, 1e11)
SPECIAL = st.sampled_from(["NaN", "Infinity", "-Infinity"])
NOTHING = st.sampled_from([None, {}, []])
INTEGERS = st.integers(-20, 20) | st.integers() | st.integers(-(10**40), 10**40)
TIME_TEXTS = st.sampled_from(["2026-11-21T03:13:41Z", "2026-11-21 04:13:41.250+0100", "2024-02-29t00:00:00z"])
TAGGED = (
    SPECIAL.map(lambda text: {"$float": text})
    | INTEGERS.map(lambda number: {"$int": str(number)})
    | TIME_TEXTS.map(lambda text: {"$datetime": text})
)
LEAVES = st.none() | st.booleans() | INTEGERS | DOUBLES | TEXTS | TAGGED
KEYS = st.sampled_from(["p", "q", "", "a/b", "$ref", "__proto__", "\n"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
# Few leaves with few values, so that two records often say the same parameter, equally or not.
PARAMETERS = st.dictionaries(
    KEYS,
    st.sampled_from([1, 1.0, {"$int": "1"}, 2, True, None, [], [1], {}]) | st.dictionaries(KEYS, LEAVES, max_size=2),
    max_size=2,
)


def columns(points, single):
    """One point, points, or columns of them."""

    @st.composite
    def draw(draw):
        values = draw(st.lists(points, max_size=4))
        form = draw(st.sampled_from(["single", "array", "columns"]))
        if form == "single" and values and single(values[0]):
            return values[0]
        if form == "array":
            return values
        found = {"values": values}
        for name, one in (("steps", STEPS), ("times", TIMES)):
            if draw(st.booleans()):
                found[name] = draw(st.lists(st.none() | one, min_size=len(values), max_size=len(values)))
        for name in ("unit", "description", "acme:note"):
            if draw(st.integers(0, 4)) == 0:
                found[name] = draw(TEXTS)
        if draw(st.integers(0, 4)) == 0:
            found["goal"] = draw(st.sampled_from(["minimize", "maximize"]))
        return found

    return draw()


FILES = st.sampled_from(
    ["a.png", "./b/./c.png", {"path": "a.png", "sha256": "AB" * 32}, {"uri": "s3://x/y"},
     {"data": "aGVs bG8=", "media_type": "image/png", "metadata": {"k": [1.0, {"$int": "7"}]}}]
)  # fmt: skip
HISTOGRAMS = st.sampled_from(
    [{"edges": [0, 1, 2], "counts": [3, 4.5]}, {"edges": ["-Infinity", 0, "Infinity"], "counts": ["NaN", 2]}]
)
SERIES = st.dictionaries(
    NAMES, columns(DOUBLES | INTEGERS.filter(lambda n: abs(n) < 1e300) | SPECIAL, lambda _: True), max_size=3
)
TEXT = st.dictionaries(NAMES, columns(TEXTS, lambda _: True), max_size=2)
IMAGES = st.dictionaries(NAMES, columns(FILES, lambda _: True), max_size=2)
HISTOGRAM_MAPS = st.dictionaries(NAMES, columns(HISTOGRAMS, lambda _: True), max_size=2)
MEMBERS = {
    "name": TEXTS | NOTHING,
    "description": TEXTS,
    "group": TEXTS,
    "status": st.sampled_from(["running", "succeeded", "failed", "aborted"]) | NOTHING,
    "started_at": TIME_TEXTS,
    "error": TEXTS
    | st.fixed_dictionaries({"message": TEXTS}, optional={"type": TEXTS, "traceback": st.lists(TEXTS, max_size=3)}),
    "parent": st.fixed_dictionaries({"id": st.just("p1")}, optional={"step": DOUBLES}),
    "tags": st.lists(TEXTS.filter(bool), max_size=3) | TEXTS.filter(bool),
    "untags": st.lists(TEXTS.filter(bool), max_size=3),
    "parameters": PARAMETERS | NOTHING,
    "properties": st.dictionaries(NAMES, VALUES, max_size=3),
    "source": st.dictionaries(NAMES, VALUES, max_size=2),
    "environment": st.dictionaries(NAMES, VALUES, max_size=2),
    "artifacts": st.dictionaries(NAMES, FILES | NOTHING, max_size=2),
    "series": SERIES | NOTHING,
    "text": TEXT,
    "images": IMAGES,
    "histograms": HISTOGRAM_MAPS,
    "step": STEPS,
    "time": TIMES,
    "acme:extra": VALUES,
    "$schema": st.just("urn:runjson:schema:1.0:record"),
}
RECORDS = st.dictionaries(st.sampled_from(sorted(MEMBERS)), st.none(), max_size=6).flatmap(
    lambda chosen: st.fixed_dictionaries({member: MEMBERS[member] for member in chosen})
)


@st.composite
def streams(draw, *, least=1, most=6):
    """The records of a stream, the first with what a first record must say."""
    records = draw(st.lists(RECORDS, min_size=least, max_size=most))
    records[0] = {"runjson": "1.0", "id": "r1", **records[0]}
    return records


def line(record) -> bytes:
    """A record as one line of a stream; hypothesis' doubles are finite, so the text is JSON."""
    return json.dumps(record, allow_nan=False).encode()


def same(one: float, other: float) -> bool:
    """Whether two doubles are the same, -0 being 0 and NaN being NaN."""
    return one == other or (math.isnan(one) and math.isnan(other))
