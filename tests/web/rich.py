"""Runs that have everything: series, images, texts, files, errors and hostile content, by run files in folders."""

from __future__ import annotations

import base64
import io
import json
import math
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from runjson_tracker.store import Store
from runjson_uploader.attached import InFolder
from runjson_uploader.upload import upload

HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
BEGUN = 1_795_230_821.5
STEPS = 60
LINES = 2500
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100" onload="document.title=3">'
    '<script>document.title=4</script><rect width="200" height="100" fill="#0072b2"/>'
    '<circle cx="100" cy="50" r="40" fill="#f0b429"/></svg>'
)
DESCRIPTION = f"""# Two layers

The run of the **paper**, with *dropout* and [its notes](https://example.org/notes). See `train.py`.

- learning rate from a sweep
- [x] seeds fixed

| part | rows |
|---|---:|
| train | 1500 |

[press me](javascript:document.title=5) {HOSTILE}

![a plot](images/digit-0.png) ![not ours](https://example.org/x.png)
"""
DIFF = """diff --git a/train.py b/train.py
index 1111111..2222222 100644
--- a/train.py
+++ b/train.py
@@ -1,4 +1,5 @@
 import numpy as np
--- a removed line that looks like a heading
-lr = 0.1
+lr = 0.03
+# <script>document.title=6</script>
+seed = 7
 train(lr)
diff --git a/data.py b/data.py
--- a/data.py
+++ b/data.py
@@ -10,2 +10,2 @@ def load():
-    return 1
+    return 2
     # end
"""


