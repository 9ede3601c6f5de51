"""Runs of notebooks: a real server of Jupyter, real kernels, cells that are run as a browser's notebook runs them."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from runjson_schema.decode import fold_file
from runjson_validator import validate

from tests.client.programs import ran, said, texts
from tests.uploader.following import eventually

LONGEST = 60  # seconds; a test fails by it, and never waits for it


class Server:
    """A server of Jupyter on this machine, for the notebooks in `root`."""

    def __init__(self, home: Path) -> None:
        self.root = home / "my work"
        self.runtime = home / "runtime"
        self.root.mkdir()
        places = {"JUPYTER_RUNTIME_DIR": self.runtime, "JUPYTER_CONFIG_DIR": home / "config"}
        places |= {"IPYTHONDIR": home / "ipython", "HOME": home, "JUPYTER_DATA_DIR": home / "data"}
        # What a proxy would be asked for is refused: port 9 discards.
        env = {**os.environ, **{name: str(place) for name, place in places.items()}, "http_proxy": "http://127.0.0.1:9"}
        env = {name: text for name, text in env.items() if name not in {"no_proxy", "NO_PROXY", "JPY_SESSION_NAME"}}
        options = ["ip=127.0.0.1", "port=0", f"root_dir={self.root}", "open_browser=False"]
        command = [sys.executable, "-m", "jupyter_server", "--allow-root", *(f"--ServerApp.{one}" for one in options)]
        self.log = home / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=home)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._told = eventually(self._begun, self.log.read_text)

    def _begun(self):
        assert self.process.poll() is None, self.log.read_text()
        for file in self.runtime.glob(f"jpserver-{self.process.pid}.json"):
            with contextlib.suppress(ValueError, OSError):  # half written, or not answering yet
                self._told = json.loads(file.read_text())
                self.ask("GET", "status")
                return self._told
        return None

    def ask(self, method, path, body=None):
        """Ask the server's interface."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self._told['token']}"}
        url = f"{self._told['url']}api/{urllib.parse.quote(path)}"
        with self._opener.open(urllib.request.Request(url, data, headers, method=method), timeout=LONGEST) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stop(self):
        self.process.terminate()
        self.process.wait(LONGEST)


class Session:
    """A notebook that is open: its file, and its kernel."""

    def __init__(self, server: Server, path: str, name: str | None = None) -> None:
        from jupyter_client import BlockingKernelClient

        self.server = server
        self.file = server.root / path
        self.file.parent.mkdir(parents=True)
        self.folder = self.file.parent
        self.file.write_text(json.dumps(NOTEBOOK, ensure_ascii=False), encoding="utf-8")
        begun = {"path": path, "name": name or self.file.name, "type": "notebook", "kernel": {"name": "python3"}}
        self.told = server.ask("POST", "sessions", begun)
        self.kernel = self.told["kernel"]["id"]
        self.client = BlockingKernelClient(connection_file=str(server.runtime / f"kernel-{self.kernel}.json"))
        self.client.load_connection_file()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=LONGEST)

    def run(self, code, status="ok"):
        """Run a cell; what it shows: the texts of its streams, and what it ends with, by media type."""
        shown = {"stdout": "", "stderr": ""}

        def take(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                shown[content["name"]] += content["text"]
            elif message["msg_type"] == "execute_result":
                shown.update(content["data"])

        reply = self.client.execute_interactive(code, timeout=LONGEST, output_hook=take)["content"]
        assert reply["status"] == status, reply
        return shown

    def shut_down(self):
        """Shut the kernel down, as the server does it when it is told to."""
        self.client.stop_channels()
        self.server.ask("DELETE", f"sessions/{self.told['id']}")


# As it stands in a file: with text that is no ASCII, and an output.
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code", "execution_count": 1, "id": "a1", "metadata": {}, "source": ["print('Grüße')"],
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["Grüße\n"]}],
        }
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def jupyter():
    """What is needed; a test without it is skipped, which CI=true makes a failure."""
    for package in ("jupyter_server", "ipykernel", "jupyter_client"):
        pytest.importorskip(package)


