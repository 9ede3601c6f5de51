"""Work that asks for changes to be written, and goes on when they are: of several such, the changes go together."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from runjson_tracker.commit import Wanted, Written

R = TypeVar("R")
# Yields changes, one after the other, and is sent what came of each, or thrown what is wrong with it.
Steps: TypeAlias = "Generator[Wanted, Written, R]"


@dataclass(frozen=True, slots=True)
class Left(Generic[R]):
    """Steps that are not done: they asked for a change, which is not written yet."""

    steps: Steps[R]
    wanted: Wanted


def perform(steps: Steps[R], write: Callable[[Wanted], Written]) -> R:
    """Write each change that some steps ask for; what the steps come to."""
    return finish(_go_on(steps, None), write)


def perform_together(
    all_steps: Iterable[Steps[R]], write_all: Callable[[Sequence[Wanted]], Sequence[Written | Exception | None]]
) -> list[R | Exception | Left[R]]:
    """Write the first change of each of many steps, together.

    Args:
        all_steps: of which each is begun here.
        write_all: writes changes, and says what came of each; None of one that it left.

    Returns:
        What each came to, or raised; or what is left of them, which `finish` brings to an end.
    """
    found = [_go_on(steps, None) for steps in all_steps]
    asking = [(number, one) for number, one in enumerate(found) if isinstance(one, Left)]
    answers = write_all([one.wanted for _, one in asking]) if asking else ()
    for (number, one), answer in zip(asking, answers, strict=True):
        if answer is not None:
            found[number] = _go_on(one.steps, answer)
    return found


def finish(found: R | Exception | Left[R], write: Callable[[Wanted], Written]) -> R:
    """Write what steps still ask for, by itself; what they come to."""
    while isinstance(found, Left):
        found = _go_on(found.steps, _written(found.wanted, write))
    if isinstance(found, Exception):
        raise found
    return found


def _written(wanted: Wanted, write: Callable[[Wanted], Written]) -> Written | Exception:
    try:
        return write(wanted)
    except Exception as error:  # the steps know what becomes of it
        return error


def _go_on(steps: Steps[R], answer: Written | Exception | None) -> R | Exception | Left[R]:
    """Do steps until they ask for a change; None begins them."""
    try:
        if isinstance(answer, Exception):
            return Left(steps, steps.throw(answer))
        return Left(steps, next(steps) if answer is None else steps.send(answer))
    except StopIteration as end:
        came: R = end.value
        return came
    except Exception as error:  # it is raised where it belongs: for the one whose steps they are
        return error
