"""Runs as one HTML file: it opens anywhere, without a server and without a network, and its charts still zoom.

The file holds the page, its style and script, and what it shows, compressed. Without scripts it is a table of the runs.
"""

from __future__ import annotations

import base64
import json
import re
import time
import zlib
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from runjson_tracker.errors import StoreError
from runjson_tracker.policy import hash_source
from runjson_tracker.reduce import LEAST_POINTS

if TYPE_CHECKING:
    from runjson_schema.points import Points

    from runjson_tracker.read import RunView
    from runjson_tracker.reading.interface import Portion, Reading, Source

# So many points all series together have where nobody says how many each has: some 30 MB.
_POINTS: Final = 1_000_000
_MOST_POINTS: Final = 10_000
_FEWEST_POINTS: Final = 500
# Bytes of images: of one, and of all together.
_IMAGE: Final = 2 << 20
_IMAGES: Final = 24 << 20
# What an <img> shows; scripts in an SVG do not run there.
_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"})
_BY_NAME: Final = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
    ".svg": "image/svg+xml",
}  # fmt: skip
# Bytes of text that are compressed, and written as base64, at once: three bytes are four digits.
_PIECE: Final = 3 << 16
_SCRIPT: Final = "report.js"
_STYLE: Final = "report.css"


class Report:
    """A report that is being written.

    Attributes:
        points: how many points it has.
        left_out: what it lacks, a sentence each.
    """

    def __init__(self, tracker: Reading, views: Sequence[RunView], *, most: int | None = None, title: str = "") -> None:
        """A report of runs.

        Args:
            tracker: of the runs.
            views: the runs.
            most: at most so many points show each series; by default as many as make a file that opens quickly.
            title: of the page.

        Raises:
            StoreError: this installation has no pages.
        """
        self.points = 0
        self.left_out: list[str] = []
        self._tracker = tracker
        self._views = views
        count = sum(1 for view in views for source in view.sources for kind, _ in source.series if kind == "series")
        self._most = max(most or _fair(count), LEAST_POINTS)
        self._title = title or (_name(views[0]) if len(views) == 1 else f"{len(views)} runs")
        self._script, self._style = _page(_SCRIPT), _page(_STYLE)

    def write(self, out: IO[bytes]) -> None:
        """Write it."""
        out.write(self._head().encode())
        out.write(b'<script id="data" type="application/gzip+base64">')
        for piece in _based(_compressed(self._data())):
            out.write(piece)
        out.write(b"</script>\n<script>" + self._script + b"</script>\n</body>\n</html>\n")

    def _head(self) -> str:
        policy = "; ".join(
            (
                "default-src 'none'", "img-src data: blob:", f"script-src {hash_source(self._script)}",
                f"style-src {hash_source(self._style)}", "base-uri 'none'", "form-action 'none'",
                "require-trusted-types-for 'script'",
            )
        )  # fmt: skip
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
            f"<title>{escape(self._title)}</title>\n<style>{self._style.decode()}</style>\n</head>\n<body>\n"
            f'<div id="report"><main>\n{"".join(self._table())}</main></div>\n'
        )

    def _table(self) -> Iterator[str]:
        """What is there without scripts."""
        yield f"<h1>{escape(self._title)}</h1>\n<table>\n"
        yield "<thead><tr><th>Run</th><th>Status</th><th>Last values</th></tr></thead>\n<tbody>\n"
        for view in self._views:
            status = self._tracker.status(view.project, view.id) or ""
            last = "; ".join(f"{row.name} {row.last:.6g}" for row in view.series() if row.kind == "series")
            cells = (f"{_name(view)} ({view.project}/{view.id})", status, last)
            yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>\n"
        yield "</tbody>\n</table>\n<p>With scripts this page shows the curves of these runs.</p>\n"

    def _data(self) -> Iterator[str]:
        """What the page reads, as JSON, piece by piece. Arrays of numbers are base64 of little-endian doubles."""
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        yield f'{{"form":1,"title":{json.dumps(self._title)},"made":"{made}","runs":['
        for place, view in enumerate(self._views):
            yield ("," if place else "") + json.dumps(self._run(view))
        yield '],"curves":['
        separator = ""
        runs = [(view.project, view.id) for view in self._views]
        for one in self._tracker.series_of(runs, most=self._most):
            yield separator + json.dumps(self._curve(one))
            separator = ","
        yield '],"images":['
        separator = ""
        for image in self._images():
            yield separator + json.dumps(image)
            separator = ","
        yield f'],"left_out":{json.dumps(self.left_out)}}}'

    def _run(self, view: RunView) -> dict[str, Any]:  # Any: any JSON
        return {
            "project": view.project, "id": view.id, "status": self._tracker.status(view.project, view.id),
            "record": view.record,
            "series": sorted({name for source in view.sources for kind, name in source.series if kind == "series"}),
        }  # fmt: skip

    def _curve(self, one: Portion) -> dict[str, Any]:  # Any: any JSON
        self.points += len(one.points)
        whole = len(one.points) == one.count
        return {
            "project": one.project, "run": one.run, "writer": one.writer, "name": one.name, "count": one.count,
            "indices": None if whole else _array(one.indices), "steps": _column(one.points.steps),
            "times": _column(one.points.times), "values": _array(one.points.values),
        }  # fmt: skip

    def _images(self) -> Iterator[dict[str, Any]]:  # Any: any JSON
        """The last image of each name, as far as they find room."""
        room, lacking = _IMAGES, 0
        for view in self._views:
            for source in view.sources:
                names = [name for kind, name in source.series if kind == "images"]
                for name, points in source.ends("images", names, 1).items():
                    image = self._image(view, source, name, points, room)
                    if image is None:
                        lacking += 1
                    else:
                        room -= len(image["data"])
                        yield image
        if lacking:
            are = "One image is" if lacking == 1 else f"{lacking} images are"
            self.left_out.append(f"{are} not in this file: too large, or of a type that no browser shows.")

    def _image(self, view: RunView, source: Source, name: str, points: Points, room: int) -> dict[str, Any] | None:
        index = source.counts["images", name] - 1
        said: Any = points.values[-1]  # Any: any JSON
        kept = next(
            (one for one in source.files if (one.kind, one.name, one.index) == ("images", name, index)), None
        )  # fmt: skip
        path = kept.path if kept is not None else str(said.get("path") or "")
        suffix = path[path.rfind(".") :].lower() if "." in path else ""
        of_type = (said.get("media_type") or _BY_NAME.get(suffix, "")).partition(";")[0].strip().lower()
        size = kept.bytes if kept is not None else len(str(said.get("data", ""))) * 3 // 4
        if of_type not in _SHOWN or size > _IMAGE or size * 4 // 3 > room:
            return None
        if kept is not None:
            with self._tracker.open_file(view.project, view.id, source.writer, kept) as opened:
                data = base64.b64encode(opened.read()).decode()
        else:
            data = str(said.get("data", ""))
        step = None if points.steps is None else _finite(points.steps[-1])
        return {
            "project": view.project, "run": view.id, "writer": source.writer, "name": name, "step": step,
            "description": said.get("description"), "type": of_type, "data": data,
        }  # fmt: skip


