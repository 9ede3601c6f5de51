"""Advice on points is the same wherever a run's points are cut into batches, and names the point that it is about."""

from __future__ import annotations

import json
import sys

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given
from runjson_schema.decode import BATCH
from runjson_schema.points import Points
from runjson_validator.advice import Advice
from runjson_validator.formats.github import commands
from runjson_validator.formats.junit import junit
from runjson_validator.formats.sarif import sarif
from runjson_validator.formats.text import text_lines
from runjson_validator.validation import validate

HEAD = '{"runjson": "1.0", "id": "a"}\n'
LARGEST = sys.float_info.max
# Far behind the first batch of points.
FAR = BATCH + 4321


def _stream(values: list[float], times: list[float] | None = None, steps: list[float] | None = None) -> bytes:
    parts = []
    for at in range(0, len(values), 1000):
        series: dict[str, list[float]] = {"values": values[at : at + 1000]}
        if times:
            series["times"] = times[at : at + 1000]
        if steps:
            series["steps"] = steps[at : at + 1000]
        parts.append(json.dumps({"series": {"loss": series}}))
    return (HEAD + "\n".join(parts) + "\n").encode()


def _advice(stream: bytes):
    report = validate(stream)
    assert report.valid
    return [(one.code, one.line, one.message) for one in report.findings]


def test_the_largest_double_is_found_far_behind_the_first_batch():
    values = [0.5] * (FAR + 10)
    values[FAR] = -LARGEST
    [(code, line, _)] = _advice(_stream(values))
    assert (code, line) == ("RJ403", 2 + FAR // 1000)


@pytest.mark.parametrize("at", [BATCH - 1, BATCH, BATCH + 1, FAR])
def test_a_step_that_falls_is_found_at_the_edge_of_batches_too(at: int):
    steps = [float(index) for index in range(FAR + 10)]
    steps[at] = 3.0
    [(code, line, message)] = _advice(_stream([0.5] * len(steps), steps=steps))
    assert (code, line) == ("RJ402", 2 + at // 1000)
    assert f"step 3 stands behind step {at - 1}" in message


def test_times_that_three_points_share_are_found_behind_the_first_batch():
    times = [1.7e9 + index / 64 for index in range(FAR + 10)]
    times[FAR : FAR + 3] = [1.78413e9] * 3
    [(code, line, message)] = _advice(_stream([0.5] * len(times), times=times))
    assert (code, line) == ("RJ405", 2 + FAR // 1000)
    assert "3 points share the time 1.78413e+09" in message


numbers = st.sampled_from([0.0, 1.0, 2.0, 1.7e9, 1.78413e9, LARGEST, -LARGEST, np.nan, np.inf, -np.inf])


@example(columns=[(0.0, 0.0, 1.78413e9)] * 3, cuts={1, 2})
@given(
    columns=st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=30),
    cuts=st.sets(st.integers(1, 29)),
)
def test_where_points_are_cut_changes_no_advice(columns: list[tuple[float, ...]], cuts: set[int]):
    values, steps, times = (np.array(column) for column in zip(*columns, strict=True))

    def counts(edges: list[int]):
        advice = Advice()
        for start, end in zip([0, *edges], [*edges, len(values)], strict=True):
            advice.points("series", "loss", Points(values[start:end], steps[start:end], times[start:end]))
        return {key: more for key, more in advice._more.items() if key[0] != "RJ405"}, set(advice._more)

    assert counts(sorted(cut for cut in cuts if cut < len(values))) == counts([])


SECRETS = {
    "password": "hunter2",
    "db_password": "correct horse",
    "api_key": "0123456789",
    "wandb/api-key": "qqq-1-qqq",
    "auth_token": "abcdef0123456789abcdef01",
    "endpoint": "https://user:hunter2@example.org/",
    "command": "train.py --password hunter22",
    "aws": "AKIAABCDEFGHIJKLMNOP",
    "note": "-----BEGIN RSA PRIVATE KEY-----",
}
NO_SECRETS = {
    "password": "***",
    "secret": "<hidden>",
    "api_key": "${API_KEY}",
    "credentials": "REDACTED",
    "tokens": "sixteen",
    "max_tokens": "4096",
    "tokenizer": "bert-base-uncased",
    "bypass": "true",
    "passwords_tried": 7,
    "author": "abcdef",
    "url": "https://example.org/a:b@c",
}


def _of(parameters: dict[str, object]):
    return validate(json.dumps({"runjson": "1.0", "parameters": parameters}).encode())


@pytest.mark.parametrize("name", SECRETS)
def test_what_looks_like_a_secret_is_told_and_never_shown(name: str):
    report = _of({name: SECRETS[name]})
    (finding,) = report.findings
    assert (finding.code, finding.severity, report.valid) == ("RJ401", "warning", True)
    shown = "\n".join([*text_lines(report), *commands(report), sarif([report], []), junit([report], [], "warning")])
    assert name in shown
    assert SECRETS[name] not in shown + report.model_dump_json()


@pytest.mark.parametrize("name", NO_SECRETS)
def test_what_is_hidden_or_only_sounds_like_a_secret_is_none(name: str):
    assert _of({name: NO_SECRETS[name]}).counts == {}


def test_advice_that_stands_for_many_places_counts_all_of_them():
    report = _of({f"p{index}": None for index in range(50)})
    assert (len(report.findings), report.advice, report.counts) == (1, 50, {"RJ407": 50})
    report = validate(_stream([LARGEST] * 7))
    assert (len(report.findings), report.warnings, report.counts) == (1, 7, {"RJ403": 7})
