"""Both engines of the R package write the same, and R and Python read each other."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import runjson
from runjson_schema.canonical import canonical
from runjson_schema.decode import fold_file
from runjson_validator import validate

pytestmark = pytest.mark.once

SCRIPT = Path(__file__).with_name("everything.R").read_text(encoding="utf-8")
# What the machine and the moment decide, and not the script.
PASSING = ("started_at", "ended_at", "source", "environment")


def said(path):
    """The canonical form of a run file that is valid, without what the moment decides."""
    assert [one.message for one in validate(path).findings if one.severity != "advice"] == []
    record = json.loads(canonical(fold_file(path).fold))
    return {name: value for name, value in record.items() if name not in PASSING}


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_both_engines_write_the_same_run(r, tmp_path, locale):
    forms = {}
    for engine in ("native", "python"):
        place = tmp_path / engine
        place.mkdir()
        r.run(SCRIPT, place, RUNJSON_R_ENGINE=engine, LC_ALL=locale, TZ="Europe/Berlin")
        forms[engine] = said(place / "runs/everything/run.jsonl")
        files = {path.relative_to(place) for path in (place / "runs").rglob("*") if path.is_file()}
        forms[f"{engine} files"] = files
    assert forms["native"] == forms["python"]
    assert forms["native files"] == forms["python files"]
    assert forms["native"]["parameters"]["texts"]["latin"] == "h\xe9"
    assert forms["native"]["status"] == "succeeded"


# What R's values become: written by hand, as the page of values in the package's documentation says it.
VALUES = [
    ("TRUE", True),
    ("NA", None),
    ("NA_integer_", None),
    ("NA_real_", None),
    ("NA_character_", None),
    ("NULL", None),
    ("7L", 7),
    ("7", 7),
    ("0.1 + 0.2", 0.30000000000000004),
    ("5e-324", 5e-324),
    ("1.7976931348623157e308", 1.7976931348623157e308),
    ("NaN", {"$float": "NaN"}),
    ("Inf", {"$float": "Infinity"}),
    ("-Inf", {"$float": "-Infinity"}),
    ("2^53", {"$int": "9007199254740992"}),
    ('bit64::as.integer64("9007199254740993")', {"$int": "9007199254740993"}),
    ('bit64::as.integer64("42")', 42),
    ("bit64::as.integer64(NA)", None),
    ('factor("b", levels = c("a", "b"))', "b"),
    ('factor(c("b", "a", NA))', ["b", "a", None]),
    ('as.Date("2026-11-21")', "2026-11-21"),
    ('as.POSIXct("2026-11-21 03:13:41", tz = "UTC")', {"$datetime": "2026-11-21T03:13:41Z"}),
    ('as.POSIXct("2026-11-21 03:13:41", tz = "Europe/Berlin")', {"$datetime": "2026-11-21T03:13:41+01:00"}),
    ('as.POSIXlt("2026-07-21 03:13:41.25", tz = "Europe/Berlin")', {"$datetime": "2026-07-21T03:13:41.25+02:00"}),
    ('as.difftime(2, units = "mins")', 120),
    ("c(1, 2.5, NaN)", [1, 2.5, {"$float": "NaN"}]),
    ("c(1L, NA, 3L)", [1, None, 3]),
    ("1:3", [1, 2, 3]),
    ("I(1)", [1]),
    ("numeric(0)", []),
    ("character(0)", []),
    ("c(a = 1, b = 2)", {"a": 1, "b": 2}),
    ("list(1, TRUE, list())", [1, True, []]),
    ("list(x = list(y = list(z = 1)))", {"x": {"y": {"z": 1}}}),
    ("setNames(list(), character())", {}),
    ('data.frame(a = 1:2, b = c("x", NA))', {"a": [1, 2], "b": ["x", None]}),
    ("data.frame(a = 1)", {"a": [1]}),
    ("matrix(1:4, 2)", [[1, 3], [2, 4]]),
    ('"a \\"b\\" \\\\ \\n \\u00e9 \\U0001f989"', 'a "b" \\ \n \xe9 \U0001f989'),
    ('iconv("h\\u00e9", "UTF-8", "latin1")', "h\xe9"),
]


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
@pytest.mark.parametrize("engine", ["native", "python"])
def test_values_cross_exactly(r, engine, locale, tmp_path):
    wrapped = ",\n".join(f'  "v{index}" = list(value = {text})' for index, (text, _) in enumerate(VALUES))
    code = (
        'library(runjson)\nrun <- rj_init(id = "r", dir = "runs", capture = FALSE)\n'
        f"rj_set_properties(run, list(\n{wrapped}\n))\nrj_finish(run)\n"
    )
    r.run(code, tmp_path, RUNJSON_R_ENGINE=engine, LC_ALL=locale)
    properties = said(tmp_path / "runs/r/run.jsonl")["properties"]
    found = {text: properties[f"v{index}"]["value"] for index, (text, _) in enumerate(VALUES)}
    assert found == dict(VALUES)


REFUSED = ["function(x) x", "new.env()", "quote(a + b)", "complex(real = 1)", "as.raw(1:3)", "list(a = 1, 2)"]


@pytest.mark.parametrize("engine", ["native", "python"])
def test_what_is_no_json_is_an_error_that_names_its_path(r, engine, tmp_path):
    tries = "\n".join(
        f'cat(tryCatch(rj_set_parameters(run, list(model = list(odd = {one}))), rj_not_json = conditionMessage), "\\n")'
        for one in REFUSED
    )
    code = f'library(runjson)\nrun <- rj_init(id = "r", dir = "runs", capture = FALSE)\n{tries}\nrj_finish(run)\n'
    _, out, _ = r.run(code, tmp_path, RUNJSON_R_ENGINE=engine)
    lines = out.strip().splitlines()
    assert len(lines) == len(REFUSED)
    assert [line for line in lines if "model$odd" not in line] == []
    assert "parameters" not in said(tmp_path / "runs/r/run.jsonl")


def test_python_writes_and_r_reads_and_writes_it_again(r, tmp_path):
    with runjson.init("a/b", "title", id="p", dir=tmp_path, capture=False, tags=["x", "\xe9"]) as run:
        run["parameters"] = {"lr": 0.1, "big": 2**70, "nan": math.nan, "deep": {"list": [1, "two", None, []], "e": {}}}
        for step in range(50):
            run.log({"loss": 1 / (step + 1), "odd": math.nan if step % 7 == 0 else -step}, step=step)
            run.log_text("log", f"line {step} \U0001f989\n")
        run.log_histogram("weights", np.linspace(-1, 1, 100), bins=5)
        run.log_image("image", np.zeros((2, 2)))
        run.set_properties(note=None, when=math.inf)
    code = (
        "library(runjson)\n"
        f'record <- rj_read("{run.path}")\nstopifnot(identical(nrow(record$series$loss), 50L))\n'
        'rj_write(record, "again.json")\nrj_write(record, "again.jsonl")\ncat(rj_canonical("again.json"))\n'
    )
    _, out, _ = r.run(code, tmp_path)
    form = canonical(fold_file(run.path).fold)
    assert out.encode() == form
    for name in ("again.json", "again.jsonl"):
        assert canonical(fold_file(tmp_path / name).fold) == form


def test_what_python_generates_crosses_into_r_and_back(r, tmp_path):
    """In a process of its own: with reticulate and rpy2 in one process, R's end crashes Python's."""
    pytest.importorskip("rpy2", reason="pip install '.[r]'")
    program = Path(__file__).with_name("crossing.py")
    done = subprocess.run(
        [sys.executable, program, tmp_path / "verdict"], env=r.environment, capture_output=True, text=True, check=False
    )
    verdict = tmp_path / "verdict"
    assert verdict.exists(), done.stderr[-3000:]
    assert verdict.read_text() == "passed", verdict.read_text()[-3000:]
