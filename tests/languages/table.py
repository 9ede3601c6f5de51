"""The table of languages in examples/README.md: `python -m tests.languages.table` runs them all and writes it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from runjson_schema.canonical import digest
from runjson_schema.decode import fold_file
from runjson_validator import validate

from tests.languages.examples import ROOT, VARIANTS, Example, Written, examples

PAGE = ROOT / "examples/README.md"
_BEGIN, _END = "<!-- languages: begin -->\n", "<!-- languages: end -->\n"


def passed(example: Example, written: Written) -> bool:
    """Whether all its run files are valid without a warning, and stream and document are one."""
    for variant in VARIANTS:
        paths = [written.folder / f"{example.name}-{variant}.run.{kind}" for kind in ("jsonl", "json")]
        if any(validate(path).errors or validate(path).warnings for path in paths):
            return False
        if len({digest(fold_file(path).fold) for path in paths}) != 1:
            return False
    return True


def row(example: Example, *, good: bool) -> str:
    """A line of the table."""
    lines = len(example.source.read_text(encoding="utf-8").splitlines())
    link = f"[{example.name}/{example.source.name}]({example.name}/{example.source.name})"
    needs = ", ".join(f"`{package}`" for package in example.debian) or "nothing more"
    return f"| {example.language} | {link} | {lines} | {needs} | {'yes' if good else '**no**'} |\n"


def table(rows: list[str]) -> str:
    """The whole table."""
    return "| language | program | lines | packages of Debian 12 | passed |\n|---|---|---|---|---|\n" + "".join(rows)


def page(text: str, found: str) -> str:
    """The page with this table in it."""
    before, _, rest = text.partition(_BEGIN)
    return before + _BEGIN + found + _END + rest.partition(_END)[2]


def main() -> None:
    """Run all that can be run here, and write the table; who can not be run keeps the line that it has."""
    text = PAGE.read_text(encoding="utf-8")
    rows = []
    for example in examples():
        kept = [line for line in text.splitlines(keepends=True) if line.startswith(f"| {example.language} | ")]
        if example.missing:
            rows += kept
            continue
        with tempfile.TemporaryDirectory() as place:
            rows.append(row(example, good=passed(example, Written(example, Path(place)))))
    PAGE.write_text(page(text, table(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
