"""A tracked run as run files again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runjson_schema.canonical import columns, json_text

if TYPE_CHECKING:
    from runjson_tracker.sources import TrackedSource
    from runjson_tracker.store import Store


def canonical_source(source: TrackedSource) -> bytes:
    """The canonical form of a tracked source (SPEC section 10): that of the run file which carried it."""
    record = dict(source.record)
    for kind, name in source.counts:
        points = source.points(kind, name)
        entries = record[kind] = dict(record.get(kind, {}))
        entries[name] = {**entries.get(name, {}), **columns(points)}
    return json_text(record)


def canonical_run(store: Store, project: str, run: str) -> str:
    """The canonical form of a tracked run: the array of those of its sources, in the order of their writers."""
    forms = []
    for writer in sorted(store.records(project, run)):
        if source := store.source(project, run, writer):
            forms.append(canonical_source(source).decode())
    return f"[{','.join(forms)}]"