@pytest.fixture(scope="module")
def server(jupyter, tmp_path_factory):
    found = Server(tmp_path_factory.mktemp("jupyter"))
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def notebook(server, request):
    session = Session(server, f"{request.node.name}/my notebook é.ipynb")
    yield session
    with contextlib.suppress(OSError):  # the test may have shut it down
        session.shut_down()


def begun(capture="{'program'}", name="r", **more):
    words = "".join(f", {key}={value!r}" for key, value in more.items())
    return f"import os, runjson\nrun = runjson.init(id={name!r}, capture={capture}{words})"


def test_a_notebook_is_named_and_kept_byte_by_byte(notebook):
    assert notebook.run(begun("True"))["stderr"] == ""
    notebook.file.write_bytes(notebook.file.read_bytes() + b"\n")  # saved once more while the run goes
    notebook.run("run.finish()")
    record, _ = said(notebook.folder)
    assert record["source"]["script"] == str(notebook.file)
    kept = record["artifacts"]["notebook"]
    assert kept["metadata"] == {"kind": "notebook", "kernel": "python3"}
    assert kept["media_type"] == "application/x-ipynb+json"
    assert (notebook.folder / "runs/r" / kept["path"]).read_bytes() == notebook.file.read_bytes()
    assert not [name for name in record["artifacts"] if name.startswith("source/")]  # no script of IPython's own
    assert {"host", "python", "packages"} <= record["environment"].keys()


def test_cells_print_as_before_and_what_they_print_is_kept(notebook):
    first = notebook.run(begun("{'console', 'ending'}") + "\nprint('one')")
    second = notebook.run("import sys, logging\nprint('two')\nprint('oh', file=sys.stderr)")
    third = notebook.run("import subprocess\nprint('\\r 10%', end='')\nprint('\\r100%')\nrun.finish()\nprint('after')")
    fourth = notebook.run("print('later')")
    assert (first["stdout"], first["stderr"]) == ("one\n", "")
    assert (second["stdout"], second["stderr"]) == ("two\n", "oh\n")
    assert third["stdout"] == "\r 10%\r100%\nafter\n"
    assert fourth["stdout"] == "later\n"
    _, points = said(notebook.folder)
    assert texts(points) == ["one", "two", "100%"]
    assert texts(points, "stderr") == ["oh"]


def test_an_error_in_a_cell_ends_nothing_and_the_end_of_the_kernel_is_a_success(notebook):
    notebook.run(begun("True"))
    notebook.run("run.log({'loss': 3}, step=0)\n1 / 0", status="error")
    notebook.run("import sys\nsys.exit(2)", status="error")
    notebook.run("raise KeyboardInterrupt", status="error")
    notebook.run("run.log({'loss': 2}, step=1)")
    path = notebook.folder / "runs/r/run.jsonl"
    assert fold_file(path).fold.record()["status"] == "running"
    notebook.shut_down()
    record, points = said(notebook.folder)
    assert (record["status"], "ended_at" in record, "error" in record) == ("succeeded", True, False)
    assert list(points["loss"].values) == [3, 2]
    assert "notebook" in record["artifacts"]


def test_a_run_is_shown_as_html_where_a_cell_ends_with_it(notebook):
    shown = notebook.run(begun(project="a<b") + "\nrun")
    assert shown["text/html"].startswith("<div>Run <b>a&lt;b/r</b>, running<br>")
    assert "runs/r/run.jsonl" in shown["text/html"]
    assert shown["text/plain"].startswith("<run a<b/r: running")
    assert ", finished<br>" in notebook.run("run.finish()\nrun")["text/html"]


