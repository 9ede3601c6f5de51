"""What makes a site of this repository, for mkdocs: which files are its pages, and the pages made from code."""

from __future__ import annotations

import re
from typing import Any, Final

import languages
import repository
from commands import commands_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from python_reference import python_pages
from r_reference import r_page

ROOT = repository.ROOT
# In the navigation: a page for each of the languages.
_LANGUAGES: Final = "examples/*/iris.*"
_ITEM: Final = re.compile(r"([-*]|\d+\.) ")


def on_config(config: MkDocsConfig) -> None:
    """Put the languages into the navigation."""
    for section in config.nav or []:
        for items in section.values():
            if isinstance(items, list) and _LANGUAGES in items:
                place = items.index(_LANGUAGES)
                items[place : place + 1] = [{one.language: one.uri} for one in languages.programs()]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Replace what mkdocs found below docs/ by the pages of the repository, and add those that are generated.

    Every page has the path that it has in the repository, so that links between files are links between pages.
    """
    for file in list(files):
        if file.src_dir == config.docs_dir:
            files.remove(file)
    pages = repository.pages()
    for uri in (*pages, "docs/site/site.css", "docs/site/iframe-worker.js"):
        files.append(File(uri, str(ROOT), config.site_dir, use_directory_urls=False))
    _find(files, "docs/index.md").dest_uri = "index.html"
    for uri, text in {
        "reference/commands.md": commands_page(),
        "reference/r.md": r_page(ROOT / "r_package"),
        **python_pages(),
    }.items():
        files.append(File.generated(config, uri, content=text))
    for one in languages.programs():
        files.append(repository.shown(config, one.uri, languages.page(one), in_nav=True))
    for file in repository.linked(config, pages, {file.src_uri for file in files}):
        files.append(file)
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let a list begin right behind a line of text, as CommonMark does and Python's Markdown does not."""
    if isinstance(page.file, repository.Shown):
        return markdown
    lines: list[str] = []
    code = False
    for line in markdown.split("\n"):
        code ^= line.lstrip().startswith(("```", "~~~"))
        before = lines[-1] if lines else ""
        if not code and _ITEM.match(line) and before.strip() and not before.startswith(" ") and not _ITEM.match(before):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def _find(files: Files, uri: str) -> File:
    found = files.get_file_from_path(uri)
    assert found is not None, uri
    return found
