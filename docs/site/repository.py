"""The repository as pages: its Markdown, and the files and folders that its Markdown links to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, InclusionLevel
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

ROOT = Path(__file__).parents[2]
PAGES = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    "docs/**/*.md",
    "examples/README.md",
    "examples/readers/*/README.md",
    "r_package/NEWS.md",
    "r_package/README.md",
    "schema/*.md",
    "schema/conformance/README.md",
    "tests/fuzz/README.md",
)
# A longer file is copied as it is: nobody reads it in a page.
_LONGEST = 60_000
# Where Pygments would take it for another language.
_LEXERS = {".csv": "text", ".jsonl": "json", ".m": "octave", ".mjs": "javascript"}


class Shown(File):
    """A file that is no Markdown, or a folder, and has a page that shows it."""

    def is_documentation_page(self) -> bool:
        """It is a page although its name is not that of one."""
        return True


def shown(config: MkDocsConfig, uri: str, text: str, *, in_nav: bool = False) -> File:
    """The page that shows a file or folder of the repository.

    Args:
        config: of the site.
        uri: the path of the file or folder, by which it is linked to.
        text: the page, in Markdown.
        in_nav: whether it stands in the navigation.
    """
    level = InclusionLevel.INCLUDED if in_nav else InclusionLevel.NOT_IN_NAV
    page = Shown.generated(config, uri, content=text, inclusion=level)
    page.dest_uri = f"{uri}/index.html" if (ROOT / uri).is_dir() else f"{uri}.html"
    return page


def pages() -> list[str]:
    """The Markdown of the repository that is a page as it is."""
    return sorted({path.relative_to(ROOT).as_posix() for pattern in PAGES for path in ROOT.glob(pattern)})


def linked(config: MkDocsConfig, uris: Iterable[str], there: Collection[str]) -> Iterator[File]:
    """What pages link to and what has no page yet: a page that shows it, or else the file itself.

    Args:
        config: of the site.
        uris: the pages whose links are followed.
        there: what has a page already.
    """
    wanted = sorted({target for uri in uris for target in _targets(uri)} - set(there))
    folders = [uri for uri in wanted if (ROOT / uri).is_dir() and not (ROOT / uri / "README.md").exists()]
    listed = {uri: _listed(uri) for uri in folders}
    for uri, files in listed.items():
        yield shown(config, uri, _folder(uri, files))
    inside = {file for files in listed.values() for file in files} - set(there)
    for uri in sorted(inside | {uri for uri in wanted if (ROOT / uri).is_file()}):
        text = _text(ROOT / uri)
        if text is None:
            yield File(uri, str(ROOT), config.site_dir, use_directory_urls=False, inclusion=InclusionLevel.NOT_IN_NAV)
        else:
            yield shown(config, uri, f"---\nsearch:\n  exclude: true\n---\n\n# {uri}\n\n{code(uri, text)}")


def code(name: str, text: str) -> str:
    """A text as a highlighted block of Markdown."""
    fence = "~" * max(3, *(len(run) + 1 for run in re.findall(r"~+", text)), 3)
    return f"{fence}{_lexer(name)}\n{text}{'' if text.endswith(chr(10)) else chr(10)}{fence}\n"


def _targets(uri: str) -> Iterator[str]:
    """What a page links to in the repository."""
    text = re.sub(r"^```.*?^```", "", (ROOT / uri).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s#]+)[^)]*\)", text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(uri), unquote(link)))
        if "://" not in link and not target.startswith("..") and (ROOT / target).exists():
            yield target


def _listed(uri: str) -> list[str]:
    """The files of a folder and of those in it, but for what programs leave there."""
    found = []
    for path in sorted((ROOT / uri).rglob("*")):
        parts = path.relative_to(ROOT).parts
        if path.is_file() and not any(part.startswith((".", "__pycache__", "node_modules")) for part in parts):
            found.append(path.relative_to(ROOT).as_posix())
    return found


def _folder(uri: str, files: list[str]) -> str:
    base = posixpath.dirname(uri)
    links = "".join(f"- [{posixpath.relpath(file, uri)}]({posixpath.relpath(file, base)})\n" for file in files)
    return f"---\nsearch:\n  exclude: true\n---\n\n# {uri}\n\n{links}"


def _text(path: Path) -> str | None:
    """The text of a file that fits a page; None for others."""
    if path.stat().st_size > _LONGEST:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.strip() and "\0" not in text else None


def _lexer(name: str) -> str:
    known = _LEXERS.get(Path(name).suffix)
    if known is not None:
        return known
    try:
        return str(get_lexer_for_filename(name).aliases[0])
    except ClassNotFound:
        return "text"
