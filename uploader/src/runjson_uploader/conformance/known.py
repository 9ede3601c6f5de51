"""The list of cases that a reader or writer is known to fail."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path


class KnownError(ValueError):
    """A list that can not be used; the message says why."""


def known_cases(file: Path, paths: Container[str]) -> frozenset[str]:
    """The paths of cases that a list names: one a line, behind a # a remark.

    Args:
        file: the list.
        paths: of all cases there are.

    Raises:
        KnownError: it can not be read, or names something that is no case.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as fault:
        raise KnownError(f"{file}: can not be read: {fault.strerror or fault}.") from None
    except UnicodeDecodeError:
        raise KnownError(f"{file}: is no UTF-8.") from None
    found = set()
    for number, line in enumerate(lines, 1):
        path = line.partition("#")[0].strip()
        if path and path not in paths:
            raise KnownError(f"{file}:{number}: {path} is no case of the corpus.")
        found.add(path)
    return frozenset(found - {""})
