"""The R package, built and installed once into a library of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "r_package"
NEEDED = ("jsonlite", "testthat", "reticulate", "bit64", "digest", "png", "ggplot2", "lattice", "roxygen2", "knitr")


class R:
    """R with the package.

    Attributes:
        library: where the package is installed.
        tarball: the source package that it was installed from.
        environment: variables for its processes.
    """

    def __init__(self, place: Path) -> None:
        self.library = place / "library"
        self.library.mkdir()
        subprocess.run(
            ["R", "CMD", "build", "--no-build-vignettes", PACKAGE], cwd=place, check=True, capture_output=True
        )
        (self.tarball,) = place.glob("runjson_*.tar.gz")
        subprocess.run(
            ["R", "CMD", "INSTALL", "--no-test-load", "-l", self.library, self.tarball], check=True, capture_output=True
        )  # fmt: skip
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RUNJSON_")},
            "R_LIBS": str(self.library),
            "RETICULATE_PYTHON": sys.executable,
        }

    def run(self, code: str, folder: Path, *, check: bool = True, **environment: str | None) -> tuple[int, str, str]:
        """Run a script in a folder; its exit code, and what it printed on both streams."""
        script = folder / "script.R"
        script.write_text(code, encoding="utf-8")
        given = {**self.environment, **environment}
        done = subprocess.run(
            ["Rscript", script], cwd=folder, capture_output=True, text=True, timeout=300, check=False,
            env={name: value for name, value in given.items() if value is not None},
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="session")
def r(tmp_path_factory):
    """R with the package installed."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    code = f"for (one in c({', '.join(map(repr, NEEDED))})) if (!requireNamespace(one, quietly = TRUE)) cat(one, '')"
    missing = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True).stdout
    if missing.strip():
        pytest.skip(f"R lacks the packages {missing}")
    return R(tmp_path_factory.mktemp("r"))
