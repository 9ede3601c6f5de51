"""Charts as pictures and tables of their own."""

from __future__ import annotations

import numpy as np
import pytest
from runjson_tracker.store import Store

from tests.web.charts import SVG, chart, go, picture, read_csv, runs, saved
from tests.web.curves import BEGUN, CURVES, LONG, SPIKE
from tests.web.experiments import HOSTILE, track
from tests.web.seen import breadth, decoded, swatches
from tests.web.viewers import Viewer

pytestmark = pytest.mark.once


def test_a_panel_is_saved_as_png_at_twice_its_size(curves, page):
    go(curves, page, *runs("learning-0"), ("series", "train/loss"))
    (colour,) = swatches(page.get_by_role("complementary", name="Runs"))
    shown = decoded(saved(page, "train/loss", "Save as PNG").read_bytes())
    width = chart(page, "train/loss").bounding_box()["width"]
    assert shown.shape[1] == pytest.approx(2 * width, abs=40)
    # The swatch beside the name is of the colour, too, but not so broad.
    assert breadth(shown, colour) > 0.7


def test_a_panel_is_saved_as_svg_with_axes_and_a_legend_and_no_script(curves, page):
    go(curves, page, *runs("odd", "learning-0"))
    found = picture(page, HOSTILE)
    tags = {one.tag.removeprefix(SVG) for one in found.iter()}
    assert tags <= {"svg", "title", "defs", "clipPath", "rect", "text", "path", "g"}
    texts = [one.text for one in found.iter(f"{SVG}text")]
    assert any(text.startswith(HOSTILE[:40]) for text in texts)
    assert "Step" in texts


def test_all_points_of_a_panel_are_saved_as_csv(curves, page):
    go(curves, page, *runs("long"), ("series", "wave"))
    head, *rows = read_csv(saved(page, "wave", "Save all points as CSV"))
    assert head == ["project", "run", "writer", "series", "index", "step", "time", "value"]
    assert len(rows) == LONG
    assert rows[SPIKE] == [CURVES, "long", "", "wave", str(SPIKE), str(SPIKE), str(int(BEGUN) + SPIKE), "40"]
    assert float(rows[SPIKE + 1][-1]) == np.sin((SPIKE + 1) / 300)


def test_what_a_spreadsheet_would_run_is_tamed_in_csv_and_numbers_are_not(tmp_path, page):
    with Store.open(str(tmp_path / "store")) as store:
        series = {"=cmd()": [-1.5, "NaN", "-Infinity"]}
        track(store, "p", {"runjson": "1.0", "id": "one", "writer": "w", "series": series})
    with Viewer(tmp_path / "store") as viewer:
        go(viewer, page, project="p")
        rows = read_csv(saved(page, "=cmd()", "Save all points as CSV"))
        page.watched.loses_server = True
    assert rows[1] == ["p", "one", "w", "'=cmd()", "0", "", "", "-1.5"]
    assert [row[-1] for row in rows[2:]] == ["NaN", "-Infinity"]
