"""The documents: their examples are valid, their links lead somewhere, and schemas of releases stay as they were."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from runjson_schema.findings import ADVICE, CODES, WARNINGS

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(ROOT).parts)
)
SPEC = (ROOT / "schema/SPEC.md").read_text(encoding="utf-8")
RULES, APPENDICES = SPEC.split("## Appendix A", 1)


def examples(page: Path) -> list[tuple[str, str]]:
    """The run files that a page shows, as (place, text).

    A block of lines that each begin with an object is a stream; where a remark stands behind an object, the lines are
    examples apart from each other. Every other block is one document. What does not say `runjson` is a part of a run
    file and gets the head that it lacks. Nothing is left out: a block that holds no JSON fails.
    """
    found = []
    text = page.read_text(encoding="utf-8")
    for block in re.finditer(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        place = f"{page.relative_to(ROOT).as_posix()}:{text.count(chr(10), 0, block.start()) + 1}"
        lines = [line for line in block[1].splitlines() if line.strip()]
        try:
            ends = [json.JSONDecoder().raw_decode(line)[1] for line in lines]
        except ValueError:
            found.append((place, block[1]))
            continue
        if any(line[end:].strip() for line, end in zip(lines, ends, strict=True)):
            found += [(place, line[:end]) for line, end in zip(lines, ends, strict=True)]
        else:
            found.append((place, "\n".join(lines)))
    return [
        (place, one if '"runjson"' in one else one.replace("{", '{"runjson": "1.0", "id": "x", ', 1))
        for place, one in found
    ]


EXAMPLES = [
    example
    for page in [*sorted((ROOT / "schema").glob("*.md")), ROOT / "README.md", ROOT / "examples/README.md"]
    for example in examples(page)
]


def test_every_run_that_a_document_shows_is_valid(tmp_path):
    assert len(EXAMPLES) >= 15
    places = {}
    for index, (place, text) in enumerate(EXAMPLES):
        stream = re.match(r".*}\n{", text) is not None
        name = tmp_path / f"{index:03}.{'jsonl' if stream else 'json'}"
        name.write_text(text, encoding="utf-8")
        places[str(name)] = place
    report = subprocess.run(
        [sys.executable, "-m", "runjson", "validate", "--format", "json", *places],
        capture_output=True,
        text=True,
        check=False,
    )
    files = json.loads(report.stdout)["files"]
    assert {one["file"] for one in files} == places.keys()
    # RJ301: a page shows a run file, and not the images and artifacts that lie beside it.
    wrong = [
        f"{places[one['file']]}: {finding['code']} {finding['pointer']} {finding['message']}"
        for one in files
        for finding in one["findings"]
        if finding["code"] != "RJ301"
    ]
    assert not wrong, "\n".join(wrong)


def prose(path: Path) -> str:
    """The text of a page without its fenced blocks, in which a # begins a remark and no heading."""
    return re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_to_something(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        assert not target.startswith(("http:", "/")), target
        if target.startswith("https:"):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        assert place.exists(), target
        if anchor:
            assert anchor in anchors(place), target


def test_the_words_of_rfc_2119_stand_in_capitals():
    text = " ".join(SPEC.split())
    around = re.findall(r".{0,60}\b(?:must|shall|should)\b.{0,40}", text)
    assert not around, around
    assert set(re.findall(r"\b(?:MUST|SHOULD|MAY)(?: NOT)?\b", RULES)) >= {"MUST", "MUST NOT", "SHOULD", "MAY"}


def test_other_documents_bind_nobody():
    for name in ("PRIMER.md", "CONVENTIONS.md"):
        assert not re.search(r"\b(MUST|SHALL|SHOULD|MAY|REQUIRED)\b", prose(ROOT / "schema" / name)), name


def test_the_codes_of_the_specification_are_those_of_the_code():
    rows = re.findall(r"^\| (RJ\d{3})( [WA])? \| .*? \| ([\d., ]+) \|$", APPENDICES, re.MULTILINE)
    assert [code for code, *_ in rows] == list(CODES)
    assert {code for code, mark, _ in rows if mark == " W"} == WARNINGS
    assert {code for code, mark, _ in rows if mark == " A"} == ADVICE
    for code, _, sections in rows:
        assert CODES[code][1] in sections.split(", "), code


def test_a_section_that_a_code_names_speaks_of_it():
    spoken: dict[str, set[str]] = {}
    for number, body in re.findall(r"^##+ ([\d.]+) .*\n((?:(?!##).*\n)*)", RULES, re.MULTILINE):
        for code in re.findall(r"RJ\d{3}", body):
            spoken.setdefault(code, set()).add(number)
    # Advice follows from no sentence of the page.
    assert spoken.keys() == {code for code in CODES if not code.startswith("RJ4")}
    for code, _, sections in re.findall(r"^\| (RJ\d{3})( [WA])? \| .*? \| ([\d., ]+) \|$", APPENDICES, re.MULTILINE):
        assert code.startswith("RJ4") or spoken[code] & set(sections.split(", ")), code


def test_a_schema_of_a_tagged_release_never_changes_a_byte():
    hashes = json.loads((ROOT / "tests/schema-hashes.json").read_bytes())
    for name, digest in hashes.items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest, name
    git = ["git", "-C", str(ROOT)]
    tags = subprocess.run([*git, "tag", "--list", "v*"], capture_output=True, text=True, check=False).stdout.split()
    for tag in tags:
        listed = subprocess.run(
            [*git, "ls-tree", "-r", "--name-only", tag, "schema"], capture_output=True, text=True, check=True
        )
        for name in listed.stdout.split():
            if name.endswith(".schema.json") and "/v" in name:
                then = subprocess.run([*git, "show", f"{tag}:{name}"], capture_output=True, check=True).stdout
                assert hashes.get(name) == hashlib.sha256(then).hexdigest(), (tag, name)
