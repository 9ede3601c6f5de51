"""The OpenAPI document as a file, from which the pages of the viewer have their types.

`python -m runjson_server.openapi` writes it; with `--check` it says whether the file is as it would be written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

PLACE: Final = Path("tracker/web/openapi.json")


def text() -> str:
    """The document, without the version, which says nothing of the routes."""
    from runjson_server.app import make_app  # noqa: PLC0415  the application imports the modules beside this one
    from runjson_server.settings import Settings  # noqa: PLC0415

    document = make_app(Settings(tracker="")).openapi()
    document["info"]["version"] = "1"
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    path = Path(__file__).parents[3] / PLACE
    if "--check" not in sys.argv:
        path.write_text(text(), encoding="utf-8")
    elif path.read_text(encoding="utf-8") != text():
        sys.exit(f"{PLACE} is not what the routes say. Write it: python -m runjson_server.openapi")
