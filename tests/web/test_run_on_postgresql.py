"""The page of a run, with the runs in PostgreSQL."""

from __future__ import annotations

import pytest

from tests.web import test_run, test_run_files, test_run_shown
from tests.web.on_postgresql import databases, fixtures, scenarios

__all__ = ["databases"]
pytestmark = pytest.mark.once

globals().update(fixtures | scenarios(test_run, test_run_shown, test_run_files))
