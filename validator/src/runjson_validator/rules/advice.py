"""Rules RJ4xx: what is allowed and is seldom meant."""

from __future__ import annotations

from typing import Final

from runjson_validator.rules.rule import Rule

RULES: Final = (
    Rule(
        code="RJ401",
        why=(
            "Whoever gets the run file gets the password or key in it, and a tracker shows it to all. Programs that "
            "record every environment variable or the whole command line write their keys too. Record only the "
            "variables that you name, and replace a key that was already shared."
        ),
        bad=b'{"runjson": "1.0", "environment": {"HOSTNAME": "node7", "REGISTRY_PASSWORD": "correct horse battery"}}\n',
        good=b'{"runjson": "1.0", "environment": {"HOSTNAME": "node7"}}\n',
    ),
    Rule(
        code="RJ402",
        why=(
            "Steps may stand in any order and the points are kept as they were written, but a chart of such a series "
            "goes back and forth. A run that was resumed from a checkpoint says some steps twice, and two programs "
            "that write one series mix theirs. Name the run that it goes on from in `parent`; give each program its "
            "own `writer`."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 100, "series": {"loss": 0.7}}\n'
            b'{"step": 200, "series": {"loss": 0.5}}\n'
            b'{"step": 150, "series": {"loss": 0.6}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7-resumed", "parent": {"id": "mlp-7", "step": 100}}\n'
            b'{"step": 150, "series": {"loss": 0.6}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ403",
        why=(
            "1.7976931348623157e+308 is the largest double, which hardly any experiment gives, and a chart with such a "
            'point shows nothing else. jq 1.6 writes it for Infinity. If it was infinite, write `"Infinity"`; in jq, '
            "`isinfinite` tells."
        ),
        bad=b'{"runjson": "1.0", "series": {"loss": [0.5, 1.7976931348623157e+308]}}\n',
        good=b'{"runjson": "1.0", "series": {"loss": [0.5, "Infinity"]}}\n',
    ),
    Rule(
        code="RJ404",
        why=(
            "Names are compared by code point, so two that look alike are two series in one chart. Names of files on "
            "macOS often come in NFD, an e and an accent behind it, those typed on a keyboard in NFC. Normalise names "
            'before they are written: `unicodedata.normalize("NFC", name)` in Python.'
        ),
        bad=b'{"runjson": "1.0", "series": {"caf\xc3\xa9": [0.9, 0.5], "cafe\xcc\x81": [0.3]}}\n',
        good=b'{"runjson": "1.0", "series": {"caf\xc3\xa9": [0.9, 0.5, 0.3]}}\n',
    ),
    Rule(
        code="RJ405",
        why=(
            "With six digits a time is known to some 10000 seconds, so all points of three hours share one. C++'s "
            "`cout` and awk's `print` give six digits unless told otherwise. Set `std::setprecision(17)` in C++ or use "
            '`printf("%.6f")`.'
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "time": 1.79523e+09, "series": {"loss": 0.5}}\n'
            b'{"step": 2, "time": 1.79523e+09, "series": {"loss": 0.4}}\n'
            b'{"step": 3, "time": 1.79523e+09, "series": {"loss": 0.3}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "time": 1795230821.250000, "series": {"loss": 0.5}}\n'
            b'{"step": 2, "time": 1795230829.500000, "series": {"loss": 0.4}}\n'
            b'{"step": 3, "time": 1795230837.750000, "series": {"loss": 0.3}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ406",
        why=(
            'In parameters a text stays a text: `"Infinity"` is eight letters there and sorts as such. Programs that '
            "know the rule for points, R's jsonlite and Java's Jackson quote the number. Write `{\"$float\": "
            '"Infinity"}` if the number is meant.'
        ),
        bad=b'{"runjson": "1.0", "parameters": {"clip": "Infinity"}}\n',
        good=b'{"runjson": "1.0", "parameters": {"clip": {"$float": "Infinity"}}}\n',
    ),
    Rule(
        code="RJ407",
        why=(
            "`null` is fine where there is no value. But Octave's `jsonencode` and `JSON.stringify` write it for NaN "
            'and for both infinities too, and then the value is lost. Write `{"$float": "Infinity"}` or `{"$float": '
            '"NaN"}` if it was one of these.'
        ),
        bad=b'{"runjson": "1.0", "parameters": {"clip": null}}\n',
        good=b'{"runjson": "1.0", "parameters": {"clip": {"$float": "Infinity"}}}\n',
    ),
    Rule(
        code="RJ408",
        why=(
            "R writes a character that its locale lacks as `<U+00E9>`, as happens under `LC_ALL=C` on many clusters, "
            'and then the text is shown so. Call `Sys.setlocale("LC_CTYPE", "C.UTF-8")` at the start, or set '
            "`LC_ALL=C.UTF-8`."
        ),
        bad=b'{"runjson": "1.0", "name": "<U+00E9>t<U+00E9>"}\n',
        good=b'{"runjson": "1.0", "name": "\xc3\xa9t\xc3\xa9"}\n',
    ),
    Rule(
        code="RJ409",
        why=(
            "Such a run would have lasted less than no time. Programs that write the local time with a `Z` behind it "
            "for one of the two, or take them on two machines whose clocks differ, do so. Take both on one machine, in "
            "UTC: `datetime.now(UTC).isoformat()`."
        ),
        bad=(
            b'{"runjson": "1.0", "status": "succeeded",\n'
            b' "started_at": "2026-11-21T04:13:41Z", "ended_at": "2026-11-21T03:14:05Z"}\n'
        ),
        good=(
            b'{"runjson": "1.0", "status": "succeeded",\n'
            b' "started_at": "2026-11-21T03:13:41Z", "ended_at": "2026-11-21T03:14:05Z"}\n'
        ),
    ),
)  # fmt: skip
