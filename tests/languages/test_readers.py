"""Readers of other hands, in other languages, pass the conformance corpus."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.languages.examples import ROOT

pytestmark = pytest.mark.once
READERS = {
    "go": (("go",), ["go", "build", "-o", "runjson-reader", "."], ["{folder}/runjson-reader"]),
    "javascript": (("node", "npm"), ["npm", "ci", "--no-audit", "--no-fund"], ["node", "{folder}/reader.js"]),
}


@pytest.mark.parametrize("language", READERS)
def test_a_reader_passes_all_that_every_reader_must(language, tmp_path):
    needs, build, run = READERS[language]
    if missing := [one for one in needs if shutil.which(one) is None]:
        pytest.skip(f"{', '.join(missing)} not installed")
    folder = tmp_path / "examples/readers" / language
    shutil.copytree(ROOT / "examples/readers" / language, folder, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "schema").symlink_to(ROOT / "schema")
    subprocess.run(build, cwd=folder, check=True, capture_output=True, timeout=300)
    command = [sys.executable, "-m", "runjson", "conformance", "--required", "--level", "core", "--level", "text", "--"]
    words = [word.format(folder=folder) for word in run]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    passed = Path(done.stdout.splitlines()[-1]).name.split()
    assert passed[-1] == passed[-2]
    assert int(passed[-1]) > 300
