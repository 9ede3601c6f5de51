"""A sweep: a small network learns to tell irises apart, with each learning rate, width and seed, tracked run by run.

python examples/sweep/sweep.py my-sweep && runjson upload my-sweep && runjson ui
"""

from __future__ import annotations

import csv
import itertools
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import runjson

DATA = Path(__file__).parents[1] / "data/iris.csv"
RATES, WIDTHS, SEEDS = (3.0, 0.3, 0.1, 0.03), (4, 16), (1, 2, 3)
EPOCHS = 150
COLOURS = np.array([[0.87, 0.36, 0.13], [0.12, 0.56, 0.42], [0.23, 0.37, 0.75]])
NOTE = """A network with **one hidden layer** on [150 irises](https://doi.org/10.1111/j.1469-1809.1936.tb02137.x).

| | |
|---|---|
| trained on | 100 |
| measured on | 50 |

With the learning rate 3 it *jumps* at first.
"""


def load(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The standardised measures and the species, shuffled."""
    with DATA.open() as opened:
        rows = list(csv.DictReader(opened))
    measures = np.array([[float(value) for value in list(row.values())[:4]] for row in rows])
    species = np.unique([row["species"] for row in rows], return_inverse=True)[1]
    order = np.random.default_rng(seed).permutation(len(rows))
    return ((measures - measures.mean(0)) / measures.std(0))[order], species[order]


class Network:
    """Tanh units between measures and probabilities; it learns by plain gradient descent."""

    def __init__(self, width: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.hidden = random.normal(0, 0.5, (5, width))
        self.out = random.normal(0, 0.5, (width + 1, 3))

    def predict(self, measures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the units say, and the probability of each species."""
        units = _with_one(np.tanh(_with_one(measures) @ self.hidden))
        scores = units @ self.out
        powers = np.exp(scores - scores.max(1, keepdims=True))
        return units, powers / powers.sum(1, keepdims=True)

    def learn(self, measures: np.ndarray, species: np.ndarray, rate: float) -> float:
        """One step of gradient descent; the norm of the gradient."""
        units, said = self.predict(measures)
        wrong = (said - np.eye(3)[species]) / len(species)
        of_out = units.T @ wrong
        of_hidden = _with_one(measures).T @ ((wrong @ self.out[:-1].T) * (1 - units[:, :-1] ** 2))
        self.out -= rate * of_out
        self.hidden -= rate * of_hidden
        return float(np.sqrt((of_out**2).sum() + (of_hidden**2).sum()))

    def score(self, measures: np.ndarray, species: np.ndarray) -> dict[str, float]:
        """Loss and accuracy."""
        said = self.predict(measures)[1]
        with np.errstate(divide="ignore"):
            loss = -np.log(said[np.arange(len(species)), species]).mean()
        return {"loss": float(loss), "accuracy": float((said.argmax(1) == species).mean())}


def _with_one(values: np.ndarray) -> np.ndarray:
    return np.hstack([values, np.ones((len(values), 1))])


def regions(network: Network, pixels: int = 96) -> np.ndarray:
    """Which species the network sees where, over petal length and width: shape (pixels, pixels, 3)."""
    across, down = np.meshgrid(np.linspace(-2, 2, pixels), np.linspace(2, -2, pixels))
    flat = np.zeros((pixels * pixels, 4))
    flat[:, 2], flat[:, 3] = across.ravel(), down.ravel()
    return (network.predict(flat)[1] @ COLOURS).reshape(pixels, pixels, 3)


def train(folder: Path, rate: float, width: int, seed: int) -> None:
    """One run of the sweep."""
    measures, species = load(seed)
    network = Network(width, seed)
    parameters = {"lr": rate, "seed": seed, "epochs": EPOCHS, "model": {"width": width, "activation": "tanh"}}
    tags = ["sweep", "fast"] if rate > 1 else ["sweep"]
    # Each run of the sweep takes a moment, in which hardware has nothing to tell.
    captured = {"git", "program", "environment", "ending"}
    with runjson.init(
        project="irises", id=f"lr{rate:g}-w{width}-s{seed}", name=f"{width} units, lr {rate:g}", dir=folder,
        group=f"{width} units", parameters=parameters, tags=tags, description=NOTE, capture=captured,
    ) as run:  # fmt: skip
        run.define_series("train/loss", unit="nat", goal="minimize")
        run.define_series("validation/loss", unit="nat", goal="minimize")
        run.define_series("validation/accuracy", goal="maximize")
        for epoch in range(1, EPOCHS + 1):
            norm = network.learn(measures[:100], species[:100], rate)
            trained, kept = network.score(measures[:100], species[:100]), network.score(measures[100:], species[100:])
            run.log({"train": trained, "validation": kept, "optimizer/gradient norm": norm}, step=epoch)
            if epoch % 15 == 0:
                told = f"epoch {epoch}: loss {trained['loss']:.4f}, validation accuracy {kept['accuracy']:.2f}"
                run.log_text("log", told, step=epoch)
                run.log_image("regions", regions(network), step=epoch, description="petal length across, width up")
                run.log_histogram("hidden weights", network.hidden, step=epoch)
        with TemporaryDirectory() as place:
            np.savez(Path(place) / "model.npz", hidden=network.hidden, out=network.out)
            run.log_artifact(Path(place) / "model.npz")
        run["test/accuracy"] = kept["accuracy"]


def main() -> None:
    """Write the runs into a folder, `runs` by default."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs")
    for rate, width, seed in itertools.product(RATES, WIDTHS, SEEDS):
        train(folder, rate, width, seed)
    print(f"{len(RATES) * len(WIDTHS) * len(SEEDS)} runs in {folder}")


if __name__ == "__main__":
    main()
