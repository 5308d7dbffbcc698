"""Sums, means and medians that leave NaN out; quantiles; the most frequent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array
from engine.array import module
from engine.dispatch import raw, tensors
from engine.errors import axis_of, real_only
from engine.numeric import selection
from engine.op import composite, d, op
from engine.ops.extreme import SHOWN, Extreme, evenly_among_all
from engine.ops.pairs import refuse_kinds
from engine.ops.pick import gather
from engine.tensor import Tensor, wrap
from engine.titles import retitle


@op(
    r"y = \sum_i x_i\,[x_i \ne \mathrm{NaN}]",
    said={"title": "NansumBackward0"},
    input=d(
        r"\bar y\,[x \ne \mathrm{NaN}]",
        lambda g, input, shape, kind, dim, keepdim, k: (
            k.back(k.spread(g, shape, dim, keepdim), kind) * (input == input)
        ),
    ),
)
def nansum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum of all elements that are not NaN, or along the axes `dim`."""
    if input.dtype.kind == "c":
        raise RuntimeError("nansum on CPU does not support complex inputs")
    numbers = module(input).where(input != input, input.dtype.type(0), input) if input.dtype.kind == "f" else input
    return raw.sum(numbers, dim, keepdim, dtype=dtype)


@composite()
def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean of all elements that are not NaN, or along the axes `dim`."""
    if input._array.dtype.kind in "iub":
        raise RuntimeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {array.TITLES[input.dtype]}"
        )
    count = tensors.sum(wrap(~np.isnan(input._array)), dim, keepdim)
    return nansum(input, dim, keepdim, dtype=dtype) / count


# ---- medians


Median, Nanmedian, Mode = (type(name, (Extreme,), SHOWN) for name in ("median", "nanmedian", "mode"))


def _middle(input: Any, axis: int, skip_nan: bool) -> Any:
    """Where the lower of the middle elements is along an axis, which is kept."""
    xp = module(input)
    size = input.shape[axis]
    missing = input != input
    if xp is np and not missing.any():
        # Of the elements equal to the middle one, that which comes as far behind the first as in a stable order.
        value = np.take(np.partition(input, (size - 1) // 2, axis=axis), [(size - 1) // 2], axis=axis)
        equal = input == value
        at = np.argmax(equal, axis=axis, keepdims=True)
        if np.count_nonzero(equal) > value.size:
            further = (size - 1) // 2 - np.count_nonzero(input < value, axis=axis, keepdims=True)
            at = np.argmax(np.cumsum(equal, axis=axis) > further, axis=axis, keepdims=True)
        return at
    order = np.argsort(input, axis=axis, kind="stable")
    if skip_nan:
        count = size - missing.sum(axis=axis, keepdims=True)
        return np.take_along_axis(order, xp.asarray(np.maximum(count - 1, 0) // 2), axis)
    at = np.take(order, [(size - 1) // 2], axis=axis)
    if input.dtype.kind == "f" and missing.any():
        at = xp.where(missing.any(axis=axis, keepdims=True), np.argmax(missing, axis=axis, keepdims=True), at)
    return at


def _middle_along(name: str, input: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """((values, indices), the indices with the axis kept)."""
    if dim is None or isinstance(dim, (tuple, list)):
        raise TypeError(f"{name}(): argument 'dim' must be int, not {type(dim).__name__}")
    axis = axis_of(dim, input.ndim)
    refuse_kinds("mode_cpu" if name == "mode" else "median_out", "c" if name == "mode" else "cb", input)
    if not input.ndim:
        at = module(input).zeros((), np.int64)
        return (input.copy(), at), at
    if not input.shape[axis]:
        raise IndexError(f"{name.removeprefix('nan')}(): Expected reduction dim {axis} to have non-zero size.")
    at = _mode_place(input, axis) if name == "mode" else _middle(input, axis, name == "nanmedian")
    values = np.take_along_axis(input, at, axis)
    return ((values, at) if keepdim else (values.squeeze(axis), at.squeeze(axis))), at


def _at_place(g: Any, aux: Any, shape: Any, dim: int, keepdim: bool, k: Any) -> Any:
    if not len(shape):
        return g
    return k.scatter_zeros(g if keepdim else k.unsqueeze(g, dim), shape, dim, aux)


# The slope of what picks an element along an axis: the gradient where it was.
_PICKED = d(r"\bar y \text{ at the index}", _at_place)


def _all_middle(input: Any, skip_nan: bool) -> Any:
    refuse_kinds("median_cpu", "cb", input)
    flat = input.reshape(-1)
    if not flat.size:
        return input.dtype.type(math.nan if input.dtype.kind == "f" else np.iinfo(input.dtype).min)
    return flat[_middle(flat, 0, skip_nan)[0]]


@op(
    r"y = \mathrm{median}(x)",
    said={"name": "median_of_all", "title": "MedianBackward0", "homes": ()},
    input=d(r"\bar y\,[x = y] / \#", evenly_among_all),
)
def median_of_all(input):
    """The lower of the middle elements."""
    return _all_middle(input, False)


@op(
    r"y = \mathrm{median}(x)",
    said={"name": "median_along", "returns": Median, "aux": "places", "title": "MedianBackward1", "homes": ()},
    input=_PICKED,
)
def median_along(input, dim, keepdim=False):
    """The lower of the middle elements along an axis, and where it is."""
    return _middle_along("median", input, dim, keepdim)


@op(
    r"y = \mathrm{median}(x)",
    said={"name": "nanmedian_of_all", "title": "NanmedianBackward0", "homes": ()},
    input=d(r"\bar y\,[x = y] / \#", evenly_among_all),
)
def nanmedian_of_all(input):
    """The lower of the middle elements that are not NaN."""
    return _all_middle(input, True)


@op(
    r"y = \mathrm{median}(x)",
    said={"name": "nanmedian_along", "returns": Nanmedian, "aux": "places", "title": "NanmedianBackward1", "homes": ()},
    input=_PICKED,
)
def nanmedian_along(input, dim, keepdim=False):
    """The lower of the middle elements that are not NaN along an axis, and where it is."""
    return _middle_along("nanmedian", input, dim, keepdim)


@composite()
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The lower of the middle elements; along an axis with the indices."""
    real_only("median_cpu" if dim is None else "median_out", input)
    return median_of_all(input) if dim is None else median_along(input, dim, keepdim)


