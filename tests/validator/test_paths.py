"""The fast path, the careful one and the one that explains give one verdict, one fold and the same codes."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_schema import canonical, decode
from runjson_schema.careful import Unreadable
from runjson_schema.decode import RunFile
from runjson_validator.shape import explain

from tests.schema.test_verdicts import JUNK, places
from tests.strategies import RECORDS

CORPUS = Path(__file__).parents[2] / "schema/conformance"
FILES = [
    path
    for path in sorted(CORPUS.glob("*/*.json*"))
    if path.parent.name not in {"source", "writer"}
    and not path.name.endswith(".expected.json")
    and path.stat().st_size < 20_000
]


PUT = [b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"null", b"NaN", b"1e999", b"-", b"\xff"]


class Refusing:
    """A typed decoder that takes nothing."""

    def decode(self, _text):
        raise msgspec.ValidationError("not this way")

    decode_lines = decode


def read(data: bytes, name: str, monkeypatch, path: str):
    """The verdict, the codes of errors, and the fold, by one of the paths."""
    with monkeypatch.context() as patch:
        if path != "fast":
            for decoder in ("_document", "_line", "_points"):
                patch.setattr(decode, decoder, Refusing())
        if path == "explained":
            patch.setattr(RunFile, "_carefully", lambda self, text: self._explain(text, Unreadable("not this way")))
        found = []
        file = RunFile(io.BytesIO(data), name, found.append, explain=explain)
        for _ in file.batches():
            pass
    errors = {one.code for one in found if one.severity == "error"}
    warnings = sorted(one.code for one in found if one.severity == "warning")
    return not errors, errors, warnings if not errors else None, None if errors else canonical.canonical(file.fold)


def agree(data: bytes, name: str, monkeypatch) -> None:
    fast = read(data, name, monkeypatch, "fast")
    assert read(data, name, monkeypatch, "careful") == fast
    valid, errors, warnings, form = read(data, name, monkeypatch, "explained")
    assert (valid, warnings, form) == (fast[0], fast[2], fast[3])
    assert bool(errors) == bool(fast[1])


@pytest.fixture
def patch():
    with pytest.MonkeyPatch.context() as found:
        yield found


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_of_the_corpus_gets_one_verdict(path, patch):
    agree(path.read_bytes(), path.name, patch)


@given(st.lists(RECORDS, min_size=1, max_size=3))
@settings(max_examples=150)
def test_what_is_written_by_the_rules_gets_one_verdict(records):
    records = [copy.deepcopy(record) for record in records]
    for record in records:
        for name in ("project", "writer", "id"):
            record.pop(name, None)
    records[0] |= {"runjson": "1.0", "id": "r"}
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    with pytest.MonkeyPatch.context() as patch:
        agree(json.dumps(records[0]).encode(), "run.json", patch)
        agree(lines, "run.jsonl", patch)


@given(RECORDS, st.data())
@settings(max_examples=400)
def test_a_mutated_record_gets_one_verdict(record, data):
    record = copy.deepcopy(record) | {"runjson": "1.0"}
    for _ in range(data.draw(st.integers(1, 2))):
        *above, last = data.draw(st.sampled_from(list(places(record))))
        node = record
        for part in above:
            node = node[part]
        node[last] = data.draw(JUNK)
    with pytest.MonkeyPatch.context() as patch:
        agree(json.dumps(record).encode(), "run.json", patch)


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=400)
def test_mutated_bytes_get_one_verdict(path, data):
    text = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(len(text) - 1, 0)))
        kind = data.draw(st.sampled_from(["drop", "put", "swap", "cut"]))
        new = data.draw(st.sampled_from(PUT))
        if kind == "drop":
            del text[at : at + 1]
        elif kind == "put":
            text[at:at] = new
        elif kind == "swap":
            text[at : at + 1] = new
        else:
            del text[at:]
    with pytest.MonkeyPatch.context() as patch:
        agree(bytes(text), path.name, patch)
