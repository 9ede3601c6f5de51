"""The corpus is whole, says what SPEC says, and the reference fold computes every form that it expects."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.reference import fold as reference

SCHEMA = Path(__file__).parents[1] / "schema"
CORPUS = SCHEMA / "conformance"
SPEC = (SCHEMA / "SPEC.md").read_text(encoding="utf-8")
MANIFEST = json.loads((CORPUS / "manifest.json").read_text(encoding="utf-8"))
CASES = MANIFEST["cases"]
PATHS = [Path(case["path"]) for case in CASES]
WITH_FORMS = [path for path in PATHS if path.parts[0] in ("fold", "canonical", "stream")]
WRITING = [Path(case["path"]) for case in MANIFEST["writing"]]
SOURCES = [path for path in PATHS if path.parts[0] == "source"]
SEEN_BY_THE_FOLD = {"RJ111", "RJ201", "RJ202", "RJ203"}
NOT_TESTABLE = {"RJ016"}  # a limit that each reader chooses and states

# Each caught a mistake that a library or a habit makes by itself.
NAMED = [
    "fold/scalar-array-and-columns-agree",
    "fold/record-step-covers-every-point-of-an-array",
    "fold/step-member-after-series",
    "fold/null-step-beats-the-record-step",
    "fold/points-with-and-without-steps",
    "fold/cut-anywhere-merge-anyhow",
    "fold/untag-before-the-tag-is-known",
    "fold/tags-and-untags-in-one-record",
    "fold/property-null-is-kept-for-later-merges",
    "fold/null-members-say-nothing",
    "fold/parameter-null-is-a-value",
    "fold/parameter-empty-object-is-a-namespace",
    "fold/parameter-7-then-7.0",
    "invalid/parameter-9007199254740993-then-9007199254740992.0",
    "invalid/parameter-true-after-1",
    "invalid/parameter-leaf-becomes-object",
    "fold/parameter-names-are-any-strings",
    "canonical/float-and-integer-are-one-value",
    "canonical/integers-beyond-2-53-keep-their-digits",
    "canonical/number-edges",
    "canonical/members-sorted-by-utf-16",
    "fold/nfc-and-nfd-are-two-names",
    "invalid/number-1e400",
    "invalid/point-null",
    "invalid/non-finite-spelled-wrongly",
    "invalid/duplicate-name-by-escape",
    "invalid/member-in-other-case",
    "fold/names-that-look-special",
    "invalid/columns-of-unequal-length",
    "invalid/histogram-edges",
    "fold/unknown-and-vendor-members-last-wins",
    "fold/minors-mixed",
    "stream/torn-line-anywhere",
    "stream/whole-last-line-without-newline",
    "invalid/two-records-glued-to-one-line",
    "source/stream-then-its-document",
    "source/grown-at-any-byte",
    "invalid/stream-without-id",
    "source/writers-in-any-order",
    "source/file-of-a-point-overwritten",
]


def records(path: Path) -> list[dict]:
    return reference.read((CORPUS / path).read_bytes(), path.name)


def expected(path: Path) -> bytes:
    return (CORPUS / path.with_suffix(".expected.json")).read_bytes()


def test_the_manifest_has_the_shape_that_its_schema_states():
    schema = json.loads((CORPUS / "manifest.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(MANIFEST)


def test_each_file_is_listed_and_each_listed_file_is_there():
    listed = {path.as_posix() for path in (*PATHS, *WRITING)} | {
        path.with_suffix(".expected.json").as_posix() for path in (*WITH_FORMS, *WRITING)
    }
    found = {path.relative_to(CORPUS) for path in CORPUS.glob("*/**/*") if not path.is_dir()}
    beside = {path for path in found if path.as_posix() not in listed}
    assert listed <= {path.as_posix() for path in found}
    for path in beside:
        folder, name = path.parts[0], path.name
        assert any(
            name in (CORPUS / case).read_text("utf-8", "replace") for case in PATHS if case.parts[0] == folder
        ), path


def test_names_are_unique():
    stems = [path.stem for path in (*PATHS, *WRITING)]
    assert sorted(stems) == sorted(set(stems))


def test_the_corpus_holds_the_cases_that_caught_most():
    assert len(NAMED) == 40
    assert set(NAMED) <= {path.with_suffix("").as_posix() for path in PATHS}
    assert len(CASES) >= 135


def test_each_code_of_the_specification_is_expected_by_a_case():
    codes = set(re.findall(r"^\| (RJ\d{3})(?: [WA])? \|", SPEC, re.MULTILINE))
    expected_codes = {finding["code"] for case in CASES for finding in case.get("findings", [])}
    assert codes - NOT_TESTABLE == expected_codes


def test_each_section_of_the_specification_has_a_case():
    headings = set(re.findall(r"^##+ (\d+(?:\.\d+)?) ", SPEC, re.MULTILINE)) | {"C"}
    sections = {case["section"] for case in CASES}
    assert sections | {case["section"] for case in MANIFEST["writing"]} <= headings
    for heading in headings - {"2"}:  # its terms are those of the other sections
        assert any(section == heading or section.startswith(heading + ".") for section in sections), heading


def test_only_warnings_are_expected_of_what_is_valid():
    warnings = set(re.findall(r"^\| (RJ\d{3}) [WA] \|", SPEC, re.MULTILINE)) | {"RJ105"}
    for case in CASES:
        if not case["path"].startswith("invalid/"):
            assert {finding["code"] for finding in case.get("findings", [])} <= warnings, case["path"]


def test_each_line_of_a_finding_is_in_the_file():
    for case in CASES:
        lines = (CORPUS / case["path"]).read_bytes().split(b"\n")
        assert all(finding.get("line", 1) <= len(lines) for finding in case.get("findings", [])), case["path"]


@pytest.mark.parametrize("path", WITH_FORMS, ids=str)
def test_the_reference_fold_computes_the_expected_form(path):
    assert reference.canonical(reference.fold_records(records(path))).decode() == expected(path).decode()


@pytest.mark.parametrize("path", WITH_FORMS, ids=str)
def test_an_expected_form_reads_back_to_itself(path):
    form = expected(path)
    assert reference.canonical(reference.fold_records(reference.read(form, "run.json"))) == form


@pytest.mark.parametrize("path", WITH_FORMS, ids=str)
def test_merging_the_parts_of_any_cut_gives_the_expected_form(path):
    found = records(path)
    for cut in range(1, len(found)):
        if "id" not in found[cut] and any("id" in record for record in found[cut + 1 :]):
            continue  # a part that says its id after its first record has no fold of its own
        parts = [reference.fold_records(part) for part in (found[:cut], found[cut:])]
        assert reference.canonical(reference.merge(*parts)) == expected(path)


@pytest.mark.parametrize("path", [path for path in PATHS if path.parts[0] in ("valid", "lint")], ids=str)
def test_the_reference_fold_takes_what_is_valid(path):
    reference.canonical(reference.fold_records(records(path)))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (Path(case["path"]), finding["code"])
        for case in CASES
        for finding in case.get("findings", [])
        if finding["code"] in SEEN_BY_THE_FOLD
    ],
    ids=str,
)
def test_the_reference_fold_refuses_what_has_no_fold(path, code):
    with pytest.raises(reference.Refused, match=code):
        reference.fold_records(records(path))


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_each_source_of_a_run_is_the_fold_of_one_of_its_uploads(path):
    case = json.loads((CORPUS / path).read_text(encoding="utf-8"))
    assert len(case["answers"]) == len(case["uploads"])
    forms = set()
    for upload, answer in zip(case["uploads"], case["answers"], strict=True):
        if answer == "refused":
            continue
        data = upload["text"].encode() if "text" in upload else base64.b64decode(upload["base64"])
        forms.add(reference.canonical(reference.fold_records(reference.read(data, upload["name"]))))
    for run in case["runs"].values():
        sources = json.loads(run)
        assert run.encode() == b"[" + b",".join(map(reference.canonical, sources)) + b"]"
        assert {reference.canonical(source) for source in sources} <= forms


def test_our_reader_and_our_writer_pass_every_case():
    done = subprocess.run([sys.executable, "-m", "runjson", "conformance"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    totals = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("all ")]
    assert totals == [[str(len(CASES))] * 2, [str(len(WRITING))] * 2]


def test_a_reader_that_is_a_command_is_judged_the_same():
    command = [sys.executable, "-m", "runjson", "conformance", "--only", "lint/", "--"]
    good = [*command, sys.executable, "-m", "runjson_uploader.conformance.our_reader"]
    assert subprocess.run(good, capture_output=True, check=False).returncode == 0
    done = subprocess.run([*command, "false"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "writes no answer" in done.stdout


def test_a_reader_that_is_no_tracker_fails_the_cases_of_trackers_and_nothing_else_happens(tmp_path):
    reader = tmp_path / "reader.sh"
    reader.write_text("echo 'usage: reader NAME' >&2; exit 2")
    words = [sys.executable, "-m", "runjson", "conformance", "--only", "source/older-copy", "--", "sh", str(reader)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "FAIL source/older-copy.json: exits with 2 and writes no answer" in done.stdout
    assert "Traceback" not in done.stderr
