"""The runs that are compared in tests: alike in much, with images, texts and files, hostile names among them."""

from __future__ import annotations

import io
import json
import math
import random
import struct
import zlib
from pathlib import Path
from typing import Any

from runjson_tracker.store import Store
from runjson_uploader.attached import InFolder
from runjson_uploader.upload import upload

HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
PROJECT = "networks"
STEPS = 40
LINES = 20_000
FIELDS = 2000
# The second is the first, as it is told an hour east of Greenwich.
BEGUN = ("2026-11-20T03:00:00Z", "2026-11-20T04:00:00+01:00", "2026-11-20T05:00:00Z")
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" onload="document.title=3">'
    '<script>document.title=4</script><circle cx="32" cy="32" r="28" fill="{}"/></svg>'
)
DIFF = """diff --git a/train.py b/train.py
--- a/train.py
+++ b/train.py
@@ -1,3 +1,3 @@
 import numpy as np
-lr = 0.1
+lr = {}
 # <script>document.title=5</script>
"""


def png(size: int, shade: int) -> bytes:
    """A square image in grey, brighter to the right; its shade says which one it is."""
    rows = b"".join(b"\0" + bytes((x * 160 // size + shade) % 256 for x in range(size)) for _ in range(size))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def make_compared(place: object, folder: Path) -> None:
    """Fill a store: `networks` with runs that have everything; `wide` with many fields; `sweep` with many runs."""
    with Store.open(str(place)) as store:
        for number, name in enumerate(("small", "wide", "deep")):
            track(store, folder, network(folder, number, name))
        track(store, folder, hostile(folder))
        track(store, folder, {"runjson": "1.0", "id": "bare"})
        for number in range(50):
            values = {f"layer {at // 20}": {} for at in range(FIELDS)}
            for at in range(FIELDS):
                values[f"layer {at // 20}"][f"weight {at:04}"] = at if at % 3 else at + number
            track(store, folder, {"runjson": "1.0", "id": f"wide-{number:02}", "parameters": values}, project="many")
        sweep(store, folder, 400)


def sweep(store: Store, folder: Path, count: int) -> None:
    """Runs of a search for good parameters."""
    random_ = random.Random(5)
    for number in range(count):
        rate = 10 ** random_.uniform(-4, -0.5)
        layers = random_.choice([2, 4, 8, 16])
        fault = (math.log10(rate) + 2) ** 2 / 8 + 0.05 * layers / 16 + random_.uniform(0, 0.05)
        record: dict[str, Any] = {
            "runjson": "1.0", "id": f"sweep-{number:03}", "name": f"trial {number:03}", "status": "succeeded",
            "parameters": {"lr": rate, "layers": layers, "optimizer": random_.choice(["adam", "sgd", "lion"])},
            "series": {
                "loss": {"values": [2.0, 0.1 + fault], "goal": "minimize"},
                "accuracy": {"values": [0.1, 1 - fault], "goal": "maximize"},
            },
        }  # fmt: skip
        if number % 20 == 7:
            del record["parameters"]["layers"]
            record["series"]["loss"]["values"] = [2.0, "NaN"]
        track(store, folder, record, project="sweep")


def track(store: Store, folder: Path, *records: dict[str, Any], project: str = PROJECT) -> None:
    """Track a document, or the records of a stream, whose files lie in a folder."""
    text = "\n".join(json.dumps(one) for one in records)
    name = "run.jsonl" if len(records) > 1 else "run.json"
    outcome = upload(io.BytesIO(text.encode()), name, InFolder(folder), store, project=project)
    assert outcome.answer in {"new", "grown"}, outcome


def network(folder: Path, number: int, name: str) -> dict[str, Any]:
    """A run; its files are written into the folder."""
    own = folder / name
    own.mkdir(parents=True, exist_ok=True)
    # The runs keep images at other steps: a slider over all of them shows the last one of each.
    steps = list(range(0, 100, (10, 20, 25)[number]))
    for step in steps:
        (own / f"map-{step}.png").write_bytes(png(32, step + 20 * number))
    (own / "odd.png").write_bytes(png(16 * (number + 1), 0))
    (own / "drawing.svg").write_text(SVG.format(("teal", "navy", "maroon")[number]))
    (own / "patch.diff").write_text(DIFF.format((0.1, 0.03, 0.01)[number]))
    (own / "config.yaml").write_text(f"model: {name}\nlayers: {2 * number + 2}\nseed: 7\n<b>bold</b>\n")
    (own / "long.txt").write_text(
        "".join(f"line {at}{' changed' if number and at % 500 == 250 else ''}\n" for at in range(LINES))
    )
    speed = 6 + 3 * number
    loss = [2.3 * math.exp(-speed * at / STEPS) + 0.05 * (3 - number) for at in range(STEPS)]
    return {
        "runjson": "1.0", "id": name, "name": f"{name} network", "group": "paper",
        "status": ("succeeded", "succeeded", "failed")[number],
        "started_at": f"2026-11-2{number}T03:13:41Z", "ended_at": f"2026-11-2{number}T03:24:{number}5Z",
        "tags": ["baseline"] if number == 0 else ["paper"],
        "parameters": {
            "lr": (0.1, 0.03, 0.01)[number], "seed": 7, "batch_size": (64, 128, 64)[number],
            "optimizer": ("sgd", "adam", "adam")[number], "clip": {"$float": "Infinity"},
            "begun": {"$datetime": BEGUN[number]},
            "model": {
                "layers": 2 * number + 2, "dropout": 0.1, "units": [64] * (number + 1), "norm": {"kind": "batch"},
            },
            **({"warmup": 100} if number == 2 else {}),
        },
        "properties": {"test/accuracy": 0.91 + 0.02 * number, "reviewed": True},
        "source": {"git/commit": f"{number}fceb02d", "script": "train.py"},
        "environment": {"host": "node-17", "packages": {"numpy": f"2.3.{number}", "torch": "2.9.0"}},
        "series": {
            "train/loss": {"values": loss, "goal": "minimize"},
            "validation/accuracy": {"values": [1 - one / 2.5 for one in loss], "goal": "maximize"},
            "gradient/norm": {"values": [*loss[:-1], "NaN" if number == 1 else 0.2]},
        },
        "images": {
            "attention/map": {"values": [f"{name}/map-{step}.png" for step in steps], "steps": steps},
            "odd": f"{name}/odd.png", "drawing": f"{name}/drawing.svg",
        },
        "text": {
            "samples": {
                "values": [f"step {step}\nthe {name} network\nwrote this" for step in (0, 50)], "steps": [0, 50],
            },
            "console/stdout": [f"epoch {at}: loss {loss[at]:.3f}" for at in range(30)],
        },
        "artifacts": {
            "source/diff": {"path": f"{name}/patch.diff", "media_type": "text/x-diff"},
            "config.yaml": {"path": f"{name}/config.yaml"}, "long": {"path": f"{name}/long.txt"},
        },
    }  # fmt: skip


def hostile(folder: Path) -> dict[str, Any]:
    """A run whose names, values, texts and images want to be scripts."""
    (folder / "broken.png").write_bytes(b"<script>document.title=6</script>")
    return {
        "runjson": "1.0", "id": "hostile", "name": HOSTILE, "status": "failed", "tags": [HOSTILE],
        "parameters": {
            HOSTILE: HOSTILE, "a|b `c`": "x|y\nz", "huge": {"$int": "123456789012345678901234567890"}, "none": None,
            "nan": {"$float": "NaN"}, "lr": {"$float": "NaN"}, "optimizer": HOSTILE, "model": "no tree",
        },
        "series": {HOSTILE: [1, "NaN"], "train/loss": {"values": ["Infinity", "NaN"], "goal": "minimize"}},
        "images": {"attention/map": {"values": ["broken.png"], "steps": [0]}, HOSTILE: "broken.png"},
        "text": {"samples": [HOSTILE], HOSTILE: [HOSTILE]},
    }  # fmt: skip
