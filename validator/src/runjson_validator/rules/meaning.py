"""Rules RJ2xx: what numbers, parameters and times mean (SPEC sections 5, 6 and 8)."""

from __future__ import annotations

from typing import Final

from runjson_validator.rules.rule import Rule

RULES: Final = (
    Rule(
        code="RJ201",
        why=(
            "With columns of unequal length nobody knows which step belongs to which point. Programs that append to "
            "`values` and `steps` in different places miss one of them. Append to both in one place, with `null` for a "
            "point without a step."
        ),
        bad=b'{"runjson": "1.0", "series": {"loss": {"values": [0.5, 0.4, 0.3], "steps": [1, 2]}}}\n',
        good=b'{"runjson": "1.0", "series": {"loss": {"values": [0.5, 0.4, 0.3], "steps": [1, 2, null]}}}\n',
    ),
    Rule(
        code="RJ202",
        why=(
            "A parameter is an input of the run and has one value; of two, a table of runs could show only one. "
            "Learning rate schedules write the present rate as a parameter. What changes while the run goes on is a "
            "series."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7", "parameters": {"lr": 0.1}}\n'
            b'{"step": 9, "parameters": {"lr": 0.01}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7", "parameters": {"lr": 0.1}}\n'
            b'{"step": 9, "series": {"lr": 0.01}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ203",
        why=(
            "A parameter is a value or a namespace of further parameters; as both, one of the two would be lost. "
            "Programs that write their command line first (`--model mlp`) and the settings of the model later under "
            "the same name do so. Give the value a name of its own inside the namespace."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7", "parameters": {"model": "mlp"}}\n'
            b'{"parameters": {"model": {"layers": 2}}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7", "parameters": {"model": {"name": "mlp"}}}\n'
            b'{"parameters": {"model": {"layers": 2}}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ204",
        why=(
            "Times are seconds since 1970; read as seconds, milliseconds lie tens of thousands of years ahead. "
            "JavaScript's `Date.now()` and Java's `System.currentTimeMillis()` count milliseconds. Divide by 1000: "
            "`Date.now() / 1000`."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "time": 1795230821250, "series": {"loss": 0.5}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "time": 1795230821.25, "series": {"loss": 0.5}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ205",
        why=(
            "A time near 1970 is mostly the seconds since the program began, and a chart over time would lie in "
            "January 1970. `MPI_Wtime`, `tic`/`toc`, Python's `perf_counter` and Java's `nanoTime` are stopwatches. "
            "Write what they give as a series of its own, such as `time/elapsed`."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "time": 12.5, "series": {"loss": 0.5}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "series": {"loss": 0.5, "time/elapsed": 12.5}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ206",
        why=(
            "The text is read as the number that it means, so nothing is lost here, but RunJSON has one spelling "
            "for each. R's jsonlite writes `\"Inf\"`, Go's `strconv` `\"+Inf\"`, a quoted `%g` in C `\"inf\"`. Write "
            '`"NaN"`, `"Infinity"` or `"-Infinity"`.'
        ),
        bad=b'{"runjson": "1.0", "series": {"loss": [0.5, "Inf"]}}\n',
        good=b'{"runjson": "1.0", "series": {"loss": [0.5, "Infinity"]}}\n',
    ),
    Rule(
        code="RJ207",
        why=(
            "A double beyond 2^53 does not hold every integer, so the last digits of a seed or an identifier may be "
            "gone. R, awk and C++'s `cout` print a large integer as 1.23456789012346e+18. Write all digits as text: "
            '`{"$int": "1234567890123456789"}`.'
        ),
        bad=b'{"runjson": "1.0", "parameters": {"seed": 1.23456789012346e+18}}\n',
        good=b'{"runjson": "1.0", "parameters": {"seed": {"$int": "1234567890123456789"}}}\n',
    ),
)  # fmt: skip
