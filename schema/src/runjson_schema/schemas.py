"""The JSON Schemas of a record: where they are, and what is made from the open one.

`schema/v1/record.schema.json` is written by hand and open: it says what every member that it knows must be. The strict
one refuses unknown members too, save extensions, where SPEC section 11 closes an object. It and `record.d.ts`, the
types for TypeScript, are made by

    python -m runjson_schema.schemas            write them
    python -m runjson_schema.schemas --check    exit with 1 if one differs from what is there

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
    """Write what is made of the open schema, the strict one and the types, or check what is there."""
    from runjson_schema import typescript  # noqa: PLC0415 - whoever only loads a schema makes no types

    closed = strict(load(_NAME))
    made = {f"{_NAME}.strict.schema.json": text(closed), f"{_NAME}.d.ts": typescript.text(closed)}
    stale = 0
    for name, content in made.items():
        path = folder() / name
        if "--check" not in arguments:
            path.write_text(content, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != content:
            print(f"{name} is not what the open schema makes: run `make schemas`.", file=sys.stderr)  # noqa: T201
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