def _fair(series: int) -> int:
    return max(_FEWEST_POINTS, min(_MOST_POINTS, _POINTS // max(series, 1)))


def _name(view: RunView) -> str:
    return str(view.record.get("name") or view.id)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _column(column: Any) -> str | None:  # Any: an array of doubles, or None
    return None if column is None else _array(column)


def _array(values: Any) -> str:  # Any: an array of numbers
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode()


def _compressed(texts: Iterator[str]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(9, wbits=31)  # with the head that gzip has
    for text in texts:
        yield squeeze.compress(text.encode("utf-8", "surrogatepass"))
    yield squeeze.flush()


def _based(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Bytes as base64, piece by piece."""
    rest = b""
    for piece in pieces:
        rest += piece
        if len(rest) >= _PIECE:
            whole = len(rest) // 3 * 3
            yield base64.b64encode(rest[:whole])
            rest = rest[whole:]
    yield base64.b64encode(rest)


def _page(name: str) -> bytes:
    """A part of the built page, in which nothing ends the element that it stands in."""
    # Named, not imported: the pages lie where the server looks for them, and a command of the tracker needs no server.
    path = files("runjson_server").joinpath("web", "report", name)
    if not path.is_file():
        raise StoreError(
            "This installation of RunJSON was built without pages, and a report is one: "
            'pip install --upgrade "runjson". `--to csv` needs none.'
        )
    return re.sub(rb"</(?=script|style)", rb"<\\/", path.read_bytes(), flags=re.IGNORECASE)
