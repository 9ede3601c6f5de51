"""Writes a report of what the other three said, as an artifact. The standard library alone."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def said(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main(name: str, folder: Path) -> None:
    started = datetime.now(UTC).isoformat()
    points = [
        (record["step"], record["series"]["train/loss"])
        for record in said(folder / "train.run.jsonl")
        if "step" in record
    ]
    (error,) = (
        record["properties"]["test/rmse"] for record in said(folder / "evaluate.run.jsonl") if "properties" in record
    )
    text = (
        "# Width of petals by their length\n\n"
        f"The loss fell from {points[0][1]:.4g} to {points[-1][1]:.4g} in {points[-1][0]} epochs. "
        f"On rows that were not seen the error is {error:.4g} cm (root mean square).\n"
    )
    (folder / "report.md").write_text(text, encoding="utf-8")
    records: list[dict[str, Any]] = [
        {"runjson": "1.0", "project": "languages", "id": name, "writer": "report", "started_at": started},
        {"description": text},
        {"artifacts": {"report": {"path": "report.md", "media_type": "text/markdown"}}},
        {"status": "succeeded", "ended_at": datetime.now(UTC).isoformat()},
    ]
    with (folder / "report.run.jsonl").open("w", encoding="utf-8") as stream:
        for record in records:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            stream.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
