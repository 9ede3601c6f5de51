"""The description of the interface for people, made from its OpenAPI document: as HTML, and as Markdown.

`python -m runjson_server.reference` writes the page of the documentation.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router: Final = APIRouter(include_in_schema=False)
# In a checkout.
PAGE: Final = Path(__file__).parents[3] / "docs" / "http.md"
_HEAD: Final = """\
# The HTTP interface

Every server of `runjson serve` describes itself at `/api/v1/docs`, and for programs at `/api/v1/openapi.json`. This
page is made from that description. A token goes with each request: `Authorization: Bearer rj_...`. What goes wrong is
told as `application/problem+json`, with a `detail` that says what to do. [For a team](how-to/team.md) has the set-up.
"""


@dataclass(frozen=True)
class Operation:
    """What one method of one address does.

    Attributes:
        method: of HTTP.
        path: of the address.
        tag: what it is about.
        title: what it does, in a few words.
        about: what it does, in sentences.
        parameters: name, type and meaning of those of the query and the path.
        members: name, type and meaning of those of a body of JSON.
        answers: name, type and meaning of those of its answer.
    """

    method: str
    path: str
    tag: str
    title: str
    about: str
    parameters: list[tuple[str, str, str]] = field(default_factory=list)
    members: list[tuple[str, str, str]] = field(default_factory=list)
    answers: list[tuple[str, str, str]] = field(default_factory=list)


def operations(document: dict[str, Any]) -> Iterator[Operation]:  # Any: JSON
    """The operations of an OpenAPI document, in its order."""
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            parameters = [
                (given["name"], _type(document, given["schema"]), given.get("description", ""))
                for given in one.get("parameters", ())
                if given["in"] in {"query", "path"}
            ]
            body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            answer = one["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema")
            yield Operation(
                method.upper(), path, one.get("tags", ["more"])[0], one["summary"], one.get("description", ""),
                parameters, _members(document, body), _members(document, answer),
            )  # fmt: skip


def _members(document: dict[str, Any], schema: dict[str, Any] | None) -> list[tuple[str, str, str]]:  # Any: JSON
    found = _resolved(document, schema or {})
    return [
        (name, _type(document, one), one.get("description", "")) for name, one in found.get("properties", {}).items()
    ]


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:  # Any: JSON
    """What a value may be, in a word or two."""
    if "$ref" in schema:
        return _type(document, _resolved(document, schema))
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    for either in ("anyOf", "oneOf"):
        if either in schema:
            return " or ".join(dict.fromkeys(_type(document, one) for one in schema[either]))
    if schema.get("type") == "array":
        return f"array of {_type(document, schema.get('items', {}))}"
    found = schema.get("type", "any JSON")
    return str(found) if isinstance(found, str) else " or ".join(found)


def as_markdown(document: dict[str, Any]) -> str:  # Any: JSON
    """The page of the documentation."""
    parts = [_HEAD]
    tag = None
    for one in sorted(operations(document), key=lambda one: one.tag):
        if one.tag != tag:
            tag = one.tag
            parts.append(f"## {tag.capitalize()}\n")
        parts.append(f"### {one.title}\n\n`{one.method} {one.path}`\n\n{one.about}\n")
        for title, rows in (("Parameter", one.parameters), ("Member", one.members), ("Answer", one.answers)):
            if rows:
                parts.append(f"| {title} | is | |\n|---|---|---|\n" + "".join(map(_row, rows)))
    return "\n".join(parts)


def _row(row: tuple[str, str, str]) -> str:
    name, kind, about = (text.replace("|", "\\|").replace("\n", " ") for text in row)
    return f"| `{name}` | {kind} | {about} |\n"


def as_html(document: dict[str, Any]) -> str:  # Any: JSON
    """A page that needs no script and no other host."""
    parts = [f"<h1>{html.escape(document['info']['title'])}</h1><p>{_prose(document['info']['description'])}</p>"]
    for one in operations(document):
        parts.append(f"<h2><code>{one.method} {html.escape(one.path)}</code></h2><p>{_prose(one.about)}</p>")
        for title, rows in (("Parameter", one.parameters), ("Member", one.members), ("Answer", one.answers)):
            if rows:
                cells = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
                parts.append(f"<table><tr><th>{title}</th><th>is</th><th></th></tr>{cells}</table>")
    body = "\n".join(parts)
    title = html.escape(document["info"]["title"])
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><body>{body}</body></html>'


def _prose(text: str) -> str:
    return html.escape(text).replace("\n\n", "</p><p>")


@router.get("/docs")
def described(request: Request) -> HTMLResponse:
    """The description for people."""
    return HTMLResponse(as_html(request.app.openapi()))


if __name__ == "__main__":
    from runjson_server.app import make_app
    from runjson_server.settings import Settings

    PAGE.write_text(as_markdown(make_app(Settings(tracker="")).openapi()), encoding="utf-8")
