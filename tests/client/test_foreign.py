"""Values of other libraries, the real ones: each is in the run file as it was, or is refused with its path."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import enum
import importlib.util
import io
import json
import math
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import attrs
import numpy as np
import omegaconf
import pandas as pd
import plotly.graph_objects
import polars as pl
import pyarrow as pa
import pydantic
import pytest
import runjson
from matplotlib.figure import Figure
from omegaconf import OmegaConf
from packaging.requirements import Requirement
from PIL import Image
from runjson.media.histograms import histogram
from runjson.media.images import encoded
from runjson.parameters import NotJson

REQUIRED = Path(__file__).parents[1] / "requirements-torch.txt"
(TORCH,) = (Requirement(line) for line in REQUIRED.read_text().splitlines() if not line.startswith("#"))


def with_torch(test):
    """A test that needs torch. On a Python for which none is asked for, there is no such test, unless it is there."""
    if importlib.util.find_spec("torch") is not None:
        return test
    if TORCH.marker is not None and not TORCH.marker.evaluate():
        return None
    return pytest.mark.skip(reason="torch is not installed: see tests/requirements-torch.txt")(test)


@pytest.fixture
def torch():
    import torch

    return torch


class Logged:
    """A run, and what its run file says."""

    def __init__(self, folder, **words):
        self.run = runjson.init(id="r", dir=folder, capture=False, upload=False, **words)

    def lines(self):
        return [json.loads(line) for line in self.run.path.read_text().splitlines()]

    def series(self, name="a"):
        (found,) = [line["series"][name] for line in self.lines() if name in line.get("series", {})]
        return found

    def pixels(self, name="a"):
        """Of the one image, as PIL reads them."""
        ((image,),) = [line["images"][name] for line in self.lines() if "images" in line]
        with Image.open(self.run.folder / image["path"]) as read:
            found = np.asarray(read)
        assert (image["media_type"], image["height"], image["width"]) == ("image/png", *found.shape[:2])
        return found

    def histogram(self, name="a"):
        ((found,),) = [line["histograms"][name] for line in self.lines() if "histograms" in line]
        return found


@pytest.fixture
def logged(tmp_path, capfd):
    """A run that is told nothing of: whatever is logged in it is taken."""
    found = Logged(tmp_path)
    yield found
    found.run.finish()
    assert capfd.readouterr().err == ""


def parameters(folder, value, **words):
    """What the run file says of parameters that a run was given."""
    found = Logged(folder, parameters=value, **words)
    found.run.finish()
    return found.lines()[0]["parameters"]


# -- numbers -----------------------------------------------------------------------------------------------------------


@with_torch
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
@pytest.mark.parametrize(
    ("dtype", "given", "expected"),
    [
        ("float64", 0.1, 0.1),
        ("float32", 0.1, 0.10000000149011612),
        ("float16", 0.1, 0.0999755859375),
        ("bfloat16", 0.1, 0.10009765625),
        ("float32", math.nan, "NaN"),
        ("float16", 1e9, "Infinity"),
        ("int64", 2**53 + 1, 2**53 + 1),
        ("uint8", 200, 200),
        ("bool", True, 1),
    ],
)
def test_a_tensor_with_one_element_is_the_number_that_it_holds(torch, logged, dtype, given, expected, shape):
    tensor = torch.tensor(given, dtype=getattr(torch, dtype)).reshape(shape)
    logged.run.log({"a": tensor}, step=3)
    assert (logged.series(), type(logged.series())) == (expected, type(expected))
    if tensor.is_floating_point():
        logged.run.log({"b": (tensor.clone().requires_grad_() * 1).sum()})
        assert logged.series("b") == expected


@with_torch
@pytest.mark.parametrize("step", ["torch.tensor(7)", "torch.tensor([7])", "np.int64(7)", "np.array(7)"])
def test_a_step_may_be_a_tensor(torch, logged, step):
    logged.run.log({"a": 1.0}, step=eval(step))
    assert logged.lines()[1]["step"] == 7


@with_torch
def test_a_tensor_of_one_dimension_is_as_many_points(torch, logged):
    logged.run.log({"a": torch.tensor([0.5, 1.5, math.inf], requires_grad=True)})
    logged.run.log({"b": torch.tensor([0.5, 0.25], dtype=torch.bfloat16), "c": [torch.tensor(1.5), torch.tensor(2)]})
    logged.run.extend("d", torch.tensor([1.0, 2.0], requires_grad=True), steps=torch.tensor([3, 4]))
    assert logged.series("a") == [0.5, 1.5, "Infinity"]
    assert (logged.series("b"), logged.series("c")) == ([0.5, 0.25], [1.5, 2])
    assert logged.series("d") == {"values": [1.0, 2.0], "steps": [3, 4]}


@with_torch
def test_a_tensor_that_has_no_values_costs_no_other_value_of_the_call(torch, tmp_path, capfd):
    logged = Logged(tmp_path)
    for number, bad in enumerate([torch.zeros((), device="meta"), torch.tensor([1.0, 0.0, 2.0]).to_sparse()]):
        logged.run.log({"bad": bad, f"a{number}": 0.5})
        assert logged.series(f"a{number}") == 0.5
    assert capfd.readouterr().err.count("training goes on") == 2


def test_numbers_of_numpy_that_python_has_not(logged):
    logged.run.log({"long": np.longdouble(0.5), "masked": np.ma.masked, "half": np.float16(0.1), "truth": np.bool_(1)})
    logged.run.log({"some": np.ma.array([1, 2, 3], mask=[0, 1, 0]), "longs": np.array([0.5, 2], dtype=np.longdouble)})
    assert logged.lines()[1]["series"] == {"long": 0.5, "masked": "NaN", "half": 0.0999755859375, "truth": 1}
    assert logged.lines()[2]["series"] == {"some": [1, "NaN", 3], "longs": [0.5, 2]}


@pytest.mark.parametrize("unit", ["D", "us", "ns"])
def test_a_moment_is_no_number_whatever_numpy_holds_it_as(unit, tmp_path, capfd):
    logged = Logged(tmp_path)
    moment = np.datetime64("2024-01-02", unit)
    logged.run.log({"a": moment, "b": np.array([moment, moment]), "c": moment - moment, "d": 1})
    assert [line.get("series") for line in logged.lines()] == [None, {"d": 1}]
    assert "is no image" in capfd.readouterr().err


# -- images ------------------------------------------------------------------------------------------------------------


@with_torch
def test_pixels_of_tensors_are_read_back_as_they_were(torch, tmp_path, capfd):
    generator = torch.Generator().manual_seed(0)
    colours = torch.rand((3, 6, 5), generator=generator)
    scaled = np.rint(colours.permute(1, 2, 0).numpy() * 255)
    whole = torch.randint(0, 256, (6, 5, 3), generator=generator, dtype=torch.uint8)
    grey = torch.linspace(0, 1, 20).reshape(4, 5)
    cases = [
        (colours, scaled),
        (colours.clone().requires_grad_(), scaled),
        (colours.permute(1, 2, 0), scaled),
        (whole, whole.numpy()),
        (whole.permute(2, 0, 1), whole.numpy()),
        (grey, np.rint(grey.numpy() * 255)),
        (grey[None], np.rint(grey.numpy() * 255)),
        (grey.half(), np.rint(grey.half().float().numpy() * 255)),
        (grey.bfloat16(), np.rint(grey.bfloat16().float().numpy() * 255)),
        (grey > 0.5, (grey > 0.5).numpy() * 255),
        (torch.zeros((3, 5, 3)).index_fill_(0, torch.tensor(0), 1.0), np.full((5, 3, 3), [255, 0, 0])),  # in front
    ]
    for number, (tensor, expected) in enumerate(cases):
        logged = Logged(tmp_path / str(number))
        logged.run.log({"a": tensor}, step=1)
        np.testing.assert_array_equal(logged.pixels(), expected, str(number))
    assert capfd.readouterr().err == ""


def test_a_figure_of_matplotlib_is_drawn(logged):
    figure = Figure(figsize=(2, 1), dpi=50, facecolor="red")
    logged.run.log({"a": figure})
    pixels = logged.pixels()
    assert pixels.shape == (50, 100, 4)
    assert (pixels == [255, 0, 0, 255]).all()


PLOTLY = """
import sys, runjson, plotly.graph_objects as go
if sys.argv[2] == "without kaleido":
    sys.modules["kaleido"] = None
