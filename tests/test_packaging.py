"""What the wheel holds, and what an installation without extras can do."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (built,) = out.glob("*.whl")
    return built


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
