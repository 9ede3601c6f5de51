"""TensorBoardX, as it is by default. What is kept is read by TensorBoard's own reader of event files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tensorboardX import SummaryWriter
from turns import Log, main


def begin(place: Path) -> tuple[Log, Callable[[], object]]:
    writer = SummaryWriter(str(place))

    # `add_scalars` would make a writer and a file for each name.
    def log(values: dict[str, float], /, *, step: int) -> None:
        for name, value in values.items():
            writer.add_scalar(name, value, step)

    return log, writer.close


def read(place: Path) -> Iterator[tuple[int, str, float]]:
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    for path in place.glob("events.out.tfevents.*"):
        # It leaves out a record that was cut off.
        for event in LegacyEventFileLoader(str(path)).Load():
            for value in event.summary.value:
                yield event.step, value.tag, value.simple_value


if __name__ == "__main__":
    main("tensorboardX", begin, read)
