"""Files, errors, parents and histograms: objects in their settled spelling (SPEC sections 4, 6.1 and 7)."""

from __future__ import annotations

import base64
import binascii
import itertools
import math
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from runjson_schema import wording
from runjson_schema.findings import Finding, Pointer, Report, finding
from runjson_schema.names import ID, SHA256, normal_path, path_fault
from runjson_schema.numbers import LARGEST, SPECIAL, special, spelled
from runjson_schema.records import ERROR_MEMBERS, FILE_MEMBERS, HISTOGRAM_MEMBERS, PARENT_MEMBERS
from runjson_schema.values import entries_of, normal
from runjson_schema.wording import shown

# JSON's white space, and no other (SPEC 3.2).
_WITHOUT_SPACE: Final = dict.fromkeys(map(ord, " \t\r\n"))
# Any: these objects come from JSON and go back to it.
Object: TypeAlias = dict[str, Any]
# Called with an unknown member's place and value; says whether it is kept.
Unknown: TypeAlias = Callable[[Pointer, Any], bool]


def is_nothing(value: object) -> bool:
    """Whether a value says nothing where a member is optional (SPEC 5.1)."""
    return value is None or ((isinstance(value, dict | list)) and not value)


class Objects:
    """Brings the objects of a record into their settled spelling and reports what is wrong with them."""

    def __init__(
        self, report: Report, unknown: Unknown, on_file: Callable[[Pointer, Object], None] | None = None
    ) -> None:
        self.report = report
        self.unknown = unknown
        self._on_file = on_file

    def _wrong(self, at: Pointer, value: object, expected: str, code: str = "RJ106", hint: str | None = None) -> None:
        self.report(finding(code, shown(value), at, hint, expected=expected))

    def _others(self, value: Object, known: frozenset[str], at: Pointer, depth: int) -> Object:
        kept = {}
        for name in value.keys() - known:
            if value[name] is not None and self.unknown((*at, name), value[name]):
                kept[name] = normal(value[name], self.report, (*at, name), depth)
        return kept

    def _texts(self, value: Object, names: tuple[str, ...], at: Pointer) -> Object:
        texts: Object = {}
        for name in names:
            given = value.get(name)
            if isinstance(given, str):
                texts[name] = given
            elif not is_nothing(given):
                self._wrong((*at, name), given, "a text")
        return texts

    def error(self, value: Any) -> Object:
        """The `error` of a run: a text, or an object of type, message and traceback."""
        at: Pointer = ("error",)
        if isinstance(value, str):
            return {"message": value}
        lines = value.get("traceback")
        if isinstance(lines, list) and all(isinstance(line, str) for line in lines):
            value = {**value, "traceback": "".join(line if line.endswith("\n") else line + "\n" for line in lines)}
            if lines and not lines[-1].endswith("\n"):
                value["traceback"] = value["traceback"][:-1]
            if not lines:
                del value["traceback"]
        return self._texts(value, ("type", "message", "traceback"), at) | self._others(value, ERROR_MEMBERS, at, 3)

    def parent(self, value: Object) -> Object | None:
        """The `parent` of a run: its id, and the step after which this run goes on."""
        at: Pointer = ("parent",)
        if is_nothing(value):
            return None
        if is_nothing(value.get("id")):
            self.report(finding("RJ110", "an id is missing, that of the run which this one goes on from", at))
            return None
        if not isinstance(value["id"], str) or not ID.match(value["id"]):
            self.report(wording.bad_id((*at, "id"), str(value["id"])))
            return None
        found: Object = {"id": value["id"]}
        step = value.get("step")
        if isinstance(step, int | float) and not isinstance(step, bool) and abs(step) <= LARGEST:
            found["step"] = float(step) + 0.0
        elif type(step) is int:
            self.report(wording.too_large(step, (*at, "step")))
        elif not is_nothing(step):
            self.report(wording.no_finite_number(step, (*at, "step")))
        return found | self._others(value, PARENT_MEMBERS, at, 3)

    def histogram(self, value: Any, at: Pointer) -> Object | None:
        """A histogram: n + 1 `edges` that never fall and n `counts`, as lists of doubles."""
        if value is None:
            self.report(finding("RJ112", "null is no histogram", at, "Leave the point out."))
            return None
        if not isinstance(value, dict):
            self._wrong(at, value, "an object of edges and counts", "RJ113")
            return None
        columns: list[list[Any]] = []
        for name in ("edges", "counts"):
            given = value.get(name)
            entries = given if isinstance(given, list) else [given]
            numbers: list[Any] = [self._number(entry, (*at, name), given, index) for index, entry in enumerate(entries)]
            if given is None or any(isinstance(n, bool) or not isinstance(n, int | float) for n in numbers):
                said = f"the {name} are missing" if given is None else f"{name} are {shown(given)}"
                self.report(finding("RJ122", said, at, expected="numbers"))
                return None
            try:
                columns.append([float(n) + 0.0 for n in numbers])
            except OverflowError:
                self.report(finding("RJ006", f"{name} hold a number beyond the largest double", at))
                return None
        edges, counts = columns
        fault = None
        if not counts or len(edges) != len(counts) + 1:
            fault = f"{len(edges)} edges and {len(counts)} counts; n counts need n + 1 edges"
        elif any(map(math.isnan, edges)) or any(low > high for low, high in itertools.pairwise(edges)):
            fault = "edges that fall or are NaN"
        elif any(map(math.isinf, edges[1:-1])):
            fault = "an infinite edge that is neither the first nor the last"
        elif any(map(math.isinf, counts)):
            fault = "an infinite count"
        if fault:
            self.report(finding("RJ122", fault, at))
            return None
        columns = [[n if math.isfinite(n) else special(n) for n in column] for column in columns]
        return dict(zip(("edges", "counts"), columns, strict=True)) | self._others(
            value, HISTOGRAM_MEMBERS, at, len(at) + 2
        )

    def _number(self, entry: Any, at: Pointer, given: Any, index: int) -> Any:
        """An entry of a histogram, a text that stands for a number resolved."""
        if not isinstance(entry, str):
            return entry
        number = spelled(entry)
        if number is not None and entry not in SPECIAL:
            self.report(unusual(entry, number, (*at, index) if entry is not given else at))
        return number

    def file(self, value: Any, at: Pointer) -> Object | None:
        """A file: a path, or an object with one of path, data and uri."""
        place = at if isinstance(value, str) else (*at, "path")
        if isinstance(value, str):
            value = {"path": value}
        elif value is None:
            self.report(finding("RJ112", "null is no image", at, "Leave the point out."))
            return None
        elif not isinstance(value, dict):
            self._wrong(at, value, "a path or an object with path, data or uri", "RJ113")
            return None
        given = [name for name in ("path", "data", "uri") if not is_nothing(value.get(name))]
        if len(given) != 1:
            said = f"has {' and '.join(given)}" if given else "has none of path, data and uri"
            self.report(finding("RJ118", said, at, expected="exactly one of path, data and uri"))
            return None
        found = self._texts(value, ("path", "data", "uri", "media_type", "description"), at)
        self._path_or_data(found, at, place)
        self._facts(value, found, at)
        found |= self._others(value, FILE_MEMBERS, at, len(at) + 2)
        if self._on_file:
            self._on_file(at, found)
        return found

    def _path_or_data(self, found: Object, at: Pointer, place: Pointer) -> None:
        if "path" in found:
            if fault := path_fault(found["path"]):
                self.report(wording.bad_path(found["path"], fault, place))
            else:
                found["path"] = normal_path(found["path"])
        if "data" in found:
            if "media_type" not in found:
                self.report(finding("RJ118", 'data needs a media_type, such as "image/png"', at))
            found["data"] = found["data"].translate(_WITHOUT_SPACE)
            try:
                base64.b64decode(found["data"], validate=True)
            except (binascii.Error, ValueError) as fault:
                self.report(finding("RJ121", f"not base64: {fault}", (*at, "data")))

    def _facts(self, value: Object, found: Object, at: Pointer) -> None:
        digest = value.get("sha256")
        if isinstance(digest, str) and SHA256.match(digest):
            found["sha256"] = digest.lower()
        elif not is_nothing(digest):
            self.report(wording.bad_digest(digest, (*at, "sha256")))
        for name in ("bytes", "width", "height"):
            number = value.get(name)
            if is_nothing(number):
                continue
            if (
                isinstance(number, bool)
                or not isinstance(number, int | float)
                or number != int(number)
                or not 0 <= number < 2**53
            ):
                self._wrong(
                    (*at, name), number, "a whole number of 0 to 2^53 - 1", "RJ120" if name == "bytes" else "RJ106"
                )
            else:
                found[name] = int(number)
        metadata = value.get("metadata")
        if isinstance(metadata, dict) and metadata:
            found["metadata"] = entries_of(metadata, self.report, (*at, "metadata"))
        elif not is_nothing(metadata):
            self._wrong((*at, "metadata"), metadata, "an object")


def unusual(text: str, number: float, at: Pointer) -> Finding:
    """A text that is read as a number and is spelled otherwise than RunJSON writes it (SPEC 5.2)."""
    hint = 'RunJSON writes "NaN", "Infinity", "-Infinity".'
    return finding("RJ206", f"{shown(text)} is read as {shown(special(number))}", at, hint, fixable=True)
