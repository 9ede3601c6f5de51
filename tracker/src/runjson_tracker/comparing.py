"""In what runs differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from runjson_tracker.terminal import leaves, number, value_text, writer_text

if TYPE_CHECKING:
    from runjson_tracker.read import RunView

_TEXTS: Final = ("name", "group", "status")
_MAPS: Final = ("properties", "source", "environment")


def differences(views: Sequence[RunView], *, everything: bool = False) -> Iterator[tuple[str, list[str | None]]]:
    """The fields in which runs differ, each with its value in every run; None where a run has none.

    Args:
        views: the runs.
        everything: whether to give fields in which they are equal too.
    """
    fields = [_fields(view) for view in views]
    for name in dict.fromkeys(name for one in fields for name in one):
        values = [one.get(name) for one in fields]
        if everything or len(set(values)) > 1:
            yield name, values


def _fields(view: RunView) -> dict[str, str]:
    """What is compared of a run, in the order of its page."""
    record: dict[str, Any] = view.record
    found: dict[str, str] = {name: value_text(record[name]) for name in _TEXTS if name in record}
    if record.get("tags"):
        found["tags"] = ", ".join(record["tags"])
    if "error" in record:
        found["error"] = value_text(str(record["error"].get("message", "")))
    found |= {f"parameters.{name}": text for name, text in leaves(record.get("parameters", {}))}
    for member in _MAPS:
        entries = {name: value for name, value in record.get(member, {}).items() if value is not None}
        found |= {f"{member}.{name}": text for name, text in leaves(entries)}
    for row in view.series():
        if row.kind == "series":
            name = f"series.{row.name}" + (f" ({writer_text(row.writer)})" if row.writer else "")
            found[f"{name}.last"] = number(row.last)
            found[f"{name}.count"] = f"{row.count:,}"
    stored = {one.name: one for source in view.sources for one in source.files if one.kind == "artifacts"}
    for name in record.get("artifacts", {}):
        if name in stored:
            found[f"artifacts.{name}"] = stored[name].sha256[:12]
    return found
