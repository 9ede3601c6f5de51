"""The commands `runjson fmt`, `fold`, `split` and `schema`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from runjson_schema.decode import RunFile

File = Annotated[Path, typer.Argument(help="A run file; - for standard input.", metavar="FILE")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Where to write; standard output by default.")]
Lenient = Annotated[bool, typer.Option("--lenient", help="Take unknown members with a warning.")]


def fmt(
    files: Annotated[list[Path], typer.Argument(help="Run files.", metavar="FILE...")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if a file would change.")] = False,
) -> None:
    """Lay a run file out for people, without changing what it says.

    Members come in the order of the specification, each on its line; numbers and texts keep their spelling. Lines of a
    stream stay lines, torn ones as they are.
    """
    from runjson_schema import layout
    from runjson_schema.text import SPACE

    changed = False
    for path in files:
        kind = _read(path, lenient=True).kind
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        if kind == "document":
            laid_out = layout.document(text)
        else:
            laid_out = b"".join(_line(one) + b"\n" for one in text.split(b"\n") if one.strip(SPACE))
        if laid_out == text:
            continue
        changed = True
        print(f"{path}: {'would be laid out anew' if check else 'laid out'}")
        if not check:
            _write([laid_out], path)
    raise typer.Exit(1 if check and changed else 0)


def _line(text: bytes) -> bytes:
    import msgspec

    from runjson_schema import layout

    try:
        return layout.line(text)
    except msgspec.DecodeError:  # torn: all else was refused before
        return text


def fold(
    file: File,
    output: Output = None,
    canonical: Annotated[bool, typer.Option("--canonical", help="Write the canonical form.")] = False,
    digest: Annotated[bool, typer.Option("--digest", help="Print the digest of the canonical form alone.")] = False,
    lenient: Lenient = False,
) -> None:
    """Fold a run file into one document.

    The paths in it stay as they are: they begin at the folder of the file that was folded.
    """
    from runjson_schema import canonical as form
    from runjson_schema import layout

    read = _read(file, lenient=lenient)
    if digest:
        print(form.digest(read.fold))
    else:
        _write(form.pieces(read.fold) if canonical else layout.folded(read.fold), output)


def split(
    file: File,
    output: Output = None,
    points: Annotated[int, typer.Option(min=1, help="At most so many points of one name on a line.")] = 1000,
    lenient: Lenient = False,
) -> None:
    """Split a run file into a stream of records.

    A document without an id gets the one by which it is known: the beginning of its digest.
    """
    from runjson_schema import layout

    _write(layout.split(_read(file, lenient=lenient).fold, points), output)


def schema(
    strict: Annotated[
        bool, typer.Option("--strict", help="The one that refuses unknown members, as `runjson validate` does.")
    ] = False,
) -> None:
    """Print the JSON Schema of a record, for editors and for validators of other languages.

    A document is one record, and so is each line of a stream. What a schema can not say, such as that columns are of
    one length, `runjson validate` says.
    """
    from runjson_schema.schemas import folder

    sys.stdout.write((folder() / f"record{'.strict' if strict else ''}.schema.json").read_text(encoding="utf-8"))


def _read(path: Path, *, lenient: bool) -> RunFile:
    from runjson_schema.decode import fold_bytes, fold_file
    from runjson_schema.findings import Finding, Refused

    def report(what: Finding) -> None:
        if what.severity == "error":
            raise Refused(what)
        print(f"{path}:{what}", file=sys.stderr)

    try:
        if str(path) == "-":
            return fold_bytes(sys.stdin.buffer.read(), "-", report, lenient=lenient)
        return fold_file(path, report, lenient=lenient)
    except Refused as refused:
        print(f"{path}:{refused}", file=sys.stderr)
        print(f"`runjson validate {path}` says all that is wrong with it.", file=sys.stderr)
        raise typer.Exit(1) from None
    except OSError as fault:
        print(f"{path}: can not be read: {fault.strerror or fault}.", file=sys.stderr)
        raise typer.Exit(2) from None


def _write(pieces: Iterable[bytes], output: Path | None) -> None:
    if output is None:
        from runjson_schema.terminal import write_json

        write_json(pieces)
        return
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        try:
            with os.fdopen(handle, "wb") as target:
                target.writelines(pieces)
            if output.exists():
                Path(name).chmod(output.stat().st_mode & 0o7777)
            else:
                Path(name).chmod(0o644)
            Path(name).replace(output)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as fault:
        print(f"{output}: can not be written: {fault.strerror or fault}.", file=sys.stderr)
        raise typer.Exit(2) from None
