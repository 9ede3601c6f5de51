"""The files that a run file names: in its folder, or sent ahead of it to a server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, TypeAlias

from runjson_schema.files import Object
from runjson_schema.findings import Finding, Pointer, finding
from runjson_schema.names import path_fault
from runjson_tracker.blobs import Blob
from runjson_validator.files import Folder, check_data, check_facts, check_image
from runjson_validator.images import SNIFFED

# Where the bytes of a file are: a file, or a blob that is stored already.
Bytes: TypeAlias = Path | Blob
# Gives the blob of a digest that a record says; None if the sender did not send it.
Claim: TypeAlias = Callable[[str], Blob | None]


class Attached(Protocol):
    """The files that a run file names."""

    def check(self, at: Pointer, file: Object) -> Iterable[Finding]:
        """What is wrong with a file of a record, `at` its place in it."""

    def bytes_of(self, path: str) -> Bytes:
        """The bytes of a path that was checked and is no directory."""

    def below(self, path: str) -> Iterator[tuple[str, Bytes]] | None:
        """The files below a directory that was checked, by their paths in it; None if the path is one file."""


class InFolder:
    """The files of a run file that lie in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.check = Folder(folder).check

    def bytes_of(self, path: str) -> Path:
        """The file of a path."""
        return self._folder / path

    def below(self, path: str) -> Iterator[tuple[str, Path]] | None:
        """The files below a directory; None if the path is no directory."""
        place = self._folder / path
        if not place.is_dir():
            return None
        return ((one.relative_to(place).as_posix(), one) for one in sorted(place.rglob("*")) if one.is_file())


class Latest:
    """Looks at the files that are named from a moment on; those of the past were looked at then, and may be gone.

    Attributes:
        begun: whether what is named now is new.
        artifacts: the names of the artifacts that were named since, and whose files are there.
    """

    def __init__(self, attached: Attached, *, begun: bool) -> None:
        self._attached = attached
        self.begun = begun
        self.artifacts: set[str] = set()

    def check(self, at: Pointer, file: Object) -> Iterable[Finding]:
        """What is wrong with a file of a record that is new."""
        found = list(self._attached.check(at, file))
        if at[0] == "artifacts" and not any(one.severity == "error" for one in found):
            self.artifacts.add(str(at[1]))
        return found if self.begun else ()


class Sent:
    """The files of a run file that were sent to a server, each before it: which path has which blob.

    Attributes:
        wanted: the paths that records named and that were not sent.
    """

    def __init__(
        self,
        sent: Mapping[str, Blob],
        claim: Claim,
        empty: Collection[str] = (),
        *,
        ahead: Collection[str] = (),
    ) -> None:
        """Take what was sent.

        Args:
            sent: the blobs by path; those of a directory by the paths of its files.
            claim: gives the blob of a digest, for a record that says one itself.
            empty: the paths of directories without files.
            ahead: the paths of those whose bytes are not there yet, in a trial.
        """
        self._sent = dict(sent)
        self._claim = claim
        self._empty = frozenset(empty)
        self._ahead = frozenset(ahead)
        self.wanted: dict[str, None] = {}

    def check(self, at: Pointer, file: Object) -> Iterator[Finding]:
        """What is wrong with a file of a record."""
        yield from check_data(at, file)
        path = file.get("path")
        if path is None or path_fault(path):
            return
        found = self._found(path, file.get("sha256"))
        if found is None and at[0] == "artifacts" and self.below(path) is not None:
            return
        if found is None:
            self.wanted[path] = None
            hint = (
                "Send it beside the run file, as a form: curl -F run=@run.json -F path/of/file=@path/of/file; "
                "or before it, and write its sha256 into the record."
            )
            yield finding("RJ301", f'the file "{path}" was not sent', at, hint)
            return
        if path in self._ahead:
            return
        yield from check_facts(at, file, found.sha256, found.size, f'"{path}"')
        if at[0] == "images":
            with found.open() as opened:
                yield from check_image(at, file, opened.read(SNIFFED), f'"{path}"')

    def _found(self, path: str, sha256: str | None) -> Blob | None:
        found = self._sent.get(path)
        if found is None and sha256 is not None:
            found = self._claim(sha256)
            if found is not None:
                self._sent[path] = found
        return found

    def bytes_of(self, path: str) -> Blob:
        """The blob of a path."""
        return self._sent[path]

    def below(self, path: str) -> Iterator[tuple[str, Blob]] | None:
        """The files that were sent below a path; None if there are none."""
        inside = f"{path.rstrip('/')}/"
        found = sorted((name[len(inside) :], blob) for name, blob in self._sent.items() if name.startswith(inside))
        return iter(found) if path not in self._sent and (found or path in self._empty) else None
