"""The files that a run file names: there, inside its folder, and with the bytes it says (SPEC section 7)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from pathlib import Path

from runjson_schema.files import Object
from runjson_schema.findings import Finding, Pointer, finding
from runjson_schema.names import path_fault

from runjson_validator.images import SNIFFED, image_type


class Folder:
    """The folder of a run file, in which its paths begin."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = folder.resolve()

    def check(self, at: Pointer, file: Object) -> Iterator[Finding]:
        """What is wrong with a file of a record.

        Args:
            at: where it stands; the first part is its member.
            file: in its settled spelling.
        """
        yield from check_data(at, file)
        path = file.get("path")
        if path is None or path_fault(path):
            return
        place = self._folder / path
        try:
            resolved = place.resolve()
        except (OSError, RuntimeError):  # links in a circle
            resolved = self._root / path
        if not resolved.is_relative_to(self._root):
            yield finding("RJ302", f'the file "{path}" lies outside the folder of the run file', at)
        elif not resolved.exists():
            hint = f"Paths begin at the folder of the run file, {self._folder}."
            yield finding("RJ301", f'the file "{path}" is missing', at, hint)
        elif resolved.is_dir() and at[0] == "artifacts":
            yield from self._directory(at, path, resolved)
        elif not resolved.is_file():
            yield finding("RJ305", f'"{path}" is not a regular file', at)
        else:
            yield from self._file(at, file, resolved)

    def _directory(self, at: Pointer, path: str, directory: Path) -> Iterator[Finding]:
        for below in sorted(directory.rglob("*")):
            if not below.resolve().is_relative_to(self._root):
                name = f"{path}/{below.relative_to(directory).as_posix()}"
                yield finding("RJ302", f'the file "{name}" lies outside the folder of the run file', at)

    def _file(self, at: Pointer, file: Object, place: Path) -> Iterator[Finding]:
        try:
            with place.open("rb") as source:
                size = place.stat().st_size
                digest = hashlib.file_digest(source, "sha256").hexdigest() if "sha256" in file else None
                source.seek(0)
                head = source.read(SNIFFED)
        except OSError as fault:
            yield finding("RJ305", f'"{file["path"]}" can not be read: {fault.strerror}', at)
            return
        yield from check_facts(at, file, digest, size, f'"{file["path"]}"')
        if at[0] == "images":
            yield from check_image(at, file, head, f'"{file["path"]}"')


def check_data(at: Pointer, file: Object) -> Iterator[Finding]:
    """What is wrong with the bytes that stand in a record."""
    if "data" not in file:
        return
    try:
        data = base64.b64decode(file["data"], validate=True)
    except (binascii.Error, ValueError):
        return  # said by the fold
    yield from check_facts(at, file, hashlib.sha256(data).hexdigest(), len(data), "data")
    if at[0] == "images":
        yield from check_image((*at, "data"), file, data[:SNIFFED], "data")


def check_image(at: Pointer, file: Object, head: bytes, what: str) -> Iterator[Finding]:
    """What is odd about the bytes of an image, or of a thing that is logged as one."""
    media = str(file.get("media_type", "")).partition(";")[0].strip().lower()
    if media and not media.startswith("image/"):
        return  # said to be something else: a video, a page
    found = image_type(head)
    if found is None:
        hint = "Images are PNG, JPEG, GIF, WebP, SVG and the like; any other file is an artifact."
        yield finding("RJ306", f"{what} begins like no image format", at, hint)
    elif media and found != media.replace("image/jpg", "image/jpeg"):
        yield finding("RJ306", f"{what} is {found}; the record says {media}", at)


def check_facts(at: Pointer, file: Object, digest: str | None, size: int, what: str) -> Iterator[Finding]:
    """Whether a file has the size and the SHA-256 that its record says; a digest of None is not compared."""
    if "bytes" in file and file["bytes"] != size:
        message = f"{what} has {size} bytes; the record says {file['bytes']}"
        yield finding("RJ304", message, (*at, "bytes"))
    if digest is not None and "sha256" in file and file["sha256"] != digest:
        message = f"the SHA-256 of {what} is {digest}; the record says {file['sha256']}"
        hint = "The file was changed after the record was written, or the digest is of another file."
        yield finding("RJ303", message, (*at, "sha256"), hint)
