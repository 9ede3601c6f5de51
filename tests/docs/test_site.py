"""The documentation as a site: it is built without a warning, no link of it is dead, and nothing is left out of it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import runjson
from runjson.__main__ import COMMANDS, main

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
# To whom the pages lead. A new one is a decision: it may be gone tomorrow.
HOSTS = {"ajv.js.org", "pre-commit.com"}
# What a browser fetches by itself, by tag and attribute.
FETCHED = {
    ("audio", "src"), ("embed", "src"), ("iframe", "src"), ("img", "src"), ("link", "href"), ("object", "data"),
    ("script", "src"), ("source", "src"), ("video", "src"),
}  # fmt: skip


@dataclass
class Page(HTMLParser):
    """What a built page holds."""

    text: str
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    sections: dict[str, str] = field(default_factory=dict)
    paragraphs: list[str] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self._section = ""
        self._inside: list[str] = []
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if "id" in said:
            self.ids.add(said["id"])
        if tag == "a" and "name" in said:
            self.ids.add(said["name"])
        if tag in {"h1", "h2", "h3"}:
            self._section = said.get("id", "")
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        if tag in {"p", "li"}:
            self.paragraphs.append("")
            self._inside.append(tag)
        self.fetched += [value for name, value in attrs if (tag, name) in FETCHED]
        self.fetched += [one.split()[0] for one in said.get("srcset", "").split(",") if one.strip()]

    def handle_endtag(self, tag):
        if tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data):
        self.sections[self._section] = self.sections.get(self._section, "") + data
        if self._inside:
            self.paragraphs[-1] += data


@dataclass
class Site:
    """The built site: its folder, what the build said, and its pages by their path."""

    folder: Path
    said: str
    pages: dict[str, Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", ROOT / "mkdocs.yml", "-d", folder],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    pages = {
        path.relative_to(folder).as_posix(): Page(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")
    }
    return Site(folder, said, pages)


def command_help(*words: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as told:
        assert main([*words, "--help"]) == 0
    return told.getvalue()


def test_the_site_is_built_without_a_warning(site):
    assert not re.search(r"WARNING|ERROR|Traceback", site.said), site.said


def test_every_page_of_the_repository_is_on_the_site_and_in_its_navigation(site):
    home = site.pages["index.html"]
    guides = [path for path in (ROOT / "docs").rglob("*.md") if path.name != "index.md"]
    documents = [*guides, *(ROOT / "schema").glob("*.md"), ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
    pages = {path.relative_to(ROOT).with_suffix(".html").as_posix() for path in documents}
    assert len(pages) >= 13
    assert pages <= site.pages.keys()
    # The tabs lead to the first page of each section, where the rest of the section stands.
    navigation = {
        os.path.normpath(Path(name).parent / link.partition("#")[0])
        for name in [urlsplit(link).path for link in home.links if link.endswith(".html")]
        if name in site.pages
        for link in [*site.pages[name].links, Path(name).name]
        if "://" not in link
    }
    assert pages <= navigation


def test_no_link_is_dead(site):
    dead = []
    for name, page in site.pages.items():
        for link in [*page.links, *page.fetched]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            # The page for what is not there is served at any path: its links begin at the root.
            base = site.folder if name == "404.html" else (site.folder / name).parent
            target = base / unquote(parts.path).lstrip("/") if parts.path else site.folder / name
            target = Path(os.path.normpath(target))
            if name != "404.html" and parts.path.startswith("/"):
                dead.append(f"{name}: {link} begins at the root")
            elif not target.is_file() and not (name == "404.html" and (target / "index.html").is_file()):
                dead.append(f"{name}: {link}")
            elif parts.fragment and target.suffix == ".html":
                there = site.pages[target.relative_to(site.folder).as_posix()].ids
                # What the theme's scripts react to has no anchor of its own.
                if unquote(parts.fragment) not in there | {"__search"}:
                    dead.append(f"{name}: {link}")
    assert not dead, "\n".join(dead)


def test_nothing_is_fetched_from_another_host(site):
    fetched = {(name, link) for name, page in site.pages.items() for link in page.fetched}
    for path in site.folder.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"""url\(\s*["']?([^"')]*)|@import\s+["']([^"']*)""", text)
        fetched |= {(path.name, address or imported) for address, imported in found}
    assert len(fetched) > 100
    abroad = {(name, link) for name, link in fetched if urlsplit(link).scheme not in {"", "data"} or "//" in link[:2]}
    assert not abroad


def test_the_search_is_there_for_pages_that_are_opened_as_files(site):
    assert (site.folder / "search/search_index.js").read_text(encoding="utf-8").startswith("var __index = ")
    assert "docs/site/iframe-worker.js" in site.pages["index.html"].fetched


def test_links_abroad_lead_to_known_hosts(site):
    for name, page in site.pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                assert parts.scheme == "https", (name, link)
                assert parts.hostname in HOSTS, (name, link)


def test_lists_and_tables_of_the_markdown_are_lists_and_tables(site):
    # Python's Markdown is stricter than that of the forges; what it does not take stays text with its signs.
    left = [
        f"{name}: {line}"
        for name, page in site.pages.items()
        for paragraph in page.paragraphs
        for line in paragraph.splitlines()
        if re.match(r"\s*(?:[-*] |\d+\. |\|.*\|\s*$|#+ |```)", line)
    ]
    assert not left, "\n".join(left)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_in_the_reference_with_every_option(site, name):
    sections = site.pages["reference/commands.html"].sections
    helped = command_help(name)
    below = re.findall(r"^  (\w+)  ", helped.partition("\nCommands:\n")[2], re.MULTILINE)
    for words in [(name,), *((name, one) for one in below)]:
        text = " ".join(sections["-".join(("runjson", *words))].split())
        told = command_help(*words) if len(words) > 1 else helped
        first = told.split("\n\n")[1]
        assert " ".join(first.split()).replace("`", "") in text
        options = re.findall(r"^  ((?:-\w, )?--[\w-]+(?:, --[\w-]+)*)", told.partition("\nOptions:\n")[2], re.MULTILINE)
        for option in {one for names in options for one in names.split(", ")} - {"--help"}:
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", text), (words, option)


def test_every_command_that_is_listed_has_a_section(site):
    listed = re.findall(r"^  (\w+)  ", command_help().partition("\nCommands:\n")[2], re.MULTILINE)
    assert set(listed) == set(COMMANDS)
    assert {f"runjson-{name}" for name in listed} <= site.pages["reference/commands.html"].ids


@pytest.mark.parametrize("name", runjson.__all__)
def test_every_public_name_of_the_client_is_in_the_reference(site, name):
    pages = [page for path, page in site.pages.items() if path.startswith("reference/python/")]
    (page,) = (page for page in pages if f"runjson.{name}" in page.ids)
    assert f"runjson.{name}" in page.sections[f"runjson.{name}"] or name in page.sections[f"runjson.{name}"]


def test_members_of_what_is_public_are_in_the_reference(site):
    assert "runjson.Run.log" in site.pages["reference/python/writing.html"].ids
    assert "runjson_tracker.reading.run.Run.series" in site.pages["reference/python/asking.html"].ids
    report = site.pages["reference/python/validating.html"].sections
    assert "whether there is no error" in report["runjson_validator.Report.valid"]


def test_every_exported_function_of_the_r_package_is_in_the_reference(site):
    page = site.pages["reference/r.html"]
    if shutil.which("Rscript") is None:
        assert "R was not installed" in page.text
        pytest.skip("R is not installed: its reference is not made")
    namespace = (ROOT / "r_package/NAMESPACE").read_text(encoding="utf-8")
    exported = set(re.findall(r"^export\((.*)\)$", namespace, re.MULTILINE))
    assert len(exported) > 30
    assert exported <= page.ids


def test_without_r_the_page_says_so(tmp_path):
    program = "import r_reference, pathlib; print(r_reference.r_page(pathlib.Path()))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(ROOT / "docs/site")},
    )
    assert "R was not installed where this site was built" in done.stdout


LANGUAGES = sorted((ROOT / "examples").glob("*/example.toml"))


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.parent.name)
def test_every_language_has_its_page_with_the_whole_program(site, path):
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    table = (ROOT / "examples/README.md").read_text(encoding="utf-8")
    program = re.search(rf"^\| {re.escape(said['language'])} \| \[(.*?)\]", table, re.MULTILINE)[1]
    assert f"{program}.html" in site.pages["examples/index.html"].links
    page = site.pages[f"examples/{program}.html"]
    assert re.search(r"<h1[^>]*>(.*?)<a", page.text)[1] == said["language"]
    text = "".join(page.sections.values())
    for word in (*said["needs"], *said["debian"], said["build"], " ".join(said["run"])):
        assert word in text
    for line in (ROOT / "examples" / program).read_text(encoding="utf-8").splitlines():
        assert line.strip() in text, line
