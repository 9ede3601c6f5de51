"""How tests point at parts of charts, and read what is saved of them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

from playwright.sync_api import Locator, Page, expect

from tests.web.curves import CURVES, learning
from tests.web.table import asked

SVG = "{http://www.w3.org/2000/svg}"


def runs(*ids: str) -> list[tuple[str, str]]:
    return [("run", f"{CURVES}/{one}") for one in ids]


def go(viewer, page, *query: tuple[str, str], project=CURVES) -> None:
    """Open charts, and wait until one is drawn."""
    viewer.enter(page, f"/charts?{urlencode([('project', project), *query])}")
    expect(page.locator(".chart canvas").first).to_be_visible()


def panel(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True).and_(page.locator(".panel"))


def chart(page: Page, name: str) -> Locator:
    return panel(page, name).get_by_role("application")


def said(page: Page, name: str) -> Locator:
    """What the chart says to those who can not see it."""
    return chart(page, name).get_by_role("status")


def readout(page: Page, name: str) -> Locator:
    return panel(page, name).locator(".readout")


def zoomed(page: Page) -> tuple[float, float]:
    least, greatest, _ = asked(page)["zoom"][0].split()
    return float(least), float(greatest)


def read_csv(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(), newline="")))


def saved(page: Page, name: str, what: str) -> Path:
    panel(page, name).get_by_role("button", name=f"More for {name}").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=what).click()
    return Path(download.value.path())


def picture(page: Page, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(saved(page, name, "Save as SVG").read_text())


def frame(page: Page, name: str) -> tuple[float, float]:
    """Where the plot of a chart begins, and its width, in pixels."""
    box = picture(page, name).find(f".//{SVG}clipPath/{SVG}rect")
    assert box is not None
    return float(box.attrib["x"]), float(box.attrib["width"])


def paths(page: Page, name: str) -> list[ElementTree.Element]:
    """The shapes within the plot."""
    found = picture(page, name).find(f"{SVG}g")
    assert found is not None
    return found.findall(f"{SVG}path")


def places(path: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](\S+?) ([-\d.]+)", path.attrib["d"])]


def averaged(values: list[float], weight: float) -> float:
    """The last value of an exponential moving average without a bias."""
    last = 0.0
    for value in values:
        last = last * weight + (1 - weight) * value
    return last / (1 - weight ** len(values))


def values_of(number: int, name: str = "train/loss") -> list[float]:
    return learning(number)["series"][name]["values"]
