"""The largest and the smallest, where they are, and whether any or all are nonzero."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.dispatch import tensors
from engine.errors import axis_of, real_only
from engine.op import composite, d, op
from engine.ops.reduce import _evenly, _np_axis
from engine.tensor import Tensor


def _empty(*operands: Any) -> Exception | None:
    if not operands[0].size:
        return RuntimeError(
            "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
            "'dim' argument."
        )
    return None


@op(
    r"y = \max_i x_i",
    said={
        "error": _empty,
        "title": lambda dim: "AmaxBackward0" if dim is not None else "MaxBackward1",
        "real_only": "max_values_cpu",
    },
    input=d(r"\bar y\,[x = y] / \#", _evenly),
)
def amax(input, dim=None, keepdim=False):
    """The largest of all elements, or along the axes `dim`."""
    return np.maximum.reduce(input, axis=_np_axis(input, dim), keepdims=keepdim)


@op(
    r"y = \min_i x_i",
    said={
        "error": _empty,
        "title": lambda dim: "AminBackward0" if dim is not None else "MinBackward1",
        "real_only": "min_values_cpu",
    },
    input=d(r"\bar y\,[x = y] / \#", _evenly),
)
def amin(input, dim=None, keepdim=False):
    """The smallest of all elements, or along the axes `dim`."""
    return np.minimum.reduce(input, axis=_np_axis(input, dim), keepdims=keepdim)


class Extreme(NamedTuple):
    """What an extreme along an axis returns."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return f"torch.return_types.{type(self).__name__}(\nvalues={self.values!r},\nindices={self.indices!r})"


Max = type("max", (Extreme,), {})
Min = type("min", (Extreme,), {})


def _nan_first(input: Any, dim: int, pick: Any, keepdim: bool) -> tuple[Any, Any]:
    at = pick(input, axis=dim if input.ndim else None, keepdims=True)
    if not input.ndim:
        return input, np.zeros((), np.int64)
    values = np.take_along_axis(input, at, dim)
    return (values, at) if keepdim else (values.squeeze(dim), at.squeeze(dim))


def _at_index(g: Any, aux: Any, input: Any, shape: Any, dim: int, keepdim: bool, k: Any, pick: str) -> Any:
    if not len(shape):
        return g
    at = aux if aux is not None else getattr(input, pick)(dim, True)
    return k.scatter_zeros(g if keepdim else k.unsqueeze(g, dim), shape, dim, at)


@op(
    r"y = \max_i x_i",
    said={
        "returns": Max,
        "aux": True,
        "title": "MaxBackward0",
        "homes": (),
        "real_only": RuntimeError("max(): does not support complex input"),
    },
    input=d(
        r"\bar y \text{ at } \arg\max x",
        lambda g, aux, input, shape, dim, keepdim, k: _at_index(g, aux, input, shape, dim, keepdim, k, "argmax"),
    ),
)
def max_along(input, dim, keepdim=False):
    """The largest elements along an axis, and where they are."""
    values, at = _nan_first(input, axis_of(dim, input.ndim), np.argmax, keepdim)
    return (values, at), at if keepdim or not input.ndim else np.expand_dims(at, dim)


@op(
    r"y = \min_i x_i",
    said={
        "returns": Min,
        "aux": True,
        "title": "MinBackward0",
        "homes": (),
        "real_only": RuntimeError("min(): does not support complex input"),
    },
    input=d(
        r"\bar y \text{ at } \arg\min x",
        lambda g, aux, input, shape, dim, keepdim, k: _at_index(g, aux, input, shape, dim, keepdim, k, "argmin"),
    ),
)
def min_along(input, dim, keepdim=False):
    """The smallest elements along an axis, and where they are."""
    values, at = _nan_first(input, axis_of(dim, input.ndim), np.argmin, keepdim)
    return (values, at), at if keepdim or not input.ndim else np.expand_dims(at, dim)


@composite()
def max(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """The largest element; along an axis with the indices; of two tensors element by element."""
    if isinstance(dim, Tensor) or other is not None:
        return tensors.maximum(input, other if dim is None else dim)
    if dim is not None:
        return max_along(input, dim, keepdim)
    real_only("max_all", input)
    return amax(input)


@composite()
def min(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """The smallest element; along an axis with the indices; of two tensors element by element."""
    if isinstance(dim, Tensor) or other is not None:
        return tensors.minimum(input, other if dim is None else dim)
    if dim is not None:
        return min_along(input, dim, keepdim)
    real_only("min_all", input)
    return amin(input)


@composite()
def aminmax(input: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest and the largest."""
    return amin(input, dim, keepdim), amax(input, dim, keepdim)


def _index(pick: Any, input: Any, dim: Any, keepdim: bool) -> Any:
    if dim is None:
        at = pick(input)
        return np.reshape(at, (1,) * input.ndim) if keepdim else at
    axis = axis_of(dim, input.ndim)
    return pick(input, axis=axis, keepdims=keepdim) if input.ndim else np.int64(0)


@op(r"y = \arg\max_i x_i", said={"real_only": RuntimeError("argmax(): does not support complex input")}, input=None)
def argmax(input, dim=None, keepdim=False):
    """Where the largest element is, in the flattened tensor or along an axis."""
    return _index(np.argmax, input, dim, keepdim)


@op(r"y = \arg\min_i x_i", said={"real_only": RuntimeError("argmin(): does not support complex input")}, input=None)
def argmin(input, dim=None, keepdim=False):
    """Where the smallest element is, in the flattened tensor or along an axis."""
    return _index(np.argmin, input, dim, keepdim)


@op(r"y = \bigvee_i x_i", input=None)
def any(input, dim=None, keepdim=False):
    """Whether one of the elements is nonzero."""
    return np.any(input, axis=_np_axis(input, dim), keepdims=keepdim)


@op(r"y = \bigwedge_i x_i", input=None)
def all(input, dim=None, keepdim=False):
    """Whether all of the elements are nonzero."""
    return np.all(input, axis=_np_axis(input, dim), keepdims=keepdim)


@op(r"y = \#\{i : x_i \ne 0\}", input=None)
def count_nonzero(input, dim=None):
    """How many elements are not zero."""
    return np.count_nonzero(input, axis=_np_axis(input, dim))
