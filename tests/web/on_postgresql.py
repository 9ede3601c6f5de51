"""The scenarios of the pages once more, with the runs in PostgreSQL: what pages ask is answered there as by SQLite."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.web.compared import make_compared
from tests.web.conftest import Viewer
from tests.web.curves import make_curves
from tests.web.experiments import make_experiments
from tests.web.rich import make_rich

_MADE: dict[str, Callable[[str, Path], object]] = {
    "experiments": lambda place, _: make_experiments(place),
    "curves": lambda place, _: make_curves(place),
    "rich": make_rich,
    "compared": make_compared,
}
_VIEWERS = {"viewer": "experiments", "curves": "curves", "rich": "rich", "compared": "compared"}


def scenarios(*modules: ModuleType) -> dict[str, Any]:
    """The tests of modules that ask for nothing but pages over the stores of this module."""
    given = {"page", "tmp_path", *_VIEWERS, *(f"own_{name}" for name in _VIEWERS)}
    found: dict[str, Any] = {}
    for module in modules:
        for name, test in inspect.getmembers(module, inspect.isfunction):
            asks = set(inspect.signature(test).parameters)
            if name.startswith("test_") and asks <= given and asks & (given - {"page", "tmp_path"}):
                assert name not in found, name
                found[name] = test
    assert found
    return found


class Databases:
    """A database for each kind of store, and copies of them."""

    def __init__(self, server: Any, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._made: set[str] = set()

    @contextmanager
    def viewer(self, name: str, folder: Path) -> Iterator[Viewer]:
        """The viewer over a copy of a store; its blobs lie below `folder`."""
        blobs, template = self._folder / name / "blobs", f"web_{name}"
        if name not in self._made:
            (self._folder / name / "files").mkdir(parents=True)
            self._server.tell(f'CREATE DATABASE "{template}"')
            _MADE[name](f"{self._server.url(template)}&blobs={blobs}", self._folder / name / "files")
            self._made.add(name)
        shutil.copytree(blobs, folder / "blobs")
        with (
            self._server.database(template) as address,
            Viewer(f"{address}&blobs={folder / 'blobs'}") as running,
        ):
            yield running


@pytest.fixture(scope="module")
def databases(postgresql, tmp_path_factory) -> Databases:
    return Databases(postgresql[0], tmp_path_factory.mktemp("databases"))


def _shared(fixture: str, name: str) -> Any:
    @pytest.fixture(scope="module", name=fixture)
    def shared(databases, tmp_path_factory) -> Iterator[Viewer]:
        with databases.viewer(name, tmp_path_factory.mktemp(name)) as running:
            yield running

    return shared


def _own(fixture: str, name: str) -> Any:
    @pytest.fixture(name=fixture)
    def own(databases, tmp_path) -> Iterator[Viewer]:
        with ExitStack() as stack:
            yield stack.enter_context(databases.viewer(name, tmp_path / "own"))

    return own


fixtures = {fixture: _shared(fixture, name) for fixture, name in _VIEWERS.items()}
fixtures |= {f"own_{fixture}": _own(f"own_{fixture}", name) for fixture, name in _VIEWERS.items()}
