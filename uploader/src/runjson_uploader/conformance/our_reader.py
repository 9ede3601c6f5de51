"""Our own reader and tracker, as the conformance corpus asks for one: an object, and a program."""

from __future__ import annotations

import base64
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from runjson_schema import canonical
from runjson_schema.conformance import Reading, Sources
from runjson_schema.decode import RunFile
from runjson_schema.findings import Finding
from runjson_tracker.exports.canonical import canonical_run
from runjson_tracker.store import Store
from runjson_validator.files import Folder
from runjson_validator.recognise import recognise
from runjson_validator.report import FindingReport
from runjson_validator.shape import explain
from runjson_validator.validation import validate

from runjson_uploader.upload import DEFAULT_PROJECT, upload


class OurReader:
    """RunJSON's own reader."""

    def read(self, name: str, data: bytes, folder: Path, *, lenient: bool = False) -> Reading:
        """Read the bytes of a run file whose paths begin at `folder`, in strict mode or the lenient one."""
        findings: list[Finding] = []
        file = RunFile(
            io.BytesIO(data), name, findings.append, lenient=lenient, explain=explain, recognise=recognise,
            on_file=Folder(folder).check,
        )  # fmt: skip
        for _ in file.batches():
            pass
        valid = all(one.severity != "error" for one in findings)
        advice = validate(data, name=name, select=["RJ4"]).findings
        return Reading(
            valid=valid,
            findings=[one.model_dump() for one in (*map(FindingReport.of, findings), *advice)],
            canonical=canonical.canonical(file.fold).decode() if valid else None,
        )

    def sources(self, uploads: list[dict[str, Any]]) -> Sources:
        """Take a sequence of uploads into an empty store."""
        answers: list[str] = []
        with tempfile.TemporaryDirectory() as place, Store.open(Path(place) / "store") as store:
            for number, one in enumerate(uploads):
                folder = Path(place) / str(number)
                folder.mkdir()
                for name, content in one.get("files", {}).items():
                    target = folder / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(base64.b64decode(content))
                data = base64.b64decode(one["base64"]) if "base64" in one else one["text"].encode()
                outcome = upload(
                    io.BytesIO(data),
                    one["name"],
                    folder,
                    store,
                    project=one.get("project", DEFAULT_PROJECT),
                    replace=one.get("replace", False),
                )
                answers.append(outcome.answer)
            runs = {f"{run.project} {run.id}": canonical_run(store, run.project, run.id) for run in store.runs()}
        return Sources(answers=answers, runs=runs)


def main(arguments: list[str]) -> int:
    """Answer one case: bytes on standard input, the answer on standard output."""
    import sys  # noqa: PLC0415

    if arguments == ["--sources"]:
        print(OurReader().sources(json.load(sys.stdin)["uploads"]).model_dump_json())  # noqa: T201  the answer
        return 0
    *options, name = arguments
    reading = OurReader().read(name, sys.stdin.buffer.read(), Path(), lenient="--lenient" in options)
    print(reading.model_dump_json())  # noqa: T201  the answer
    return 0 if reading.valid else 1


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
