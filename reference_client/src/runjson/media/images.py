"""Images: what is one, and how it becomes the bytes of a file."""

from __future__ import annotations

import io
import os
import re
import struct
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

from runjson.media.foreign import as_array, kind, origins
from runjson.media.png import png_of_array

_CHANNELS: Final = frozenset({1, 3, 4})
# Values from 0 to 1 may be beyond by this much, which is rounding: a step of bfloat16 at 1 is 0.0078.
_ROUNDING: Final = 0.008
_SVG: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", re.DOTALL
)
_BEGINNINGS: Final = (
    ("image/png", ".png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", ".jpg", re.compile(rb"\xff\xd8\xff")),
    ("image/gif", ".gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", ".webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("image/bmp", ".bmp", re.compile(rb"BM....\0\0\0\0", re.DOTALL)),
    ("image/tiff", ".tiff", re.compile(rb"II[*+]\0|MM\0[*+]")),
    ("image/svg+xml", ".svg", _SVG),
)
_TAKEN: Final = (
    "an image is a figure of matplotlib or plotly, a picture of PIL, an array or tensor of shape (height, width), "
    "(height, width, 1, 3 or 4) or (1, 3 or 4, height, width), or the path of an image file"
)
# What PIL writes as PNG as it is.
_PIL_MODES: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_PIL_OTHERS: Final = {"I": "I;16", "La": "LA", "PA": "RGBA", "RGBa": "RGBA"}


class Picture(NamedTuple):
    """An image as a file has it.

    Attributes:
        data: the bytes.
        media_type: such as `image/png`.
        extension: such as `.png`.
        size: width and height in pixels; None if they are not known.
    """

    data: bytes
    media_type: str
    extension: str
    size: tuple[int, int] | None


def encoded(image: Any) -> Picture:
    """The file of an image.

    Args:
        image: a figure or axes of matplotlib, its `pyplot`, a figure of plotly, a picture of PIL, the path of an image
            file, or an array or tensor: (height, width), or with 1, 3 or 4 channels behind or in front. Where both
            could be the channels, they are behind, and of a tensor of torch in front. Bytes are taken as they are,
            truth values as black and white, fractions from 0 to 1 as black to white.

    Raises:
        TypeError: it is none of these.
        ValueError: its shape or its values are none of an image, or the library can not draw it.
        OSError: the file can not be read.
    """
    if isinstance(image, str | os.PathLike):
        return _of_path(os.fspath(image))
    if isinstance(image, ModuleType) and image.__name__ == "matplotlib.pyplot":
        if not image.get_fignums():
            raise ValueError("matplotlib.pyplot has no figure that could be logged.")
        image = image.gcf()
    found = origins(image)
    if "PIL" in found and hasattr(image, "save"):
        return _of_pil(image)
    if found & {"matplotlib", "seaborn"}:
        return _of_matplotlib(image)
    if "plotly" in found and hasattr(image, "to_image"):
        return _of_plotly(image)
    if found & {"pandas", "polars", "pyarrow"}:
        raise TypeError(f"a {kind(image)} is no image: log_table takes it.")
    array = as_array(image)
    if array is None:
        raise TypeError(f"a {kind(image)} is no image: {_TAKEN}.")
    if array.dtype.kind == "O" and array.size and "matplotlib" in origins(array.flat[0]):
        return _of_matplotlib(array.flat[0])  # the axes that `subplots` makes
    return _of_array(array, in_front="torch" in found)


def sniffed(data: bytes, what: str) -> Picture:
    """An image by its own bytes.

    Args:
        data: of the whole file.
        what: it is, for the message.

    Raises:
        ValueError: it begins like no image that is known.
    """
    for media_type, extension, pattern in _BEGINNINGS:
        if pattern.match(data[:4096]):
            return Picture(data, media_type, extension, _size(data, media_type))
    raise ValueError(
        f"{what} begins like no PNG, JPEG, GIF, WebP, BMP, TIFF or SVG; log_artifact takes any other file."
    )


def _of_path(path: str | bytes) -> Picture:
    place = os.fsdecode(path)
    if not os.path.isfile(place):  # noqa: PTH113  is_file raises where a text is much too long for a path
        if os.path.exists(place):  # noqa: PTH110
            raise ValueError(f"{place!r} is no regular file, and so no image.")
        short = place if len(place) <= 200 else f"{place[:200]}..."
        raise FileNotFoundError(f"there is no image file {short!r}; log_text takes texts.")
    return sniffed(Path(place).read_bytes(), repr(place))


def _of_pil(image: Any) -> Picture:
    if image.mode == "F":
        raise ValueError('the picture of PIL has the mode "F", of any numbers: log it as an array from 0 to 1.')
    if image.mode not in _PIL_MODES:
        image = image.convert(_PIL_OTHERS.get(image.mode, "RGB"))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return sniffed(buffer.getvalue(), "the picture of PIL")


def _of_matplotlib(artist: Any) -> Picture:
    """A figure, or that in which some axes or something else stand."""
    figure = artist
    for _ in range(20):  # figures stand in figures
        if figure is None or (hasattr(figure, "savefig") and not hasattr(figure, "fig")):
            break
        figure = getattr(figure, "figure", None)
    if figure is None or not hasattr(figure, "savefig"):
        raise TypeError(f"a {kind(artist)} is in no figure: {_TAKEN}.")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return sniffed(buffer.getvalue(), "the figure of matplotlib")


def _of_plotly(figure: Any) -> Picture:
    try:
        data = figure.to_image(format="png")
    except Exception as fault:
        raise ValueError(
            f"plotly could not draw the figure ({' '.join(str(fault).split())[:200]}). It needs the package kaleido "
            'and Chrome; or keep the page: figure.write_html("figure.html"), run.log_artifact("figure.html").'
        ) from fault
    return sniffed(data, "the figure of plotly")


def _of_array(array: Any, *, in_front: bool) -> Picture:
    pixels = _as_bytes(_channels_last(array, in_front=in_front))
    height, width = pixels.shape[:2]
    return Picture(png_of_array(pixels), "image/png", ".png", (int(width), int(height)))


def _channels_last(array: Any, *, in_front: bool) -> Any:
    shape = tuple(array.shape)
    said = f"an array of shape {shape} is no image"
    if len(shape) == 4:
        raise ValueError(f"{said}, but several: log each of them.")
    if len(shape) == 3:
        front, behind = shape[0] in _CHANNELS, shape[2] in _CHANNELS
        if front and (in_front or not behind):
            array = array.transpose(1, 2, 0)
        elif not behind:
            raise ValueError(f"{said}: it has no 1, 3 or 4 channels, behind or in front.")
    elif len(shape) != 2:
        raise ValueError(f"{said}: {_TAKEN}.")
    if 0 in shape:
        raise ValueError(f"{said}: it has no pixels.")
    return array


def _as_bytes(array: Any) -> Any:
    if array.dtype == "uint8":
        return array
    if array.dtype.kind == "b":
        return array.astype("uint8") * 255
    if array.dtype.kind not in "iuf":
        raise ValueError(f"an array of {array.dtype} is no image: it has bytes, truth values, or numbers from 0 to 1.")
    lowest, highest = array.min().item(), array.max().item()
    said = f"the values of the image go from {lowest:.6g} to {highest:.6g}"
    if array.dtype.kind in "iu":
        if lowest < 0 or highest > 255:
            raise ValueError(f"{said}: whole numbers are taken from 0 to 255.")
        return array.astype("uint8")
    if not (lowest >= -_ROUNDING and highest <= 1 + _ROUNDING):  # NaN is neither
        hint = " Divide them by 255." if lowest >= 0 and 1 < highest <= 255 else ""
        raise ValueError(f"{said}: fractions are taken from 0 to 1.{hint}")
    wide = array.astype("float32") if array.dtype.itemsize < 4 else array
    return (wide.clip(0, 1) * 255).round().astype("uint8")


def _size(data: bytes, media_type: str) -> tuple[int, int] | None:
    """Width and height as the head of a file says them."""
    if media_type == "image/png" and len(data) >= 24:
        width, height = struct.unpack_from(">II", data, 16)
    elif media_type == "image/gif" and len(data) >= 10:
        width, height = struct.unpack_from("<HH", data, 6)
    elif media_type == "image/bmp" and len(data) >= 26 and data[14] >= 40:
        width, height = struct.unpack_from("<ii", data, 18)
    elif media_type == "image/jpeg":
        return _jpeg_size(data)
    else:
        return None
    return int(width), abs(int(height))


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Of the first frame's head, behind segments that say their length."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return int(width), int(height)
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
