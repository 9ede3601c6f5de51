"""Fit a line to the petals of irises, tracked by print statements: the standard library alone.

python iris.py fit|diverge|fail DATA FOLDER
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# -- to copy: numbers, and the time ------------------------------------------------------------------------------------


def point(value: float) -> float | str:
    """A number of a series; JSON has no NaN and no infinities."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def tagged(value: float) -> float | dict[str, str]:
    """The same as a property or parameter."""
    found = point(value)
    return {"$float": found} if isinstance(found, str) else found


def now() -> str:
    """The moment, with its offset from UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


# -- the experiment ----------------------------------------------------------------------------------------------------


def main(variant: str, data: Path, folder: Path) -> int:
    rows = [line.split(",") for line in data.read_text(encoding="utf-8").splitlines()[1:]]
    pairs = [(float(row[2]), float(row[3])) for row in rows]
    held_out = pairs[::5]
    train = [pair for index, pair in enumerate(pairs) if index % 5]
    rate, epochs = (10.0, 150) if variant == "diverge" else (0.02, 100)

    name = f"python-{variant}"
    first: dict[str, Any] = {
        "runjson": "1.0", "project": "languages", "id": name, "name": f"Petals of irises in Python: {variant}",
        "status": "running", "started_at": now(), "tags": ["languages", 'say "hi" \\ \U0001f989\n\x07'],
        "parameters": {
            "rate": rate, "epochs": epochs, "big": 9007199254740993,
            "note": 'He said: "5 \\ 3"\n\tna\xefve \U0001f989 \x01',
        },
        "source": {"language": "Python", "script": "iris.py"},
        "environment": {"version": platform.python_version()},
    }  # fmt: skip
    columns: dict[str, dict[str, dict[str, list[Any]]]] = {"series": {}, "text": {}}
    with (folder / f"{name}.run.jsonl").open("w", encoding="utf-8") as stream:

        def write(record: dict[str, Any]) -> None:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            stream.flush()

        def log(kind: str, series: str, value: float | str, step: int) -> None:
            moment = round(time.time(), 3)
            write({"step": step, "time": moment, kind: {series: value}})
            column = columns[kind].setdefault(series, {"values": [], "steps": [], "times": []})
            for member, entry in (("values", value), ("steps", step), ("times", moment)):
                column[member].append(entry)

        write(first)
        last: dict[str, Any] = {}
        losses: list[float] = []
        slope = intercept = 0.0
        try:
            for epoch in range(1, epochs + 1):
                loss, by_slope, by_intercept = fit(train, slope, intercept)
                log("series", "train/loss", point(loss), epoch)
                losses.append(loss)
                if epoch % 10 == 0:
                    log("series", "validation/loss", point(fit(held_out, slope, intercept)[0]), epoch)
                    log("text", "log", f"epoch {epoch}: loss {loss:.6g}", epoch)
                if variant == "fail" and epoch == 50:
                    (folder / "no-such-checkpoint").read_bytes()
                slope -= rate * by_slope
                intercept -= rate * by_intercept
            last = {"status": "succeeded"}
        except OSError as error:
            last = {"status": "failed", "error": {"type": type(error).__name__, "message": str(error)}}
        if last["status"] == "succeeded":
            (folder / f"{name}-loss.svg").write_text(drawn(losses), encoding="utf-8")
            model = f"{slope!r} {intercept!r}\n".encode()
            (folder / f"{name}-model.txt").write_bytes(model)
            last |= {
                "properties": {"slope": tagged(slope), "intercept": tagged(intercept)},
                "images": {"loss": {"path": f"{name}-loss.svg", "media_type": "image/svg+xml"}},
                "artifacts": {
                    "model": {
                        "path": f"{name}-model.txt", "bytes": len(model), "sha256": hashlib.sha256(model).hexdigest(),
                    },
                },
            }  # fmt: skip
        last["ended_at"] = now()
        write(last)
    document = json.dumps({**first, **columns, **last}, ensure_ascii=False, indent=1)
    (folder / f"{name}.run.json").write_text(document + "\n", encoding="utf-8")
    return 0 if last["status"] == "succeeded" else 1


def fit(pairs: list[tuple[float, float]], slope: float, intercept: float) -> tuple[float, float, float]:
    """The mean square of the errors, and its derivatives by slope and intercept."""
    loss = by_slope = by_intercept = 0.0
    for length, width in pairs:
        error = slope * length + intercept - width
        loss += error * error
        by_slope += 2 * error * length
        by_intercept += 2 * error
    return loss / len(pairs), by_slope / len(pairs), by_intercept / len(pairs)


def drawn(losses: list[float]) -> str:
    """The curve of the finite losses as SVG, on a logarithmic axis."""
    logs = [math.log10(loss) for loss in losses if math.isfinite(loss)]
    low, high = min(logs), max(logs)
    points = " ".join(
        f"{300 * index / len(logs):.2f},{10 + 180 * (high - height) / (high - low):.2f}"
        for index, height in enumerate(logs)
    )
    line = f'<polyline points="{points}" fill="none" stroke="black"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">{line}</svg>\n'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
