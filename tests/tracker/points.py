"""Points to track, and how they are compared."""

from __future__ import annotations

import numpy as np
from runjson_schema.points import Points

RECORD = {"runjson": "1.0", "id": "r"}


def equal(one, other):
    for name in ("values", "steps", "times"):
        left, right = getattr(one, name), getattr(other, name)
        if len(one) == 0:
            assert len(other) == 0
        elif left is None or right is None or isinstance(left, list):
            assert left == right
        else:
            assert left.tobytes() == right.tobytes()


def numbers(count, seed=0):
    rng = np.random.default_rng(seed)
    return Points(rng.normal(size=count), np.arange(count) * 10.0, 1.795e9 + np.arange(count) * 0.01)
