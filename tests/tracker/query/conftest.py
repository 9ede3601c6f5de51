from __future__ import annotations

import pytest
from runjson_tracker.database import writing
from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.table import select_runs
from runjson_tracker.tables import runs
from sqlalchemy import update


@pytest.fixture
def add(store, track):
    """Track a run and set its columns: `add("a", {"lr": 0.1}, loss=[0.5], columns={"trashed": 1.0})`."""

    def add(run, parameters=None, *, project="p", record=None, columns=None, **series):
        said = {"runjson": "1.0", "id": run, **({"parameters": parameters} if parameters else {}), **(record or {})}
        track(run=run, project=project, record=said, **series)
        if columns:
            with writing(store._engine).begin() as connection:
                connection.execute(update(runs).where(runs.c.run == run).values(columns))

    return add


@pytest.fixture
def ask(store):
    """The ids of the runs that match, in the order of their ids."""

    def ask(where, **options):
        return sorted(row.id for row in select_runs(store._engine, where=where, **options).rows)

    return ask


@pytest.fixture
def refused(store):
    """The error of a filter, or of other arguments."""

    def refused(where=None, **options):
        with pytest.raises(QueryError) as caught:
            select_runs(store._engine, where=where, **options)
        return caught.value

    return refused
