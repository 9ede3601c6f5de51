"""Runs as one HTML file: what it holds is what was tracked, and nothing that a run says becomes a part of the page."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re

import numpy as np
import pytest
from runjson.__main__ import main
from runjson_schema.points import Points
from runjson_tracker.exports.report import Report
from runjson_tracker.store import Store

HOSTILE = "</script><script>document.title=1</script><!--<img src=x onerror=alert(1)>"
PNG = b"\x89PNG\r\n\x1a\n not much of one"


def add(store, run, series, more=None, images=()):
    record = {"runjson": "1.0", "id": run, **(more or {})}
    with store.ingest("p/q", run, "", None) as ingest:
        for name, points in series.items():
            ingest.append("series", name, points)
        for name, files in dict(images).items():
            ingest.append("images", name, Points([{"path": f"{at}.png"} for at in range(len(files))]))
            for at, content in enumerate(files):
                ingest.add_file("images", name, at, f"{at}.png", None, content)
        ingest.commit(record, "", "stream", 1, "ab", record)


@pytest.fixture
def store(place):
    with Store.open(place) as opened:
        yield opened


def written(store, tmp_path, *runs, **options):
    report = Report(store, store.run_each([("p/q", run) for run in runs]), **options)
    with (tmp_path / "report.html").open("wb") as out:
        report.write(out)
    return report, (tmp_path / "report.html").read_text()


def held(text):
    """What a report holds."""
    found = re.search(r'<script id="data"[^>]*>([^<]*)</script>', text)
    return json.loads(gzip.decompress(base64.b64decode(found[1], validate=True)))


def column(text):
    return None if text is None else np.frombuffer(base64.b64decode(text), "<f8")


def test_each_point_is_in_the_file_bit_by_bit(store, tmp_path):
    values = np.array([0.1, np.nan, np.inf, -np.inf, 5e-324, 1.7976931348623157e308, -0.0])
    steps = np.array([0, 1, 2.5, 2.0**60, -3, 4, 5])
    add(store, "a", {"loss": Points(values, steps), "bare": Points(np.array([1.0, 2.0]))})
    report, text = written(store, tmp_path, "a")
    curves = {one["name"]: one for one in held(text)["curves"]}
    assert column(curves["loss"]["values"]).tobytes() == values.tobytes()
    assert column(curves["loss"]["steps"]).tobytes() == steps.tobytes()
    assert curves["loss"]["indices"] is curves["loss"]["times"] is curves["bare"]["steps"] is None
    assert report.points == 9


def test_a_long_series_keeps_its_spikes(store, tmp_path):
    values = np.zeros(100_000)
    values[[777, 50_123]] = 9.0, -9.0
    values[70_001] = np.nan
    add(store, "a", {"loss": Points(values)})
    report, text = written(store, tmp_path, "a", most=200)
    (curve,) = held(text)["curves"]
    kept = column(curve["values"])
    assert curve["count"] == 100_000
    assert report.points == len(kept) <= 200
    assert np.nanmax(kept) == 9
    assert np.nanmin(kept) == -9
    assert np.isnan(kept).sum() == 1
    assert {777, 50_123, 70_001} <= set(column(curve["indices"]).astype(int))


def test_nothing_that_a_run_says_ends_its_element(store, tmp_path):
    add(store, "a", {HOSTILE: Points(np.array([1.0]))}, {"name": HOSTILE, "parameters": {HOSTILE: HOSTILE}})
    _, text = written(store, tmp_path, "a")
    assert "onerror" not in text.replace(html.escape(HOSTILE), "")
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(scripts) == 1
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    for one, directive in ((scripts[0], "script-src"), (style, "style-src")):
        digest = base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert held(text)["runs"][0]["record"]["parameters"] == {HOSTILE: HOSTILE}


def test_the_last_image_of_each_name_is_in_it_and_what_is_not_is_told(store, tmp_path):
    add(store, "a", {}, images={"plot": [b"first", PNG], "large": [b"x" * (3 << 20)]})
    report, text = written(store, tmp_path, "a")
    (image,) = held(text)["images"]
    assert (image["name"], image["type"], base64.b64decode(image["data"])) == ("plot", "image/png", PNG)
    assert report.left_out == held(text)["left_out"]
    assert "One image is not in this file" in report.left_out[0]


def test_without_scripts_it_is_a_table_of_the_runs(store, tmp_path):
    add(store, "a", {"loss": Points(np.array([1.0, 0.25]))}, {"name": "one <b>", "status": "failed"})
    add(store, "b", {})
    _, text = written(store, tmp_path, "a", "b")
    table = re.search(r"<table>.*?</table>", text, re.DOTALL)[0]
    assert "<td>one &lt;b&gt; (p/q/a)</td><td>failed</td><td>loss 0.25</td>" in table
    assert "<td>b (p/q/b)</td>" in table


def test_the_command_says_what_it_wrote_and_leaves_no_half_a_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Store.open(tmp_path / "store") as store:
        add(store, "a", {"loss": Points(np.arange(10.0))})
    (tmp_path / "a.html").write_text("the one before")
    with monkeypatch.context() as patched:
        patched.setattr(Report, "_data", lambda self: iter([1]))
        with pytest.raises(AttributeError):
            main(["export", "a", "--to", "html", "--tracker", "store"])
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.html"]
    assert (tmp_path / "a.html").read_text() == "the one before"
    assert main(["export", "a", "--to", "html", "--tracker", "store"]) == 0
    assert capsys.readouterr().out == "1 run and 10 points in a.html\n"
    assert held((tmp_path / "a.html").read_text())["title"] == "a"
