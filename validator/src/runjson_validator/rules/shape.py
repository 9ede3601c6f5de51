"""Rules RJ1xx: which members a record has, and of which type (SPEC sections 4 to 7, 11 and 12)."""

from __future__ import annotations

from typing import Final

from runjson_validator.rules.rule import Rule

# One grey pixel as PNG, in base64.
PIXEL: Final = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg=="

RULES: Final = (
    Rule(
        code="RJ101",
        why=(
            'The first record says `"runjson": "1.0"`, so that every reader knows the file for what it is and by which '
            "version to read it. A program that prints its series and nothing else forgets it. Print it as the first "
            "member."
        ),
        bad=b'{"series": {"loss": [0.9, 0.5, 0.3]}}\n',
        good=b'{"runjson": "1.0", "series": {"loss": [0.9, 0.5, 0.3]}}\n',
    ),
    Rule(
        code="RJ102",
        why=(
            "A version is a text of two numbers: as numbers 1.10 and 1.1 are one, as versions they are two. Programs "
            'that print the version as a number make the mistake. Write `"1.0"`.'
        ),
        bad=b'{"runjson": 1.0, "series": {"loss": [0.9, 0.5]}}\n',
        good=b'{"runjson": "1.0", "series": {"loss": [0.9, 0.5]}}\n',
    ),
    Rule(
        code="RJ103",
        why=(
            "Another major may mean something else by the same members, so a reader of version 1 does not guess. A "
            "writer that puts its own version there makes the mistake; that belongs into `source`. If the file is of a "
            "newer RunJSON, update the reader."
        ),
        bad=b'{"runjson": "3.2", "series": {"loss": [0.9, 0.5]}}\n',
        good=b'{"runjson": "1.0", "source": {"version": "3.2"}, "series": {"loss": [0.9, 0.5]}}\n',
    ),
    Rule(
        code="RJ104",
        why=(
            "A file of a greater minor may have members that this reader does not know; it keeps them and can not "
            "check them. A writer newer than the reader gives such a file. Update the reader, or write the minor whose "
            "members the file uses."
        ),
        bad=b'{"runjson": "1.7", "series": {"loss": [0.9, 0.5]}}\n',
        good=b'{"runjson": "1.0", "series": {"loss": [0.9, 0.5]}}\n',
    ),
    Rule(
        code="RJ105",
        why=(
            "A member that RunJSON does not know is mostly a slip, and what it holds would be shown nowhere. Programs "
            "that logged to Weights & Biases or TensorBoard before put their numbers beside `step`. Put them into "
            "`series`; a member of your own has a colon in its name, such as `acme:queue`."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "loss": 0.5, "accuracy": 0.9}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "series": {"loss": 0.5, "accuracy": 0.9}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ106",
        why=(
            "A member of another type can not be shown or compared as what it is. R's jsonlite writes every text as an "
            "array of one, unless told otherwise: `toJSON(x, auto_unbox = TRUE, digits = NA)`."
        ),
        bad=b'{"runjson": "1.0", "name": ["two layers"], "series": {"loss": [0.9, 0.5]}}\n',
        good=b'{"runjson": "1.0", "name": "two layers", "series": {"loss": [0.9, 0.5]}}\n',
    ),
    Rule(
        code="RJ107",
        why=(
            "A tracker filters by these words, so there are few and each has one spelling. Weights & Biases says "
            "`finished`, Slurm `COMPLETED`, Keras `min` for a goal. The states are `running`, `succeeded`, `failed` "
            "and `aborted`, the goals `minimize` and `maximize`."
        ),
        bad=b'{"runjson": "1.0", "status": "finished", "series": {"loss": [0.9, 0.5]}}\n',
        good=b'{"runjson": "1.0", "status": "succeeded", "series": {"loss": [0.9, 0.5]}}\n',
    ),
    Rule(
        code="RJ108",
        why=(
            "`/` divides a name into segments, by which a tracker groups series; an empty segment would be a group "
            "without a name. Programs that put a name together from a prefix and a rest leave a `/` at one end, or two "
            'in the middle. Join the parts that are not empty: `"/".join(filter(None, parts))`.'
        ),
        bad=b'{"runjson": "1.0", "series": {"/loss": [0.9, 0.5]}}\n',
        good=b'{"runjson": "1.0", "series": {"loss": [0.9, 0.5]}}\n',
    ),
    Rule(
        code="RJ109",
        why=(
            "An `id` becomes a part of file names and addresses, so it is letters, digits, `.`, `_` and `-`, at most "
            "128. Programs that name a run by the clock put colons and spaces into it. Write `-` for them; a title for "
            "people goes into `name`."
        ),
        bad=b'{"runjson": "1.0", "id": "2026-11-21T03:00:11", "series": {"loss": [0.9, 0.5]}}\n',
        good=b'{"runjson": "1.0", "id": "2026-11-21T03-00-11", "series": {"loss": [0.9, 0.5]}}\n',
    ),
    Rule(
        code="RJ110",
        why=(
            "A file without `id` is known by its content, so a stream without one would be another run after each "
            "line. Programs that began with a document and went over to a stream lack it. Give the first record an "
            "`id`, such as the start of the run and the number of the process."
        ),
        bad=(
            b'{"runjson": "1.0"}\n'
            b'{"step": 1, "series": {"loss": 0.5}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "20261121-030011-4711"}\n'
            b'{"step": 1, "series": {"loss": 0.5}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ111",
        why=(
            "`project`, `id` and `writer` say to which run all records belong, so a later record can not change them. "
            "Programs that learn the project from their settings after the first record, or append a second run to the "
            "file of the first, do so. Read the settings first, and give each run a file of its own."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"project": "digits", "series": {"loss": 0.5}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "project": "digits", "id": "mlp-7"}\n'
            b'{"series": {"loss": 0.5}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ112",
        why=(
            "Octave's `jsonencode`, `JSON.stringify` and jq write `null` for NaN and for both infinities, so what was "
            'there is lost. Write `"NaN"`, `"Infinity"` or `"-Infinity"`; leave out a point that was not measured, and '
            "give the `steps` of the others."
        ),
        bad=b'{"runjson": "1.0", "series": {"loss": [0.5, null, 0.25]}}\n',
        good=b'{"runjson": "1.0", "series": {"loss": [0.5, "NaN", 0.25]}}\n',
    ),
    Rule(
        code="RJ113",
        why=(
            "A point of a series is a number, or one of three texts for what JSON lacks; no other text is guessed at. "
            '`jq --arg` and readers of CSV give numbers as texts, R writes `"NA"` for a value that is missing. Write '
            "the number without quotes (`jq --argjson`), and leave a missing point out."
        ),
        bad=b'{"runjson": "1.0", "series": {"loss": ["0.31", "0.25"]}}\n',
        good=b'{"runjson": "1.0", "series": {"loss": [0.31, 0.25]}}\n',
    ),
    Rule(
        code="RJ114",
        why=(
            "Steps and times place a point on an axis, so they are finite numbers; a time is seconds since 1970. R and "
            "programs that ship logs write a time of day as text. Write `time.time()` in Python, "
            "`as.numeric(Sys.time())` in R; only `started_at` and `ended_at` are texts."
        ),
        bad=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "time": "2026-11-21T03:13:41Z", "series": {"loss": 0.5}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "id": "mlp-7"}\n'
            b'{"step": 1, "time": 1795230821.25, "series": {"loss": 0.5}}\n'
        ),
        name="run.jsonl",
    ),
    Rule(
        code="RJ115",
        why=(
            "An object in `series` is columns and has `values`; a series inside another is not read as one. Octave's "
            "structs, Go's structs and JavaScript's objects nest by themselves. Join the names by `/`: `train/loss`."
        ),
        bad=b'{"runjson": "1.0", "series": {"train": {"loss": [0.9, 0.5]}}}\n',
        good=b'{"runjson": "1.0", "series": {"train/loss": [0.9, 0.5]}}\n',
    ),
    Rule(
        code="RJ116",
        why=(
            "An object whose only member is `$float`, `$int` or `$datetime` stands for one value, and another content "
            "would be a value that nobody meant. Go and R spell infinity `+Inf` and `Inf`. `$float` holds `NaN`, "
            "`Infinity` or `-Infinity`, `$int` digits, `$datetime` a time text, all in quotes."
        ),
        bad=b'{"runjson": "1.0", "parameters": {"clip": {"$float": "Inf"}}}\n',
        good=b'{"runjson": "1.0", "parameters": {"clip": {"$float": "Infinity"}}}\n',
    ),
    Rule(
        code="RJ117",
        why=(
            "A time without its offset from UTC is no moment: it is another one in Berlin than in Tokyo. Python's "
            "`datetime.now()`, Java's `LocalDateTime` and R's jsonlite leave the offset out. Write `+01:00` or, in "
            "UTC, `Z`: `datetime.now(UTC).isoformat()`, `Instant.now()`."
        ),
        bad=b'{"runjson": "1.0", "started_at": "2026-11-21 03:13:41"}\n',
        good=b'{"runjson": "1.0", "started_at": "2026-11-21T03:13:41Z"}\n',
    ),
    Rule(
        code="RJ118",
        why=(
            "A file is at one place, so it has one of `path`, `data` and `uri`, and bytes without a `media_type` can "
            "not be shown. Programs that encode an image in base64 forget to say of which type it is. Add the "
            "`media_type`, such as `image/png`."
        ),
        bad=(
            b'{"runjson": "1.0", "images": {"pixel": {\n'
            b' "data": "' + PIXEL + b'"}}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "images": {"pixel": {\n'
            b' "data": "' + PIXEL + b'",\n'
            b' "media_type": "image/png"}}}\n'
        ),
    ),
    Rule(
        code="RJ119",
        why=(
            "A path begins at the folder of the run file and stays below it, so that the folder can be moved and a "
            "stranger's file can not name yours. Programs on clusters write absolute paths, on Windows paths with a "
            'backslash. Write the path from the run file, with `/`; a file that stays elsewhere is `{"uri": '
            '"file:///scratch/u/model.nc"}`.'
        ),
        bad=b'{"runjson": "1.0", "artifacts": {"model": "/scratch/u/model.nc"}}\n',
        good=b'{"runjson": "1.0", "artifacts": {"model": "model.nc"}}\n',
        files={"model.nc": b"weights\n"},
    ),
    Rule(
        code="RJ120",
        why=(
            "A digest that is not 64 hexadecimal digits could never match. `sha256sum` prints the name of the file "
            "behind it, Java's `BigInteger.toString(16)` drops leading zeros. Use `sha256sum model.bin | cut -c1-64` "
            "and `HexFormat.of().formatHex(digest)`."
        ),
        bad=(
            b'{"runjson": "1.0", "artifacts": {"model": {"path": "model.bin",\n'
            b' "sha256": "1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0  model.bin"}}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "artifacts": {"model": {"path": "model.bin",\n'
            b' "sha256": "1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0"}}}\n'
        ),
        files={"model.bin": b"weights\n"},
    ),
    Rule(
        code="RJ121",
        why=(
            "Bytes that can not be decoded are lost. Python's `urlsafe_b64encode` and Java's `getUrlEncoder` write `-` "
            "and `_` for `+` and `/`, and many encoders for addresses drop the `=` at the end. Use the standard "
            "alphabet with padding: `b64encode`, `getEncoder`."
        ),
        bad=b'{"runjson": "1.0", "images": {"photo": {"data": "_9j_4A", "media_type": "image/jpeg"}}}\n',
        good=b'{"runjson": "1.0", "images": {"photo": {"data": "/9j/4A==", "media_type": "image/jpeg"}}}\n',
    ),
    Rule(
        code="RJ122",
        why=(
            "n bins have n + 1 edges that never fall; with fewer the width of a bin is not known. Octave's and "
            "MATLAB's `hist` give the n centres of the bins. Write edges: `histcounts` in MATLAB and `numpy.histogram` "
            "give them."
        ),
        bad=b'{"runjson": "1.0", "histograms": {"weights": {"edges": [-0.5, 0.5], "counts": [12, 30]}}}\n',
        good=b'{"runjson": "1.0", "histograms": {"weights": {"edges": [-1, 0, 1], "counts": [12, 30]}}}\n',
    ),
)  # fmt: skip
