"""What all tests share: with CI=true nothing may be skipped."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.postgresql", "tests.storage"]

# What these set up takes long, and their tests share it: each is run by one process.
TOGETHER = (
    "tests/r/",
    "tests/tracker/test_blobs.py",
    "tests/languages/test_writers.py",
    "tests/docs/test_site.py",
    "tests/schema/test_typescript.py",
)

# Examples are bounded in number, not in time: a slow machine must not decide what a test finds.
settings.register_profile("all", deadline=None)
settings.load_profile("all")


class Scheduling(LoadScopeScheduling):
    """Gives each process a test at a time, or all of a place whose tests share what they set up."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {report.longrepr}"
    return report
