"""The R package as it is installed and used: its own tests, its documentation, without Python, and how Python comes."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from runjson_schema.decode import fold_file
from runjson_validator import validate

from tests.r.conftest import PACKAGE

pytestmark = pytest.mark.once
ROOT = PACKAGE.parent
COMMAND = str(Path(sys.executable).with_name("runjson"))


def test_the_native_reader_passes_the_core_of_the_corpus(r):
    command = [COMMAND, "conformance", "--required", "--level", "core", "--level", "text", "--"]
    reader = r.library / "runjson/conformance/reader.R"
    done = subprocess.run(
        [*command, "Rscript", reader], env=r.environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_native_engine_is_a_writer_that_conforms(r):
    kit = r.library / "runjson/conformance"
    command = [COMMAND, "conformance", "--writer", f"Rscript {kit / 'writer.R'}", "--known", kit / "known.txt"]
    done = subprocess.run(command, env=r.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_documentation_is_what_the_sources_say(r, tmp_path):
    copy = tmp_path / "runjson"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.Rcheck"))
    code = f'roxygen2::roxygenise("{copy}", load_code = roxygen2::load_installed)\n'
    r.run(code, tmp_path)
    for path in [*copy.glob("man/*.Rd"), copy / "NAMESPACE"]:
        assert path.read_text() == (PACKAGE / path.relative_to(copy)).read_text(), path.name
    assert {path.name for path in copy.glob("man/*")} == {path.name for path in PACKAGE.glob("man/*")}


def test_the_check_of_cran_finds_nothing_and_its_own_tests_pass(r, tmp_path):
    """Without the incoming checks and those of addresses, which need the network, and the manual, which needs TeX."""
    subprocess.run(["R", "CMD", "build", PACKAGE], cwd=tmp_path, env=r.environment, check=True, capture_output=True)
    (tarball,) = tmp_path.glob("*.tar.gz")
    environment = {
        **r.environment, "_R_CHECK_CRAN_INCOMING_": "false", "_R_CHECK_CRAN_INCOMING_REMOTE_": "false",
        "_R_CHECK_PACKAGE_DEPENDS_IGNORE_MISSING_ENHANCES_": "true", "_R_CHECK_SYSTEM_CLOCK_": "false",
        "_R_CHECK_FORCE_SUGGESTS_": "false", "RUNJSON_COMMAND": COMMAND,
        # All tests, with this checkout: CRAN leaves out those that need it.
        "NOT_CRAN": "true", "RUNJSON_CHECKOUT": str(ROOT),
    }  # fmt: skip
    done = subprocess.run(
        ["R", "CMD", "check", "--as-cran", "--no-manual", tarball],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (told,) = (tmp_path / "runjson.Rcheck/tests").glob("testthat.Rout*")
    tests = told.read_text(encoding="utf-8")
    assert re.search(r"^Status: (OK|\d+ NOTEs?)$", done.stdout, re.MULTILINE), (done.stdout[-5000:], tests[-5000:])
    notes = re.findall(r"^\* (checking .*) \.\.\. NOTE", done.stdout, re.MULTILINE)
    assert notes == [], done.stdout[-5000:]
    counted = re.findall(r"^\[ FAIL (\d+) \| WARN \d+ \| SKIP (\d+) \| PASS (\d+) \]", tests, re.MULTILINE)
    assert counted, tests[-5000:]
    failed, skipped, passed = map(int, counted[-1])
    assert (failed, skipped) == (0, 0), tests[-5000:]
    assert passed > 1300, passed


LOGGING = """
library(runjson)
stopifnot(!rj_has_command(), rj_engine() == "native")
run <- rj_init(id = "r", dir = "runs", parameters = list(lr = 0.1))
for (i in 1:3) rj_log(run, loss = 1 / i, step = i)
rj_log_table(run, "table", data.frame(a = 1))
rj_finish(run)
stopifnot(identical(rj_read(run$path)$series$loss$value, 1 / (1:3)))
cat(tryCatch(rj_upload(run), error = conditionMessage), "\n")
cat(tryCatch(rj_runs(), error = conditionMessage), "\n")
stopifnot(!reticulate::py_available(initialize = FALSE))
"""


def test_logging_and_reading_need_no_python(r, tmp_path):
    """On a machine where no Python is to be found: they are covered up, where that may be done."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "uname", "sed", "rm", "mkdir", "ls", "grep", "git", "sha256sum", "which", "cat", "dirname"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    script = tmp_path / "script.R"
    script.write_text(LOGGING)
    (tmp_path / "home").mkdir()
    environment = {
        **r.environment, "PATH": str(tools), "HOME": str(tmp_path / "home"), "RUNJSON_COMMAND": None,
        "RETICULATE_PYTHON": None, "VIRTUAL_ENV": None, "WORKON_HOME": str(tmp_path / "home"),
    }  # fmt: skip
    environment = {name: value for name, value in environment.items() if value is not None}
    command = [shutil.which("Rscript"), str(script)]
    if os.geteuid() == 0:  # every Python that reticulate would find is covered by an empty file, for this process alone
        pythons = [path for path in Path("/usr/bin").glob("python3*") if path.is_file() and not path.is_symlink()]
        cover = "".join(f"mount --bind /dev/null {path} && " for path in pythons)
        command = [
            "/usr/bin/unshare",
            "--mount",
            "/bin/sh",
            "-c",
            f'PATH=/usr/bin:/bin; {cover} PATH={tools} exec "$@"',
            "sh",
            *command,
        ]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    upload, runs = done.stdout.strip().splitlines()
    assert "rj_upload needs the command runjson" in upload
    assert "rj_runs needs the Python package runjson" in runs
    path = tmp_path / "runs/r/run.jsonl"
    assert validate(path).errors == 0
    assert fold_file(path).fold.record()["status"] == "succeeded"


