"""The documents: their examples are valid, their links lead somewhere, and schemas of releases stay as they were."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest
from runjson_schema.findings import CODES, WARNINGS
from runjson_validator.validate import validate

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path for path in ROOT.rglob("*.md") if not {".venv", ".git"} & set(path.parts) and ".venv" not in str(path)
)
SPEC = (ROOT / "schema/SPEC.md").read_text(encoding="utf-8")


def blocks() -> list[tuple[str, str]]:
    """The JSON of all documents that is a whole run file: its first record gives a version."""
    found = []
    for path in DOCUMENTS:
        for block in re.findall(r"^```json\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            if block.lstrip().startswith("{") and '"runjson"' in block.split("\n")[0] + block.split("\n")[1]:
                found.append((path.name, block))
    return found


@pytest.mark.parametrize(("document", "block"), blocks())
def test_every_run_that_a_document_shows_is_valid(document, block):
    report = validate(block.encode(), name="run.json")
    assert report.valid, (document, [one.message for one in report.findings])


def test_the_documents_show_runs():
    assert len(blocks()) >= 8


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_to_something(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert not target.startswith(("http:", "/")), target
        if target.startswith("https:"):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        assert place.exists(), target
        if anchor:
            assert anchor in anchors(place), target


def test_the_words_of_rfc_2119_are_in_capitals_where_they_bind():
    # In prose that gives a reason or an example, outside of rules, "must" and "should" are words like others.
    rules = SPEC.split("## Appendix A")[0]
    assert not re.search(r"\b(shall|SHALL|should not|must not)\b", rules)
    assert set(re.findall(r"\b(?:MUST|SHOULD|MAY|REQUIRED)(?: NOT)?\b", rules)) >= {"MUST", "MUST NOT", "SHOULD", "MAY"}


def test_the_codes_of_the_specification_are_those_of_the_code():
    rows = re.findall(r"^\| (RJ\d{3})( W)? \| (.*?) \| ([\d., ]+) \|$", SPEC, re.MULTILINE)
    assert {code for code, *_ in rows} == CODES.keys()
    assert {code for code, warning, *_ in rows if warning} == WARNINGS
    for code, _, _, sections in rows:
        assert CODES[code][1] in sections.split(", "), code


def test_a_schema_of_a_tagged_release_never_changes_a_byte():
    hashes = json.loads((ROOT / "tests/schema-hashes.json").read_bytes())
    for name, digest in hashes.items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest, name
    git = ["git", "-C", ROOT]
    tags = subprocess.run([*git, "tag", "--list", "v*"], capture_output=True, text=True, check=False).stdout.split()
    for tag in tags:
        listed = subprocess.run(
            [*git, "ls-tree", "-r", "--name-only", tag, "schema"], capture_output=True, text=True, check=True
        )
        for name in listed.stdout.split():
            if name.endswith(".schema.json") and "/v" in name:
                then = subprocess.run([*git, "show", f"{tag}:{name}"], capture_output=True, check=True).stdout
                assert hashes.get(name) == hashlib.sha256(then).hexdigest(), (tag, name)
