"""What all tests share: with CI=true nothing may be skipped."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Examples are bounded in number, not in time: a slow machine must not decide what a test finds.
settings.register_profile("all", deadline=None)
settings.load_profile("all")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {report.longrepr}"
    return report