def test_loading_starts_no_python_and_a_folder_of_that_name_is_told(r, tmp_path):
    (tmp_path / "runjson").mkdir()
    (tmp_path / "runjson/__init__.py").write_text("init = None\n")
    code = (
        "library(runjson)\nlibrary(reticulate)\nstopifnot(!py_available(initialize = FALSE))\n"
        "py_run_string(\"import sys; sys.path.insert(0, '')\")\n"
        "cat(tryCatch(rj_runs(), rj_no_python = conditionMessage))\n"
    )
    _, out, _ = r.run(code, tmp_path, RUNJSON_COMMAND=None)
    assert "found something else under the name runjson" in out


def test_what_reticulate_declares_where_it_can(r, tmp_path):
    """The reticulate here has no py_require() yet: a stand-in shows that it is called, once and before Python."""
    code = (
        "library(runjson)\nasked <- list()\nstand_in <- new.env()\n"
        "stand_in$py_require <- function(packages) asked[[length(asked) + 1]] <<- packages\n"
        'runjson:::require_python_packages(stand_in)\nstopifnot(identical(asked, list("runjson[all]")))\n'
        "invisible(reticulate::py_config())\nrunjson:::require_python_packages(stand_in)\n"
        "stopifnot(length(asked) == 1)\n"
    )
    r.run(code, tmp_path)


class Index(http.server.SimpleHTTPRequestHandler):
    """A package index on loopback: folders of files."""

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def index(tmp_path):
    """An index that has a small package under the name runjson, with the extra `all`."""
    source = tmp_path / "source"
    (source / "runjson").mkdir(parents=True)
    (source / "runjson/__init__.py").write_text("CAPTURED = ()\n")
    (source / "runjson_tracker.py").touch()
    (source / "pyproject.toml").write_text(
        '[project]\nname = "runjson"\nversion = "0.1.0"\noptional-dependencies.all = []\n'
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[tool.hatch.build.targets.wheel]\ninclude = ["runjson", "runjson_tracker.py"]\n'
    )
    place = tmp_path / "index/runjson"
    place.mkdir(parents=True)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, source]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    (place / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=str(tmp_path / "index")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", place
    server.shutdown()
    server.server_close()


INSTALL = """
library(runjson)
python <- rj_install(envname = file.path(getwd(), "environment"), python = Sys.getenv("OWN"), %s)
stopifnot(system2(python, c("-c", shQuote("import runjson; print(runjson.CAPTURED)"))) == 0)
"""


def test_installing_with_an_index_without_one_and_from_a_folder(r, index, tmp_path):
    address, folder = index
    base = getattr(sys, "_base_executable", sys.executable)
    common = {"RETICULATE_PYTHON": None, "OWN": base, "PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": None}
    for number, (packages, variables, works) in enumerate(
        [
            ('packages = "runjson[all]"', {"PIP_INDEX_URL": address, "PIP_NO_INDEX": None}, True),
            ('packages = "runjson[all]"', {"PIP_INDEX_URL": None, "PIP_NO_INDEX": "1"}, False),
            (f'packages = c("--no-index", "--find-links={folder}", "runjson[all]")', {"PIP_NO_INDEX": None}, True),
        ]
    ):
        place = tmp_path / str(number)
        place.mkdir()
        code, _, err = r.run(INSTALL % packages, place, check=False, **common, **variables)
        assert (code == 0) is works, err
        if not works:
            assert "pip could not install" in err
            assert "Without a network see ?rj_install" in err


def test_the_analysis_is_run_uploaded_and_shown(r, tmp_path):
    shutil.copytree(ROOT / "examples/r", tmp_path / "r")
    environment = {**r.environment, "RUNJSON_COMMAND": COMMAND, "RUNJSON_TRACKER": str(tmp_path / "store")}
    done = subprocess.run(
        ["Rscript", "analysis.R"], cwd=tmp_path / "r", env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    paths = sorted((tmp_path / "r/runs").glob("*/run.jsonl"))
    assert len(paths) >= 2
    for path in paths:
        assert validate(path).errors == validate(path).warnings == 0
    listed = subprocess.run([COMMAND, "runs", "--format", "json"], env=environment, capture_output=True, check=True)
    assert len(json.loads(listed.stdout)) == len(paths)
    shown = subprocess.run(
        [COMMAND, "show", paths[0].parent.name], env=environment, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert "succeeded" in shown.stdout


def test_the_section_of_the_readme_writes_what_it_says(r, tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```r\n(.*?)```", text.partition("## From R")[2].partition("\n## ")[0], re.DOTALL)
    r.run(block, tmp_path)
    (path,) = tmp_path.glob("runs/*/run.jsonl")
    assert validate(path).errors == validate(path).warnings == 0
    fold = fold_file(path).fold
    assert (fold.record()["status"], fold.record()["parameters"]) == ("succeeded", {"degree": 2})
    assert {"rmse", "residuals"} <= {name for _, name, _ in fold.take_points()}
