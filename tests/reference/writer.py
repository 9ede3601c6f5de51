"""A writer with no code of ours: the calls of a description as records, right or wrong in a way that is usual.

A program, too: `python writer.py [FAULT]` reads a description on standard input and writes `run.jsonl`.
"""

import base64
import json
import os
import sys
import time
from pathlib import Path

COLUMNS = ("values", "steps", "times", "unit", "goal", "description", "x")


def records(description):
    """The records of a run, one for each call."""
    return [record(call) for call in description["calls"]]


def record(call):
    said = {name: value for name, value in call.items() if name != "call"}
    match call["call"]:
        case "begin":
            return {"runjson": "1.0", **said}
        case "extend" | "define":
            columns = {"values": [], **{name: said[name] for name in COLUMNS if name in said}}
            return {"series": {said["name"]: columns}}
        case "histogram":
            point = {name: said.pop(name) for name in ("edges", "counts")}
            return {"histograms": {said.pop("name"): [point]}, **said}
        case "artifact":
            return {"artifacts": {said["name"]: {"data": said["base64"], "media_type": "application/octet-stream"}}}
    return said  # the members of all other calls are those of a record


def walk(value, change):
    if isinstance(value, dict):
        return {name: walk(entry, change) for name, entry in value.items()}
    return [walk(entry, change) for entry in value] if isinstance(value, list) else change(value)


def without_step_0(one):
    return {name: value for name, value in one.items() if name != "step" or value != 0}


FAULTS = {
    "nan-as-null": lambda found: walk(found, lambda value: None if value == "NaN" else value),
    "six-digits": lambda found: walk(found, lambda value: float(f"{value:g}") if isinstance(value, float) else value),
    "inf": lambda found: walk(found, lambda value: "inf" if value == "Infinity" else value),
    "step-0-dropped": lambda found: [*map(without_step_0, found)],
    "last-point-lost": lambda found: [one for at, one in enumerate(found) if at != len(found) - 2],
    "last-of-a-column-lost": lambda found: [
        {"series": {name: {**columns, "values": columns["values"][:-1]} for name, columns in one["series"].items()}}
        if "series" in one else one for one in found
    ],
    "running-for-ever": lambda found: found[:-1],
    "with-what-clients-add": lambda found: [
        {**found[0], "status": "running", "started_at": "2026-11-21T03:13:41Z", "environment": {"host": "a"},
         "source": {"b": 1}, "c:d": 2},
        *({"time": 1795230821.5, **one} for one in found[1:]),
    ],
}  # fmt: skip


def lines(found):
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found).encode()


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def main(fault=None, *where):
    found = records(json.load(sys.stdin))
    found = FAULTS[fault](found) if fault in FAULTS else found
    if fault == "exit-1":
        sys.exit("there is no such call")
    if fault == "hangs":
        if child := os.fork():  # what it started hangs, too
            Path(*where).write_text(str(child))
        time.sleep(1000)
    if fault == "no-file":
        put(Path("notes.txt"), b"done")
        return
    folder = Path("deep/below")
    if fault in ("artifacts-beside", "artifacts-cut"):
        for one in found:
            for name, file in one.get("artifacts", {}).items():
                data = base64.b64decode(file.pop("data"))
                put(folder / "files" / name, data[:-1] if fault == "artifacts-cut" else data)
                file["path"] = f"files/{name}"
    written = lines(found)
    if fault == "invalid-json":
        written = written.replace(b'"NaN"', b"NaN")
    elif fault == "torn":
        written = written[:-10]
    elif fault == "byte-order-mark":
        written = b"\xef\xbb\xbf" + written
    put(folder / "run.jsonl", written)
    if fault in ("two-runs", "document-too"):
        whole = merged(found) if fault == "document-too" else {**merged(found), "id": "another"}
        put(Path("deep/run.json"), json.dumps(whole).encode())


def merged(found):
    """Records that share no member, as one."""
    return {name: value for one in found for name, value in one.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
