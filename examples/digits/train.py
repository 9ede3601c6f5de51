"""Trains softmax regression on scikit-learn's digits and tells of it in RunJSON, with `json` and `write` alone.

While it runs it appends to run.jsonl, one record a line. At its end it writes run.json, the same run as one document.
"""

import argparse
import hashlib
import json
import math
import platform
import secrets
import struct
import subprocess
import sys
import time
import traceback
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from scipy.special import softmax
from sklearn.datasets import load_digits

BATCH = 28

# number, write_line and gather are all that RunJSON asks of a program, and are there to be copied.


def number(value: float) -> float | str:
    """A point of a series: JSON has no NaN and no infinities, so these are texts."""
    value = float(value)
    return value if math.isfinite(value) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]


def write_line(stream: TextIO, record: dict[str, Any]) -> None:
    """Append one record. One write and a flush, so that a killed run leaves at most its last line torn."""
    stream.write(json.dumps(record, allow_nan=False) + "\n")
    stream.flush()


def gather(document: dict[str, Any], record: dict[str, Any]) -> None:
    """Add what a record says to the document: points are appended, all else is what was said last."""
    for member, value in record.items():
        if member in ("series", "text", "images", "histograms"):
            for name, points in value.items():
                columns = document.setdefault(member, {}).setdefault(name, {"values": [], "steps": [], "times": []})
                for point in points if isinstance(points, list) else [points]:
                    columns["values"].append(point)
                    columns["steps"].append(record.get("step"))
                    columns["times"].append(record.get("time"))
        elif isinstance(value, dict):
            document.setdefault(member, {}).update(value)
        elif member not in ("step", "time"):
            document[member] = value


