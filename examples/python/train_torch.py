"""Train a small convolutional network on handwritten digits with PyTorch, on the CPU, tracked by the Python client.

python train_torch.py --epochs 8 --rate 0.01
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import runjson
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset, random_split


@dataclass
class Settings:
    epochs: int = 8
    rate: float = 0.01
    batch: int = 64
    channels: int = 16
    seed: int = 7


def network(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(channels, 2 * channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(2 * channels * 2 * 2, 10),
    )  # fmt: skip


@torch.no_grad()
def judge(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The loss, the accuracy, and what the digits were read as."""
    scores = model(images)
    read = scores.argmax(1)
    return nn.functional.cross_entropy(scores, labels), (read == labels).float().mean(), read


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in vars(Settings()).items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    settings = Settings(**vars(parser.parse_args()))
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)  # more would only wait for each other, with so small a network

    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16  # 1797 images of 1 x 8 x 8
    training, validation, test = random_split(TensorDataset(images, torch.tensor(digits.target)), [0.6, 0.2, 0.2])
    batches = DataLoader(training, settings.batch, shuffle=True, num_workers=2, persistent_workers=True)
    model = network(settings.channels)
    optimizer = torch.optim.Adam(model.parameters(), settings.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.epochs * len(batches))

    with runjson.init(project="digits", name="PyTorch", parameters=settings, tags=["pytorch"]) as run:
        step = 0
        for epoch in range(1, settings.epochs + 1):
            for pictures, labels in batches:
                loss = nn.functional.cross_entropy(model(pictures), labels)
                optimizer.zero_grad()
                loss.backward()
                norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                step += 1
                rate = schedule.get_last_lr()[0]
                run.log({"train": {"loss": loss, "gradient norm": norm, "learning rate": rate}}, step=step)
                optimizer.step()
                schedule.step()
            loss, accuracy, _ = judge(model, *validation[:])
            run.log({"validation/loss": loss, "validation/accuracy": accuracy}, step=step)
            for name, weights in model.named_parameters():
                run.log_histogram(f"weights/{name}", weights, step=step)
            print(f"epoch {epoch}: validation accuracy {accuracy:.4f}")

        pictures, labels = test[:]
        _, accuracy, read = judge(model, pictures, labels)
        for wrong in (read != labels).nonzero().flatten().tolist():
            run.log_image("misread", pictures[wrong], description=f"a {labels[wrong]}, read as {read[wrong]}")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.pt"
            torch.save(model.state_dict(), path)
            run.log_artifact(path, kind="model", framework="pytorch", epochs=settings.epochs)
        run["test/accuracy"] = accuracy
        print(run)


if __name__ == "__main__":
    main()