def test_runs_one_after_the_other_and_within_each_other(notebook):
    notebook.run(begun("{'program', 'ending'}") + "\nrun.log({'x': 1}, step=0)\nrun.finish()")
    notebook.run(begun("{'program', 'ending'}", name="s") + "\nrun.log({'x': 2}, step=0)")
    notebook.run("inner = runjson.init(id='t', capture={'program', 'ending'})\ninner.log({'x': 3}, step=0)")
    notebook.run("import runjson\nrunjson.init(id='s')", status="error")  # it is there
    notebook.shut_down()
    for name, value in (("r", 1), ("s", 2), ("t", 3)):
        record, points = said(notebook.folder, name)
        assert (record["status"], list(points["x"].values)) == ("succeeded", [value])
        assert record["source"]["script"] == str(notebook.file)
        assert (notebook.folder / "runs" / name / "notebook.ipynb").read_bytes() == notebook.file.read_bytes()


def test_a_rank_keeps_the_notebook_beside_its_file(notebook):
    notebook.run(begun(writer="w") + "\nrun.finish()")
    path = notebook.folder / "runs/r/w.run.jsonl"
    assert [one for one in validate(path).findings if one.code[:3] != "RJ4"] == []
    assert fold_file(path).fold.record()["artifacts"]["notebook"]["path"] == "notebook/w.ipynb"


def test_a_notebook_that_is_renamed_is_found_by_its_new_name(notebook):
    notebook.run(begun())
    path = notebook.folder / "runs/r/run.jsonl"
    eventually(lambda: str(notebook.file) in path.read_text(encoding="utf-8"), path.read_text)
    # What a browser's notebook asks for when its title is changed.
    old = str(notebook.file.relative_to(notebook.server.root))
    new = old.replace("my notebook é", "better")
    notebook.server.ask("PATCH", f"contents/{old}", {"path": new})
    notebook.server.ask("PATCH", f"sessions/{notebook.told['id']}", {"path": new, "name": "better.ipynb"})
    notebook.shut_down()
    record, _ = said(notebook.folder)
    assert record["source"]["script"] == str(notebook.folder / "better.ipynb")
    assert (notebook.folder / "runs/r/notebook.ipynb").read_bytes() == (notebook.folder / "better.ipynb").read_bytes()


def test_a_notebook_that_is_gone_at_the_end_is_named_and_not_kept(notebook):
    notebook.run(begun())
    path = notebook.folder / "runs/r/run.jsonl"
    eventually(lambda: str(notebook.file) in path.read_text(encoding="utf-8"), path.read_text)
    notebook.file.unlink()
    notebook.run(FINISHED)
    record, _ = said(notebook.folder)
    assert (record["source"]["script"], "artifacts" in record) == (str(notebook.file), False)


# -- how the notebook is found -----------------------------------------------------------------------------------------


# The run has ended, and had nothing to complain of.
FINISHED = "run.finish()\nassert not run._told, run._told"
# The server is not asked.
NOT_ASKED = "import os, runjson.capture.notebook\nrunjson.capture.notebook._of_server = lambda: None\n"


def script(session):
    session.run(FINISHED)
    return said(session.folder)[0].get("source", {}).get("script")


def test_the_path_is_what_the_server_told_the_kernel(notebook):
    moved = "os.makedirs('deep')\nos.chdir('deep')\n"
    notebook.run(NOT_ASKED + moved + begun(dir=str(notebook.folder / "runs")))
    assert script(notebook) == str(notebook.file)


def test_an_editor_says_the_path_in_a_variable(notebook):
    other = notebook.folder / "in the editor.ipynb"
    other.write_bytes(b"{}")
    notebook.run(f"{NOT_ASKED}__vsc_ipynb_file__ = {str(other)!r}\n{begun()}")
    assert script(notebook) == str(other)
    assert said(notebook.folder)[0]["artifacts"]["notebook"]["metadata"] == {"kind": "notebook"}


