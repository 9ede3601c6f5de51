"""What all tests share: with CI=true nothing may be skipped."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.postgresql", "tests.storage", "tests.serving"]

# What these set up takes long, and their tests share it: each is run by one process.
TOGETHER = (
    "tests/r/",
    "tests/tracker/test_blobs.py",
    "tests/languages/test_writers.py",
    "tests/docs/test_site.py",
    "tests/schema/test_typescript.py",
    "tests/test_in_ci.py",
    "tests/test_packaging.py",
    "tests/server/test_gate.py",
    "tests/server/test_openid.py",
    "tests/server/test_proxy.py",
    "tests/server/test_roles.py",
    "tests/server/test_signing_in.py",
)

# Examples are bounded in number, not in time: a slow machine must not decide what a test finds.
settings.register_profile("all", deadline=None)
settings.load_profile("all")


class Scheduling(LoadScopeScheduling):
    """Gives each process a test at a time, or all of a place whose tests share what they set up."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/web/"):
            return nodeid.partition("::")[0]
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


def pytest_collection_modifyitems(items):
    """Tell tests apart by their names, which those of schemathesis lose: the scheduler would run one of them alone."""
    alike = Counter(item.nodeid for item in items)
    for item in items:
        if alike[item.nodeid] > 1:
            item._id = replace(item._id, names=(*item._id.names[:-1], item.name))
    if len({item.nodeid for item in items}) < len(items):
        raise pytest.UsageError("two tests have one name, of which only one would run")


def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {report.longrepr}"
    return report
