"""The colours of curves: told apart by the colour-blind, and seen on their ground."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.once

SOURCE = Path(__file__).parents[2] / "tracker/web/src"
# What each kind of colour vision makes of linear red, green and blue: Machado, Oliveira and Fernandes, A
# Physiologically-based Model for Simulation of Color Vision Deficiency, IEEE TVCG 15 (6), 2009, severity 1.0.
VISION = {
    "all": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# Differences in CIE L*a*b*: of about 2 are just seen where colours touch; lines lie apart.
NEIGHBOURS, ANY = 28, 18


def colours(theme: str) -> list[str]:
    found = re.search(rf"const {theme} = \[(.*?)\]", (SOURCE / "design/palette.ts").read_text())
    assert found is not None
    return re.findall(r"#[0-9a-f]{6}", found[1])


def ground(theme: str) -> str:
    """The colour of panels, which charts are drawn on."""
    style = (SOURCE / "design/tokens.css").read_text()
    found = re.findall(r"--surface: (#[0-9a-f]{6})", style)
    return found[0 if theme == "LIGHT" else 1]


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    ratio = TO_XYZ @ np.clip(light, 0, 1) / (TO_XYZ @ np.ones(3))
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", ["LIGHT", "DARK"])
def test_curves_are_told_apart_with_every_kind_of_colour_vision(theme, vision):
    seen = [lab(VISION[vision] @ linear(one)) for one in colours(theme)]
    assert len(seen) == 8
    apart = {(a, b): float(np.linalg.norm(seen[a] - seen[b])) for a, b in itertools.combinations(range(8), 2)}
    assert min(apart.values()) > ANY, apart
    assert min(far for (a, b), far in apart.items() if b == a + 1) > NEIGHBOURS, apart


def test_style_sheets_have_the_same_colours():
    style = (SOURCE / "design/tokens.css").read_text()
    found = re.findall(r"--curve-\d: (#[0-9a-f]{6})", style)
    assert found[:8] == colours("LIGHT")
    assert found[8:] == colours("DARK")


@pytest.mark.parametrize("theme", ["LIGHT", "DARK"])
def test_curves_are_seen_on_their_ground(theme):
    def bright(colour: str) -> float:
        return float((TO_XYZ @ linear(colour))[1]) + 0.05

    for one in colours(theme):
        low, high = sorted((bright(one), bright(ground(theme))))
        assert high / low >= 3, one