def png(width: int, height: int, shade: int) -> bytes:
    """An image whose brightness says which one it is."""
    rows = b"".join(
        b"\0" + bytes((x * 255 // width + shade) % 256 for x in range(width)) for _ in range(height)
    )  # fmt: skip
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def make_rich(place: object, folder: Path) -> None:
    """Fill a store with the project `rich`: `everything`, of two writers; `failed`; `bare`; and `many` parameters."""
    with Store.open(str(place)) as store:
        track(store, folder, everything(folder))
        track(store, folder, second_writer())
        track(store, folder, failed())
        track(store, folder, {"runjson": "1.0", "id": "bare"})
        track(store, folder, {"runjson": "1.0", "id": "many", "parameters": many(10_000)})


def track(store: Store, folder: Path, *records: dict[str, Any]) -> None:
    """Track a document, or the records of a stream, whose files lie in a folder."""
    text = "\n".join(json.dumps(one) for one in records)
    name = "run.jsonl" if len(records) > 1 else "run.json"
    outcome = upload(io.BytesIO(text.encode()), name, InFolder(folder), store, project="rich")
    assert outcome.answer in {"new", "grown"}, outcome


def many(count: int) -> dict[str, Any]:
    """Parameters in a hundred namespaces."""
    return {f"layer {at}": {f"weight {at * 100 + one}": one / 7 for one in range(count // 100)} for at in range(100)}


def everything(folder: Path) -> dict[str, Any]:
    """A run with all that a run may have; its files are written into the folder."""
    random_ = random.Random(3)
    loss = [2.3 * math.exp(-at / 12) + random_.uniform(0, 0.1) for at in range(STEPS)]
    times = [BEGUN + 2 * at for at in range(STEPS)]
    steps = [100 * at for at in range(STEPS)]
    _write_files(folder)
    images = [{"path": f"images/digit-{at}.png", "description": f"digit {at}"} for at in range(5)]
    return {
        "runjson": "1.0", "id": "everything", "name": "Two layers with dropout", "description": DESCRIPTION,
        "group": "paper", "status": "succeeded", "parent": {"id": "bare", "step": 5},
        "started_at": "2026-11-21T03:13:41Z", "ended_at": "2026-11-21T03:24:05Z",
        "tags": ["baseline", "paper", HOSTILE],
        "parameters": {
            "lr": 0.03, "seed": 7, "huge": {"$int": "123456789012345678901234567890"},
            "clip": {"$float": "Infinity"}, "begun": {"$datetime": "2026-11-21T03:13:41Z"}, "note": None,
            "model": {"layers": [64, 10], "dropout": 0.1, "activation": "relu", HOSTILE: HOSTILE, "a b": {"c.d": True}},
        },
        "properties": {"test/accuracy": 0.953, "test/f1": 0.947, "parameters_in_all": 50890, "reviewed": True},
        "source": {
            "git/commit": "9fceb02d0ae598e95dc970b74767f19372d61af8", "git/branch": "dropout", "git/dirty": True,
            "git/message": "Dropout behind the first layer", "git/remote": "git@example.org:lab/digits.git",
            "script": "train.py", "arguments": ["--lr", "0.03", "--seed", "7"],
        },
        "environment": {
            "host": "node-17", "user": "ada", "os": "Linux 6.12", "cpu/model": "EPYC 9654", "cpu/count": 16,
            "gpu/0/name": "H200", "python": "3.11.9", "packages": {"numpy": "2.3.1", "torch": "2.9.0"},
        },
        "series": {
            "train/loss": {"values": loss, "steps": steps, "times": times, "goal": "minimize"},
            "validation/accuracy": {
                "values": [1 - one / 2.5 for one in loss], "steps": steps, "goal": "maximize", "unit": "1",
            },
            "gradient/norm": {"values": [*loss[:-2], "NaN", "Infinity"], "steps": steps},
            HOSTILE: [1, "NaN", 3], "all nan": ["NaN", "NaN"],
            "system/cpu/utilization": {"values": [random_.uniform(20, 90) for _ in times], "times": times, "unit": "%"},
            "system/gpu/0/temperature": {"values": [60 + at / 5 for at in range(STEPS)], "times": times, "unit": "Cel"},
        },
        "text": {
            "console/stdout": {
                "values": [_line(at) for at in range(LINES)], "times": [BEGUN + at / 10 for at in range(LINES)],
            },
            "console/stderr": ["warning: <b>slow</b>", "\x1b[31mred\x1b[0m " + HOSTILE],
            "samples": {
                "values": [f"The sample of step {at}.\nIt has two lines. {HOSTILE}" for at in range(40)],
                "steps": [100 * at for at in range(40)],
            },
            "notes": {"values": ["**bold** and [bad](javascript:alert(1))"], "media_type": "text/markdown"},
        },
        "images": {
            "digits": {"values": images, "steps": [0, 100, 200, 300, 400], "times": times[:5]},
            "confusion": {"values": [{"path": f"images/wide-{at}.png"} for at in range(3)], "steps": [0, 200, 400]},
            "drawing": {"values": [{"path": "images/drawing.svg", "media_type": "image/svg+xml"}], "steps": [400]},
            "scan": [{"data": base64.b64encode(b"II*\0" + bytes(20)).decode(), "media_type": "image/tiff"}],
            "far": [{"uri": "https://example.org/far.png"}],
        },
        "histograms": {
            "weights": {
                "values": [
                    {
                        "edges": [-2 + one / 5 for one in range(21)],
                        "counts": [1000 * math.exp(-((one - 10) ** 2) / (4 + at)) for one in range(20)],
                    }
                    for at in range(30)
                ],
                "steps": [100 * at for at in range(30)],
            },
            "odd": [{"edges": ["-Infinity", 0, "Infinity"], "counts": [3, "NaN"]}],
        },
        "artifacts": {
            "source/diff": {"path": "source.diff", "media_type": "text/x-diff"},
            "source/train.py": "train.py",
            "model": {"path": "model", "metadata": {"kind": "model", "framework": "torch"}},
            "predictions": {
                "path": "predictions.csv", "media_type": "text/csv", "metadata": {"kind": "table", "rows": 5000},
            },
            "table": {"path": "table.parquet", "metadata": {"kind": "table"}},
            "settings": {"path": "settings.json", "description": "as they were read"},
            "notebook": {"path": "explore.ipynb", "metadata": {"kind": "notebook", "executed": True}},
            "readme": "README.md", "drawing": "images/drawing.svg", "picture": "images/wide-0.png",
            "page": {"path": "page.html", "media_type": "text/html"}, "log": {"path": "long.log"},
            "weights/binary": "weights.bin", "small": {"data": "aGVsbG8=", "media_type": "text/plain"},
            "data/train": {
                "uri": "s3://lab/digits.csv", "bytes": 264712, "metadata": {"kind": "dataset", "rows": 1500},
            },
            "gone": None,
        },
    }  # fmt: skip


def second_writer() -> dict[str, Any]:
    """What another process says of the same run."""
    return {
        "runjson": "1.0", "id": "everything", "writer": "rank-1", "status": "succeeded",
        "series": {"rank/1/train/loss": [3, 2, 1], "train/loss": [9, 8]},
        "text": {"console/stdout": ["hello from rank 1"]},
    }  # fmt: skip


def failed() -> dict[str, Any]:
    """A run that ended with an error."""
    return {
        "runjson": "1.0", "id": "failed", "status": "failed", "series": {"loss": [1, "NaN"]},
        "error": {
            "type": "RuntimeError", "message": f"out of memory {HOSTILE}",
            "traceback": 'Traceback (most recent call last):\n  File "train.py", line 7, in <module>\nRuntimeError',
        },
    }  # fmt: skip


def _line(at: int) -> str:
    if at % 50 == 7:
        return f"  0%|          |\r 50%|#####     |\r100%|##########| epoch {at // 50}"
    colour = f"\x1b[1;32mstep {at}\x1b[0m" if at % 10 == 0 else f"step {at}"
    return f"{colour} loss={2.3 * math.exp(-at / 600):.4f} {'Needle' if at in {100, 1700, 2400} else ''}"


def _write_files(folder: Path) -> None:
    (folder / "images").mkdir(parents=True)
    for at in range(5):
        (folder / f"images/digit-{at}.png").write_bytes(png(8, 8, at * 40))
    for at in range(3):
        (folder / f"images/wide-{at}.png").write_bytes(png(320, 200, at * 60))
    (folder / "images/drawing.svg").write_text(SVG)
    (folder / "model/layers").mkdir(parents=True)
    (folder / "model/config.json").write_text('{"layers": 2, "big": 12345678901234567890}')
    (folder / "model/layers/first.txt").write_text("first layer\n")
    rows = "\r\n".join(f'{at},{at / 7:.4f},"a ""quoted"", {at}"' for at in range(5000))
    (folder / "predictions.csv").write_text(f"digit,p,note\r\n{rows}\r\n")
    table = pa.table({"id": list(range(3000)), "score": [at / 3 for at in range(3000)], "word": ["wörd"] * 3000})
    pq.write_table(table, folder / "table.parquet")
    (folder / "settings.json").write_text(json.dumps({"lr": 0.03, "deep": {"er": [1, 2]}, "html": HOSTILE}))
    (folder / "explore.ipynb").write_text(json.dumps(_notebook()))
    (folder / "README.md").write_text(f"# Read me\n\nText {HOSTILE}\n")
    (folder / "page.html").write_text(HOSTILE)
    (folder / "long.log").write_text("".join(f"line {at} of a long log\n" for at in range(100_000)))
    (folder / "weights.bin").write_bytes(bytes(range(256)) * 8)
    (folder / "train.py").write_text("lr = 0.03\n")
    (folder / "source.diff").write_text(DIFF)


def _notebook() -> dict[str, Any]:
    picture = base64.b64encode(png(64, 64, 0)).decode()
    return {
        "nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"display_name": "Python 3"}},
        "cells": [
            {"cell_type": "markdown", "source": ["# Exploring\n", HOSTILE]},
            {
                "cell_type": "code", "execution_count": 1, "source": "print(1)",
                "outputs": [
                    {"output_type": "stream", "name": "stdout", "text": ["printed 1\n"]},
                    {"output_type": "display_data", "data": {"image/png": picture, "text/plain": "a figure"}},
                    {"output_type": "display_data", "data": {"image/svg+xml": [SVG], "text/plain": "a drawing"}},
                    {
                        "output_type": "execute_result",
                        "data": {"text/html": HOSTILE + "<b>only html</b>"},
                    },
                    {"output_type": "display_data", "data": {"text/html": "<i>no</i>", "text/plain": "plain instead"}},
                    {
                        "output_type": "error", "ename": "ValueError", "evalue": "bad",
                        "traceback": ["\x1b[31mValueError\x1b[0m: bad"],
                    },
                ],
            },
        ],
    }  # fmt: skip
