"""Documents, streams and torn lines (SPEC section 3), and how much memory reading takes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_schema.canonical import canonical
from runjson_schema.decode import fold_bytes
from runjson_schema.findings import Refused
from runjson_schema.text import scan

from tests.strategies import RECORDS, line

HEAD = b'{"runjson": "1.0", "id": "r1"}'


def codes(data: bytes, name: str = "run.json") -> list[tuple[str, int | None, int | None]]:
    found = []
    fold_bytes(data, name, found.append)
    return [(one.code, one.line, one.column) for one in found]


@given(RECORDS.filter(bool), st.data())
@settings(max_examples=200)
def test_a_line_cut_at_any_byte_is_torn_and_all_else_is_read(record, data):
    text = json.dumps(record, ensure_ascii=data.draw(st.booleans())).encode()
    cut = data.draw(st.integers(1, len(text) - 1))
    behind = b'{"series": {"behind": 1}}'
    assert codes(b"\n".join([HEAD, text[:cut], behind]), "run.jsonl") == [("RJ010", 2, 1)]
    file = fold_bytes(b"\n".join([HEAD, text[:cut], behind]), "run.jsonl")
    assert file.torn == 1
    assert b'"behind":{"values":[1]}' in canonical(file.fold)
    assert scan(text[:cut], lambda *_: None).torn
    assert scan(text, lambda *_: None).whole


def test_a_torn_last_line_is_not_counted_as_read_and_a_whole_one_is():
    torn = fold_bytes(HEAD + b"\n" + b'{"step": 1, "ser', "run.jsonl")
    assert torn.read == len(HEAD) + 1
    whole = fold_bytes(HEAD + b"\n" + b'{"step": 1}', "run.jsonl")
    assert whole.read == len(HEAD) + len(b'\n{"step": 1}')


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b'{"runjson": "1.0"}', "run.json", "document"),
        (b'\n\n{\n"runjson": "1.0"\n}\n', "run.json", "document"),
        (HEAD, "run.jsonl", "stream"),
        (HEAD + b"\n\n", "run.NDJSON", "stream"),
        (HEAD + b"\n{}", "run.json", "stream"),
        (b'{"runjson": "1.0",\n"id": "x"}', "run.jsonl", "document"),
        (b'{"runjson": "1.0"}\n   \n', "any", "document"),
        (HEAD + b"\n" + b" " * 600_000 + b"\n{}", "run.json", "stream"),
    ],
)
def test_documents_and_streams_are_told_apart(data, name, kind):
    assert fold_bytes(data, name).kind == kind


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        (b'{"runjson": "1.0", "series": {"a": NaN}}', "RJ005", 36),
        (b'{"runjson": "1.0", "series": {"a": -inf}}', "RJ005", 36),
        (b'{"runjson": "1.0", "series": {"a": -nan(ind)}}', "RJ005", 36),
        (b'{"runjson": "1.0", "series": {"a": .31}}', "RJ004", 36),
        (b'{"runjson": "1.0", "series": {"a": 1.}}', "RJ004", 36),
        (b'{"runjson": "1.0", "series": {"a": 1.0D-05}}', "RJ004", 36),
        (b'{"runjson": "1.0", "series": {"a": 1.0000-100}}', "RJ004", 36),
        (b'{"runjson": "1.0", "series": {"a": ******}}', "RJ004", 36),
        (b'{"runjson": "1.0", "series": {"a": +0.31}}', "RJ004", 36),
        (b'{"runjson": "1.0", "step": 007}', "RJ004", 28),
        (b'{"runjson": "1.0", "parameters": {"a": True}}', "RJ004", 40),
        (b'{"runjson": "1.0", "parameters": {"a": T}}', "RJ004", 40),
        (b'{"runjson": "1.0", "series": {"a": 0,310000}}', "RJ004", 37),
        (b'{"runjson": "1.0", "series": {"a": 1e999}}', "RJ006", 36),
        (b'{"runjson": "1.0", "parameters": {"a": ' + b"9" * 1001 + b"}}", "RJ006", 40),
        (b'{"runjson": "1.0", "parameters": {"a": 1, "\\u0061": 1}}', "RJ007", 43),
        (b'{"runjson": "1.0", "series": {"a": {"values": [1], "values": [2]}}}', "RJ007", 52),
        (b'{"runjson": "1.0", "name": "\\ud800"}', "RJ008", 29),
        (b'{"runjson": "1.0", "name": "\xff"}', "RJ001", 29),
        (b'{"runjson": "1.0", "name": "a\nb"}', "RJ003", 30),
        (b'{"runjson": "1.0", "name": "a\tb"}', "RJ003", 30),
        (b'{"runjson": "1.0",}', "RJ003", 19),
        (b'{"runjson": "1.0" "name": "x"}', "RJ003", 19),
        (b'{"runjson" "1.0"}', "RJ003", 12),
        (b'{"runjson": "1.0", "parameters": ' + b'{"a":' * 64 + b"1" + b"}" * 65, "RJ009", None),
        (b'{"runjson": "1.0", "acme:x": ' + b"[" * 200_000, "RJ009", None),
        (b"[1, 2]", "RJ013", 1),
        (b"  \n \n", "RJ014", None),
        (b"", "RJ014", None),
        (b"\xff\xfe{\x00}\x00", "RJ001", None),
        (b'{"runjson": "1.0"', "RJ003", 18),
        (b'{"runjson": "1.0"} {"a": 1}', "RJ011", 20),
        (b'{"runjson": 1.0}', "RJ106", 13),
    ],
)
def test_what_is_wrong_with_the_text_is_found_at_its_place(text, code, column):
    found = codes(text)
    assert found[0][0] == code
    assert column is None or found[0][2] == column
    with pytest.raises(Refused) as refused:
        fold_bytes(text)
    assert refused.value.finding.code == code


def test_a_depth_of_64_is_fine():
    text = b'{"runjson": "1.0", "parameters": ' + b'{"a":' * 62 + b"{}" + b"}" * 63
    assert codes(text) == []


def test_every_bad_line_of_a_stream_is_told_and_none_hides_another():
    lines = [
        HEAD,
        b'{"series": {"a": .5}}',
        b'{"step": 1} {"step": 2}',
        b"",
        b"garbage",
        b'{"runjson": "2.0"}',
        b'{"id": "r2"}',
    ]
    found = codes(b"\n".join(lines), "run.jsonl")
    assert found == [("RJ004", 2, 18), ("RJ011", 3, 13), ("RJ003", 5, 1), ("RJ103", 6, 13), ("RJ111", 7, 8)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"step": 1}{"step": 2}', [("RJ011", 2, 12)]),
        (b'{"step": 1} {"step": 2}\n{"step": 3}', [("RJ011", 2, 13)]),
        (b'{"parameters":\n{"a": 1}} {"step": 2}', [("RJ010", 2, 1), ("RJ011", 3, 9)]),
        (b'{\n"step": 1\n}\n{\n\n}\n{"step": "x"}', [("RJ012", 2, 1), ("RJ012", 5, 1), ("RJ106", 8, 10)]),
        (b'{"step": 1}\n   \n\t{"step": 2}  \n\n', []),
        (b'{"step": 1}\r\n{"step": 2}\r\n', []),
    ],
)
def test_a_record_has_a_line_of_its_own(text, expected):
    assert codes(HEAD + b"\n" + text, "run.jsonl") == expected


def test_an_escaped_colon_hides_no_name_that_stands_twice():
    assert codes(b'{"runjson": "1.0", "name": "x", "name": "\\u003a"}')[0][0] == "RJ007"
    assert codes(b'{"runjson": "1.0", "name": "\\u003a and \\u003A"}') == []


# What stands behind them is in another block than the head: lines that have points alone are decoded another way.
FIRST = [HEAD, *[b'{"step": 1, "time": 1795000000.5, "series": {"a": 1}}'] * 20_000]
ONCE = [
    b'{"step": 1, "time": 1795000000.5, "series": {"a": 1, "b": "NaN"}}',
    b'{"series": {"a": 1}}',
    b'{"series": null}',
    b'{"step": null, "series": {"a:b": 1}}',
    b'{"series": {"a": {"values": [1, 2], "steps": [1, 2]}}}',
    b"{}",
]


@pytest.mark.parametrize(
    "twice",
    [
        b'{"step": 1, "step": 1, "series": {"a": 1}}',
        b'{"series": {"a": 1, "a": 2}}',
        b'{"series": {"a": 1}, "series": {"a": 1}}',
        b'{"series": {"a": {"values": [1], "values": [1]}}}',
    ],
)
def test_a_name_that_stands_twice_is_found_among_whatever_lines(twice):
    for others in (ONCE, ONCE[:3], ONCE[1:2]):
        assert codes(b"\n".join([*FIRST, *others * 40]), "run.jsonl") == []
        found = codes(b"\n".join([*FIRST, *others * 20, twice, *others * 20]), "run.jsonl")
        assert [one[:2] for one in found] == [("RJ007", len(FIRST) + 1 + 20 * len(others))]


@pytest.mark.parametrize("lacking", ["step", "time", "series"])
def test_a_line_that_lacks_a_member_hides_none_that_stands_twice(lacking):
    whole = {"step": 1, "time": 1795000000.5, "series": {"a": 1}}
    line = json.dumps(whole).encode()
    less = json.dumps({name: value for name, value in whole.items() if name != lacking}).encode()
    twice = b'{"step": 1, "time": 1795000000.5, "series": {"a": 1, "a": 1}}'
    assert codes(b"\n".join([*FIRST, line, less, line, twice, line]), "run.jsonl")[0][:2] == ("RJ007", len(FIRST) + 4)


def test_lines_that_end_in_crlf_and_a_byte_order_mark_are_read():
    data = b"\xef\xbb\xbf" + HEAD + b'\r\n{"series": {"a": 1}}\r\n'
    file = fold_bytes(data, "run.jsonl")
    assert canonical(file.fold) == b'{"id":"r1","runjson":"1.0","series":{"a":{"values":[1]}}}'
    assert file.read == len(data)


@given(st.binary(max_size=60), st.sampled_from([b"", HEAD + b"\n", b'{"runjson": "1.0", "series": ']))
@settings(max_examples=400)
def test_no_bytes_give_anything_but_findings(data, before):
    fold_bytes(before + data, "run.jsonl", lambda _: None)
    fold_bytes(before + data, "run.json", lambda _: None)


def test_a_document_that_is_too_large_is_told_to_be_a_stream(monkeypatch):
    monkeypatch.setattr("runjson_schema.decode.LARGEST_DOCUMENT", 100)
    data = b'{"runjson": "1.0", "series": {"a": [' + b"1, " * 100 + b"1]}}"
    with pytest.raises(Refused) as refused:
        fold_bytes(data)
    assert refused.value.finding.code == "RJ016"
    assert "runjson split" in str(refused.value)
    lines = HEAD + b'\n{"series": {"a": [' + b"1, " * 100 + b"1]}}"
    assert fold_bytes(lines, "run.jsonl").fold.columns["series"]["a"].waiting == 101


PEAK = """
import resource, sys
from pathlib import Path
from runjson_schema.decode import RunFile
import runjson_schema.canonical
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as source:
    file = RunFile(source, sys.argv[1])
    points = 0
    for _ in file.batches():
        for kind, name, part in file.fold.take_points():
            points += len(part)
