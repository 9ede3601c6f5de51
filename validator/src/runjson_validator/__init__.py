"""From the bytes of a run file to findings and a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runjson_validator.report import Report as Report
    from runjson_validator.validation import validate as validate

__all__ = ["Report", "validate"]


def __getattr__(name: str) -> Any:  # Any: what is looked up, loaded when it is first asked for
    if name == "validate":
        from runjson_validator.validation import validate  # noqa: PLC0415  the command starts without it

        return validate
    if name == "Report":
        from runjson_validator.report import Report  # noqa: PLC0415

        return Report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
