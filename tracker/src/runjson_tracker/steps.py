"""Work that asks for changes to be written, and goes on when they are: of several such, the changes go together."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from runjson_tracker.commit import Wanted, Written

R = TypeVar("R")
# Yields changes, one after the other, and is sent what came of each, or thrown what is wrong with it.
Steps: TypeAlias = "Generator[Wanted, Written, R]"


def perform(steps: Steps[R], write: Callable[[Wanted], Written]) -> R:
    """Write each change that some steps ask for; what the steps come to."""
    try:
        wanted = next(steps)
        while True:
            try:
                written = write(wanted)
            except Exception as error:  # the steps know what becomes of it
                wanted = steps.throw(error)
            else:
                wanted = steps.send(written)
    except StopIteration as end:
        came: R = end.value
        return came


def perform_all(
    all_steps: list[Steps[R]], write: Callable[[list[Wanted]], list[Written | Exception]]
) -> list[R | Exception]:
    """The same for many, whose changes are written together; what each comes to, or raises."""
    came: dict[int, R | Exception] = {}
    written: dict[int, Written | Exception | None] = dict.fromkeys(range(len(all_steps)))
    while written:
        wanted = {}
        for number, answer in written.items():
            try:
                wanted[number] = _next(all_steps[number], answer)
            except StopIteration as end:
                came[number] = end.value
            except Exception as error:  # it is raised where it belongs: for the one whose steps they are
                came[number] = error
        written = dict(zip(wanted, write(list(wanted.values())), strict=True)) if wanted else {}
    return [came[number] for number in range(len(all_steps))]


def _next(steps: Steps[R], answer: Written | Exception | None) -> Wanted:
    if isinstance(answer, Exception):
        return steps.throw(answer)
    return next(steps) if answer is None else steps.send(answer)
