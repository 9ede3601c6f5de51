"""Makes docs/mistakes.md: what `runjson validate` and `runjson fix` say of each file of tests/validator/mistakes."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from runjson_validator.fix import Change, fix

ROOT = Path(__file__).parents[2]
FILES = ROOT / "tests/validator/mistakes"
PAGE = ROOT / "docs/mistakes.md"
MISTAKES = tomllib.loads((FILES / "mistakes.toml").read_text(encoding="utf-8"))
INTRODUCTION = """\
# What programs get wrong at first, and what they are told

Each file below was written as a program in some language would write it. Under it stands what `runjson validate`
prints, and the lines that `runjson fix` would change. The files lie in
[tests/validator/mistakes](../tests/validator/mistakes); this page is made of them by
`python -m tests.validator.mistakes_page`, and a test compares it.
"""


def run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "runjson", *words], capture_output=True, text=True, check=False, cwd=FILES
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def shown(data: bytes) -> str:
    text = data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8-sig", "backslashreplace")
    return text.replace("\r\n", "\n").rstrip("\n")


def page() -> str:
    files = [one["file"] for one in MISTAKES.values()]
    said = run("validate", *files)
    accepted = [one for one in MISTAKES.values() if one["verdict"] == "accept"]
    parts = [INTRODUCTION]
    for one in MISTAKES.values():
        if one["verdict"] == "accept":
            continue
        file = one["file"]
        block = said[: re.search(rf"^{re.escape(file)}: (?:not )?valid.*\n", said, re.MULTILINE).end()]
        said = said[said.index(block) + len(block) :]
        block = block[re.search(rf"^{re.escape(file)}", block, re.MULTILINE).start() :].rstrip("\n")
        parts.append(f"## {file}\n\n{one['who'][0].upper()}{one['who'][1:]}.\n")
        parts.append(f"```text\n{shown((FILES / file).read_bytes())}\n```\n")
        parts.append(f"```text\n{block}\n```\n")
        for options in ([], *(["--null", value] for value in one.get("null", ()))):
            changes: list[Change] = []
            result = fix(FILES / file, null=options[-1] if options else None, write=False, changes=changes)
            if changes and result.whole:
                after = [(change.after or b"").decode() for change in changes]
                name = " ".join(["runjson fix", *options])
                parts.append(f"`{name}` writes:\n\n```text\n" + "\n".join(after) + "\n```\n")
    parts.append("## Accepted as they are\n\n| file | who writes it | what |\n|---|---|---|")
    parts.extend(
        f"| {one['file']} | {one['who']} | `{shown((FILES / one['file']).read_bytes()).splitlines()[-1][:120]}` |"
        for one in accepted
    )
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
