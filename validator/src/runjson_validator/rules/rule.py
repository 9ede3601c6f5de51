"""One rule of the validator: why it is one, with a run file that breaks it and one that does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rule:
    """What stands behind the code of a finding.

    Attributes:
        code: one of `runjson_schema.findings.CODES`.
        why: why it is an error, a warning or advice, who makes the mistake, and what to do.
        bad: a whole run file that gives this finding; empty where none can be small.
        good: the same run written rightly.
        name: the name of the run file, which says whether it is named as a stream.
        files: what lies beside the run file, from path to content.
        links: symbolic links beside the run file, from name to target.
    """

    code: str
    why: str
    bad: bytes
    good: bytes
    name: str = "run.json"
    files: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
