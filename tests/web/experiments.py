"""The runs that the viewer is tested with: hundreds of them, of every kind, with names that want to be scripts."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from runjson_tracker.database import writing
from runjson_tracker.store import Store
from runjson_tracker.tables import runs
from runjson_uploader.attached import Sent
from runjson_uploader.upload import upload
from sqlalchemy import update

HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
UNICODE = "Versuch №7 ünï 🧪 \u202egnp.tfel"
STATUSES = ("succeeded", "succeeded", "succeeded", "failed", "aborted")
COUNT = 300
STEPS = 40


def make_experiments(place: object, count: int = COUNT) -> None:
    """Fill a store: `digits` with many runs, `odd/<script>` with few that are hard to show."""
    with Store.open(str(place)) as store:
        for project, record in _all(count):
            track(store, project, record)


def track(store: Store, project: str, record: dict[str, Any]) -> None:
    """Track one run as if a program had sent it."""
    sent = Sent({}, lambda _: None, [], ahead={})
    outcome = upload(BytesIO(json.dumps(record).encode()), "run.json", sent, store, project=project)
    assert outcome.answer == "new", outcome


def set_columns(store: Store, run: str, **columns: float) -> None:
    """Have the table of runs say something else of a run, such as when it was last heard of."""
    with writing(store.engine).begin() as connection:
        connection.execute(update(runs).where(runs.c.run == run).values(columns))


def experiment(number: int, random_: random.Random) -> dict[str, Any]:
    """A run that learns, some better than others."""
    rate, seed = random_.choice([0.3, 0.1, 0.03, 0.01, 0.003]), number % 5
    speed = 3 + 40 * rate * random_.uniform(0.8, 1.2)
    loss = [2.3 * math.exp(-speed * at / STEPS) + 0.05 + random_.uniform(0, 0.06) for at in range(STEPS)]
    accuracy = [1 - one / 2.5 - random_.uniform(0, 0.03) for one in loss]
    begun = time.time() - 3600 * (COUNT - number)
    took = random_.uniform(20, 9000)
    return {
        "runjson": "1.0",
        "id": f"digits-{number:03}",
        "name": f"softmax {random_.choice(['small', 'wide', 'deep', 'plain'])} {number:03}",
        "status": STATUSES[number % len(STATUSES)],
        "started_at": _time(begun),
        "ended_at": _time(begun + took),
        "tags": [tag for tag in ("baseline", "sweep", "paper") if random_.random() < 0.25],
        "parameters": {
            "lr": rate, "seed": seed, "optimizer": random_.choice(["adam", "sgd", "lion"]),
            "batch_size": random_.choice([32, 64, 128]), "model": {"layers": random_.choice([2, 4, 8]), "dropout": 0.1},
        },
        "properties": {"parameters_in_all": 784 * 10 * (number + 1)},
        "series": {
            "train/loss": {"values": loss, "goal": "minimize"},
            "validation/accuracy": {"values": accuracy, "goal": "maximize"},
        },
    }  # fmt: skip


def _all(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    random_ = random.Random(7)
    for number in range(count):
        yield "digits", experiment(number, random_)
    for at, name in enumerate((HOSTILE, UNICODE, "x" * 900)):
        yield "odd/" + HOSTILE, {
            "runjson": "1.0", "id": f"odd-{at}", "name": name, "status": "failed", "tags": [HOSTILE, "=1+1"],
            "parameters": {
                HOSTILE: HOSTILE, "huge": {"$int": "123456789012345678901234567890"}, "none": None,
                "nan": {"$float": "NaN"}, "when": {"$datetime": "2024-02-29T12:00:00+01:00"},
                **{f"p{number:03}": number / 7 for number in range(120)},
            },
            "series": {HOSTILE: [1, "NaN", 3, "Infinity", 2], "all nan": ["NaN", "NaN"], "a.b `c`": [1e-9, 2e30]},
        }  # fmt: skip
    yield "odd/" + HOSTILE, {"runjson": "1.0", "id": "bare"}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
