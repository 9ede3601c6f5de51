"""The JSON Schemas of a record: where they are, and how the strict one is made from the open one.

`schema/v1/record.schema.json` is written by hand and open: it says what every member that it knows must be. The strict
one refuses unknown members too, save extensions, where SPEC section 11 closes an object. It is made by

    python -m runjson_schema.schemas            write it
    python -m runjson_schema.schemas --check    exit with 1 if it differs from what is there

An annotation of our own guides the explanation of a refusal: `x-code` names the finding (SPEC appendix B) that a
violation of a part means, the innermost one holding, RJ106 where there is none.
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any, TypeAlias

# Any: a schema is JSON.
Schema: TypeAlias = dict[str, Any]
_NAME = "record"


def folder() -> Path:
    """The folder of the schemas: inside the package if it is there, else in the checkout."""
    inside = Path(__file__).parent / "v1"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "v1"


def load(name: str) -> Schema:
    """A schema by its name, "record" or "record.strict"."""
    schema: Schema = json.loads((folder() / f"{name}.schema.json").read_bytes())
    return schema


def strict(schema: Schema) -> Schema:
    """The strict schema of an open one: where that takes unknown members, this takes only those that say nothing."""
    made = copy.deepcopy(schema)
    made["$id"] += ".strict"
    made["title"] += ", without unknown members"
    for part in (made, *made["$defs"].values()):
        if "unevaluatedProperties" in part:
            part["unevaluatedProperties"] = {"x-code": "RJ105", "type": "null"}
    return made


def text(schema: Schema) -> str:
    """A schema as it is written to its file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the strict schema, or check the one that is there."""
    path = folder() / f"{_NAME}.strict.schema.json"
    made = text(strict(load(_NAME)))
    if "--check" in arguments:
        if path.exists() and path.read_text(encoding="utf-8") == made:
            return 0
        print(f"{path.name} is not what the open schema makes: run `make schemas`.", file=sys.stderr)  # noqa: T201
        return 1
    path.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
