"""Advice: what is told and what is not, where it stands, and that no cut of a run's points into batches changes it."""

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


@pytest.mark.parametrize("at", [0, 999, 1000, 1001, 2000])
def test_a_point_is_found_in_its_line_and_at_its_column_at_the_edge_of_lines_too(at: int):
    values = [0.5] * 2500
    values[at] = LARGEST
    [found] = validate(_stream(values)).findings
    assert (found.code, found.line) == ("RJ403", 2 + at // 1000)
    assert found.column == len('{"series": {"loss": {"values": [') + len("0.5, ") * (at % 1000) + 1


def test_advice_stands_among_the_warnings_in_the_order_of_the_file():
    stream = b'{"runjson": "1.0", "id": "a", "parameters": {"a": null}}\n{"series": {"b": "Inf"}}\n'
    stream += b'{"properties": {"password": "hunter2"}}\n{"series": {"b": "-inf"}}\n'
    assert [one.code for one in validate(stream).findings] == ["RJ407", "RJ206", "RJ401", "RJ206"]


def test_behind_points_that_were_not_taken_no_wrong_line_is_named():
    report = validate(_stream([LARGEST]).replace(HEAD.encode(), HEAD.encode() + b'{"series": {"loss": ["x", 1]}}\n'))
    assert [(one.code, one.line) for one in report.findings if one.severity == "error"] == [("RJ113", 2)]
    assert [one.line for one in report.findings if one.code == "RJ403"] in ([None], [3])


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


LEAKED = {
    "password": "hunter2",
    "db_password": "hunter2",
    "API_KEY": "k",
    "apiKey": "k",
    "clientSecret": "hunter2",
    "dbpassword": "hunter2",
    "auth_token": "a1b2c3d4e5f6g7h8i9j0k",
    "aws": "AKIA" + "AB" * 8,
    "github": "ghp_" + "a1" * 18,
    "fine": "github_pat_" + "a1" * 11,
    "gitlab": "glpat-" + "a1" * 10,
    "slack": "xoxb-1234567890",
    "hub": "hf_" + "a1" * 15,
    "ai": "sk-" + "a1" * 10,
    "maps": "AIza" + "a1" * 18,
    "web": "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2ln",
    "pem": "-----BEGIN RSA PRIVATE KEY-----",
    "url": "postgres://me:hunter2@db/x",
    "command": "train --password=hunter2",
}
HARMLESS = {
    "compass": "north",
    "keyword": "x",
    "secretary": "Ann",
    "max_tokens": "4096",
    "passwordLength": "12",
    "token": "bert-base",
    "tokenizer": "bert-base-uncased-1234567890",
    "author": "ann-lee-1990@university.example",
    "authors": "ann-lee-1990@university.example",
    "password": "<redacted>",
    "secret": "***",
    "api_key": "${API_KEY}",
    "passwd": "",
    "url": "https://host:8080/x@y",
    "remote": "git@github.com:me/x.git",
    "name": "task-" + "a1" * 10,
}


def _with(name: str, value: str, member: str) -> bytes:
    return json.dumps({"runjson": "1.0", member: {name: value}}).encode()


@pytest.mark.parametrize("member", ["parameters", "properties", "environment"])
@pytest.mark.parametrize("name", LEAKED)
def test_a_secret_is_found_and_no_report_repeats_it(name: str, member: str):
    report = validate(_with(name, LEAKED[name], member))
    assert report.counts == {"RJ401": 1}
    assert (report.findings[0].line, report.findings[0].column) == (1, 25 + len(member))
    assert report.findings[0].snippet is None
    if len(LEAKED[name]) > 1:
        assert LEAKED[name] not in report.model_dump_json()


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_resembles_a_secret_is_none(name: str):
    assert validate(_with(name, HARMLESS[name], "parameters")).findings == []


@pytest.mark.parametrize("member", ["series", "text", "properties", "artifacts"])
def test_two_names_that_look_alike_are_told_and_two_that_only_resemble_each_other_are_not(member: str):
    value = {"series": 1, "text": "x", "properties": 1, "artifacts": {"uri": "s3://b/x"}}[member]

    def found(*names: str):
        record = {"runjson": "1.0", member: dict.fromkeys(names, value)}
        return [(one.code, one.column) for one in validate(json.dumps(record, ensure_ascii=False).encode()).findings]

    assert found("caf\u00e9", "cafe\u0301")[0][0] == "RJ404"
    assert found("\u00e9\u00b2", "\u00e92", "\ufb01\u00e9", "fi\u00e9") == []
    assert found("\u00e9", "\u00e8") == []


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ([1.78413e9] * 3, True),
        ([1.78413e9] * 2, False),  # two points of one moment are no wonder
        ([1.784131234e9] * 3, False),  # ten digits: they were logged together
        ([10_000.0] * 3, False),  # seconds since the start of the run
    ],
)
def test_times_of_six_digits_are_told_from_points_that_were_logged_together(times: list[float], told: bool):
    report = validate(json.dumps({"runjson": "1.0", "series": {"a": {"values": times, "times": times}}}).encode())
    assert ("RJ405" in report.counts) == told


def test_a_run_that_ends_when_it_starts_is_fine_and_one_that_ends_before_is_not():
    record = {"runjson": "1.0", "started_at": "2026-11-21T03:00:11Z"}
    for ended, told in (("2026-11-21T03:00:11Z", 0), ("2026-11-21T04:00:11+01:00", 0), ("2026-11-21T03:00:10Z", 1)):
        assert validate(json.dumps(record | {"ended_at": ended}).encode()).advice == told


def test_parameters_that_are_null_are_counted_each():
    report = validate(b'{"runjson": "1.0", "parameters": {"a": null, "b": [null, 1], "c": {"d": null}}}')
    assert (report.advice, report.counts) == (3, {"RJ407": 3})


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"parameters": {"a": "NaN"}}, True),
        ({"properties": {"a": "-inf"}}, True),
        ({"parameters": {"a": {"$float": "NaN"}}}, False),
        ({"parameters": {"a": "nano"}}, False),
        ({"name": "NaN"}, False),
    ],
)
def test_a_text_that_spells_no_finite_number_is_asked_about(record: dict[str, object], told: bool):
    assert validate(json.dumps({"runjson": "1.0"} | record).encode()).counts == ({"RJ406": 1} if told else {})
