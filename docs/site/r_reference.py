"""The reference of the R package: its help pages, as R makes HTML of them, put together to one page."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

_WITHOUT_R = """# R

This page is made by R from the help of the package, and R was not installed where this site was built.
In R, `help(package = "runjson")` shows the same.
"""
# Reads the folder of the package and the one to write to from its arguments.
_MAKE = """
said <- commandArgs(TRUE)
for (file in list.files(file.path(said[1], "man"), "[.]Rd$", full.names = TRUE)) {
  tools::Rd2HTML(file, file.path(said[2], sub("Rd$", "html", basename(file))), stylesheet = "")
}
"""


@dataclass(frozen=True)
class Topic:
    """A help page.

    Attributes:
        name: of the topic.
        aliases: the functions and classes that it is the help of.
        body: the page without its title, in HTML.
        title: in one line.
    """

    name: str
    aliases: tuple[str, ...]
    body: str
    title: str


def r_page(package: Path) -> str:
    """The reference of a package, in Markdown; of R's absence, where it is not installed."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return _WITHOUT_R
    topics = _topics(package, rscript)
    exported = set(re.findall(r"^export\((.*)\)$", (package / "NAMESPACE").read_text(encoding="utf-8"), re.MULTILINE))
    groups = yaml.safe_load((package / "_pkgdown.yml").read_text(encoding="utf-8"))["reference"]
    listed = {name for group in groups for name in group["contents"]}
    rest = [one.name for one in topics.values() if one.name not in listed and exported & set(one.aliases)]
    if rest:
        groups = [*groups, {"title": "More", "contents": rest}]
    places = {alias: topic.name for topic in topics.values() for alias in topic.aliases}
    text = "# R\n\nThe guide is [r_package/README.md](../r_package/README.md).\n"
    for group in groups:
        text += f"\n## {group['title']}\n"
        if "desc" in group:
            text += f"\n{group['desc']}\n"
        text += "".join(_section(topics[name], exported, places) for name in group["contents"])
    return text


def _topics(package: Path, rscript: str) -> dict[str, Topic]:
    """The help pages by name."""
    found = {}
    with tempfile.TemporaryDirectory() as place:
        command = [rscript, "--vanilla", "-e", _MAKE, str(package), place]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  R, with our own program
        for path in sorted((package / "man").glob("*.Rd")):
            source = path.read_text(encoding="utf-8")
            (name,) = re.findall(r"^\\name\{(.*)\}$", source, re.MULTILINE)
            aliases = tuple(re.findall(r"^\\alias\{(.*)\}$", source, re.MULTILINE))
            page = (Path(place) / f"{path.stem}.html").read_text(encoding="utf-8")
            ((title, body),) = re.findall(r"<h2[^>]*>(.*?)</h2>(.*)</div>\s*</body>", page, re.DOTALL)
            found[name] = Topic(name, aliases, body, title)
    return found


def _section(topic: Topic, exported: set[str], places: dict[str, str]) -> str:
    """A topic in Markdown: prose stays HTML, code becomes blocks that are highlighted."""
    functions = [one for one in topic.aliases if one in exported and one != topic.name]
    anchors = "".join(f'<a id="{one}"></a>' for one in functions)
    body = re.sub(r"</?a\b[^>]*>", "", topic.body)
    body = re.sub(r"<h3>Description</h3>", "", body)
    body = re.sub(r"<h3>(.*?)</h3>", r"<p><strong>\1</strong></p>", body)
    body = re.sub(r' style="[^"]*"', "", body)
    body = re.sub(r"<code>([\w.]+)\(\)</code>", lambda match: _link(match, topic, places), body)
    pieces = re.split(r"<pre>(.*?)</pre>", body, flags=re.DOTALL)
    text = f"\n### {topic.name}\n\n{anchors}**{topic.title}**\n"
    for index, piece in enumerate(pieces):
        if index % 2:
            text += f"\n```r\n{html.unescape(re.sub(r'<[^>]*>', '', piece)).strip()}\n```\n"
        elif piece.strip():
            # A raw block of Markdown ends at its tag; without empty lines nothing in it is taken for a paragraph.
            text += "\n<div>\n" + re.sub(r"\n\s*\n+", "\n", piece.strip()) + "\n</div>\n"
    return text


def _link(match: re.Match[str], topic: Topic, places: dict[str, str]) -> str:
    """A function as a link to its help, unless it stands there or is another package's."""
    name = match[1]
    if places.get(name, topic.name) == topic.name:
        return match[0]
    return f'<a href="#{places[name]}">{match[0]}</a>'
