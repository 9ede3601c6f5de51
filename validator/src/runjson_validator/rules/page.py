"""The rules for people: one in a terminal, all of them as the page schema/RULES.md."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from runjson_schema.findings import ADVICE, CODES, WARNINGS

from runjson_validator.rules.catalogue import RULES
from runjson_validator.rules.rule import Rule

_FAMILIES: Final = {
    "RJ0": "Text and JSON",
    "RJ1": "The shape of a record",
    "RJ2": "What a run says together",
    "RJ3": "Files",
    "RJ4": "Advice",
}
_INTRODUCTION: Final = """\
# The rules of the validator

Every finding of `runjson validate` has a code. `runjson rule CODE` prints what stands here. An error makes a run file
invalid; a warning does not, and is most likely a mistake; advice is a question. The sections are those of
[SPEC.md](SPEC.md).

This page is made from the code: `python -m runjson_validator.rules.page`. A test validates each example.
"""


def severity(code: str) -> str:
    """Of which severity findings of a code are."""
    return "advice" if code in ADVICE else "warning" if code in WARNINGS else "error"


def shown(text: bytes) -> str:
    """An example as it can be printed: bytes that are not UTF-8, control characters and long nesting made visible."""
    said = text.decode("utf-8", "backslashreplace")
    said = re.sub(r"([\\[{])\\1{20,}", lambda match: f"{match[1] * 10} … {match[1] * 10}", said)
    said = re.sub(r"([\\]}])\\1{20,}", lambda match: f"{match[1] * 10} … {match[1] * 10}", said)
    said = "".join(one if one.isprintable() or one == "\n" else f"\\x{ord(one):02x}" for one in said)
    return "\n".join(line if len(line) <= 160 else f"{line[:140]} … {line[-10:]}" for line in said.splitlines())


def explanation(code: str) -> str:
    """A rule for a terminal."""
    meaning, section = CODES[code]
    rule = RULES[code]
    parts = [f"{code} ({severity(code)}): {meaning}. [SPEC {section}]", "", rule.why]
    for title, text in (("bad", rule.bad), ("good", rule.good)):
        if text:
            parts += ["", f"{title}, {rule.name}:", *(f"    {line}" for line in shown(text).splitlines())]
    beside = _beside(rule)
    return "\n".join([*parts, "", beside] if beside else parts)


def listing() -> str:
    """All codes, a line each."""
    return "\n".join(f"{code}  {severity(code):8} {meaning}" for code, (meaning, _) in CODES.items())


def _beside(rule: Rule) -> str:
    said = [f"{name} ({len(data)} bytes)" for name, data in rule.files.items()]
    said += [f"{name} (a link to {target})" for name, target in rule.links.items()]
    return f"Beside it: {', '.join(said)}." if said else ""


def page() -> str:
    """The page of all rules."""
    parts = [_INTRODUCTION]
    family = ""
    for code, (meaning, section) in CODES.items():
        if code[:3] != family:
            family = code[:3]
            parts.append(f"## {family}xx: {_FAMILIES[family]}\n")
        rule = RULES[code]
        parts.append(f"### {code}\n\n**{meaning}** · {severity(code)} · section {section}\n\n{rule.why}\n")
        for title, text in (("Bad", rule.bad), ("Good", rule.good)):
            if text:
                parts.append(f"{title}, `{rule.name}`:\n\n```text\n{shown(text)}\n```\n")
        if beside := _beside(rule):
            parts.append(f"{beside}\n")
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write the page; with `--check`, say whether it is as the code makes it."""
    path = Path(__file__).parents[4] / "schema" / "RULES.md"
    if "--check" in arguments:
        if path.is_file() and path.read_text(encoding="utf-8") == page():
            return 0
        sys.stderr.write("schema/RULES.md is not what the code makes: python -m runjson_validator.rules.page\n")
        return 1
    path.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
