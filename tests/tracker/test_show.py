from __future__ import annotations

import io
import math

import numpy as np
import pytest
from rich.console import Console
from runjson_schema.points import Points
from runjson_tracker.show import run_page
from runjson_tracker.sparkline import sparkline
from runjson_tracker.terminal import duration, neutral, number, size


def dots(character):
    """The lit dots of a Braille character, column by column from the lowest up."""
    code = ord(character) - 0x2800
    return [[bool(code & bit) for bit in bits] for bits in ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))]


def shown(view, width=120):
    console = Console(file=io.StringIO(), width=width)
    for part in run_page(view, console):
        console.print(part)
    return console.file.getvalue()


# -- drawings ----------------------------------------------------------------------------------------------------------


def test_rising_values_are_drawn_from_the_lowest_dot_to_the_highest():
    drawing, marks = sparkline(np.arange(4.0), 10)
    assert [column.index(True) for character in drawing for column in dots(character)] == [0, 1, 2, 3]
    assert marks == ""


@pytest.mark.parametrize("place", [0, 1, 12_345, 99_999])
@pytest.mark.parametrize("spike", [1.0, -1.0])
def test_a_single_spike_is_seen_among_many_points(place, spike):
    values = np.zeros(100_000)
    values[place] = spike
    drawing, _ = sparkline(values, 20)
    high = [character for character in drawing if any(all(column) for column in dots(character))]
    assert len(drawing) == 20
    assert len(high) == 1


@pytest.mark.parametrize(("value", "mark"), [(math.nan, "×"), (math.inf, "↑"), (-math.inf, "↓")])  # noqa: RUF001
@pytest.mark.parametrize("place", [0, 50_000, 99_999])
def test_a_single_odd_value_is_marked_below_its_place(value, mark, place):
    values = np.zeros(100_000)
    values[place] = value
    _, marks = sparkline(values, 20)
    assert marks == " " * (place * 20 // 100_000) + mark


def test_several_odd_values_in_one_place_have_a_mark_of_their_own():
    assert sparkline(np.array([math.nan, math.inf, 1.0, 2.0]), 2)[1] == "*"


@pytest.mark.parametrize("values", [[], [math.nan], [1.0], [7.0, 7.0], [-1.7e308, 1.7e308], [5e-324, 0.0], [math.inf]])
def test_every_series_can_be_drawn(values):
    drawing, marks = sparkline(np.array(values, dtype=float), 5)
    assert len(drawing) == (len(values) + 1) // 2
    assert len(marks) <= len(drawing)


# -- texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x1b[31mb\0\n", "a\\x1b[31mb\\x00\\n"),
        ("\u202egnp\u2028", "\\u202egnp\\u2028"),
        ("[bold]é\U0001f468\u200d\U0001f469", "[bold]é\U0001f468\u200d\U0001f469"),
        ("\x9b0m", "\\x9b0m"),
        ("x" * 1_000_000, "x" * 200 + "… (1,000,000 characters)"),
    ],
)
def test_a_text_cannot_control_the_terminal(text, expected):
    assert neutral(text) == expected


def test_numbers_times_and_sizes_are_short():
    assert [number(one) for one in (math.nan, math.inf, -math.inf, 1 / 3)] == [
        "NaN",
        "Infinity",
        "-Infinity",
        "0.333333",
    ]
    assert [duration(0, one) for one in (0.25, 90, 7260, 260_000, None)] == [
        "0.25 s",
        "1 min 30 s",
        "2 h 1 min",
        "3 d 0 h",
        "",
    ]
    assert [size(one) for one in (0, 999, 1000, 12_345_678, 10**16)] == ["0 B", "999 B", "1 kB", "12.3 MB", "1e+04 TB"]


# -- a run -------------------------------------------------------------------------------------------------------------

RECORD = {
    "runjson": "1.0",
    "id": "r",
    "name": "two [bold]layers\x1b[31m",
    "status": "failed",
    "started_at": "2026-11-21T03:13:41Z",
    "ended_at": "2026-11-21T03:14:05Z",
    "tags": ["baseline"],
    "error": {"type": "ValueError", "message": "diverged", "traceback": "File a\n  raise\n"},
    "parent": {"id": "mlp-6", "step": 10},
    "parameters": {"lr": 0.1, "model": {"layers": [64, 10]}, "clip": {"$float": "Infinity"}},
    "properties": {"f1": 0.95, "taken-back": None},
    "source": {"git/commit": "9fceb02"},
    "series": {"loss": {"values": [], "unit": "nat"}},
    "artifacts": {"model": {"path": "out"}, "far": {"uri": "s3://far"}, "gone": None},
}