@composite()
def nanmedian(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The lower of the middle elements that are not NaN; along an axis with the indices."""
    return nanmedian_of_all(input) if dim is None else nanmedian_along(input, dim, keepdim)


_SHORT = 16  # elements that PyTorch sorts stably


def _mode_place(input: Any, axis: int) -> Any:
    """The last place of the most frequent element along an axis, of the smallest if there are several."""
    xp = module(input)
    order = np.moveaxis(np.argsort(input, axis=axis, kind="stable"), axis, 0)
    ranked = np.take_along_axis(np.moveaxis(input, axis, 0), order, 0)
    places = xp.arange(len(ranked)).reshape((-1,) + (1,) * (ranked.ndim - 1))
    starts = xp.where(places > 0, ranked != np.roll(ranked, 1, 0), True)
    length = places - raw.cummax(xp.where(starts, places, 0), 0)[0]
    best = np.argmax(length, axis=0, keepdims=True)  # the end of the first of the longest runs
    if xp is np and len(ranked) > _SHORT and input.size <= selection.MOST and length.any():
        keys = selection.ranks(np.moveaxis(input, axis, -1).reshape(-1, len(ranked)))
        order = np.array([selection.sorted_places(row) for row in keys.tolist()]).T.reshape(order.shape)
    return np.moveaxis(np.take_along_axis(order, best, 0), 0, axis)


@op(
    r"y = \mathrm{mode}(x)",
    said={"returns": Mode, "aux": "places"},
    input=_PICKED,
)
def mode(input, dim=-1, keepdim=False):
    """The most frequent element along an axis, and where it is."""
    return _middle_along("mode", input, dim, keepdim)


# ---- quantiles


_BETWEEN = ("linear", "lower", "higher", "midpoint", "nearest")


@composite()
def quantile(input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear") -> Any:
    """The value below which the fraction `q` of the elements lies, or one for each of a vector `q`."""
    return _quantile(False, input, q, dim, keepdim, interpolation)


@composite()
def nanquantile(input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear") -> Any:
    """The `quantile` of the elements that are not NaN."""
    return _quantile(True, input, q, dim, keepdim, interpolation)


def _quantile(skip_nan: bool, input: Any, q: Any, dim: Any, keepdim: bool, interpolation: str) -> Any:
    fractions, vector = _checked_fractions(input, q, interpolation)
    ndim = input._array.ndim
    whole = input.reshape(-1) if dim is None or not ndim else input
    axis = axis_of(0 if dim is None else dim, whole._array.ndim if ndim else 0)
    ordered = tensors.sort(tensors.movedim(whole, axis, -1), -1).values
    x = ordered._array
    missing = x != x
    # The places between which the result lies: a number for each fraction, on the last axis.
    if skip_nan:
        count = x.shape[-1] - missing.sum(axis=-1, keepdims=True)
        places = fractions * wrap(module(x).asarray(np.maximum(count - 1, 0)).astype(x.dtype))
    else:
        places = fractions * (x.shape[-1] - 1)
        if missing.any():
            places = tensors.where(wrap(missing.any(axis=-1, keepdims=True)), x.shape[-1] - 1.0, places)
    rounding = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}.get(interpolation)
    below = np.floor(places._array) if rounding is None else rounding(places._array)
    shape = (*x.shape[:-1], below.shape[-1])
    found = gather(ordered, -1, _spread(below, shape))
    if rounding is None:
        share = wrap(np.full_like(below, 0.5)) if interpolation == "midpoint" else places - wrap(below)
        found = tensors.lerp(found, gather(ordered, -1, _spread(np.ceil(places._array), shape)), share)
    result = tensors.movedim(found, -1, 0)
    if dim is None or not ndim:
        result = result.reshape([-1] + [1] * (ndim if keepdim else 0))
    elif keepdim:
        result = result.unsqueeze(axis + 1)
    return retitle(result if vector else result.squeeze(0), "SqueezeBackward4")


def _spread(places: Any, shape: tuple[int, ...]) -> Any:
    return wrap(np.broadcast_to(places.astype(np.int64), shape))


def _checked_fractions(input: Any, q: Any, interpolation: str) -> tuple[Any, bool]:
    """`q` as a vector in the dtype of the input, and whether it was one."""
    kind = input._array.dtype
    if not input._array.size:
        raise RuntimeError("quantile() input tensor must be non-empty")
    if kind not in (np.float32, np.float64):
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    if interpolation not in _BETWEEN:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            f"{interpolation}"
        )
    if isinstance(q, Tensor):
        fractions = q._array
        if fractions.ndim > 1:
            raise RuntimeError("quantile() q must be a scalar or 1D tensor")
        if fractions.dtype != kind:
            raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
        if not np.all((fractions >= 0) & (fractions <= 1)):
            raise RuntimeError("quantile() q values must be in the range [0, 1]")
        return q.reshape(-1), bool(fractions.ndim)
    if not isinstance(q, (int, float)):
        raise TypeError(f"quantile(): argument 'q' (position 2) must be Tensor, not {type(q).__name__}")
    if not 0 <= q <= 1:
        raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q:g}")
    return wrap(array.as_there(module(input._array).asarray([q], kind), input._array)), False
