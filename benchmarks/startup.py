"""What a command and an import cost before they do anything."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from data import Document
from measure import Row, seconds, upload

_QUICKSTART = Path(__file__).parents[1] / "examples/quickstart/run.json"


def start(place: Path, *, quick: bool) -> list[Row]:
    """Commands on little, and imports over bare Python."""
    turns = 2 if quick else 10
    python, runjson = sys.executable, Path(sys.executable).with_name("runjson")
    one = place / "one.run.json"
    Document("one", 1, 1).write(one)
    helped, uploaded, bare, imported, peer = [], [], [], [], []
    for turn in range(turns):
        store = place / f"store-{turn}"
        upload(store, one)
        helped.append(seconds(runjson, "--help"))
        uploaded.append(seconds(runjson, "upload", _QUICKSTART, "--to", store))
        bare.append(seconds(python, "-c", "pass"))
        imported.append(seconds(python, "-c", "import runjson"))
        peer.append(seconds(python, "-c", "import mlflow"))
    interpreter = statistics.median(bare)
    return [
        Row("`runjson --help`", "s", helped, 0.1, "less"),
        Row("`runjson upload examples/quickstart/run.json`, new to a store that exists", "s", uploaded, 0.7, "less"),
        Row("`import runjson`, less bare Python", "s", [one - interpreter for one in imported], 0.03, "less"),
        Row("`import mlflow`, less bare Python", "s", [], None, "less", "MLflow", [one - interpreter for one in peer]),
    ]
