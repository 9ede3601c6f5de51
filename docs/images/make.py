"""Make the pictures of the viewer in this folder from the runs of examples/sweep.

python docs/images/make.py

It needs Playwright, and Debian's Chromium at /usr/bin/chromium.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROJECT = "irises"
WIDE = {"width": 1280, "height": 800}
# The animation: pixels of a frame, milliseconds for each, and how long the last one stays.
FRAME, PACE, REST = (960, 600), 90, 2500
COLUMNS = (
    "name", "parameters.lr", "parameters.model.width", "parameters.seed", "curve.train/loss",
    "series.train/loss.last", "series.validation/accuracy.last",
)  # fmt: skip


@contextmanager
def viewer() -> Iterator[str]:
    """The address of the viewer over the sweep, with its key."""
    with tempfile.TemporaryDirectory() as place:
        runs, store = Path(place) / "runs", Path(place) / "store"
        run(ROOT / "examples/sweep/sweep.py", runs)
        run("-m", "runjson", "upload", "--to", store, runs)
        command = [sys.executable, "-m", "runjson", "ui", "--no-browser", "--port", "0", "--to", str(store)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
            assert server.stdout is not None
            try:
                found = None
                while found is None:
                    found = re.search(r"http://\S+\?key=\S+", server.stdout.readline())
                yield found[0]
            finally:
                server.terminate()


def run(*words: object) -> None:
    subprocess.run([sys.executable, *map(str, words)], check=True, stdout=subprocess.DEVNULL)


class Film:
    """Frames of a page, as somebody uses it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._frames: list[Image.Image] = []
        self._pointer = (640.0, 400.0)

    def take(self, frames: int = 1) -> None:
        """Some frames of what is there now."""
        for _ in range(frames):
            taken = Image.open(io.BytesIO(self._page.screenshot()))
            self._frames.append(taken.convert("RGB").resize(FRAME, Image.Resampling.LANCZOS))

    def write(self, text: str) -> None:
        """Type, a few letters a frame."""
        for begin in range(0, len(text), 3):
            self._page.keyboard.type(text[begin : begin + 3])
            self.take()

    def move(self, x: float, y: float, frames: int = 8) -> None:
        """Move the pointer."""
        from_x, from_y = self._pointer
        for at in range(1, frames + 1):
            self._page.mouse.move(from_x + (x - from_x) * at / frames, from_y + (y - from_y) * at / frames)
            self.take()
        self._pointer = x, y

    def save(self, path: Path) -> None:
        """Write it as an animation that begins again."""
        first, *others = self._frames
        times = [PACE] * len(others) + [REST]
        first.save(path, save_all=True, append_images=others, duration=times, loop=0, quality=70, method=4)


def main() -> None:
    """Make them."""
    with viewer() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        origin, _, key = address.partition("/?key=")
        take_pictures(browser, origin, key)
        browser.close()
    for path in sorted(HERE.glob("*.*p*")):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")


def take_pictures(browser: Browser, origin: str, key: str) -> None:
    context = browser.new_context(viewport=WIDE, device_scale_factor=2, color_scheme="light")
    page = context.new_page()
    page.goto(f"{origin}/runs?key={key}")
    table = [("project", PROJECT), ("sort", "series.train/loss.last"), *(("column", one) for one in COLUMNS)]
    page.goto(f"{origin}/runs?{urlencode(table)}")
    page.get_by_role("img", name="How train/loss went").first.wait_for()
    save(page, "runs.png")
    page.goto(f"{origin}/charts?{urlencode([('project', PROJECT), ('where', 'parameters.seed == 1')])}")
    settled(page)
    box = page.locator("canvas").nth(1).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.5)
    page.wait_for_timeout(300)
    save(page, "charts.png")
    context.close()
    context = browser.new_context(viewport=WIDE, color_scheme="light")
    page = context.new_page()
    page.goto(f"{origin}/runs?key={key}")
    page.goto(f"{origin}/runs?{urlencode(table)}")
    page.get_by_role("img", name="How train/loss went").first.wait_for()
    film(page).save(HERE / "viewer.webp")
    context.close()


def film(page: Page) -> Film:
    """From the table by a filter to the curves of some runs, and closer."""
    taken = Film(page)
    taken.take(8)
    page.get_by_label("Filter the runs").first.click()
    taken.write("parameters.lr < 1 and parameters.seed == 1")
    page.keyboard.press("Enter")
    page.get_by_text("6 runs").wait_for()
    page.wait_for_timeout(500)
    taken.take(8)
    for place in range(6):
        page.get_by_role("row").nth(1 + place).get_by_role("checkbox").check()
        taken.take()
    taken.take(5)
    page.get_by_role("link", name="Charts").click()
    settled(page)
    taken.take(6)
    box = page.locator("canvas").nth(2).bounding_box()
    assert box is not None
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]
    taken.move(left + width * 0.75, top + height * 0.4)
    taken.move(left + width * 0.15, top + height * 0.4)
    page.mouse.down()
    taken.move(left + width * 0.4, top + height * 0.5)
    page.mouse.up()
    page.wait_for_timeout(600)
    taken.take(10)
    return taken


def settled(page: Page) -> None:
    """Wait until the charts in sight are drawn."""
    page.locator("canvas").nth(2).wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def save(page: Page, name: str) -> None:
    image = Image.open(io.BytesIO(page.screenshot()))
    image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(HERE / name, optimize=True)


if __name__ == "__main__":
    main()
