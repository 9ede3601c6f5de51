"""The table and dashboards, with the runs in PostgreSQL."""

from __future__ import annotations

import pytest

from tests.web import test_dashboards, test_runs, test_runs_changed
from tests.web.on_postgresql import databases, fixtures, scenarios

__all__ = ["databases"]
pytestmark = pytest.mark.once

globals().update(fixtures | scenarios(test_runs, test_runs_changed, test_dashboards))