with runjson.init(id="r", dir=sys.argv[1], capture=False, upload=False) as run:
    for step in range(3):
        run.log({"figure": go.Figure(go.Bar(y=[1, 2])), "loss": 0.5}, step=step)
"""


@pytest.mark.parametrize("case", ["without kaleido", "without a browser"])
def test_a_figure_of_plotly_that_can_not_be_drawn_is_told_once_with_what_to_do(case, tmp_path):
    program = [sys.executable, "-c", PLOTLY, str(tmp_path), case]
    nowhere = {"PATH": "/nowhere", "HOME": str(tmp_path), "BROWSER_PATH": "/nowhere/chrome"}
    done = subprocess.run(program, env={**os.environ, **nowhere}, capture_output=True, text=True, check=True)
    (told,) = done.stderr.splitlines()
    assert told.startswith('runjson: "figure": plotly could not draw the figure (')
    assert "kaleido and Chrome" in told
    assert 'run.log_artifact("figure.html")' in told
    lines = [json.loads(line) for line in (tmp_path / "r/run.jsonl").read_text().splitlines()]
    assert [line["series"] for line in lines if "series" in line] == [{"loss": 0.5}] * 3
    assert not any("images" in line for line in lines)


def test_the_page_of_a_figure_of_plotly_is_an_artifact_as_the_warning_says(logged, tmp_path):
    figure = plotly.graph_objects.Figure(plotly.graph_objects.Bar(y=[1, 2]))
    figure.write_html(tmp_path / "figure.html", include_plotlyjs="cdn")
    logged.run.log_artifact(tmp_path / "figure.html")
    (file,) = logged.lines()[-1]["artifacts"].values()
    assert (logged.run.folder / file["path"]).read_text() == (tmp_path / "figure.html").read_text()


# What a browser draws stands in for one here: all else on the way is plotly's own.
def test_a_figure_of_plotly_that_is_drawn_is_an_image(logged, monkeypatch):
    buffer = io.BytesIO()
    Image.new("RGB", (7, 5), "blue").save(buffer, format="PNG")
    monkeypatch.setattr("plotly.io.to_image", lambda *_, **__: buffer.getvalue())
    logged.run.log({"a": plotly.graph_objects.Figure()})
    assert (logged.pixels() == [0, 0, 255]).all()


# -- histograms --------------------------------------------------------------------------------------------------------


@with_torch
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
def test_the_histogram_of_a_parameter_and_of_its_gradient(torch, logged, dtype):
    weights = torch.nn.Parameter(torch.tensor([[0.0, 1.0], [1.0, 2.0]], dtype=getattr(torch, dtype)))
    (weights * weights).sum().backward()
    logged.run.log_histogram("a", weights, bins=2, step=1)
    assert logged.histogram() == {"edges": [0.0, 1.0, 2.0], "counts": [1, 3]}
    assert histogram(weights.grad, None, None, 2) == ([0.0, 2.0, 4.0], [1, 3], 0)
    assert histogram([weights, weights[0]], None, None, 2) == ([0.0, 1.0, 2.0], [2, 4], 0)
    assert histogram(None, torch.tensor([3, 4]), torch.linspace(0, 1, 3)) == ([0.0, 0.5, 1.0], [3, 4], 0)


def test_what_is_masked_is_not_counted():
    assert histogram(np.ma.array([1.0, 9.0, 2.0], mask=[0, 1, 0]), None, None, 2) == ([1.0, 1.5, 2.0], [1, 1], 0)


# -- parameters --------------------------------------------------------------------------------------------------------


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


@dataclasses.dataclass
class Optimizer:
    rate: float = 0.1
    betas: tuple[float, float] = (0.9, 0.999)
    later: int = dataclasses.field(init=False)


@attrs.frozen
class Network:
    layers: list[int] = attrs.field(factory=lambda: [64, 10])
    optimizer: Optimizer = attrs.field(factory=Optimizer)


class Training(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow", arbitrary_types_allowed=True)

    epochs: int = pydantic.Field(3, alias="number of epochs")
    network: Network = Network()
    data: Path = Path("data/train")


OPTIMIZER = {"rate": 0.1, "betas": [0.9, 0.999]}
NETWORK = {"layers": [64, 10], "optimizer": OPTIMIZER}
MOMENT = datetime(2024, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Optimizer(), OPTIMIZER),
        (Network(), NETWORK),
        (Training(seed=7), {"epochs": 3, "network": NETWORK, "data": "data/train", "seed": 7}),
        (pydantic.RootModel[dict[str, int]]({"a": 1}), {"a": 1}),
        (argparse.Namespace(a=1, b=argparse.Namespace(c=Path("/x"))), {"a": 1, "b": {"c": "/x"}}),
        (type("Namespace", (argparse.Namespace,), {})(a=1), {"a": 1}),  # that of jsonargparse
        ({"a": Colour.RED, "b": Level.HIGH, Colour.RED: 1}, {"a": "red", "b": 3, "red": 1}),
        (
            {"moment": MOMENT, "day": date(2024, 1, 2)},
            {"moment": {"$datetime": "2024-01-02T03:04:05.678900+00:00"}, "day": "2024-01-02"},
        ),
        (
            {"a": np.float32(0.1), "b": np.int64(2**60), "c": np.bool_(0), "d": np.float64("nan"), "e": np.str_("x")},
            {"a": 0.10000000149011612, "b": {"$int": str(2**60)}, "c": False, "d": {"$float": "NaN"}, "e": "x"},
        ),
        ({"a": np.array(2.5), "b": np.arange(4).reshape(2, 2)}, {"a": 2.5, "b": [[0, 1], [2, 3]]}),
        ({"a": np.longdouble(0.5), "b": np.array([0.5], np.longdouble)}, {"a": 0.5, "b": [0.5]}),
        ({"a": pd.Timestamp(MOMENT), "b": pd.NaT, "c": pd.NA, "d": pd.Series([1, 2])}, {
            "a": {"$datetime": "2024-01-02T03:04:05.678900+00:00"}, "b": None, "c": None, "d": [1, 2],
        }),
    ],
)  # fmt: skip
def test_parameters_of_each_library_are_exactly_these(given, expected, tmp_path):
    assert parameters(tmp_path, given) == expected


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_a_moment_of_numpy_is_one_whatever_its_unit(unit, tmp_path):
    moment = np.datetime64("2024-01-02T03:04:05", unit)
    found = parameters(tmp_path, {"a": moment, "b": np.array([moment]), "c": pd.Timestamp(moment)})
    zone = datetime(2024, 1, 2, 3, 4, 5).astimezone().isoformat()
    assert found == {"a": {"$datetime": zone}, "b": [{"$datetime": zone}], "c": {"$datetime": zone}}


@with_torch
def test_tensors_are_parameters_and_properties(torch, logged):
    given = {
        "a": torch.tensor(0.5, requires_grad=True),
        "b": torch.ones((1, 2), dtype=torch.bfloat16),
        "c": torch.ones(2, 3).shape,
    }
    logged.run.set_parameters(given)
    logged.run["p"] = given["b"]
    expected = {"a": 0.5, "b": [[1.0, 1.0]], "c": [2, 3]}
    assert logged.lines()[1:] == [{"parameters": expected}, {"properties": {"p": expected["b"]}}]


def test_interpolations_of_omegaconf_are_resolved(tmp_path):
    text = "{rate: 0.1, twice: '${rate}', network: {layers: [1, '${rate}'], name: 'at ${rate}'}}"
    given = OmegaConf.create(text)
    network = {"layers": [1, 0.1], "name": "at 0.1"}
    assert parameters(tmp_path / "a", given) == {"rate": 0.1, "twice": 0.1, "network": network}
    assert parameters(tmp_path / "b", {"inner": given.network}) == {"inner": network}
    structured = OmegaConf.structured(Inner)
    assert parameters(tmp_path / "c", structured) == {"colour": "red", "path": "x"}


@dataclasses.dataclass
class Inner:
    colour: Colour = Colour.RED
    path: Path = Path("x")


@pytest.mark.parametrize("text", ["{a: {b: '${nowhere}'}}", "{a: {b: '${oc.env:NO_SUCH_VARIABLE}'}}"])
def test_an_interpolation_that_leads_nowhere_is_an_error_with_its_key(text, tmp_path):
    with pytest.raises(NotJson, match=r"^parameters can not be resolved: .*full_key: a\.b") as refused:
        parameters(tmp_path, OmegaConf.create(text))
    assert isinstance(refused.value.__cause__, omegaconf.errors.OmegaConfBaseException)


class Secret(pydantic.BaseModel):
    key: pydantic.SecretStr = pydantic.SecretStr("hunter2")


@pytest.mark.parametrize(
    ("given", "path", "text"),
    [
        ({"a": {"b": [1, len]}}, r"a\.b\[1\]", {"a": {"b": [1, "<built-in function len>"]}}),
        (Network(layers=[1, b"x"]), r"layers\[1\]", {**NETWORK, "layers": [1, "b'x'"]}),
        (argparse.Namespace(a=timedelta(1)), "a", {"a": "1 day, 0:00:00"}),
        (Secret(), "key", {"key": "**********"}),
        (OmegaConf.create({"a": {"b": b"x"}}), r"a\.b", {"a": {"b": "b'x'"}}),
        ({"a": np.complex64(1j)}, "a", {"a": "1j"}),
        ({"a": np.timedelta64(3, "ns")}, "a", {"a": "3 nanoseconds"}),
        ({"a": np.dtype("f4")}, "a", {"a": "float32"}),
    ],
)
def test_what_json_does_not_have_is_refused_with_its_path_and_goes_through_as_text(given, path, text, tmp_path):
    with pytest.raises(NotJson, match=rf"^parameters\.{path} is a .*, which JSON does not have: .* default=str"):
        parameters(tmp_path / "a", given)
    assert parameters(tmp_path / "b", given, default=str) == text


@with_torch
@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("torch.float32", "torch.float32"),
        ("torch.device('cpu')", "cpu"),
        ("torch.zeros(2, device='meta')", "tensor(..., device='meta', size=(2,))"),
    ],
)
def test_what_torch_has_and_json_has_not_is_refused_with_its_path(torch, given, text, tmp_path):
    value = eval(given)
    with pytest.raises(NotJson, match=r"^parameters\.a\.b is a torch\.\w+, which JSON does not have"):
        parameters(tmp_path / "a", {"a": {"b": value}})
    assert parameters(tmp_path / "b", {"a": {"b": value}}, default=str) == {"a": {"b": text}}


# -- tables ------------------------------------------------------------------------------------------------------------

COLUMNS = {"digit": [8, 1], "share": [0.5, math.nan], "name": ["ei,ght", None], "right": [True, False]}


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_a_table_of_each_library_is_the_same_file(library, logged):
    table = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}[library](COLUMNS)
    logged.run.log_table("a", table)
    (file,) = logged.lines()[-1]["artifacts"].values()
    with (logged.run.folder / file["path"]).open(newline="") as read:
        cells = list(csv.reader(read))
    assert cells == [[*COLUMNS], ["8", "0.5", "ei,ght", "true"], ["1", "NaN", "", "false"]]
    types = [column["type"] for column in file["metadata"]["columns"]]
    assert (file["metadata"]["rows"], types) == (2, ["integer", "number", "string", "boolean"])


# -- tensors without `item` --------------------------------------------------------------------------------------------


class EagerTensor:
    """Stands in for a tensor of TensorFlow, which is a gigabyte: that has `numpy`, and neither `item` nor `tolist`."""

    def __init__(self, array):
        self.array = np.asarray(array, np.float32)
        self.shape, self.dtype = self.array.shape, "<dtype: 'float32'>"

    def numpy(self):
        return self.array if self.shape else self.array[()]

    def __array__(self):
        return self.array


EagerTensor.__module__ = "tensorflow.python.framework.ops"


def test_a_tensor_that_has_numpy_alone_is_a_number_points_an_image_and_a_parameter(logged):
    logged.run.log({"a": EagerTensor(0.1), "b": EagerTensor([0.5, 2.5])}, step=EagerTensor(3))
    assert (logged.series("a"), logged.series("b")) == (0.10000000149011612, [0.5, 2.5])
    assert logged.lines()[1]["step"] == 3
    logged.run.set_parameters(a=EagerTensor(0.5), b=EagerTensor([[1, 2]]))
    assert logged.lines()[2]["parameters"] == {"a": 0.5, "b": [[1, 2]]}
    assert encoded(EagerTensor(np.zeros((4, 5)))).size == (5, 4)


def test_none_of_these_libraries_is_loaded_by_the_client():
    names = {"torch", "plotly", "kaleido", "omegaconf", "attrs", "attr", "pydantic", "pandas", "polars", "pyarrow"}
    program = "import sys, runjson; runjson.init; import runjson.media.files, runjson.media.histograms\n"
    program += f"assert not {names!r} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
