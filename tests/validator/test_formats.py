"""How reports look: each format of the whole command, compared with a page that was written by hand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ET
from importlib.metadata import version
from pathlib import Path

import jsonschema
import pytest
import xmlschema
from runjson_validator import validate
from runjson_validator.formats.github import commands
from runjson_validator.rules.catalogue import RULES

GOLDEN = Path(__file__).parent / "golden"
JUNIT = xmlschema.XMLSchema(Path(__file__).parent / "junit.xsd")
PLAIN = {name: value for name, value in os.environ.items() if name not in {"GITHUB_ACTIONS", "NO_COLOR"}}


def run(*words, cwd=GOLDEN / "project", stdin=b"", env=None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "runjson", "validate", *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, cwd=cwd, env=PLAIN | (env or {}))


@pytest.fixture(scope="module")
def sarif_schema(tmp_path_factory):
    """The schema that OASIS published, as the package @microsoft/jest-sarif carries it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: it fetches the schema of SARIF")
    folder = tmp_path_factory.mktemp("sarif")
    command = [npm, "pack", "--silent", "@microsoft/jest-sarif@1.0.0-beta.0"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (package,) = folder.glob("*.tgz")
    with tarfile.open(package) as archive:
        opened = archive.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        schema = json.load(opened)
    schema.pop("$id", None)
    validator = jsonschema.validators.validator_for(schema)
    return validator(schema)


def test_text_is_what_a_person_reads():
    done = run("runs")
    assert done.stdout.decode() == (GOLDEN / "text.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (1, b"")


def test_annotations_are_the_default_in_github_actions():
    golden = (GOLDEN / "github.txt").read_text(encoding="utf-8")
    assert run("--format", "github", "runs").stdout.decode() == golden
    assert run("runs", env={"GITHUB_ACTIONS": "true"}).stdout.decode() == golden
    assert run("--format", "text", "runs", env={"GITHUB_ACTIONS": "true"}).stdout == run("runs").stdout


def test_annotations_are_not_the_default_where_github_actions_is_said_to_be_off():
    for value in ("", "false"):
        assert run("runs", env={"GITHUB_ACTIONS": value}).stdout == run("runs").stdout


def test_json_is_what_a_program_reads():
    done = run("--format", "json", "runs")
    assert json.loads(done.stdout) == json.loads((GOLDEN / "json.json").read_bytes())
    assert done.returncode == 1


def test_junit_is_what_a_build_server_reads():
    done = run("--format", "junit", "runs")
    assert done.stdout.decode() == (GOLDEN / "junit.xml").read_text(encoding="utf-8")
    JUNIT.validate(done.stdout.decode())


def test_sarif_is_what_code_scanning_reads(sarif_schema):
    log = json.loads(run("--format", "sarif", "runs").stdout)
    sarif_schema.validate(log)
    golden = json.loads((GOLDEN / "sarif.json").read_bytes())
    driver = golden["runs"][0]["tool"]["driver"]
    driver["version"] = version("runjson")
    for rule in driver["rules"]:
        rule["fullDescription"]["text"] = RULES[rule["id"]].why
    assert log == golden


def test_a_file_that_can_not_be_read_is_told_in_every_format(sarif_schema):
    gone = ("not-there.json", "runs/good")
    for form in ("text", "json", "github", "sarif", "junit"):
        done = run("--format", form, *gone)
        assert done.returncode == 2
        assert done.stderr == b"not-there.json: can not be read: No such file or directory.\n"
        if form == "json":
            report = json.loads(done.stdout)
            assert (report["valid"], report["unread"][0]["file"]) == (False, "not-there.json")
        elif form == "sarif":
            log = json.loads(done.stdout)
            sarif_schema.validate(log)
            assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False
        elif form == "junit":
            JUNIT.validate(done.stdout.decode())
            suite = ET.fromstring(done.stdout)
            assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("2", "1", "0")


def test_names_that_mean_something_to_a_format_do_no_harm(tmp_path, sarif_schema):
    odd = "a,b:c%d 'é\n.run.json"
    (tmp_path / odd).write_bytes(b'{"runjson": "1.0", "\\u001b[31m<&>]]>": 1, "status": "\\n::error::x"}')
    github = run("--format", "github", tmp_path, cwd=tmp_path).stdout.decode()
    assert github.count("\n") == 3
    assert "\n::error::x" not in github
    assert "a%2Cb%3Ac%25d 'é%0A.run.json" in github.partition("line=")[0]
    sarif_schema.validate(json.loads(run("--format", "sarif", tmp_path, cwd=tmp_path).stdout))
    JUNIT.validate(run("--format", "junit", tmp_path, cwd=tmp_path).stdout.decode())
    assert b"\x1b" not in run(tmp_path, cwd=tmp_path).stdout


def test_a_path_is_a_uri_in_sarif(tmp_path):
    (tmp_path / "a b#").mkdir()
    (tmp_path / "a b#" / "100%.run.json").write_text('{"runjson": "1.0", "status": "no"}')
    (result,) = json.loads(run("--format", "sarif", "a b#", cwd=tmp_path).stdout)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b%23/100%25.run.json"
    assert place["region"]["snippet"]["text"] == '"no"'


def test_like_findings_are_summed_up_and_hide_no_other(tmp_path):
    lines = ['{"runjson": "1.0", "id": "r"}']
    lines += [f'{{"step": {step}, "series": {{"a": NaN}}}}' for step in range(1000)]
    lines += ['{"step": 1000, "series": {"b": "x"}}']
    (tmp_path / "run.jsonl").write_text("\n".join(lines))
    done = run(tmp_path / "run.jsonl")
    said = done.stdout.decode()
    assert said.count("RJ005:") == 3
    assert f'{tmp_path / "run.jsonl"}: 997 more RJ005 like these: series "a"\n' in said
    assert 'error RJ113: series "b": "x"; expected a number.' in said
    assert said.endswith("not valid (1,001 errors)\n")
    report = json.loads(run("--format", "json", tmp_path / "run.jsonl").stdout)["files"][0]
    assert report["counts"] == {"RJ005": 1000, "RJ113": 1}
    assert report["alike"] == [{"code": "RJ005", "among": 'series "a"', "count": 1000, "listed": 20}]
    assert len(report["findings"]) == 21


@pytest.mark.parametrize("fault", ["null", "true", '"x"'])
def test_faults_of_a_long_array_that_are_not_told_one_by_one_are_counted(fault):
    for other, more in (("", 0), ('"name": 5, ', 1)):  # beside another fault of the shape, and alone
        report = validate(f'{{"runjson": "1.0", {other}"series": {{"a": [{", ".join([fault] * 500)}]}}}}'.encode())
        assert (report.errors, len(report.findings)) == (500 + more, 20 + more)
        assert [(one.count, one.listed) for one in report.alike] == [(500, 20)]


@pytest.mark.parametrize("count", [1, 3, 4, 10, 20, 21, 1000])
def test_annotations_of_like_findings_are_few_and_the_first_says_how_many_there_are(count):
    numbers = ", ".join(["NaN"] * count)
    said = [*commands(validate(f'{{"runjson": "1.0", "series": {{"a": [{numbers}], "b": "x"}}}}'.encode()))]
    assert [one.partition(",title=")[2][:5] for one in said] == ["RJ005"] * min(count, 3) + ["RJ113"]
    assert [one.endswith(f'%0A{count:,} like this: series "a", points') for one in said] == (
        [count > 3] + [False] * min(count, 3)
    )


def test_no_number_of_warnings_hides_an_error(tmp_path):
    members = {f"note {index}": "text" for index in range(600)} | {"a vector": [1.5, 2.5]}
    (tmp_path / "run.json").write_text(json.dumps({"runjson": "1.0"} | members))
    done = run("--lenient", tmp_path / "run.json")
    assert done.stdout.endswith(b"not valid (1 error, 600 warnings)\n")
    assert b"error RJ105: a vector: unknown member, an array of 2." in done.stdout
    done = run("--lenient", "--format", "junit", tmp_path / "run.json")
    assert (done.returncode, done.stderr) == (1, b"")
    assert ET.fromstring(done.stdout).find(".//failure").get("message").startswith("a vector: ")


def test_the_message_of_a_failure_is_that_of_the_gravest_finding(tmp_path):
    (tmp_path / "run.json").write_text('{"runjson": "1.0", "series": {"a": ["Inf"]}, "status": "no"}')
    for least in ("error", "advice"):
        done = run("--format", "junit", "--error-on", least, tmp_path / "run.json")
        assert ET.fromstring(done.stdout).find(".//failure").get("type") == "RJ107"


@pytest.mark.parametrize("before", [None, 0, 12, 13, 40, 60, 360, 370, 371, 372, 373, 400, 5000])
@pytest.mark.parametrize("behind", [0, 30, 40, 360, 370, 5000])
def test_an_excerpt_shows_what_is_at_fault_and_says_where_the_line_goes_on(before, behind):
    for letter in "aé":
        name = "" if before is None else f'"name": "{letter * before}", '
        line = f'{{"runjson": "1.0", {name}"status": "no", "group": "{"c" * behind}"}}'
        [found] = validate(line.encode()).findings
        cut, at = found.snippet, line.index('"no"')
        assert found.column == at + 1
        assert cut.text[cut.start : cut.start + cut.length] == '"no"'
        begin, end = at - cut.start, at - cut.start + len(cut.text)
        assert cut.text == line[begin:end]
        assert (cut.cut_before, cut.cut_behind) == (begin > 0, end < len(line))
        assert len(cut.text) <= 100
        assert cut.start >= min(at, 40)


@pytest.mark.parametrize("fault", ["null", "NaN", '"x"', "[1]"])
def test_the_caret_finds_its_place_in_a_line_of_40_megabytes(tmp_path, fault):
    numbers = ",".join(f"0.{index:07}" for index in range(2_000_000))
    head = f'{{"runjson": "1.0", "series": {{"before": [{numbers}], "loss": [{numbers}, '
    path = tmp_path / "run.json"
    path.write_text(head + fault + f', {numbers[:8]}]}}, "status": "finishd"}}')
    assert path.stat().st_size > 40_000_000
    said = run(path).stdout.decode()
    assert said.count("error RJ") == 2
    lines = said.splitlines()
    assert lines[0].startswith(f"{path}:1:{len(head) + 1}: error RJ")
    assert 'series "loss", point 2000000' in lines[0]
    assert lines[1].startswith("  | …")
    assert lines[1][lines[2].index("^") :].startswith(fault)
    assert lines[2].count("^") == len(fault)
    assert all(len(line) < 130 for line in (lines[1], lines[2]))
    assert 'Did you mean "succeeded"?' in said


def test_the_caret_stands_right_below_wide_and_hidden_characters(tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"runjson": "1.0", "name": "東京\u0301\u200b", "status": "x"}', encoding="utf-8")
    lines = run(path).stdout.decode().splitlines()
    assert lines[1].startswith('  | {"runjson": "1.0", "name": "東京')
    assert "\\u200b" in lines[1]
    before = lines[1][: lines[1].index('"x"')]
    assert lines[2].index("^") == len(before) + 2 - 1  # two characters are two columns wide, one has none


def test_severities_are_coloured_on_a_terminal_alone(tmp_path):
    script = shutil.which("script")
    assert script, "util-linux has it"
    command = f"{sys.executable} -m runjson validate runs/bad"
    shown = subprocess.run(
        [script, "-qec", command, "/dev/null"],
        cwd=GOLDEN / "project",
        capture_output=True,
        check=False,
        env=PLAIN,
        stdin=subprocess.DEVNULL,
    )
    assert b"\x1b[1;31merror\x1b[0m RJ107" in shown.stdout
    assert b"\x1b" not in run("runs/bad").stdout
