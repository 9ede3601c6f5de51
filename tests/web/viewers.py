"""Viewers over stores of each kind that the pages are tried with, in a folder or elsewhere."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Page

from tests.serving import Serving
from tests.web.compared import make_compared
from tests.web.curves import make_curves
from tests.web.experiments import make_experiments
from tests.web.rich import make_rich

# By kind, what tracks its runs in a store; their files lie in a folder.
_MAKERS: dict[str, Callable[[str, Path], object]] = {
    "experiments": lambda place, _: make_experiments(place),
    "curves": lambda place, _: make_curves(place),
    "rich": make_rich,
    "compared": make_compared,
}
# By fixture, the kind of its store. `own_` before its name gives a test a copy that it may change.
KINDS = {"viewer": "experiments", "curves": "curves", "rich": "rich", "compared": "compared"}


class Viewer:
    """`runjson ui`, and pages of it.

    Attributes:
        server: the process.
        origin: where it is, without the key.
    """

    def __init__(self, place: object) -> None:
        self.server = Serving(place, "--no-browser", command="ui")
        found = re.search(r"http://\S+\?key=\S+", self.server.log)
        assert found is not None, self.server.log
        self.address = found[0]
        self.origin = self.server.address

    def __enter__(self) -> Viewer:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()

    def enter(self, page: Page, path: str = "/runs?project=digits") -> None:
        """Go to a page with the key, which becomes a cookie."""
        page.goto(f"{self.origin}{path}{'&' if '?' in path else '?'}{self.address.partition('?')[2]}")


class Stores(Protocol):
    """Stores of all kinds, each made when it is first wanted."""

    def viewer(self, kind: str, folder: Path) -> AbstractContextManager[Viewer]:
        """The viewer over a copy of a store, which lies in a folder as far as it has files."""


class Folders:
    """Stores in folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def viewer(self, kind: str, folder: Path) -> Iterator[Viewer]:
        """The viewer over a copy of a store."""
        own = self._folder / kind
        if not own.exists():
            make(kind, str(own / "store"), own / "files")
        with Viewer(shutil.copytree(own / "store", folder / "store")) as running:
            yield running


def make(kind: str, place: str, files: Path) -> None:
    """Make a store of a kind; the files of its runs are made in a folder of their own."""
    files.mkdir(parents=True)
    _MAKERS[kind](place, files)


def fixtures(stores: str, scope: str) -> dict[str, Any]:
    """The fixtures of all kinds, by name.

    Args:
        stores: the fixture that gives the stores.
        scope: of the viewers that tests share, which change nothing.
    """
    shared = {name: _shared(stores, name, kind, scope) for name, kind in KINDS.items()}
    return shared | {f"own_{name}": _own(stores, f"own_{name}", kind) for name, kind in KINDS.items()}


def _shared(stores: str, name: str, kind: str, scope: str) -> Any:
    @pytest.fixture(scope=scope, name=name)
    def shared(request, tmp_path_factory) -> Iterator[Viewer]:
        with request.getfixturevalue(stores).viewer(kind, tmp_path_factory.mktemp(name)) as running:
            yield running

    return shared


def _own(stores: str, name: str, kind: str) -> Any:
    @pytest.fixture(name=name)
    def own(request, tmp_path) -> Iterator[Viewer]:
        (tmp_path / "own").mkdir()
        with request.getfixturevalue(stores).viewer(kind, tmp_path / "own") as running:
            yield running

    return own