def test_a_name_without_its_folder_is_looked_for_where_the_kernel_is(notebook):
    notebook.run(f"{NOT_ASKED}os.environ['JPY_SESSION_NAME'] = 'elsewhere/{notebook.file.name}'\n{begun()}")
    assert script(notebook) == str(notebook.file)


class Nonsense:
    """Something else that has the port of a server that is gone."""

    def __init__(self, answer: bytes) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._answer = answer
        self.asked = threading.Event()
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(self._answer)
                self.asked.set()

    def close(self):
        self._socket.close()


def test_the_sessions_of_the_server_are_asked_without_a_proxy_whatever_else_answers(server, request):
    session = Session(server, f"{request.node.name}/analysis.ipynb", name="a title")  # which is no path
    body = json.dumps([{"kernel": None, "path": "x.ipynb"}, {"path": "y.ipynb"}, {"kernel": {"id": "another"}}])
    answers = {
        8: b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        9: f"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{body}".encode(),
    }
    strangers = {number: Nonsense(answer) for number, answer in answers.items()}
    files = {f"jpserver-{number}.json": json.dumps({"url": one.url}) for number, one in strangers.items()}
    files |= {"jpserver-5.json": "{", "jpserver-6.json": "{}", "jpserver-7.json": '{"url": "http://127.0.0.1:9/"}'}
    try:
        for name, text in files.items():  # younger than the server's own: they are asked first
            (server.runtime / name).write_text(text)
        session.run(begun())
        assert script(session) == str(session.file)
        assert all(one.asked.is_set() for one in strangers.values())
    finally:
        for name in files:
            (server.runtime / name).unlink()
        for one in strangers.values():
            one.close()
        session.shut_down()


# A kernel that nobody opened a notebook for, as what runs notebooks in batches has it.
ALONE = """
from {module} import {manager}
manager = {manager}()
manager.start_kernel()
client = manager.{client}()
client.start_channels()
client.wait_for_ready()
cells = "import runjson; run = runjson.init(id='r')", "run.log({{'x': 1}}, step=0)", {finished!r}
for cell in cells:
    {execute}
    assert reply["status"] == "ok", reply
client.stop_channels()
manager.shutdown_kernel()
"""
IN_A_PROCESS = {
    "module": "jupyter_client", "manager": "KernelManager", "client": "blocking_client",
    "execute": 'reply = client.execute_interactive(cell, timeout=60)["content"]',
}  # fmt: skip
IN_THIS_ONE = {
    "module": "ipykernel.inprocess", "manager": "InProcessKernelManager", "client": "client",
    "execute": 'client.execute(cell); reply = client.get_shell_msg()["content"]',
}  # fmt: skip


@pytest.mark.parametrize("kernel", [IN_A_PROCESS, IN_THIS_ONE], ids=["in a process", "in this one"])
def test_a_kernel_without_a_notebook_says_nothing_of_one(kernel, tmp_path):
    env = {name: text for name, text in os.environ.items() if not name.startswith("JPY_")}
    env |= {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"), "IPYTHONDIR": str(tmp_path / "ipython")}
    _, err = ran(tmp_path, ALONE.format(finished=FINISHED, **kernel), env=env)
    assert b"runjson:" not in err
    record, points = said(tmp_path)
    assert (record["status"], list(points["x"].values)) == ("succeeded", [1])
    assert "script" not in record.get("source", {})
    assert "notebook" not in record.get("artifacts", {})


def test_ipython_in_a_terminal_is_no_notebook(tmp_path):
    program = (
        "import ipykernel, runjson\nrun = runjson.init(id='r', dir='runs', capture={'program'})\nrun.log({'x': 1})\n"
    )
    (tmp_path / "train.py").write_text(program)
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "train.py"]
    env = {**os.environ, "IPYTHONDIR": str(tmp_path / "ip")}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, timeout=60, check=True)
    assert b"runjson:" not in done.stderr + done.stdout
    record, _ = said(tmp_path)
    assert record["source"]["script"].endswith("train.py")
    assert "notebook" not in record.get("artifacts", {})
