"""The scenarios of the pages once more, with the runs in PostgreSQL: what pages ask is answered there as by SQLite."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.web import viewers
from tests.web.viewers import Viewer


def scenarios(*modules: ModuleType) -> dict[str, Any]:
    """The tests of modules that ask for nothing but pages over the stores of this module."""
    given = {"page", "tmp_path", *fixtures}
    found: dict[str, Any] = {}
    for module in modules:
        for name, test in inspect.getmembers(module, inspect.isfunction):
            asks = set(inspect.signature(test).parameters)
            if name.startswith("test_") and asks <= given and asks & set(fixtures):
                assert name not in found, name
                found[name] = test
    assert found
    return found


class Databases:
    """A database for each kind of store, and copies of them."""

    def __init__(self, server: Any, folder: Path) -> None:
        self._server = server
        self._folder = folder

    @contextmanager
    def viewer(self, kind: str, folder: Path) -> Iterator[Viewer]:
        """The viewer over a copy of a store; its blobs lie in a folder."""
        own, template = self._folder / kind, f"web_{kind}"
        if not own.exists():
            self._server.tell(f'CREATE DATABASE "{template}"')
            viewers.make(kind, f"{self._server.url(template)}&blobs={own / 'blobs'}", own / "files")
        shutil.copytree(own / "blobs", folder / "blobs")
        with (
            self._server.database(template) as address,
            Viewer(f"{address}&blobs={folder / 'blobs'}") as running,
        ):
            yield running


@pytest.fixture(scope="module")
def databases(postgresql, tmp_path_factory) -> Databases:
    return Databases(postgresql[0], tmp_path_factory.mktemp("databases"))


fixtures = viewers.fixtures("databases", "module")
