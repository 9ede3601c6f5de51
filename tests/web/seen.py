"""What pictures in a browser show, read from their pixels."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image
from playwright.sync_api import Locator

_FIRST = """async image => {
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  return pen.getImageData(0, 0, 1, 1).data[0];
}"""


def shades(images: Locator) -> list[int]:
    """The brightness of each grey image in its first pixel."""
    return [image.evaluate(_FIRST) for image in images.all()]


def decoded(png: bytes) -> np.ndarray:
    """The pixels of a PNG: rows of columns of red, green, blue and opacity, from 0 to 255."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)


def on_canvas(canvas: Locator) -> np.ndarray:
    """The pixels of a canvas, as `decoded` gives them."""
    return decoded(base64.b64decode(canvas.evaluate("canvas => canvas.toDataURL('image/png').split(',')[1]")))


def breadth(pixels: np.ndarray, colour: str, least: int = 128, greatest: int = 255) -> float:
    """The share of the columns that have a pixel of a colour, `#0072b2`, whose opacity is between two bounds."""
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    opacity = pixels[..., 3]
    is_alike = (abs(pixels[..., :3] - wanted) <= 10).all(axis=-1)
    return float((is_alike & (least <= opacity) & (opacity <= greatest)).any(axis=0).mean())


def swatches(legend: Locator) -> list[str]:
    """The colours of a legend, in its order."""
    return [line.get_attribute("stroke") or "" for line in legend.locator("line").all()]
