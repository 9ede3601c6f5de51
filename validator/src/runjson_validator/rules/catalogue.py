"""All rules by code, in order."""

from __future__ import annotations

from typing import Final

from runjson_validator.rules import advice, files, meaning, shape, text
from runjson_validator.rules.rule import Rule

RULES: Final[dict[str, Rule]] = {
    rule.code: rule for rule in (*text.RULES, *shape.RULES, *meaning.RULES, *files.RULES, *advice.RULES)
}
