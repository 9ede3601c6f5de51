"""Images, histograms, tables and artifacts of a run: each is decoded again by others, and no file is written over."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import socket
import subprocess
import sys
import threading
import types
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import runjson
from hypothesis import assume, example, given, settings
from matplotlib.figure import Figure
from PIL import Image
from runjson.media import png
from runjson.media.files import Files
from runjson.media.histograms import histogram
from runjson.media.images import encoded
from runjson.media.sources import files_below
from runjson_tracker.store import Store
from runjson_uploader.upload import upload
from runjson_validator import validate


def decoded(picture):
    with Image.open(io.BytesIO(picture.data)) as image:
        image.load()
        return image


def pixels(image):
    return np.asarray(decoded(encoded(image)))


@pytest.fixture
def files(tmp_path):
    (tmp_path / "run").mkdir()
    return Files(tmp_path / "run", None)


# -- images ------------------------------------------------------------------------------------------------------------

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
    lambda size: st.sampled_from([size, (*size, 1), (*size, 3), (*size, 4)])
)


@given(hnp.arrays(np.uint8, SHAPES))
@settings(deadline=None)
def test_an_array_of_bytes_becomes_a_png_of_just_these_bytes(array):
    assume(array.ndim == 2 or array.shape[2] in {1, 3, 4})
    picture = encoded(array)
    image = decoded(picture)
    assert picture.size == image.size == (array.shape[1], array.shape[0])
    assert image.mode == {1: "L", 3: "RGB", 4: "RGBA"}[array.shape[2] if array.ndim == 3 else 1]
    np.testing.assert_array_equal(np.asarray(image), array[..., 0] if array.shape[2:] == (1,) else array)


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3, 4]), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_bytes_without_numpy_become_the_same_picture(width, height, channels, random):
    data = random.randbytes(width * height * channels)
    image = Image.open(io.BytesIO(png.png(data, width, height, channels)))
    assert (image.size, image.tobytes()) == ((width, height), data)


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(5, 9)), elements=st.floats(0, 1)))
@settings(deadline=None)
def test_fractions_are_scaled_and_rounded(array):
    np.testing.assert_array_equal(pixels(array), np.rint(array * 255).astype(np.uint8))
    np.testing.assert_array_equal(pixels(array.astype(np.float32)), np.rint(array.astype(np.float32) * 255))


@pytest.mark.parametrize("dtype", [np.bool_, np.int64, np.uint16, np.float16, np.float32, ">f8", np.uint8])
def test_each_type_of_number_has_its_black_and_white(dtype):
    full = 255 if np.dtype(dtype).kind in "iu" else 1
    array = (np.arange(20).reshape(4, 5) % 2 * full).astype(dtype)
    np.testing.assert_array_equal(pixels(array), np.arange(20).reshape(4, 5) % 2 * 255)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_in_front_are_told_from_channels_behind_by_where_the_small_number_is(channels):
    array = np.random.default_rng(0).integers(0, 256, (channels, 7, 9), dtype=np.uint8)
    np.testing.assert_array_equal(pixels(array), array.transpose(1, 2, 0).squeeze())
    behind = array.transpose(1, 2, 0)
    np.testing.assert_array_equal(pixels(behind), behind.squeeze())


def test_where_both_ends_could_be_the_channels_they_are_behind():
    array = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    np.testing.assert_array_equal(pixels(array), array)


def test_values_that_are_beyond_by_rounding_are_clipped():
    assert pixels(np.array([[-1e-7, 1 + 1e-6, 0.5]])).tolist() == [[0, 255, 128]]


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.full((2, 5), 7.5), "from 7.5 to 7.5: fractions are taken from 0 to 1. Divide them by 255"),
        (np.full((2, 5), -0.5), "from -0.5 to -0.5"),
        (np.full((2, 5), math.nan), "from nan to nan"),
        (np.full((2, 5), math.inf), "from inf to inf"),
        (np.array([[-1, 300]]), "from -1 to 300: whole numbers are taken from 0 to 255"),
        (np.zeros((2, 5), complex), "an array of complex128"),
        (np.zeros((5, 6, 2)), r"shape \(5, 6, 2\)"),
        (np.zeros(5), r"shape \(5,\)"),
        (np.zeros((0, 5)), "no pixels"),
        (np.zeros((8, 3, 5, 5)), "log each of them"),
    ],
)
def test_an_array_that_is_no_image_is_refused_with_its_shape_or_range(array, said):
    with pytest.raises(ValueError, match=said):
        encoded(array)


@pytest.mark.parametrize("value", [object(), 3, [[1, 2]], b"bytes", iter(int, 1), pd.DataFrame({"a": [1]})])
def test_what_is_no_image_is_refused_with_its_type(value):
    with pytest.raises(TypeError, match=type(value).__name__):
        encoded(value)


class FakeTensor:
    """Stands in for a tensor: how one is recognised, of a device too that is not here."""

    def __init__(self, array, dtype="torch.float32", device="cuda"):
        self.array, self.dtype, self.device = array, dtype, device

    def detach(self):
        return FakeTensor(self.array, self.dtype, self.device)

    def cpu(self):
        return FakeTensor(self.array, self.dtype, "cpu")

    def float(self):
        return FakeTensor(self.array, "torch.float32", self.device)

    def numpy(self):
        if self.device != "cpu" or self.dtype == "torch.bfloat16":
            raise TypeError("not on the CPU, or a type that numpy lacks")
        return self.array


FakeTensor.__module__ = "torch"


@pytest.mark.parametrize("dtype", ["torch.float32", "torch.bfloat16"])
def test_a_tensor_is_brought_to_the_cpu_and_has_its_channels_in_front(dtype):
    array = np.random.default_rng(0).random((3, 4, 3), dtype=np.float32)
    expected = np.rint(array.transpose(1, 2, 0) * 255)
    np.testing.assert_array_equal(pixels(FakeTensor(array, dtype)), expected)
    assert histogram(FakeTensor(array, dtype), None, None, 8) == histogram(array, None, None, 8)


class FakePlotly:
    """Stands in for a figure of plotly: only that one is recognised."""

    def __init__(self, data):
        self.data = data

    def to_image(self, **options):
        if self.data is None:
            raise ValueError("Image export requires the kaleido package")
        return self.data


FakePlotly.__module__ = "plotly.graph_objs._figure"


def test_a_figure_of_plotly_is_drawn_or_the_error_says_what_to_do():
    assert encoded(FakePlotly(png.png(b"abc", 1, 1, 3))).size == (1, 1)
    with pytest.raises(ValueError, match=r"kaleido.*write_html.*log_artifact"):
        encoded(FakePlotly(None))


def test_figures_axes_and_lines_of_matplotlib_are_drawn_without_pyplot():
    figure = Figure(figsize=(2, 1), dpi=50)
    axes = figure.subplots(1, 2)
    (line,) = axes[0].plot([1, 2])
    for one in (figure, axes[0], axes, line):
        picture = encoded(one)
        assert picture.size == decoded(picture).size == (100, 50)
    below = Figure(figsize=(2, 1), dpi=50).subfigures(1, 2)[0]
    assert encoded(below.subplots()).size == (100, 50)
    program = (
        "import sys; from matplotlib.figure import Figure; from runjson.media.images import encoded\n"
        "encoded(Figure()); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_pyplot_itself_is_its_present_figure():
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    with pytest.raises(ValueError, match="no figure"):
        encoded(plt)
    plt.figure(figsize=(2, 3), dpi=50)
    assert encoded(plt).size == (100, 150)
    plt.close("all")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "I;16", "La"])
def test_pictures_of_pil_are_taken_in_each_mode(mode):
    image = Image.new(mode, (5, 3))
    picture = encoded(image)
    assert (picture.media_type, picture.size, decoded(picture).size) == ("image/png", (5, 3), (5, 3))


def test_a_picture_of_pil_keeps_its_pixels():
    array = np.random.default_rng(0).integers(0, 256, (3, 5, 4), dtype=np.uint8)
    np.testing.assert_array_equal(pixels(Image.fromarray(array)), array)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("as_text", [True, False])
def test_an_image_file_is_copied_as_it_is_whatever_its_name_says(kind, as_text, tmp_path):
    path = tmp_path / "picture.dat"
    Image.new("RGB", (31, 17), "red").save(path, format=kind)
    picture = encoded(str(path) if as_text else path)
    assert picture.data == path.read_bytes()
    assert picture.media_type == f"image/{kind.lower()}"
    assert picture.size == (None if kind in {"WEBP", "TIFF"} else (31, 17))


def test_a_progressive_jpeg_with_exif_has_its_size(tmp_path):
    image = Image.new("RGB", (300, 20))
    exif = Image.Exif()
    exif[270] = "x" * 5000
    image.save(tmp_path / "a.jpg", progressive=True, exif=exif)
    assert encoded(tmp_path / "a.jpg").size == (300, 20)


@pytest.mark.parametrize(
    "text", ["<svg xmlns='a'/>", "\ufeff<?xml version='1.0'?>\n<!-- a --> <!DOCTYPE svg PUBLIC 'x'><svg />"]
)
def test_svg_is_an_image_and_a_page_is_not(text, tmp_path):
    (tmp_path / "a").write_text(text, encoding="utf-8")
    assert encoded(tmp_path / "a").media_type == "image/svg+xml"
    (tmp_path / "a").write_text("<html><svg/></html>")
    with pytest.raises(ValueError, match="log_artifact takes any other file"):
        encoded(tmp_path / "a")


@pytest.mark.parametrize("cut", [0, 1, 8, 12, 25])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP"])
def test_a_file_that_was_cut_off_is_taken_without_size_or_refused(kind, cut, tmp_path):
    Image.new("RGB", (31, 17)).save(tmp_path / "a", format=kind)
    (tmp_path / "a").write_bytes((tmp_path / "a").read_bytes()[:cut])
    try:
        assert encoded(tmp_path / "a").size in {None, (31, 17)}
    except ValueError as refused:
        assert "begins like no" in str(refused)


@pytest.mark.parametrize("text", ["no-such.png", "<html>", "x" * 100_000, "a\0b", ""])
def test_a_text_that_is_no_path_is_refused_with_a_sentence(text):
    with pytest.raises(FileNotFoundError, match="there is no image file"):
        encoded(text)


def test_a_pipe_is_no_image_and_no_artifact_and_nobody_waits_for_it(files, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="no regular file"):
        encoded(tmp_path / "pipe")
    for call in (files.artifacts, files.tracked):
        with pytest.raises(ValueError, match="no regular file"):
            list(call(str(tmp_path / "pipe"), None))


# -- paths -------------------------------------------------------------------------------------------------------------

GREY = np.zeros((2, 5), np.uint8)


def test_images_of_threads_get_files_of_their_own(files, tmp_path):
    paths, barrier = [], threading.Barrier(8)

    def log(value):
        barrier.wait()
        for _ in range(50):
            paths.append((files.image("a/b", np.full((2, 5), value, np.uint8))["path"], value))

    threads = [threading.Thread(target=log, args=(value,)) for value in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path for path, _ in paths}) == 400
    assert all(np.asarray(Image.open(tmp_path / "run" / path))[0, 0] == value for path, value in paths)


def test_a_run_that_goes_on_and_a_second_process_write_no_image_over(files, tmp_path):
    first = files.image("a", GREY)
    other = Files(tmp_path / "run", None)  # what another process would have begun at the same time
    later = [other.image("a", GREY), files.image("a", GREY), Files(tmp_path / "run", None).image("a", GREY)]
    assert [first["path"], *(one["path"] for one in later)] == [f"images/a-{number}.png" for number in range(4)]
    assert Files(tmp_path / "run", "rank-1").image("a", GREY)["path"] == "images/rank-1/a-0.png"


def test_a_series_may_be_named_like_the_file_of_another(files, tmp_path):
    paths = [files.image(name, GREY)["path"] for name in ("x", "x-0.png/y", "x-0.png", "x-0.png/y")]
    assert len(set(paths)) == 4
    assert all((tmp_path / "run" / path).is_file() for path in paths)


@given(st.text(max_size=300))
@example("../../etc/passwd")
@example("C:\\a\0\n")
@example("/".join("ab" * 200))
@example("é" * 500 + ".png")
@example("~/.x/ /..../\udcff")
@settings(deadline=None, max_examples=60)
def test_any_name_gives_a_plain_path_below_the_folder(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("run")
    files = Files(folder, None)
    (folder / "source").write_text("x")
    (artifact,) = list(files.artifacts(str(folder / "source"), name or "a"))
    for path in (files.image(name, GREY)["path"], artifact[1]["path"]):
        assert (folder / path).resolve().is_relative_to(folder.resolve() / path.split("/", maxsplit=1)[0])
        assert path.isascii()
        assert all(len(part) <= 120 and not part.startswith(".") for part in path.split("/"))


def test_an_image_that_can_not_be_written_leaves_nothing(files, tmp_path, monkeypatch):
    (tmp_path / "run" / "images").write_text("a file where the folder is to be")
    with pytest.raises(FileExistsError):
        files.image("a", GREY)


# -- artifacts ---------------------------------------------------------------------------------------------------------


def test_a_file_is_copied_with_its_size_and_digest_and_each_version_stays(files, tmp_path):
    source = tmp_path / "model.pt"
    paths = []
    for data in (b"one", b"two!", b""):
        source.write_bytes(data)
        ((name, file),) = files.artifacts(str(source), None)
        assert name == "model.pt"
        assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        paths.append((file["path"], data))
    assert [path for path, _ in paths] == [f"artifacts/model{version}.pt" for version in ("", "-2", "-3")]
    assert all((tmp_path / "run" / path).read_bytes() == data for path, data in paths)
    ((_, file),) = Files(tmp_path / "run", None).artifacts(str(source), None)
    assert file["path"] == "artifacts/model-4.pt"
    assert sorted(one.name for one in (tmp_path / "run" / "artifacts").iterdir() if one.name.startswith(".")) == []


def test_a_large_file_is_copied_whole(files, tmp_path):
    source = tmp_path / "large"
    block = np.random.default_rng(0).bytes(1 << 20)
    with source.open("wb") as file:
        for number in range(40):
            file.write(block[number:])
    ((_, found),) = files.artifacts(str(source), None)
    with source.open("rb") as one, (tmp_path / "run" / found["path"]).open("rb") as other:
        expected = hashlib.file_digest(one, "sha256").hexdigest()
        assert found["sha256"] == hashlib.file_digest(other, "sha256").hexdigest() == expected
    assert found["bytes"] == source.stat().st_size


@pytest.fixture
def tree(tmp_path):
    """A folder with links: to a file, to a folder outside, to itself."""
    folder = tmp_path / "out"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "deep" / "er" / "ünï cöde.bin").write_bytes(b"\0" * 3_000_000)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "b.txt").write_text("b")
    (folder / "linked.txt").symlink_to(tmp_path / "outside" / "b.txt")
    (folder / "linked").symlink_to(tmp_path / "outside")
    (folder / "deep" / "round").symlink_to(folder)
    return folder


BELOW = ["a.txt", "deep/er/ünï cöde.bin", "linked/b.txt", "linked.txt"]


def test_a_folder_is_one_artifact_with_what_its_links_lead_to(files, tree, tmp_path):
    ((name, file),) = files.artifacts(str(tree), None)
    assert (name, file) == ("out", {"path": "artifacts/out"})
    copied = tmp_path / "run" / "artifacts" / "out"
    assert sorted(str(one.relative_to(copied)) for one in copied.rglob("*") if one.is_file()) == sorted(BELOW)
    assert all((copied / one).read_bytes() == (tree / one).read_bytes() for one in BELOW)
    assert not any(one.is_symlink() for one in copied.rglob("*"))


def test_nothing_is_put_into_a_folder_that_was_recorded(files, tree, tmp_path):
    list(files.artifacts(str(tree), "m"))
    for store in (files, Files(tmp_path / "run", None)):
        ((_, file),) = store.artifacts(str(tree / "a.txt"), "m/extra")
        assert (tmp_path / "run" / file["path"]).read_text() == "a"
    ((_, second),) = files.artifacts(str(tree), "m")
    assert len({second["path"], file["path"].split("/extra")[0], "artifacts/m"}) == 3
    assert [one for one, _ in files_below(tmp_path / "run" / "artifacts" / "m", tmp_path / "none")] == BELOW


@pytest.mark.parametrize(
    ("pattern", "name", "names"),
    [
        ("*.txt", None, ["a.txt", "linked.txt"]),
        ("*.txt", "texts", ["texts/a.txt", "texts/linked.txt"]),
        ("deep/**/*", None, ["er/ünï cöde.bin"]),
        ("d*", None, ["deep"]),
    ],
)
def test_a_pattern_makes_an_artifact_of_each_match(pattern, name, names, files, tree):
    (tree / "deep" / "round").unlink()
    assert [named for named, _ in files.artifacts(str(tree / pattern), name)] == names


def test_a_file_whose_name_looks_like_a_pattern_is_meant_itself(files, tmp_path):
    (tmp_path / "a[1].txt").write_text("x")
    (tmp_path / "a1.txt").write_text("y")
    ((name, file),) = files.artifacts(str(tmp_path / "a[1].txt"), None)
    assert (name, (tmp_path / "run" / file["path"]).read_text()) == ("a[1].txt", "x")


def test_the_folder_of_the_run_is_no_part_of_what_it_lies_in(files, tmp_path, monkeypatch):
    (tmp_path / "train.py").write_text("x")
    monkeypatch.chdir(tmp_path)
    ((name, file),) = files.artifacts(".", None)
    assert name == tmp_path.name
    assert [one.name for one in (tmp_path / "run" / file["path"]).iterdir()] == ["train.py"]
    assert [named for named, _ in files.artifacts("**/*", None)] == ["train.py"]


def test_tracked_files_are_named_where_they_are_and_not_copied(files, tree, tmp_path):
    found = dict(files.tracked(str(tree), "data"))
    assert list(found) == [f"data/{one}" for one in BELOW]
    for name, file in found.items():
        there = Path(unquote(urlsplit(file["uri"]).path))
        assert file["uri"].startswith("file:///")
        assert there == tree / name.removeprefix("data/")
        assert (file["bytes"], file["sha256"]) == (
            there.stat().st_size,
            hashlib.sha256(there.read_bytes()).hexdigest(),
        )
    assert not (tmp_path / "run" / "artifacts").exists()


@pytest.mark.parametrize("what", ["artifacts", "tracked"])
@pytest.mark.parametrize("path", ["none", "none/*.pt", "out/*.none", "dangling"])
def test_what_is_not_there_is_said_with_its_path(what, path, files, tree, tmp_path):
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=path.replace("*", r"\*")):
        list(getattr(files, what)(str(tmp_path / path), None))


def test_a_folder_with_a_broken_link_or_a_socket_is_refused_and_leaves_nothing(files, tree, tmp_path):
    (tree / "broken").symlink_to("nowhere")
    with pytest.raises(FileNotFoundError, match="a link that leads nowhere"):
        list(files.artifacts(str(tree), None))
    (tree / "broken").unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        cwd = Path.cwd()
        os.chdir(tree)  # the path of a socket has few characters
        listening.bind("s")
        os.chdir(cwd)
        with pytest.raises(ValueError, match="no regular file"):
            list(files.artifacts(str(tree), None))
    assert list((tmp_path / "run" / "artifacts").iterdir()) == []


def test_a_source_that_fails_while_it_is_read_leaves_nothing(files, tmp_path):
    if not Path("/proc/self/mem").exists():
        pytest.skip("there is no /proc here")
    with pytest.raises(OSError, match="Input/output error"):  # its first page is not mapped
        list(files.artifacts("/proc/self/mem", None))
    assert list((tmp_path / "run" / "artifacts").iterdir()) == []


# -- histograms --------------------------------------------------------------------------------------------------------

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.floats(-1e9, 1e9) | st.integers(-9, 9), min_size=1), st.integers(1, 70))
@example([float(edge) for edge in np.linspace(0.1, 0.7, 50)], 49)
@example([0.99999], 1)
@settings(deadline=None)
def test_a_list_is_counted_as_numpy_counts_it(values, bins):
    data = np.array(values, float)
    found = histogram(values, None, None, bins)
    assert found == histogram(data, None, None, bins)
    assert len(found.edges) == bins + 1
    span = data.max() - data.min()
    assume(span == 0 or span > 1e-5)  # numpy refuses what is narrower than so many doubles
    counts, edges = np.histogram(data, bins)
    assert found.counts == counts.tolist()
    np.testing.assert_array_equal(found.edges, edges)


@given(st.lists(FINITE, min_size=1), st.integers(1, 70))
@example([1e20, 1e20], 64)
@example([-1.7976931348623157e308, 1.7976931348623157e308], 64)
@example([1.7976931348623157e308], 64)
@example([1.0, math.nextafter(1, 2)], 64)
@example([5e-324, 0.0], 64)
@example([2.247116418577895e307, -2.225073858507203e-309], 1)
@example([1e16], 3)
@settings(deadline=None)
def test_all_that_is_finite_is_counted_once_between_edges_that_never_fall(values, bins):
    for data in (values, np.array(values)):
        found = histogram(data, None, None, bins)
        assert sum(found.counts) == len(values)
        assert all(map(math.isfinite, found.edges))
        assert found.edges == sorted(found.edges)
        assert found.edges[0] <= min(values) <= max(values) <= found.edges[-1]
        histogram(None, found.counts, found.edges)


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series])
def test_what_is_not_finite_is_left_out_and_counted(make):
    found = histogram(make([0.0, 1.0, math.nan, math.inf, -math.inf]), None, None, 2)
    assert found == ([0.0, 0.5, 1.0], [1, 1], 3)
    with pytest.raises(ValueError, match="no number of the data is finite"):
        histogram(make([math.nan]), None, None, 2)


def test_data_of_any_shape_and_type_are_counted():
    assert histogram([[0, 1], [np.float32(2), (3,)]], None, None, 4).counts == [1, 1, 1, 1]
    assert histogram(np.array([[True], [False]]), None, None, 2).counts == [1, 1]
    large = np.zeros(3_000_000, np.float32)
    large[-1] = 1
    assert histogram(large, None, None, 2).counts == [2_999_999, 1]
    assert histogram([3, 3], None, None, 2) == ([2.5, 3.0, 3.5], [0, 2], 0)


def test_counts_and_edges_are_taken_as_they_are():
    edges = [-math.inf, 0, 0, math.inf]
    assert histogram(None, np.array([1, 0, 2.5]), edges) == (edges, [1, 0, 2.5], 0)
    assert math.isnan(histogram(None, [math.nan], [0, 1]).counts[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((None, None, None), "give one of both"),
        (([1], [1], [0, 1]), "give one of both"),
        ((None, [1], None), "give one of both"),
        ((None, [], [0]), "at least one count"),
        ((None, [1, 2], [0, 1]), "2 counts have 3 edges"),
        ((None, [1, 2], [0, 2, 1]), "edge 1 is 2, the next one 1"),
        ((None, [1], [math.nan, 1]), "never fall"),
        ((None, [1, 1, 1], [-math.inf, -math.inf, 0, 1]), "edge 1 is -inf"),
        ((None, [-1], [0, 1]), "count 0 is -1"),
        ((None, [math.inf], [0, 1]), "count 0 is inf"),
        (([1], None, None, 0), "bins 0"),
        (([1], None, None, 1.5), "bins 1.5"),
        (([1], None, None, math.nan), "bins nan"),
    ],
)
def test_a_histogram_that_is_none_is_refused_with_a_sentence(arguments, said):
    with pytest.raises(ValueError, match=said):
        histogram(*arguments)


@pytest.mark.parametrize("data", ["123", ["1"], [None], object(), iter(int, 1), np.array([1j])])
def test_what_are_no_numbers_has_no_histogram(data):
    with pytest.raises(TypeError, match="histogram"):
        histogram(data, None, None, 4)


# -- tables ------------------------------------------------------------------------------------------------------------

MOMENT = datetime(2026, 11, 21, 3, 13, 41)
COLUMNS = {
    "digit": [1, 2, 3],
    "p": [0.1, math.nan, math.inf],
    "right": [True, False, True],
    "at": [MOMENT, MOMENT, MOMENT],
    "text": ['a,"b"\r', None, "ü\n"],
}
TYPES = ["integer", "number", "boolean", "datetime", "string"]
ROWS = [
    ["1", "0.1", "true", "2026-11-21T03:13:41", 'a,"b"\r'],
    ["2", "NaN", "false", "2026-11-21T03:13:41", ""],
    ["3", "Infinity", "true", "2026-11-21T03:13:41", "ü\n"],
]


@pytest.mark.parametrize(
    "make",
    [
        pd.DataFrame,
        pl.DataFrame,
        pl.LazyFrame,
        pa.table,
        lambda columns: [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
    ],
    ids=["pandas", "polars", "lazy", "arrow", "rows"],
)
def test_a_table_is_the_same_csv_from_each_library(make, files, tmp_path):
    file, metadata = files.table("predictions", make(COLUMNS), None)
    data = (tmp_path / "run" / file["path"]).read_bytes()
    described = [{"name": name, "type": kind} for name, kind in zip(COLUMNS, TYPES, strict=True)]
    assert metadata == {"kind": "table", "rows": 3, "columns": described}
    assert list(csv.reader(io.StringIO(data.decode(), newline=""))) == [list(COLUMNS), *ROWS]
    assert data.startswith(b"digit,p,right,at,text\n1,0.1,true,2026-11-21T03:13:41,")
    assert (file["path"], file["media_type"]) == ("artifacts/predictions.csv", "text/csv")
    assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert files.table("predictions", make(COLUMNS), ["text", "p"])[0]["path"] == "artifacts/predictions-2.csv"
    chosen = (tmp_path / "run" / "artifacts" / "predictions-2.csv").read_bytes().decode()
    assert chosen.startswith('text,p\n"a,""b""\r",0.1\n,NaN\n')


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), FINITE, st.integers(), st.none() | st.booleans())))
@settings(deadline=None, max_examples=40)
def test_rows_come_back_from_the_csv(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("run")
    file, metadata = Files(folder, None).table("t", rows, ["a", "b", "c", "d"])
    text = (folder / file["path"]).read_bytes().decode()
    words = {None: "", True: "true", False: "false"}
    assume("\0" not in text)
    found = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [(a, float(b), int(c), d) for a, b, c, d in found] == [(a, b, c, words[d]) for a, b, c, d in rows]
    assert metadata["rows"] == len(rows)


def test_frames_are_written_in_portions_with_what_pandas_calls_missing(files, tmp_path):
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None] * 12_500, dtype="Int64"),
            "s": ["x", math.nan] * 12_500,
            "t": pd.to_datetime(["2026-11-21T03:00:00Z", None] * 12_500),
        },
        index=pd.Index(np.arange(25_000) / 2, name="at"),
    )
    file, metadata = files.table("big", frame, None)
    lines = (tmp_path / "run" / file["path"]).read_text().splitlines()
    assert lines[:3] == ["at,n,s,t", "0.0,1,x,2026-11-21T03:00:00+00:00", "0.5,,,"]
    assert (len(lines), metadata["rows"]) == (25_001, 25_000)
    assert [column["type"] for column in metadata["columns"]] == ["number", "integer", "string", "datetime"]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_table_without_rows_keeps_the_types_that_its_library_knows(make, files, tmp_path):
    if make is pd.DataFrame:
        empty = make({name: pd.Series(cells) for name, cells in COLUMNS.items()}).iloc[:0]
    else:
        empty = make(COLUMNS)[:0]
    file, metadata = files.table("t", empty, None)
    assert [column["type"] for column in metadata["columns"]] == TYPES
    assert (tmp_path / "run" / file["path"]).read_text() == "digit,p,right,at,text\n"


def test_cells_of_several_types_and_rows_of_several_names(files, tmp_path):
    rows = [{"a": 1, "b": np.float32(0.5)}, {"a": 2.5, "c": Decimal("1.10")}, {"a": None, 7: "x"}]
    file, metadata = files.table("t", rows, None)
    assert (tmp_path / "run" / file["path"]).read_text() == "a,b,c,7\n1,0.5,,\n2.5,,1.10,\n,,,x\n"
    assert [column["type"] for column in metadata["columns"]] == ["number", "number", "number", "string"]
    array, _ = files.table("u", np.array([[1, 2], [3, 4]]), ["x", "y"])
    assert (tmp_path / "run" / array["path"]).read_text() == "x,y\n1,2\n3,4\n"
    returning, _ = files.table("w", [["a\rb"]], ["x"])
    assert (tmp_path / "run" / returning["path"]).read_bytes() == b'x\n"a\rb"\n'
    single, _ = files.table("v", [[""], [None]], ["x"])
    assert (tmp_path / "run" / single["path"]).read_text() == 'x\n""\n""\n'


@pytest.mark.parametrize(
    ("table", "columns", "error", "said"),
    [
        ([], None, ValueError, "no columns"),
        ([[1]], None, ValueError, "need `columns`"),
        ([[1], [1, 2]], ["a"], ValueError, "row 1 has 2 cells, and there are 1 columns"),
        (["ab"], ["a", "b"], TypeError, "row 0 is a str"),
        ("ab", None, TypeError, "a str is no table"),
        (3, None, TypeError, "a int is no table"),
        ({"a": [1]}, None, TypeError, "a dict is no table"),
        (pd.DataFrame({"a": [1]}), ["b"], ValueError, "no column 'b'; it has a"),
        ([[1]], "a", TypeError, "not a text"),
    ],
)
def test_what_is_no_table_is_refused_and_leaves_nothing(table, columns, error, said, files, tmp_path):
    with pytest.raises(error, match=said):
        files.table("t", table, columns)
    assert list((tmp_path / "run" / "artifacts").iterdir()) == []


# -- a whole run -------------------------------------------------------------------------------------------------------


def logged(run, tree):
    """All kinds of media, under names that are hard."""
    (tree / "picture.jpg").write_bytes(b"")
    Image.new("RGB", (4, 3)).save(tree / "picture.jpg")
    figure = Figure(figsize=(1, 1))
    for step, image in enumerate((figure, np.eye(5), Image.new("L", (3, 2)), tree / "picture.jpg")):
        run.log_image("bild/Größe 1", image, step=step, description="ein Bild")
    run.log_histogram("weights", np.arange(100.0), step=1)
    run.log_histogram("given", counts=[1, math.nan], edges=[0, 1, math.inf])
    run.log_table("tables/ü", pd.DataFrame(COLUMNS))
    run.log_table("tables/ü", [[1]], ["a"])
    run.log_artifact(tree, kind="model")
    run.log_artifact(tree / "*.txt", "<b>ä</b>")
    run.log_artifact(tree / "a.txt", "out/inside")
    run.track_files(tree, "data", kind="dataset")


def test_a_run_with_all_kinds_of_media_is_valid_and_uploaded_with_the_same_digests(tree, tmp_path, capsys):
    with runjson.init(id="r", dir=tmp_path / "runs", capture=False, upload=False) as run:
        logged(run, tree)
    with runjson.init(id="r", dir=tmp_path / "runs", capture=False, upload=False, resume="must") as run:
        run.log_image("bild/Größe 1", np.zeros((2, 5)), step=9)
        run.log_artifact(tree / "a.txt", "late")
    assert capsys.readouterr().err == ""
    assert [(one.code, one.message) for one in validate(run.path).findings] == []
    with Store.open(tmp_path / "store") as store, run.path.open("rb") as source:
        assert upload(source, run.path.name, run.folder, store).answer == "new"
        kept = {one.sha256 for one in store.source("default", "r", "").files}
    written = {
        hashlib.sha256(one.read_bytes()).hexdigest()
        for part in ("images", "artifacts")
        for one in (run.folder / part).rglob("*")
        if one.is_file() and one != run.folder / "artifacts/tables/_.csv"  # the first version, which the fold has not
    }
    assert len(written) > 8
    assert written == kept


def test_without_a_picture_no_other_library_is_loaded(tmp_path):
    program = """
import sys, runjson
with runjson.init(id="r", dir=sys.argv[1], capture=False, upload=False) as run:
    run.log_histogram("h", [1, 2.5])
    run.log_table("t", [{"a": 1}])
    run.log_artifact(sys.executable, "python")
    run.log_image("i", object())
found = {"numpy", "PIL", "matplotlib", "plotly", "pandas", "polars", "pyarrow", "torch"} & set(sys.modules)
assert not found, found
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True)
    assert "a object is no image" in done.stderr
    assert validate(tmp_path / "r" / "run.jsonl").findings == []


def test_a_module_that_is_called_like_pyplot_is_not_asked_for_a_figure():
    with pytest.raises(TypeError, match="module"):
        encoded(types.ModuleType("matplotlib"))
