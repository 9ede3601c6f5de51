"""The conformance corpus: whole, in order, and agreed on by the reference fold and our own reader."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.reference import fold as reference
from tests.reference.text import read

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "schema/conformance"
MANIFEST = json.loads((CORPUS / "manifest.json").read_bytes())
CASES = {case["path"]: case for case in MANIFEST["cases"]}
GROUPS = ("fold", "canonical", "stream", "source", "valid", "invalid", "lint")
FOLDED = sorted(path for path in CASES if path.split("/")[0] in {"fold", "canonical", "stream"})
# Faults that a fold of valid records meets; all others are a validator's.
OF_THE_FOLD = {"RJ101", "RJ110", "RJ111", "RJ201", "RJ202", "RJ203"}


def expected(path: str) -> bytes:
    return (CORPUS / path).with_name(Path(path).name.split(".json")[0] + ".expected.json").read_bytes()


def test_the_manifest_is_as_its_schema_says():
    schema = json.loads((CORPUS / "manifest.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(MANIFEST)
    assert len(CASES) == len(MANIFEST["cases"]) >= 120


def test_every_file_is_a_case_and_every_case_a_file():
    found = {path.relative_to(CORPUS).as_posix() for group in GROUPS for path in (CORPUS / group).glob("*.json*")}
    assert {path for path in found if ".expected." not in path} == CASES.keys()
    assert {path for path in found if ".expected." in path} == {
        Path(path).with_name(Path(path).name.split(".json")[0] + ".expected.json").as_posix() for path in FOLDED
    }


def test_every_code_of_the_specification_is_expected_by_a_case():
    spec = (ROOT / "schema/SPEC.md").read_text()
    codes = set(re.findall(r"^\| (RJ\d{3})", spec, re.MULTILINE))
    told = {finding["code"] for case in CASES.values() for finding in case.get("findings", ())}
    assert told <= codes
    # A document of more than two billion bytes is no case for a corpus.
    assert codes - told == {"RJ016"}


def test_every_level_and_the_sources_are_there():
    assert {case["level"] for case in CASES.values()} == {"core", "text", "files"}
    assert all(case["required"] == (not path.startswith("source/")) for path, case in CASES.items())


@pytest.mark.parametrize("path", FOLDED)
def test_the_reference_fold_gives_the_expected_form(path):
    form = expected(path)
    name = Path(path).name
    found = reference.canonical(reference.fold_records(read((CORPUS / path).read_bytes(), name)))
    assert found == form
    assert reference.canonical(reference.fold_records(read(form, "run.json"))) == form


@pytest.mark.parametrize("path", [path for path in FOLDED if path.endswith(".jsonl")])
def test_a_stream_of_the_corpus_cut_anywhere_merges_to_the_expected_form(path):
    records = read((CORPUS / path).read_bytes(), Path(path).name)
    for cut in range(1, len(records)):
        # A part needs a version to be folded alone; said again in it, it changes nothing.
        late = [{**records[cut], "runjson": records[cut].get("runjson") or "1.0"}, *records[cut + 1 :]]
        if any("id" in record for record in late[1:]) and "id" not in late[0]:
            continue  # this part has no fold of its own: its id would be said late
        folds = [reference.canonical(reference.fold_records(part)) for part in (records[:cut], late)]
        assert reference.canonical(reference.fold_records([json.loads(fold) for fold in folds])) == expected(path)


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for path, case in CASES.items()
        if path.startswith("invalid/") and case["findings"][0]["code"] in OF_THE_FOLD
    ),
)
def test_the_reference_fold_refuses_what_records_may_not_say_together(path):
    with pytest.raises((ValueError, KeyError)):
        reference.fold_records(read((CORPUS / path).read_bytes(), Path(path).name))


def test_our_reader_passes_every_case():
    done = subprocess.run([sys.executable, "-m", "runjson", "conformance"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{len(CASES):>6}{len(CASES):>8}" in done.stdout.splitlines()[-1]


def test_a_reader_that_is_a_command_is_judged_the_same():
    command = [sys.executable, "-m", "runjson", "conformance", "--only", "lint/", "--"]
    good = [*command, sys.executable, "-m", "runjson_uploader.reader"]
    assert subprocess.run(good, capture_output=True, check=False).returncode == 0
    done = subprocess.run([*command, "false"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "FAIL lint/torn-line.jsonl: writes no answer" in done.stdout
