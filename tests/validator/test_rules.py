"""The documentation of every rule holds: its bad example gives the finding, its good one does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from runjson_schema.findings import CODES
from runjson_validator.rules.catalogue import RULES
from runjson_validator.rules.rule import Rule
from runjson_validator.validation import validate

WITH_EXAMPLE = [pytest.param(rule, id=rule.code) for rule in RULES.values() if rule.bad]


def _findings(rule: Rule, example: bytes, tmp_path: Path):
    (tmp_path / "outside.txt").write_bytes(b"outside\n")
    folder = tmp_path / "run"
    folder.mkdir()
    for path, content in rule.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for link, target in rule.links.items():
        (folder / link).symlink_to(target)
    run_file = folder / rule.name
    run_file.write_bytes(example)
    return validate(run_file).findings


def test_the_catalogue_has_every_code_in_order():
    assert list(RULES) == list(CODES)
    assert [rule.code for rule in RULES.values()] == list(CODES)


def test_only_a_document_too_large_has_no_example():
    assert [rule.code for rule in RULES.values() if not rule.bad or not rule.good] == ["RJ016"]


@pytest.mark.parametrize("rule", WITH_EXAMPLE)
def test_the_bad_example_gives_the_finding(rule: Rule, tmp_path: Path):
    assert rule.code in {one.code for one in _findings(rule, rule.bad, tmp_path)}


@pytest.mark.parametrize("rule", WITH_EXAMPLE)
def test_the_good_example_is_valid_and_lacks_the_finding(rule: Rule, tmp_path: Path):
    findings = _findings(rule, rule.good, tmp_path)
    assert [one.message for one in findings if one.severity == "error"] == []
    assert rule.code not in {one.code for one in findings}


@pytest.mark.parametrize("rule", WITH_EXAMPLE)
def test_the_examples_are_small(rule: Rule):
    for example in (rule.bad, rule.good):
        assert len(example.splitlines()) <= 8
