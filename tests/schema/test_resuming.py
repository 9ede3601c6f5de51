"""A stream is read on behind its past: the result is that of reading all of it."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_schema.decode import BOM, Past, RunFile
from runjson_schema.findings import Refused

from tests.strategies import line, streams

HEAD = b'{"runjson": "1.0", "id": "r1", "parameters": {"lr": 0.1}}\n'


def read(file: RunFile, known=None):
    """Read to the end; the columns of points, behind those that are known, by kind and name."""
    found = {key: list(parts) for key, parts in (known or {}).items()}
    for _ in file.batches():
        for kind, name, points in file.fold.take_points():
            found.setdefault((kind, name), []).append(points)
    return found


def rows(found):
    """Points as rows that compare: the text of the value, of the step and of the time."""
    told = {}
    for key, parts in found.items():
        told[key] = [
            (repr(value), repr(step), repr(time))
            for part in parts
            for value, step, time in zip(
                list(part.values),
                np.full(len(part), np.nan) if part.steps is None else part.steps,
                np.full(len(part), np.nan) if part.times is None else part.times,
                strict=True,
            )
        ]
    return told


def past_of(data: bytes):
    """The past of a stream that holds these bytes, its points, and nothing if it has an error."""
    file = RunFile(io.BytesIO(data), "run.jsonl")
    try:
        found = read(file)
    except Refused:
        return None
    taken = data[: file.read]
    record = json.loads(json.dumps(file.fold.record()))
    return Past(record, file.read, hashlib.sha256(taken), taken.count(b"\n") + 1), found


@given(records=streams(most=8), data=st.data())
@settings(max_examples=200)
def test_a_stream_cut_at_any_byte_and_read_on_is_the_stream_read_at_once(records, data):
    texts = []
    for index, record in enumerate(records):
        text = line(record)
        if index and data.draw(st.integers(0, 9)) == 0:
            texts.append(text[: data.draw(st.integers(1, len(text)))])  # perhaps torn, perhaps whole
        texts.append(text)
        if data.draw(st.integers(0, 4)) == 0:
            texts.append(data.draw(st.sampled_from([b"", b"  ", b"\t"])))
    ends = [data.draw(st.sampled_from([b"\n", b"\r\n", b"\n\n"])) for _ in texts]
    whole = data.draw(st.sampled_from([b"", BOM])) + b"".join(map(bytes.__add__, texts, ends))
    whole = whole if data.draw(st.booleans()) else whole.rstrip()
    cut = data.draw(st.integers(len(texts[0]), len(whole)))
    begun = past_of(whole[:cut])
    if begun is None:
        return
    past, known = begun
    if past.read and whole[past.read - 1 : past.read] != b"\n" and whole[past.read :].split(b"\n")[0].strip():
        return  # something is appended to a whole line: whoever reads on looks for that
    complete = RunFile(io.BytesIO(whole), "run.jsonl")
    try:
        expected = read(complete)
    except Refused as refused:
        with pytest.raises(Refused) as again:
            read(RunFile(io.BytesIO(whole[past.read :]), "run.jsonl", past=past), known)
        if refused.finding.code != "RJ012":  # told at the line on which the record began
            assert (again.value.finding.code, again.value.finding.line) == (
                refused.finding.code, refused.finding.line,
            )  # fmt: skip
        return
    file = RunFile(io.BytesIO(whole[past.read :]), "run.jsonl", past=past)
    assert rows(read(file, known)) == rows(expected)
    assert file.fold.record() == complete.fold.record()
    assert (file.read, file.prefix) == (complete.read, complete.prefix)


def test_an_error_behind_the_past_names_its_line():
    data = HEAD + b"\n\r\n" + b'{"series": {"a": 1}}\n'
    past, _ = past_of(data)
    file = RunFile(io.BytesIO(b'{"series": {"a": 2}}\n{"parameters": {"lr": 0.2}}\n'), "run.jsonl", past=past)
    with pytest.raises(Refused) as refused:
        read(file)
    assert (refused.value.finding.code, refused.value.finding.line) == ("RJ202", 6)


def test_nothing_of_the_past_is_told_again_but_its_artifacts_are_looked_at():
    past, _ = past_of(b'{"runjson": "1.7", "id": "r", "new": 1, "artifacts": {"m": "m.bin", "n": null}}\n')
    told, looked = [], []
    file = RunFile(io.BytesIO(b""), "run.jsonl", told.append, on_file=lambda at, _: looked.append(at) or [], past=past)
    read(file)
    assert (told, looked) == ([], [("artifacts", "m")])
    assert file.fold.record()["new"] == 1


def test_a_growing_stream_is_read_in_slices_of_whole_lines_and_half_a_line_waits(monkeypatch):
    monkeypatch.setattr("runjson_schema.decode._BLOCK", 64)
    lines = [HEAD, *(b'{"step": %d, "series": {"a": %d}}\n' % (step, step) for step in range(100))]
    whole = b"".join(lines)
    told = []
    file = RunFile(io.BytesIO(), "run.jsonl", told.append)
    values, slices = [], 0
    for cut in (len(whole) // 2, len(whole) - 3, len(whole)):
        source = io.BytesIO(whole[:cut])
        while True:
            before = file.read
            source.seek(file.read)
            for _ in file.more(source, 500):
                values += [value for _, _, points in file.fold.take_points() for value in points.values]
            assert whole[: file.read].endswith(b"\n") or file.read == 0
            assert file.read - before < 700
            slices += 1
            if file.read == before:
                break
    assert values == list(range(100))
    assert (file.read, file.prefix) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert slices > 6
    assert (told, file.torn) == ([], 0)
