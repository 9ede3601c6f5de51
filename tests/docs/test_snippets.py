"""What the tutorial, the how-to pages and security.md show is what happens: each block is run, or compared."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.docs.snippets import ROOT, Block, Shell, Wrong, blocks, prints, settled
from tests.languages.examples import examples
from tests.postgresql import programs

pytestmark = pytest.mark.once
DOCS = ROOT / "docs"
PAGES = [DOCS / "tutorial.md", DOCS / "security.md", *sorted((DOCS / "how-to").glob("*.md"))]
# Commands of a page that not every machine has; `sh`, `awk` and the like are taken for granted.
NEEDS = {
    "ranks.md": ("bash", "cc"), "air-gapped.md": ("tar", "sha256sum"), "large-files.md": ("sha256sum",),
    "team.md": ("curl", "openssl"),
}  # fmt: skip
# Blocks that are not run, by their beginning, and why.
LEFT_OUT = {'pip install "runjson[all]"\n': "it asks a registry", "watch ": "it draws on a terminal until Ctrl-C"}


def ranks(*variables: str) -> str:
    """A launcher, `COMMAND -n N PROGRAM...`: what it tells each of N processes is all that a program sees of it."""
    return f"""test "$1" = -n; count=$2; shift 2; started=
for rank in $(seq 0 $((count - 1))); do {" ".join(variables)} "$@" & started="$started $!"; done
for one in $started; do wait "$one"; done"""


# Commands that a test can not run as they are.
STAND_INS = {
    "srun": ranks("SLURM_PROCID=$rank SLURM_STEP_NUM_TASKS=$count SLURM_JOB_ID=71 SLURM_STEP_ID=0"),
    "mpirun": ranks("OMPI_COMM_WORLD_RANK=$rank OMPI_COMM_WORLD_SIZE=$count PMIX_NAMESPACE=prterun-1"),
    "mpiexec": ranks("PMI_RANK=$rank PMI_SIZE=$count MPI_LOCALNRANKS=$count"),
    "torchrun": 'set -- -n "${1#--nproc-per-node=}" python "$2"\n'
    + ranks("RANK=$rank WORLD_SIZE=$count MASTER_ADDR=127.0.0.1 MASTER_PORT=29500 TORCHELASTIC_RUN_ID=none"),
    "sbatch": """for task in 0 1 2 3; do
  SLURM_JOB_ID=$((80 + task)) SLURM_ARRAY_JOB_ID=80 SLURM_ARRAY_TASK_ID=$task bash "$1"
done""",
    # In place of a registry this checkout: the client alone, which has no dependencies.
    "pip": f"""test "$1 $2 $4" = "download -d runjson"; place=$PWD/$3; cd {shlex.quote(str(ROOT))}
