"""The fold against the reference fold, which shares no code with it."""

from __future__ import annotations

from hypothesis import given, settings

from tests.reference import fold as reference
from tests.schema.test_laws import folded
from tests.strategies import line, streams


@given(streams())
@settings(max_examples=300)
def test_the_fold_is_that_of_the_reference(records):
    lines = [line(record) for record in records]
    try:
        expected = reference.canonical(reference.fold_records(reference.read(b"\n".join(lines), "run.jsonl")))
    except reference.Refused:
        expected = "refused"
    assert folded(lines) == expected
