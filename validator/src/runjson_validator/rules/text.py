"""Rules RJ0xx: the text of a run file, as bytes, JSON and lines (SPEC section 3)."""

from __future__ import annotations

from typing import Final

from runjson_validator.rules.rule import Rule

RULES: Final = (
    Rule(
        code="RJ001",
        why=(
            "A run file is UTF-8; in any other encoding a name could be read as another one. Java's FileWriter and R "
            "on Windows write Latin-1, `>` in PowerShell 5 writes UTF-16. Give the writer its encoding: `new "
            "OutputStreamWriter(out, UTF_8)`, `Out-File -Encoding utf8`."
        ),
        bad=b'{"runjson": "1.0", "name": "\xe9t\xe9"}\n',
        good=b'{"runjson": "1.0", "name": "\xc3\xa9t\xc3\xa9"}\n',
    ),
    Rule(
        code="RJ003",
        why=(
            "Text that is not JSON can be read in more than one way, so nothing is guessed. Loops that print a comma "
            "behind every value, Python's `str(dict)` with single quotes and `printf` in a German locale with its "
            "decimal comma write such text. Put the comma before every value but the first, or use the language's JSON "
            "library."
        ),
        bad=(
            b'{"runjson": "1.0",\n'
            b' "series": {"loss": [0.9, 0.5, 0.3, ]}}\n'
        ),
        good=(
            b'{"runjson": "1.0",\n'
            b' "series": {"loss": [0.9, 0.5, 0.3]}}\n'
        ),
    ),
    Rule(
        code="RJ004",
        why=(
            "JSON spells a number with a digit on both sides of the dot, without a plus sign or leading zeros, and a "
            'truth value `true` or `false`. Fortran prints `.31000`, `1.` and `1.0D-05`, `printf("%+g")` prints '
            "`+0.31`, Python's `str` prints `True`. Use `ES24.16E3` or `G0` in Fortran and `%.17g` in C."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "flow-3", "parameters": {"dt": 0.01}}\n'
            b'{"step": 1, "series": {"residual": .31000}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "flow-3", "parameters": {"dt": 0.01}}\n'
            b'{"step": 1, "series": {"residual": 0.31000}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ005",
        why=(
            "JSON has no NaN and no infinity, and most JSON libraries refuse a file that holds one bare. Python's "
            "`json.dumps` prints `NaN` and `Infinity`, C's `printf` and C++'s `cout` print `nan` and `inf`. Write the "
            'texts `"NaN"`, `"Infinity"` and `"-Infinity"`.'
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "series": {"loss": 0.5}}\n'
            b'{"step": 2, "series": {"loss": NaN}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "series": {"loss": 0.5}}\n'
            b'{"step": 2, "series": {"loss": "NaN"}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ006",
        why=(
            "A number beyond the largest double, about 1.8e308, would be read as infinity, and an integer of more than "
            "1000 digits makes readers slow. Python's mpmath and C's `long double` print such numbers. Write "
            '`"Infinity"`, or the logarithm as a series.'
        ),
        bad=b'{"runjson": "1.0", "series": {"partition": [1e300, 1e999]}}\n',
        good=b'{"runjson": "1.0", "series": {"log10(partition)": [300, 999]}}\n',
    ),
    Rule(
        code="RJ007",
        why=(
            "Of a member that stands twice in one object, some readers take the first and others the last, so the "
            "other value would be lost. Bash and Fortran programs that print a head at the start and a tail at the end "
            "make it. Print each member once."
        ),
        bad=b'{"runjson": "1.0", "status": "running", "series": {"loss": [0.9, 0.5]}, "status": "failed"}\n',
        good=b'{"runjson": "1.0", "series": {"loss": [0.9, 0.5]}, "status": "failed"}\n',
    ),
    Rule(
        code="RJ008",
        why=(
            "Half a surrogate pair is no character and can not be written as UTF-8. JavaScript's `slice` cuts a text "
            "between the halves, and `JSON.stringify` escapes the half that is left. Cut by characters: "
            "`Array.from(text).slice(0, n)`."
        ),
        bad=b'{"runjson": "1.0", "text": {"answer": ["launched \\ud83d"]}}\n',
        good=b'{"runjson": "1.0", "text": {"answer": ["launched \\ud83d\\ude80"]}}\n',
    ),
    Rule(
        code="RJ009",
        why=(
            "Deep nesting makes readers that recurse run out of stack, so 64 levels are the limit, the record counted "
            "as 1. Linked lists and syntax trees that a program dumps as they are become so deep. Write a list as an "
            "array, and a tree as a file that is an artifact."
        ),
        bad=b'{"runjson": "1.0", "parameters": {"path": ' + b"[0, " * 64 + b"0" + b"]" * 64 + b"}}\n",
        good=b'{"runjson": "1.0", "parameters": {"path": [' + b"0, " * 64 + b"0]}}\n",
    ),
    Rule(
        code="RJ010",
        why=(
            "A writer that was killed leaves half a line, which is skipped: the points of that line are lost, all "
            "others are read. A writer that goes on with such a file writes a line break first, and one that flushes "
            "each record with one call seldom leaves half a line."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "series": {"loss": 0.5}}\n'
            b'{"step": 2, "series": {"lo'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "series": {"loss": 0.5}}\n'
            b'{"step": 2, "series": {"loss": 0.4}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ011",
        why=(
            "A line of a stream is one record; a reader that takes lines would lose what stands behind it. Go's "
            "`json.Marshal`, `JSON.stringify` and Python's `json.dump` print no line break behind a record. Write one "
            "behind every record."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "series": {"loss": 0.5}}{"step": 2, "series": {"loss": 0.4}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "series": {"loss": 0.5}}\n'
            b'{"step": 2, "series": {"loss": 0.4}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ012",
        why=(
            "In a stream a record stands on one line, so that half a line tells of a killed writer and nothing else. "
            "Bash here-documents and pretty printers such as `json.dump(indent=2)` spread a record over several lines. "
            "`jq -c . run.jsonl` puts each on one."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1,\n'
            b' "series": {"loss": 0.5}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "series": {"loss": 0.5}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ013",
        why=(
            "A record is an object; an array of records could not be read before its end is written. Java, R and "
            'JavaScript programs that collect records in a list write one. `jq -c ".[]" run.json > run.jsonl` makes a '
            "stream of it."
        ),
        bad=(
            b'[{"runjson": "1.0", "id": "mlp-7", "series": {"loss": 0.5}},\n'
            b' {"step": 1, "series": {"loss": 0.4}}]\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7", "series": {"loss": 0.5}}\n'
            b'{"step": 1, "series": {"loss": 0.4}}\n'
        ),
    ),
    Rule(
        code="RJ014",
        why=(
            "A file without a record says nothing of a run. A program that opened its file and was killed before it "
            "wrote leaves one, as does `jq` with a filter that gives nothing. Write the first record as soon as the "
            "file is open."
        ),
        bad=b"\n",
        good=b'{"runjson": "1.0", "id": "mlp-7"}\n',
        name="run.jsonl",
    ),
    Rule(
        code="RJ015",
        why=(
            "This is JSON of another program: rows of points such as pandas' `to_json(orient=\"records\")` writes, a "
            "Keras history, a history of Weights & Biases or a file of Neptune. Its names do not say what is a "
            "parameter and what a series, so nothing is guessed. Put the points into `series`, one column a name."
        ),
        bad=(
            b'[{"step": 1, "loss": 0.5},\n'
            b' {"step": 2, "loss": 0.4}]\n'
        ),
        good=(
            b'{"runjson": "1.0",\n'
            b' "series": {"loss": {"values": [0.5, 0.4], "steps": [1, 2]}}}\n'
        ),
    ),
    Rule(
        code="RJ016",
        why=(
            "A document is read whole, so a reader may refuse one beyond a size that it names; a stream is read line "
            "by line and has no such limit. A program that keeps all points until its end writes such a document. "
            "Write a run of more than 2 GB as a stream, with some thousand points a record."
        ),
        bad=b"",
        good=b"",
    ),
)  # fmt: skip
