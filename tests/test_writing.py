"""Writers are judged by the run files that they leave: ours, one with no code of ours, and some that are wrong."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import xmlschema
from runjson_schema import conformance as kit
from runjson_uploader.conformance.differences import Number, differences
from runjson_uploader.conformance.writing import CommandWriter, judge_writer

from tests.reference import fold as reference
from tests.reference import writer as reference_writer

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "schema/conformance"
README = (CORPUS / "README.md").read_text(encoding="utf-8")
CASES = {case.path.removeprefix("writer/").removesuffix(".json"): case for case in kit.load(CORPUS).writing}
PROGRAM = "tests/reference/writer.py"

# Each caught a mistake that a client makes by itself.
NAMED = {
    "point-that-is-nan", "points-that-are-infinite", "points-of-17-digits", "points-at-the-ends-of-the-doubles",
    "step-0", "steps-that-are-fractional-and-negative", "steps-that-repeat-and-fall", "steps-of-some-points",
    "several-names-in-one-call", "text-that-is-empty", "text-with-control-characters", "text-with-a-nul",
    "text-with-quotes-and-backslashes", "text-of-any-script", "text-with-line-separators",
    "names-with-spaces-and-slashes", "parameters-nested", "parameters-that-are-empty", "parameter-set-to-null",
    "parameter-array-of-one", "parameters-true-and-false", "parameters-not-finite", "parameters-beyond-2-53",
    "property-set-twice", "property-set-to-null", "tag-set-taken-back-and-set-again",
    "points-by-the-hundred-thousand", "histogram-with-infinite-edges", "histogram-with-a-count-of-nan",
    "artifact-of-any-bytes", "error-with-a-traceback", "run-that-is-never-finished", "writer-that-is-named",
    "times-to-the-microsecond", "unit-and-goal-before-the-points",
}  # fmt: skip


def conformance(*words, cwd=ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runjson", "conformance", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def writer(fault: str = "", program: str = PROGRAM) -> str:
    return f"{sys.executable} {program} {fault}"


def judged(fault: str, name: str) -> tuple[str, ...]:
    command = CommandWriter([sys.executable, str(ROOT / PROGRAM), fault])
    return judge_writer(command, CASES[name], CORPUS).faults


def description(name: str) -> dict:
    return json.loads((CORPUS / f"writer/{name}.json").read_bytes())


def expected(name: str) -> bytes:
    return (CORPUS / f"writer/{name}.expected.json").read_bytes()


# -- the cases ---------------------------------------------------------------------------------------------------------


def test_the_corpus_describes_what_writers_get_wrong():
    assert CASES.keys() >= NAMED


@pytest.mark.parametrize("name", CASES)
def test_the_expected_form_is_what_the_calls_say_together(name):
    found = reference.fold_records(reference_writer.records(description(name)))
    assert reference.canonical(found) == expected(name)


@pytest.mark.parametrize("name", CASES)
def test_an_expected_form_of_a_description_reads_back_to_itself(name):
    form = expected(name)
    assert reference.canonical(reference.fold_records(reference.read(form, "run.json"))) == form


def test_descriptions_hold_the_calls_that_the_readme_lists_and_no_others():
    rows = re.findall(r"^\| `(\w+)` \| (`.*?) \| .*\|$", README.split("## A writer under test")[1], re.MULTILINE)
    members = {call: set(re.findall(r"`(\w+\??)`", listed)) for call, listed in rows}
    used = {call: set() for call in members}
    for name in CASES:
        whole = description(name)
        assert (whole["case"], whole["calls"][0]["call"]) == (name, "begin")
        assert whole["calls"][0]["id"] == name
        assert [call["call"] for call in whole["calls"]].count("begin") == 1
        for call in whole["calls"]:
            said = call.keys() - {"call"}
            needed = {member for member in members[call["call"]] if not member.endswith("?")}
            assert needed <= said <= {member.removesuffix("?") for member in members[call["call"]]}, call
            used[call["call"]] |= said
    assert used == {call: {member.removesuffix("?") for member in listed} for call, listed in members.items()} | {
        "histogram": {"name", "edges", "counts", "step"}  # its time is like that of `log`
    }


def test_the_example_of_the_readme_is_a_case_and_what_is_expected():
    shown = re.findall(r"^```json\n(.*?)^```", README.split("## A writer under test")[1], re.MULTILINE | re.DOTALL)
    assert json.loads(shown[0]) == description("step-0")
    assert reference.canonical(reference.fold_records(reference.read(shown[1].encode(), "run.jsonl"))) == expected(
        "step-0"
    )


# -- writers that are right --------------------------------------------------------------------------------------------


def test_our_writer_passes_every_case_and_does_so_as_a_command():
    ours = conformance("--only", "writer/", "--format", "json")
    assert ours.returncode == 0, ours.stdout
    command = f"{sys.executable} -m runjson_uploader.conformance.our_writer"
    given = conformance("--writer", command, "--format", "json")
    assert given.returncode == 0, given.stdout
    (one,), (other,) = json.loads(ours.stdout)["judged"], json.loads(given.stdout)["judged"]
    assert (one["kind"], one["name"], other["name"]) == ("writer", "the Python client", command)
    assert one["cases"] == other["cases"]
    assert {case["path"] for case in one["cases"]} == {f"writer/{name}.json" for name in CASES}


def test_a_writer_with_no_code_of_ours_passes_every_case_from_a_relative_path():
    done = conformance("--writer", writer())
    assert done.returncode == 0, done.stdout
    assert f"{len(CASES):>6}{len(CASES):>8}" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", ["step-0", "times-of-some-points", "run-that-is-never-finished"])
def test_what_clients_add_by_themselves_is_not_compared(name):
    assert judged("with-what-clients-add", name) == ()


def test_times_that_are_given_are_compared():
    name = "times-to-the-microsecond"
    assert judged("six-digits", name)[0] == (
        "deep/below/run.jsonl: the canonical form differs at /series/a/times/1: 1795230000; expected 1795230821.654"
    )


def test_a_stream_and_its_document_may_both_be_there():
    assert judged("document-too", "step-0") == ()


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.level == "files"])
def test_where_the_bytes_of_an_artifact_lie_does_not_matter(name):
    if name != "artifact-given-twice":  # one path, which is written twice
        assert judged("artifacts-beside", name) == ()


# -- writers that are wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "name", "why"),
    [
        ("nan-as-null", "point-that-is-nan", "deep/below/run.jsonl: is not valid: RJ112 at line 3: "),
        ("inf", "points-that-are-infinite", "deep/below/run.jsonl: RJ206 at line 2: "),
        ("six-digits", "points-of-17-digits",
         "differs at /series/a/values/0: 0.3; expected 0.30000000000000004"),
        ("step-0-dropped", "step-0", "differs at /series/loss/steps: nothing; expected an array of 1"),
        ("last-point-lost", "steps-of-no-point", "differs at /series/a/values: 1 entry; expected 2 entries"),
        ("last-of-a-column-lost", "points-by-the-hundred-thousand",
         "differs at /series/a/values: 99,999 entries; expected 100,000 entries"),
        ("last-of-a-column-lost", "points-by-the-hundred-thousand",
         "differs at /series/a/values/99999: nothing; expected 12345.5"),
        ("invalid-json", "point-that-is-nan", "is not valid: RJ005 at line 3: "),
        ("torn", "step-0", "deep/below/run.jsonl: RJ010 at line 3: "),
        ("byte-order-mark", "step-0", "deep/below/run.jsonl: begins with a byte order mark"),
        ("running-for-ever", "step-0", 'differs at /status: nothing; expected "succeeded"'),
        ("artifacts-cut", "artifact-of-any-bytes", 'differs at /artifacts/model: "SHA-256 '),
        ("exit-1", "step-0", "exits with 1: there is no such call"),
        ("no-file", "step-0", "leaves no run file, but notes.txt"),
        ("two-runs", "step-0", "leaves 2 sources, and one was to be written: deep/run.json, deep/below/run.jsonl"),
    ],
)  # fmt: skip
def test_a_writer_that_is_wrong_fails_with_the_place_and_the_reason(fault, name, why):
    found = judged(fault, name)
    assert any(why in one for one in found), found


def test_a_writer_that_hangs_is_ended_with_all_that_it_started(tmp_path):
    command = [sys.executable, str(ROOT / PROGRAM), "hangs", str(tmp_path / "child")]
    assert judge_writer(CommandWriter(command, patience=3), CASES["step-0"], CORPUS).faults == ("takes more than 3 s",)
    with contextlib.suppress(ProcessLookupError):
        ended = select.poll()
        ended.register(os.pidfd_open(int((tmp_path / "child").read_text())), select.POLLIN)
        assert ended.poll(30_000)


def test_a_writer_that_is_not_there_fails():
    assert judge_writer(CommandWriter(["./not-there"]), CASES["step-0"], CORPUS).faults == (
        "can not be started: No such file or directory",
    )


def test_differences_are_told_by_their_place():
    def parsed(text):
        return json.loads(text, parse_int=Number, parse_float=Number)

    def told(one, other):
        return [*differences(parsed(one), parsed(other))]

    assert told('{"a/b": [1, "1", true]}', '{"a/b": ["1", 1, 1]}') == [
        '/a~1b/0: 1; expected "1"', '/a~1b/1: "1"; expected 1', "/a~1b/2: true; expected 1",
    ]  # fmt: skip
    assert told("[1]", "[1, 2, 3]") == [": 1 entry; expected 3 entries", "/1: nothing; expected 2"]
    assert told('{"a": {}}', '{"b": null}') == [
        "/a: an empty object; expected nothing", "/b: nothing; expected null",
    ]  # fmt: skip
    assert not told('{"$datetime": "2026-11-21T04:13:41+01:00"}', '{"$datetime": "2026-11-21T03:13:41.000Z"}')
    assert told('{"$datetime": "2026-11-21T04:13:41Z"}', '{"$datetime": "2026-11-21T03:13:41Z"}')


# -- the command -------------------------------------------------------------------------------------------------------


def test_cases_that_are_known_to_fail_do_not_fail_the_command(tmp_path):
    known = tmp_path / "known.txt"
    known.write_text("# of one client\n\nwriter/step-0.json  # until 2.0\nwriter/points-of-17-digits.json\n")
    words = ("--writer", writer("step-0-dropped"), "--known", known)
    done = conformance(*words, "--only", "writer/step-0")
    assert (done.returncode, done.stderr) == (0, "")
    assert "known writer/step-0.json: deep/below/run.jsonl: the canonical form differs" in done.stdout
    assert re.search(r"^all +1 +0 +1$", done.stdout, re.MULTILINE)

    done = conformance(*words, "--only", "writer/points-of-17")
    assert done.returncode == 1
    assert "FIXED writer/points-of-17-digits.json: is listed as known to fail, and passes" in done.stdout

    known.write_text("writer/step-0.json\nwriter/step-one.json\n")
    done = conformance(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{known}:2: writer/step-one.json is no case of the corpus" in done.stderr


def test_known_failures_are_those_of_readers_too(tmp_path):
    known = tmp_path / "known.txt"
    known.write_text("invalid/point-null.json\n")
    done = conformance("--known", known, "--only", "invalid/point-null.json", "--", "false")
    assert done.returncode == 0, done.stdout
    assert "known invalid/point-null.json: writes no answer" in done.stdout


@pytest.mark.parametrize("form", ["json", "junit"])
def test_reports_tell_what_passed_failed_is_known_and_fixed(form, tmp_path):
    known = tmp_path / "known.txt"
    known.write_text("writer/step-0.json\nwriter/steps-of-no-point.json\n")
    done = conformance("--writer", writer("step-0-dropped"), "--only", "step", "--known", known, "--format", form)
    assert done.returncode == 1
    if form == "json":
        report = json.loads(done.stdout)
        (one,) = report["judged"]
        outcomes = {case["path"]: case["outcome"] for case in one["cases"]}
        assert (report["corpus"], report["passed"], one["kind"]) == ("1.0", False, "writer")
        assert all(bool(case["faults"]) == (case["outcome"] in {"failed", "known"}) for case in one["cases"])
        assert outcomes.pop("writer/step-0.json") == "known"
        assert outcomes.pop("writer/steps-of-no-point.json") == "fixed"
        assert set(outcomes.values()) == {"passed"}
    else:
        xmlschema.XMLSchema(ROOT / "tests/validator/junit.xsd").validate(done.stdout)
        suites = ET.fromstring(done.stdout)
        assert (suites.get("failures"), suites.get("skipped"), suites.get("errors")) == ("1", "1", "0")
        (failure,) = suites.iter("failure")
        assert failure.get("type") == "fixed"
        (skipped,) = suites.iter("skipped")
        assert "/series/loss/steps" in skipped.get("message")
        assert suites.find("testsuite/testcase").get("classname") == "runjson.writer"


def test_a_failure_in_junit_has_its_sentence():
    done = conformance("--writer", writer("step-0-dropped"), "--only", "writer/step-0", "--format", "junit")
    (failure,) = ET.fromstring(done.stdout).iter("failure")
    assert (failure.get("type"), "/series/loss/steps: nothing" in failure.get("message")) == ("failed", True)
    assert failure.text.startswith("The step 0 is a step.\n")


def test_only_level_and_required_choose_cases_of_writers():
    def paths(*words):
        done = conformance("--writer", writer(), "--format", "json", *words)
        return {case["path"] for one in json.loads(done.stdout)["judged"] for case in one["cases"]}

    def those(chosen):
        return {case.path for case in CASES.values() if chosen(case)}

    assert paths("--only", "steps-of") == {"writer/steps-of-some-points.json", "writer/steps-of-no-point.json"}
    assert paths("--level", "files") == those(lambda case: case.level == "files")
    assert paths("--level", "text", "--required") == those(lambda case: case.level == "text" and case.required)


def test_a_reader_and_a_writer_are_judged_in_one_go():
    reader = f"{sys.executable} -m runjson_uploader.conformance.our_reader"
    both = conformance("--reader", reader, "--writer", writer(), "--only", "empty.")
    assert both.returncode == 0, both.stdout
    assert f"reader: {reader}\n" in both.stdout
    assert f"writer: {writer().strip()}\n" in both.stdout


def test_a_command_that_judges_nothing_says_so():
    for words, why in [
        (("--only", "no-such-case"), "there is no such case"),
        (("--reader", "a", "--", "b"), "are two readers"),
        (("--writer", ""), "--writer names no command"),
        (("--writer", "'a"), "No closing quotation"),
        (("--known", "not-there.txt"), "not-there.txt: can not be read"),
    ]:
        done = conformance(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert why in done.stderr