@pytest.fixture
def view(store, reading):
    with store.ingest("p", "r", "", None) as ingest:
        ingest.append(
            "series", "loss", Points(np.array([0.9, math.nan, 0.3, math.inf]), np.array([0.0, 1.0, 2.0, 2.0**64]))
        )
        ingest.append("text", "console/stdout", Points([f"line {index}\x1b[2J" for index in range(20)]))
        ingest.append("images", "plot", Points([{"path": "a.png"}, {"path": "b.png"}]))
        ingest.append("histograms", "w", Points([{"edges": [0, 1, "Infinity"], "counts": [3, 4]}]))
        ingest.add_file("images", "plot", 1, "b.png", None, b"x" * 12_345)
        ingest.add_file("artifacts", "model/weights", None, "out/weights", None, b"x")
        ingest.add_file("artifacts", "gone", None, "gone", None, b"x")
        ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    return reading.run("p", "r")


def test_a_run_is_shown_with_all_its_parts(view):
    text = shown(view)
    for part in (
        "p/r  two [bold]layers\\x1b[31m",
        "24 s",
        "tags baseline",
        "goes on from mlp-6 at step 10",
        "ValueError: diverged",
        "model.layers  [64, 10]",
        "clip          Infinity",
        "git/commit  9fceb02",
        "0.3  0.9  nat   0 to 1.84467e+19",
        "20 texts",
        "line 19\\x1b[2J",
        "b.png  12.3 kB",
        "2 bins from 0 to Infinity",
        "out/weights  1 B",
        "s3://far",
    ):
        assert part in text
    assert "\x1b" not in text
    assert "taken-back" not in text
    assert "gone" not in text
    assert "line 14" not in text


def test_nan_and_infinities_are_told_and_marked(view):
    text = shown(view)
    assert "1 NaN, 1 Infinity" in text
    assert "×↑" in text  # noqa: RUF001


def test_a_narrow_terminal_keeps_numbers_whole(view):
    text = shown(view, width=70)
    assert "loss       4  Infinity  0.3  0.9  nat" in text
    assert max(map(len, text.splitlines())) <= 70


def test_a_run_that_says_nothing_is_shown(store, track, reading):
    track(record={"id": "r"})
    assert shown(reading.run("p", "r")) == "p/r\n"


def test_series_of_several_writers_are_told_apart(store, track, reading):
    track(writer="a", loss=[1.0])
    track(writer="b", loss=[2.0], other=[1.0])
    text = shown(reading.run("p", "r"))
    assert "loss (a)" in text
    assert "loss (b)" in text
    assert "other (" not in text


def test_what_people_changed_is_told_in_words(store, track, reading):
    track(writer="a", loss=[1.0])
    assert "writers a\n" in shown(reading.run("p", "r"))
    track(writer="~", loss=[2.0])
    text = shown(reading.run("p", "r"))
    assert "writers a, and edits\n" in text
    assert "loss (edits)" in text
    track(run="s")
    track(run="s", writer="~")
    assert shown(reading.run("p", "s")).splitlines()[1] == "with edits"


def test_a_long_series_is_drawn_from_its_extremes_and_tells_how_many_are_odd(store, track, reading):
    values = np.zeros(150_000)
    values[77_777], values[100_000:100_005] = 9.0, math.nan
    track(loss=values)
    text = shown(reading.run("p", "r"))
    assert "5 NaN or infinite" in text
    assert "×" in text  # noqa: RUF001
    (drawing,) = [line for line in text.splitlines() if line.lstrip().startswith("loss")]
    # The spike, beside a floor of zeros: one character is full, at the place of the point.
    cells = drawing.split()[-1]
    full = [index for index, character in enumerate(cells) if any(all(column) for column in dots(character))]
    assert full == [77_777 * len(cells) // 150_000]