print(points, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def peak(path) -> tuple[int, int]:
    """Points read, and by how many bytes reading raised the peak memory of its process."""
    done = subprocess.run([sys.executable, "-c", PEAK, path], capture_output=True, text=True, check=True)
    points, grown = done.stdout.split()
    return int(points), int(grown)


@pytest.mark.parametrize("value", ["1", "0.123456789"], ids=["one digit", "nine digits"])
def test_a_document_takes_at_most_five_times_its_size(tmp_path, value):
    path = tmp_path / "run.json"
    count = 40_000_000 // (len(value) + 1)
    path.write_text('{"runjson": "1.0", "series": {"a": [' + ",".join([value] * count) + "]}}")
    points, grown = peak(path)
    assert points == count
    assert grown <= 5 * path.stat().st_size


def test_a_stream_of_any_length_takes_bounded_memory(tmp_path):
    path = tmp_path / "run.jsonl"
    body = b"".join(
        line({"step": step, "time": 1.7e9 + step, "series": {"a": step / 7}}) + b"\n" for step in range(20_000)
    )
    grown = []
    for times in (10, 60):
        with path.open("wb") as target:
            target.write(HEAD + b"\n")
            for _ in range(times):
                target.write(body)
        points, more = peak(path)
        assert points == times * 20_000
        grown.append(more)
    assert grown[1] < 60_000_000
    assert grown[1] < grown[0] + 12_000_000
