"""Generated values from Python into R and back, through rpy2; the verdict is written before this process ends."""

from __future__ import annotations

import math
import os
import sys
import tempfile
import traceback
from pathlib import Path

import hypothesis.strategies as st
import rpy2.robjects as ro
import runjson
from hypothesis import HealthCheck, given, settings
from runjson_schema.canonical import canonical
from runjson_schema.decode import fold_file


def untagged(tree):
    """Whether it is no tagged value by accident."""
    return not any(name.startswith("$") for name in tree)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
names = st.one_of(st.sampled_from(["loss", "train/loss", "\xe9", 'a "b"']), st.text("abc/", min_size=1, max_size=5))
names = names.filter(lambda name: all(part and part not in {".", ".."} for part in name.split("/")))
values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(), texts,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(texts.filter(bool), inner, max_size=3).filter(untagged)
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    parameters=st.dictionaries(texts.filter(bool), values, max_size=4).filter(untagged),
    points=st.lists(st.tuples(names, st.floats(), st.none() | st.integers(-100, 100)), max_size=6),
    lines=st.lists(texts, max_size=3),
)
def python_writes_and_r_writes_it_again(parameters, points, lines):
    """What R read and wrote again has the same canonical form."""
    with tempfile.TemporaryDirectory() as place:
        with runjson.init(id="p", dir=place, capture=False, parameters=parameters) as run:
            for name, value, step in points:
                run.log({name: value}, step=step)
            for line in lines:
                run.log_text("log", line)
        form = canonical(fold_file(run.path).fold).decode()
        for name in ("again.json", "again.jsonl"):
            again = Path(place) / name
            READ_AND_WRITE(str(run.path), str(again))
            found = canonical(fold_file(again).fold).decode()
            assert found == form, (found, form)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(numbers=st.lists(st.floats(), min_size=1, max_size=20), line=texts)
def r_logs_and_python_reads(numbers, line):
    """Doubles and texts that R logged are the same in Python, bit by bit."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(LOG(place, ro.FloatVector(numbers), ro.StrVector([line]))[0])
        points = {name: found for _, name, found in fold_file(path).fold.take_points()}
        for found, number in zip(points["loss"].values, numbers, strict=True):
            same = math.isnan(found) if math.isnan(number) else found == number
            assert same, (found, number)
        assert list(points["log"].values) == [line]


READ_AND_WRITE = ro.r("function(from, to) { runjson::rj_write(runjson::rj_read(from), to); invisible(TRUE) }")
LOG = ro.r(
    """
    function(place, numbers, line) {
      run <- runjson::rj_init(id = "r", dir = place, capture = FALSE, engine = "native")
      for (number in numbers) runjson::rj_log(run, loss = number)
      runjson::rj_log_text(run, "log", line)
      runjson::rj_finish(run)
      run$path
    }
    """
)

if __name__ == "__main__":
    try:
        python_writes_and_r_writes_it_again()
        r_logs_and_python_reads()
        verdict = "passed"
    except BaseException:
        verdict = traceback.format_exc()
    Path(sys.argv[1]).write_text(verdict, encoding="utf-8")
    os._exit(0)