def png(pixels: np.ndarray) -> bytes:
    """A grey image (height x width, 0 to 1), each pixel drawn as a square of 8 by 8."""
    grey = np.rint(255 * pixels).astype(np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    parts = {
        b"IHDR": struct.pack(">2I5B", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0),
        b"IDAT": zlib.compress(b"".join(b"\0" + row.tobytes() for row in grey), 9),
        b"IEND": b"",
    }
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def file(folder: Path, path: str, content: bytes) -> dict[str, Any]:
    """Write a file of the run, and say which one it is: its path is relative to the run file."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
    return {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def source() -> dict[str, Any]:
    """The script, and its commit where git knows one."""
    script = Path(__file__)
    facts: dict[str, Any] = {"script": script.name, "arguments": sys.argv[1:]}
    try:
        git = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=script.parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return facts  # no git, or no repository
    return facts | {"git/commit": git.stdout.strip()}


def now() -> str:
    """This moment, with its offset from UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def evaluate(weights: np.ndarray, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Cross entropy in nat, accuracy, and how often each digit was read as each (10 x 10)."""
    guess = softmax(pixels @ weights, axis=1)
    confusion = np.zeros((10, 10), dtype=int)
    np.add.at(confusion, (labels, guess.argmax(axis=1)), 1)
    return -np.log(guess[np.arange(len(labels)), labels]).mean(), confusion.trace() / len(labels), confusion


def histogram(values: np.ndarray) -> dict[str, Any]:
    """Counts between edges that are the same at every step; the infinite ends take what lies outside."""
    edges = np.concatenate(([-np.inf], np.linspace(-1, 1, 17), [np.inf]))
    return {"edges": [number(edge) for edge in edges], "counts": np.histogram(values, edges)[0].tolist()}


def experiment(folder: Path, epochs: int, lr: float, decay: float, seed: int) -> Iterator[dict[str, Any]]:
    """Train by stochastic gradient descent, and yield a record whenever there is something to say."""
    random = np.random.default_rng(seed)
    pixels, labels = load_digits(return_X_y=True)
    order = random.permutation(len(labels))
    # A pixel that is always 1 stands for the bias.
    pixels, labels = np.hstack((pixels[order] / 16, np.ones((len(order), 1)))), labels[order]
    samples = [file(folder, f"images/sample-{i}.png", png(pixels[i, :64].reshape(8, 8))) for i in range(5)]
    yield {"images": {"samples": samples}}
    weights = np.zeros((65, 10))
    for step in range(1, epochs + 1):
        for batch in random.permutation(1400).reshape(-1, BATCH):
            slope = softmax(pixels[batch] @ weights, axis=1) - np.eye(10)[labels[batch]]
            weights -= lr * (pixels[batch].T @ slope / BATCH + decay * weights)
        train_loss, train_accuracy, _ = evaluate(weights, pixels[:1400], labels[:1400])
        loss, accuracy, confusion = evaluate(weights, pixels[1400:], labels[1400:])
        series = {"train/loss": number(train_loss), "train/accuracy": number(train_accuracy)}
        series |= {"validation/loss": number(loss), "validation/accuracy": number(accuracy)}
        record: dict[str, Any] = {"step": step, "time": time.time(), "series": series}
        if step == 1 or step % 10 == 0:
            line = f"epoch {step}: validation loss {loss:.4f}, accuracy {accuracy:.4f}"
            print(line)
            worst = confusion - np.diag(confusion.diagonal())
            truth, guess = np.unravel_index(worst.argmax(), worst.shape)
            mistake = f"{truth} was read as {guess} {worst.max()} times of {confusion[truth].sum()}"
            # The root of each share, so that a rare mistake is seen.
            picture = png(np.sqrt(confusion / confusion.sum(axis=1, keepdims=True)))
            record["text"] = {"console/stdout": line, "validation/mistake": mistake}
            record["images"] = {"validation/confusion": file(folder, f"images/confusion-{step:04}.png", picture)}
            record["histograms"] = {"weights": histogram(weights)}
        yield record
        if math.isnan(train_loss):
            raise FloatingPointError(f"the training loss is NaN after epoch {step}")
    np.savez_compressed(folder / "model.npz", weights=weights)
    model = file(folder, "model.npz", (folder / "model.npz").read_bytes())
    yield {"properties": {"weights": weights.size}, "artifacts": {"model": model}}


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of the run (default: here)")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate")
    parser.add_argument("--decay", type=float, default=0.001, help="weight decay")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--id", default=f"softmax-{secrets.token_hex(4)}", help="id of the run (default: a new one)")
    given = parser.parse_args()
    if not math.isfinite(given.lr) or not math.isfinite(given.decay):
        parser.error("--lr and --decay are finite numbers")
    return given


def first_record(given: argparse.Namespace) -> dict[str, Any]:
    """What is known before the training begins, and which end of each series is the best."""
    goals = {"loss": "minimize", "accuracy": "maximize"}
    names = [(f"{part}/{name}", goal) for part in ("train", "validation") for name, goal in goals.items()]
    return {
        "runjson": "1.0",
        "project": "digits",
        "id": given.id,
        "name": "softmax regression on scikit-learn's digits",
        "status": "running",
        "started_at": now(),
        "tags": ["numpy"],
        "parameters": {
            "epochs": given.epochs,
            "seed": given.seed,
            "sgd": {"lr": given.lr, "decay": given.decay, "batch": BATCH},
        },
        "source": source(),
        "environment": {"python": platform.python_version(), "numpy": np.__version__, "system": platform.system()},
        "series": {name: {"values": [], "steps": [], "times": [], "goal": goal} for name, goal in names},
    }


def main() -> None:
    """Run the experiment, and write what it says as a stream and as a document."""
    given = options()
    given.out.mkdir(parents=True, exist_ok=True)
    # An earlier run's document would speak of files that this run overwrites.
    (given.out / "run.json").unlink(missing_ok=True)
    document = first_record(given)
    with (given.out / "run.jsonl").open("w", encoding="utf-8") as stream:

        def say(record: dict[str, Any]) -> None:
            write_line(stream, record)
            gather(document, record)

        write_line(stream, document)
        try:
            for record in experiment(given.out, given.epochs, given.lr, given.decay, given.seed):
                say(record)
            say({"status": "succeeded", "ended_at": now()})
        except BaseException as error:
            status = "aborted" if isinstance(error, KeyboardInterrupt) else "failed"
            facts = {"type": type(error).__name__, "message": str(error), "traceback": traceback.format_exc()}
            say({"status": status, "ended_at": now(), "error": facts})
            raise
        finally:
            members = (
                f"  {json.dumps(name)}: {json.dumps(value, allow_nan=False)}" for name, value in document.items()
            )
            (given.out / "run.json").write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
