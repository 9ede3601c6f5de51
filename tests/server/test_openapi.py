"""The OpenAPI document that the pages of the viewer have their types from."""

from __future__ import annotations

from pathlib import Path

from runjson_server import openapi

ROOT = Path(__file__).parents[2]


def test_the_document_that_the_pages_are_built_from_is_that_of_the_routes():
    assert (ROOT / openapi.PLACE).read_text(encoding="utf-8") == openapi.text(), (
        "run `python -m runjson_server.openapi`"
    )
