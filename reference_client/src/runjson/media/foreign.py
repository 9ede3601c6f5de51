"""Objects of other libraries, told by where their classes come from: none of these is ever imported."""

from __future__ import annotations

from typing import Any


def origins(value: Any) -> set[str]:
    """The packages that the class of a value, and those it derives from, come from."""
    return {str(kind.__module__).partition(".")[0] for kind in type(value).__mro__}


def kind(value: Any) -> str:
    """What a value is, for a sentence: `numpy.ndarray`."""
    found = type(value)
    return found.__qualname__ if found.__module__ == "builtins" else f"{found.__module__}.{found.__qualname__}"


def as_array(value: Any) -> Any:
    """An array or tensor as an array of numpy; None if it is neither."""
    found = origins(value)
    if "torch" in found and hasattr(value, "detach"):
        tensor = value.detach().cpu()
        if str(tensor.dtype) in {"torch.bfloat16"} or "float8" in str(tensor.dtype):  # numpy has none of these
            tensor = tensor.float()
        return tensor.numpy()
    if "numpy" in found and hasattr(value, "dtype"):
        array = value.filled(0) if hasattr(value, "filled") else value
    elif found & {"jax", "jaxlib", "tensorflow"} and hasattr(value, "__array__"):
        array = value.__array__()
    elif found & {"pandas", "polars", "pyarrow"} and hasattr(value, "to_numpy"):
        array = value.to_numpy()
    else:
        return None
    return array.astype("float32") if array.dtype.name.startswith(("bfloat16", "float8")) else array