python -m hatchling build -t wheel -d "$place" > /dev/null 2>&1""",
}


def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path.resolve() / "page", STAND_INS)


def page_of(tmp_path: Path, text: str) -> Path:
    """A page with this text."""
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, request: pytest.FixtureRequest, tmp_path: Path):
    missing = [command for command in NEEDS.get(page.name, ()) if shutil.which(command) is None]
    if missing:
        pytest.skip(f"{page.name}: {', '.join(missing)} not installed")
    reader = shell(tmp_path)
    if page.stem == "postgresql":
        server = request.getfixturevalue("postgresql")[0]
        reader.environment |= {"PGHOST": str(server.folder), "PGUSER": "runjson"}
        reader.environment["PATH"] += f":{programs()}"
    for block, printed in prints(page, reader, LEFT_OUT):
        assert settled(printed, tmp_path.resolve() / "page") == settled(block.text), (
            f"{block.place}: this is not what is printed; `python -m tests.docs.snippets PAGE` takes it over"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_file_is_named_before_it_is_shown(page: Path):
    """Forges show no titles."""
    text, end = page.read_text(encoding="utf-8"), 0
    for block in blocks(page):
        if block.title is not None:
            assert f"`{block.title}`" in text[end : block.start], block.place
        end = block.start + len(block.text)


def test_what_is_left_out_or_stood_in_for_is_in_a_page():
    found = [block for page in PAGES for block in blocks(page)]
    for beginning in LEFT_OUT:
        assert any(block.text.startswith(beginning) for block in found), beginning
    for command in STAND_INS:
        assert any(re.search(rf"^{command} ", block.text, re.MULTILINE) for block in found), command


def test_each_language_has_its_number_function_and_its_program_is_linked():
    page = DOCS / "how-to/languages.md"
    text = page.read_text(encoding="utf-8")
    shown = [block.origin for block in blocks(page) if block.origin is not None]
    assert sorted(shown) == sorted(one.source.relative_to(ROOT).as_posix() for one in examples())
    for origin in shown:
        assert f"](../../{origin})" in text


# -- files of other systems -------------------------------------------------------------------------------------------


def titled(title: str) -> str:
    (found,) = (block.text for block in blocks(DOCS / "how-to/ci.md") if block.title == title)
    return found


def by_schema(kind: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "file.yml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{kind}", tmp_path / "file.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_names_the_inputs_of_the_action(tmp_path: Path):
    workflow = titled(".github/workflows/runs.yml")
    by_schema("github-workflows", workflow, tmp_path)
    (_, step) = yaml.safe_load(workflow)["jobs"]["validate"]["steps"]
    assert set(step["with"]) <= set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])
    assert step["uses"].endswith(f"@v{version()}")


def test_the_job_of_gitlab_writes_the_report_that_it_names(tmp_path: Path):
    text = titled(".gitlab-ci.yml")
    by_schema("gitlab-ci", text, tmp_path)
    job = yaml.safe_load(text)["run files"]
    install, *script = job["script"]
    assert install.startswith("pip install")
    place = shell(tmp_path)
    (place.folder / "runs").mkdir()
    (place.folder / "runs/run.json").write_text('{"runjson": "1.0"}')
    assert place.run(["sh", "-e", "-c", "\n".join(script)]) == (0, "")
    assert "<testsuites" in (place.folder / job["artifacts"]["reports"]["junit"]).read_text()


def test_the_hooks_are_those_that_there_are():
    (repository,) = yaml.safe_load(titled(".pre-commit-config.yaml"))["repos"]
    there = {one["id"] for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {one["id"] for one in repository["hooks"]} <= there
    assert repository["rev"] == f"v{version()}"


def version() -> str:
    found = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


def test_every_file_of_another_system_is_checked_here():
    checked = {".github/workflows/runs.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml"}
    assert {block.title for page in PAGES for block in blocks(page) if block.language == "yaml"} == checked


# -- README.md: its run files, its section for R and its first block of Python are tested elsewhere -------------------


def readme(language: str) -> list[Block]:
    return [block for block in blocks(ROOT / "README.md") if block.language == language]


def test_the_commands_of_the_readme_work(tmp_path: Path):
    place = shell(tmp_path)
    shutil.copy(ROOT / "examples/quickstart/run.json", place.folder)
    install, *commands = readme("sh")[0].text.splitlines()
    assert install.startswith("pip install")
    assert place.run(["sh", "-e", "-c", "\n".join(commands)])[0] == 0


def test_the_readme_asks_a_tracker_from_python(tmp_path: Path):
    place = shell(tmp_path)
    assert place.run(["runjson", "upload", str(ROOT / "examples/digits")])[0] == 0
    status, printed = place.run([sys.executable, "-c", readme("python")[1].text + "print(len(frame), len(loss))"])
    assert (status, printed) == (0, "1 40\n")


# -- the checks themselves --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("```sh\nfalse\n```\n", "exit status 1 and not 0"),
        ("<!-- exit 1 -->\n```sh\ntrue\n```\n", "exit status 0 and not 1"),
        ('<!-- until "never" -->\n```sh\necho once\n```\n', "was never printed"),
        ("```python\nraise ValueError\n```\n", "exit status 1"),
        ("```ruby\nputs 1\n```\n", "not checked by anything"),
        ("```json\n{}\n```\n", "not checked by anything"),
        ("```\nx\n```\n", "not checked by anything"),
        ("```text\nx\n```\n", "no block that prints"),
        ('```json title="a.json"\n{}\n```\n\n```text\nx\n```\n', "no block that prints"),
        ("<!-- from LICENSE -->\n```text\nthese words are not there\n```\n", "do not stand in LICENSE"),
        ("<!-- skip -->\n```sh\ntrue\n```\n", "says nothing that is known"),
        ("```sh {.red}\ntrue\n```\n", "says nothing that is known"),
        ("- a list\n  ```sh\n  true\n  ```\n", "a fence is indented"),
    ],
)
def test_a_block_that_is_wrong_or_unknown_is_told(text: str, told: str, tmp_path: Path):
    with pytest.raises(Wrong, match=re.escape(told)):
        list(prints(page_of(tmp_path, text), shell(tmp_path)))


def test_what_is_another_one_each_time_is_no_difference():
    text = "new  p 20261121-165033-fhqug  2026-11-21 16:50:33    0.25 s  7\n"
    assert settled(text) == settled("new  p 20251120-060102-aaaaa  2025-11-20 06:01:02  12 s 7")
    assert settled(text) != settled(text.replace(" 7", " 8"))
    assert settled("a  b") != settled("a b")
