"""Train a linear classifier of handwritten digits with scikit-learn, tracked by the Python client.

python train.py --epochs 20 --rate 0.05
"""

from __future__ import annotations

import argparse

import numpy as np
import runjson
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import confusion_matrix, log_loss
from sklearn.model_selection import train_test_split


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    data = train_test_split(images / 16, labels, test_size=0.3, random_state=given.seed, stratify=labels)
    train_images, test_images, train_labels, test_labels = data
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=given.rate, random_state=given.seed)

    with runjson.init(project="digits", name="scikit-learn", parameters=given, tags=["scikit-learn"]) as run:
        for epoch in range(1, given.epochs + 1):
            model.partial_fit(train_images, train_labels, classes=np.arange(10))
            run.log(
                {
                    "train/loss": log_loss(train_labels, model.predict_proba(train_images)),
                    "validation/loss": log_loss(test_labels, model.predict_proba(test_images)),
                    "validation/accuracy": model.score(test_images, test_labels),
                },
                step=epoch,
            )
            if epoch % 10 == 0:
                weights = model.coef_.reshape(10, 8, 8)
                scaled = (weights - weights.min()) / np.ptp(weights)
                run.log_image("weights", np.hstack(list(scaled)), step=epoch, description="one square for each digit")
                run.log_histogram("weights", model.coef_, step=epoch)
            print(f"epoch {epoch}: validation accuracy {model.score(test_images, test_labels):.4f}")
        mistaken = confusion_matrix(test_labels, model.predict(test_images))
        rows = [
            {"digit": digit, "read as": other, "times": int(times)}
            for (digit, other), times in np.ndenumerate(mistaken)
            if digit != other and times
        ]
        run.log_table("mistakes", rows)
        run["test/accuracy"] = model.score(test_images, test_labels)
        print(run)


if __name__ == "__main__":
    main()
