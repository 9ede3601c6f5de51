"""Charts and comparison, with the runs in PostgreSQL."""

from __future__ import annotations

import pytest

from tests.web import test_charts, test_charts_looked_at, test_charts_saved, test_compare
from tests.web.on_postgresql import databases, fixtures, scenarios

__all__ = ["databases"]
pytestmark = pytest.mark.once

globals().update(fixtures | scenarios(test_charts, test_charts_looked_at, test_charts_saved, test_compare))
