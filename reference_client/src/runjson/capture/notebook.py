"""The notebook that a run was begun in, kept as it is at the end of the run."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runjson import lines
from runjson.capture.aside import Aside

if TYPE_CHECKING:
    from runjson.run import Run


def in_notebook() -> bool:
    """Whether this is a kernel of Jupyter, or of an editor that speaks its language."""
    return getattr(_shell(), "kernel", None) is not None  # IPython in a terminal has none


class Notebook(Aside):
    """Says `script` in `source`, and keeps a copy of the notebook as the artifact `notebook`.

    The copy is of the file, as it was last saved, with its outputs. Where the path is not found nothing is said.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._path: Path | None = None
        super().__init__(run, self._look, "notebook")

    def _look(self) -> None:
        self._path = _find()
        if self._path is not None:
            self._run._say({"source": lines.entries({"script": lines.quoted(str(self._path))})})

    def stop(self) -> None:
        """Copy the notebook."""
        super().stop()
        if self._path is not None:
            self._run._guarded(self._keep)

    def _keep(self) -> None:
        from runjson.capture.keeping import keep  # noqa: PLC0415  loaded when it is used

        if self._path is not None and not self._path.is_file():
            self._look()  # it was renamed meanwhile
        run, path = self._run, self._path
        if path is None or not path.is_file():
            return
        data = path.read_bytes()
        place = f"notebook/{run.writer}.ipynb" if run.writer else "notebook.ipynb"
        metadata: dict[str, Any] = {"kind": "notebook"}
        with contextlib.suppress(ValueError, KeyError, TypeError):  # it may never have been saved with a kernel
            metadata["kernel"] = str(json.loads(data)["metadata"]["kernelspec"]["name"])
        keep(run, "notebook", place, data, "application/x-ipynb+json", metadata)


def _shell() -> Any:  # Any: IPython's
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _find() -> Path | None:
    """The path of the notebook: what VS Code or the server of Jupyter say to the kernel, or the server's sessions."""
    told: Any = getattr(_shell(), "user_ns", {}).get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    if told and str(told).endswith(".ipynb"):
        for path in (Path(told), Path.cwd() / Path(told).name):
            if path.is_file():
                return path.absolute()
    return _of_server()


def _of_server() -> Path | None:
    import urllib.request  # noqa: PLC0415  loaded when it is used: whoever is in no notebook needs none of it
    from http.client import HTTPException  # noqa: PLC0415

    from ipykernel.connect import get_connection_file  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    try:
        connection = Path(get_connection_file())
    except RuntimeError:  # a kernel within another program has none
        return None
    kernel = connection.stem.removeprefix("kernel-")
    # A proxy of the environment is for the world outside, and must not see the token.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for file in sorted(connection.parent.glob("*server-*.json"), key=lambda one: one.stat().st_mtime, reverse=True):
        try:
            server = json.loads(file.read_text())
            url = f"{server['url']}api/sessions"
            if not url.startswith(("http://", "https://")):
                continue
            asked = urllib.request.Request(  # noqa: S310  looked at above
                url, headers={"Authorization": f"token {server.get('token', '')}"}
            )
            with opener.open(asked, timeout=2) as answer:
                sessions = json.load(answer)
        except (OSError, ValueError, KeyError, HTTPException):
            continue  # a server that is gone leaves its file, and its port to others
        for session in sessions:
            if (session.get("kernel") or {}).get("id") == kernel:  # a session may have lost its kernel
                root = str(server.get("root_dir") or server.get("notebook_dir") or "")
                return Path(root) / str(session.get("path") or session.get("notebook", {}).get("path", ""))
    return None
