"""The TypeScript types of a record take what the corpus takes, and refuse what has another shape."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from runjson_schema import schemas, typescript
from runjson_schema.narrowing import UnknownKeyword

from tests.reference.text import read

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "schema/conformance"
OWN = Path("tests/schema/typescript")
CASES = json.loads((CORPUS / "manifest.json").read_bytes())["cases"]
VALID = {one["path"] for one in CASES if one["path"].split("/")[0] in ("valid", "lint", "fold", "canonical", "stream")}

# Faults of shape. The others are of the text, of the grammar or size of a text or number, or need another member,
# another record or a file.
SHAPE = {"RJ102", "RJ105", "RJ106", "RJ107", "RJ110", "RJ112", "RJ113", "RJ114", "RJ115", "RJ116", "RJ118", "RJ122"}
INVALID = {one["path"] for one in CASES if one["path"].startswith("invalid/") and one["findings"][0]["code"] in SHAPE}

# What is valid and not of these types.
REFUSED = {
    "members of a later minor, in the lenient mode, or unknown ones that are null: none is of these types": [
        "fold/empty-unknown-members-of-a-greater-minor-are-kept.json",
        "fold/extensions-of-short-names.json",
        "fold/unknown-members-of-a-greater-minor.jsonl",
        "lint/greater-minor-in-a-later-record.jsonl",
        "lint/unknown-member-in-lenient-mode.json",
        "lint/unknown-member-in-the-record-of-the-greater-minor.json",
        "lint/unknown-member-of-columns-of-a-greater-minor.json",
        "valid/unknown-member-that-is-null.json",
    ],
    "a writer must write NaN and the infinities otherwise": [
        "fold/unusual-spellings-of-non-finite-points.json",
        "lint/histogram-edge-spelled-inf.json",
        "lint/more-spellings-of-nan-and-infinity.json",
        "lint/point-spelled-inf.json",
    ],
    "a plain object with $int and more: its type would take every wrong tagged value": [
        "fold/parameter-like-a-tagged-value-is-a-namespace.jsonl",
    ],
    "an object in a value has TypeScript's own `constructor`, a function": [
        "fold/names-like-those-of-javascript.json",
        "fold/parameter-names-are-any-strings.json",
    ],
    "tsc compares types to a depth of some fifty": [
        "valid/nested-64-deep.json",
    ],
}
# What is invalid, and no type says so.
TAKEN = {
    "a number is too small": [
        "invalid/width-that-is-negative.json",
    ],
    "a text or array is of another length": [
        "invalid/histogram-of-one-edge.json",
        "invalid/tag-that-is-empty.json",
        "invalid/tagged-integer-of-1001-digits.json",
    ],
    "a text is no moment": [
        "invalid/tagged-moment-of-the-year-0000.json",
        "invalid/tagged-moment-without-offset.json",
    ],
    "the first record of a file says more than the later ones": [
        "invalid/named-as-a-stream-in-capitals.JSONL",
        "invalid/stream-whose-id-is-null.jsonl",
        "invalid/stream-without-id.jsonl",
        "invalid/torn-first-line-takes-the-id-along.jsonl",
        "invalid/writer-without-id.json",
    ],
    "edges and counts belong together, and not every edge may be infinite": [
        "invalid/histogram-count-infinite.json",
        "invalid/histogram-counts-as-many-as-edges.json",
        "invalid/histogram-edge-infinite-inside.json",
        "invalid/histogram-edge-that-is-nan.json",
        "invalid/histogram-edges.json",
    ],
}


def named(reasons: dict[str, list[str]]) -> set[str]:
    return {path for paths in reasons.values() for path in paths}


def literal(path: str) -> str:
    """The records of a case, and the canonical form that it expects, as an array on one line."""
    files = [CORPUS / path, (CORPUS / path).with_suffix(".expected.json")]
    return json.dumps([one for file in files if file.exists() for one in read(file.read_bytes(), file.name)])


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> dict[str, list[tuple[int, str]]]:
    """What tsc says: by its file, the line and the text of each error.

    Each case is a line of cases.ts under a line that expects an error there: tsc complains of it where there is none.
    """
    if missing := [one for one in ("node", "npm") if shutil.which(one) is None]:
        pytest.skip(f"{', '.join(missing)} not installed")
    place = tmp_path_factory.mktemp("typescript")
    folder = place / OWN
    shutil.copytree(ROOT / OWN, folder, ignore=shutil.ignore_patterns("node_modules"))
    (place / "schema").symlink_to(ROOT / "schema")
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, capture_output=True, timeout=300)
    cases = [
        f"// @ts-expect-error {path}\nexport const case{number}: RunRecord[] = {literal(path)};"
        for number, path in enumerate(sorted(VALID | INVALID))
    ]
    imported = 'import type { RunRecord } from "../../../schema/v1/record.js";'
    (folder / "cases.ts").write_text("\n".join([imported, *cases]), encoding="utf-8")
    done = subprocess.run(["node_modules/.bin/tsc"], cwd=folder, capture_output=True, text=True, check=False)
    found: dict[str, list[tuple[int, str]]] = {"cases.ts": [], "use.ts": []}
    for file, line, text in re.findall(r"^(\S+?)\((\d+),\d+\): error (.*)$", done.stdout, re.MULTILINE):
        found.setdefault(Path(file).name, []).append((int(line), text))
    assert any(found.values()) == (done.returncode != 0), done.stdout + done.stderr
    return found


@pytest.fixture(scope="module")
def taken(said) -> set[str]:
    """The cases that compile."""
    assert {text for _, text in said["cases.ts"]} == {"TS2578: Unused '@ts-expect-error' directive."}
    paths = sorted(VALID | INVALID)
    return {paths[line // 2 - 1] for line, _ in said["cases.ts"]}


@pytest.mark.once
def test_the_types_compile_and_a_program_that_uses_them(said):
    assert said.keys() == {"cases.ts", "use.ts"}
    assert said["use.ts"] == []


@pytest.mark.once
def test_what_is_valid_is_taken(taken):
    assert len(VALID) > 120
    assert VALID - taken == named(REFUSED)


@pytest.mark.once
def test_what_is_of_another_shape_is_refused(taken):
    assert len(INVALID) > 60
    assert INVALID & taken == named(TAKEN)


@pytest.mark.parametrize(
    ("part", "keyword"),
    [
        ("number", {"multipleOf": 2}),
        ("number", {"enum": [1, 2]}),
        ("tags", {"maxItems": 3}),
        ("value", {"patternProperties": {"^x-": True}}),
        ("error", {"unevaluatedProperties": True}),
        ("file", {"anyOf": [{"type": "string"}]}),
    ],
    ids=lambda given: given if isinstance(given, str) else next(iter(given)),
)
def test_a_keyword_without_a_rule_is_an_error(part, keyword):
    schema = copy.deepcopy(schemas.strict(schemas.load("record")))
    schema["$defs"][part].update(keyword)
    with pytest.raises(UnknownKeyword, match=next(iter(keyword))):
        typescript.text(schema)


def test_an_object_without_a_name_is_an_error():
    schema = schemas.strict(schemas.load("record"))
    schema["properties"]["host"] = {"type": "object", "properties": {"name": {"type": "string"}}}
    with pytest.raises(typescript.Unnamed, match="name"):
        typescript.text(schema)


def test_the_types_that_are_there_are_checked(tmp_path, monkeypatch, capsys):
    for file in schemas.folder().iterdir():
        shutil.copy(file, tmp_path)
    monkeypatch.setattr(schemas, "folder", lambda: tmp_path)
    assert schemas.main(["--check"]) == 0
    types = tmp_path / "record.d.ts"
    types.write_text(types.read_text().replace('"aborted"', '"stopped"'))
    assert schemas.main(["--check"]) == 1
    assert "record.d.ts" in capsys.readouterr().err
    assert schemas.main([]) == 0
    assert types.read_text() == (ROOT / "schema/v1/record.d.ts").read_text()
