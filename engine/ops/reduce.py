"""Reductions and running totals along axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array, deprecated
from engine.array import in_order, module, numpy_dtype, summed
from engine.dispatch import raw, tensors
from engine.errors import NoDim, NotBool, axis_of, wrong_call
from engine.op import composite, d, op


def _whole(each: Any, dim: Any) -> int:
    """An axis as an int, of the `dim` that was given."""
    if each.__class__ is bool or not hasattr(each, "__index__"):
        raise NoDim(dim)
    return int(each)


def axes_of(dim: Any, ndim: int) -> tuple[int, ...] | None:
    """The axes that a `dim` names, from the front; None for all."""
    if dim.__class__ is int:
        return (axis_of(dim, ndim),)
    if dim is None or (isinstance(dim, (tuple, list)) and not len(dim)):
        return None
    if not isinstance(dim, (tuple, list)):
        return (axis_of(_whole(dim, dim), ndim),)
    axes = tuple(axis_of(_whole(each, dim), ndim) for each in dim)
    for axis in axes:
        if axes.count(axis) > 1:
            raise RuntimeError(f"dim {axis} appears multiple times in the list of dims")
    return axes


def count_of(shape: tuple[int, ...], dim: Any) -> int:
    """How many elements go into one of the result."""
    axes = axes_of(dim, len(shape))
    return math.prod(shape if axes is None else [shape[a] for a in axes if shape])


def kept_shape(shape: tuple[int, ...], dim: Any) -> tuple[int, ...]:
    """The shape of the result if it keeps the reduced axes with size one."""
    axes = axes_of(dim, len(shape))
    return tuple(1 if axes is None or i in axes else n for i, n in enumerate(shape))


def check_keepdim(keepdim: Any) -> None:
    """An error for what is no bool: most likely a second axis that was meant."""
    if keepdim.__class__ is not bool:
        raise NotBool("keepdim", keepdim)


def _np_axis(input: Any, dim: Any, keepdim: Any = False) -> Any:
    """`dim` as NumPy's `axis`; an axis of a tensor without axes reduces nothing."""
    if keepdim is not False:
        check_keepdim(keepdim)
    if dim is None:
        return None
    axes = axes_of(dim, input.ndim)
    return None if axes is None or not input.ndim else axes


_SMALL = 1 << 16
_FEW = 1 << 12


def _spread(g: Any, shape: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """The gradient of a reduction's result at every element that went into it."""
    if not len(shape):
        return g.reshape(shape)
    if not keepdim and dim is not None:
        g = g.reshape(kept_shape(shape, dim))
    if g.size == 1 and math.prod(shape) <= _SMALL:  # filling little memory costs less than a view of one element
        full = module(g).empty(shape, g.dtype)
        full.fill(
            g.item() if g.dtype.kind == "f" and not isinstance(g, (np.generic, np.ndarray)) else g.reshape(())[()]
        )
        return full
    if math.prod(shape) <= _FEW:
        full = module(g).empty(shape, g.dtype)
        full[...] = g
        return full
    return module(g).broadcast_to(g, shape)


raw.spread = _spread


def _spread_tensor(g: Any, shape: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    if not keepdim:
        g = g.reshape(kept_shape(shape, dim))
    return g.expand(shape)


tensors.spread = _spread_tensor


def _summed(dim: Any) -> str:
    return f"SumBackward{int(dim is not None)}"


def _total_dtype(input: Any, dtype: Any) -> Any:
    """The dtype of a sum: integers are added up as int64."""
    return numpy_dtype(dtype) if dtype is not None else np.int64 if input.dtype.kind in "iub" else None


def parts_for(input: Any, dtype: Any) -> Any:
    """What is added up, or multiplied, in a dtype: of complex numbers the real parts where that is a real one."""
    kind = numpy_dtype(dtype)
    return input if kind is None or kind.kind == "c" else deprecated.real_of(input)


@op(
    r"y = \sum_i x_i",
    said={"title": _summed},
    input=d(r"\bar y", lambda g, shape, kind, dim, keepdim, k: k.back(k.spread(g, shape, dim, keepdim), kind)),
)
def sum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum of all elements, or along the axes `dim`."""
    axis = None if dim is None else _np_axis(input, dim, keepdim)
    if dtype is None and input.dtype.kind == "f":
        return summed(input, axis, keepdim)
    input = parts_for(input, dtype)
    return in_order(np.add.reduce(input, axis=axis, dtype=_total_dtype(input, dtype), keepdims=keepdim))


def _float_needed(*operands: Any) -> Exception | None:
    kind = operands[0].dtype
    if kind.kind in "iub":
        return RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {array.TITLES[array.OF_NUMPY[kind]]}"
        )
    return None


@op(
    r"y = \tfrac1n \sum_i x_i",
    said={"title": lambda dim: f"MeanBackward{int(dim is not None)}", "error": _float_needed},
    input=d(
        r"\bar y / n",
        lambda g, shape, kind, dim, keepdim, k: k.back(k.spread(g / count_of(shape, dim), shape, dim, keepdim), kind),
    ),
)
def mean(input, dim=None, keepdim=False, *, dtype=None):
    """The mean of all elements, or along the axes `dim`."""
    kind = numpy_dtype(dtype)
    if kind is not None and kind.kind in "iub":
        raise RuntimeError(
            "mean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. "
            f"Got: {array.TITLES[array.OF_NUMPY[kind]]}"
        )
    if input.dtype.kind in "iub":
        if dtype is None:
            raise TypeError
        input = input.astype(numpy_dtype(dtype))
    axis = None if dim is None else _np_axis(input, dim, keepdim)
    if dtype is None:
        total = summed(input, axis, keepdim)
    else:
        input = parts_for(input, dtype)
        total = in_order(np.add.reduce(input, axis=axis, dtype=numpy_dtype(dtype), keepdims=keepdim))
    return total / count_of(input.shape, dim) if input.size else np.full_like(total, np.nan)


def variance_slope(g: Any, input: Any, shape: Any, dim: Any, keepdim: bool, correction: float, k: Any) -> Any:
    """The slope of the variance."""
    away = input - k.mean(input, dim, True)
    freedom = _freedom(shape, dim, correction)
    if not freedom:  # the variance is infinite, or NaN of equal elements
        return k.spread(g, shape, dim, keepdim) * k.where(away == 0, away + math.nan, math.inf)
    return k.spread(g, shape, dim, keepdim) * ((2 / freedom) * away)


@op(
    r"y = \tfrac{1}{n - c} \sum_i (x_i - \bar x)^2",
    said={"rule": "float", "name": "variance", "title": "VarBackward0", "homes": (), "in_place": False},
    input=d(
        r"\tfrac{2}{n - c} \bar y\,(x - \bar x)",
        variance_slope,
    ),
)
def variance(input, dim=None, correction=1, keepdim=False):
    """The mean square distance from the mean, with n - correction for n."""
    axis = _np_axis(input, dim, keepdim)
    if not input.size:  # NumPy warns of the mean of nothing
        return np.add.reduce(input.real, axis=axis, keepdims=keepdim) * input.real.dtype.type(math.nan)
    away = input - np.mean(input, axis=axis, keepdims=True)
    square = away * away if input.dtype.kind != "c" else (away * away.conj()).real
    total = in_order(np.add.reduce(square, axis=axis, keepdims=keepdim))
    return total / square.dtype.type(_freedom(input.shape, dim, correction))


def _freedom(shape: tuple[int, ...], dim: Any, correction: float) -> float:
    return max(count_of(shape, dim) - correction, 0.0)


def deviation_slope(g: Any, input: Any, y: Any, shape: Any, dim: Any, keepdim: bool, correction: float, k: Any) -> Any:
    """The slope of the deviation `y`."""
    inverse = 1 / (_freedom(shape, dim, correction) or math.nan)
    return k.spread(k.over(g, y), shape, dim, keepdim) * (inverse * (input - k.mean(input, dim, True)))


@op(
    r"y = \sqrt{\tfrac{1}{n - c} \sum_i (x_i - \bar x)^2}",
    said={"rule": "float", "name": "deviation", "title": "StdBackward0", "homes": (), "in_place": False},
    input=d(r"\tfrac{1}{(n - c)\,y} \bar y\,(x - \bar x)", deviation_slope),
)
def deviation(input, dim=None, correction=1, keepdim=False):
    """The square root of the variance."""
    return np.sqrt(variance_of(input, dim, correction, keepdim))


variance_of = raw.variance


def _over(g: Any, y: Any) -> Any:
    """g / y, zero where y is."""
    zero = y == 0
    return g * ~zero / (y + zero) if hasattr(zero, "dtype") else (g / y if not zero else g * 0)


raw.over = tensors.over = _over
# The same with a derivative that is NaN where the divisor is zero, as PyTorch's of norms is.
raw.over_or_zero = _over
tensors.over_or_zero = lambda g, y: g * tensors.where(y == 0, 0.0, 1 / y)


def correction_of(
    input: Any, name: str, dim: Any, unbiased: Any, correction: Any, who: str = "std"
) -> tuple[Any, float]:
    """The axes and the correction that PyTorch's overloads of `var` and `std` mean."""
    if input._array.dtype.kind in "iub":
        raise RuntimeError(f"{name} only support floating point and complex dtypes")
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if not (unbiased is None or isinstance(unbiased, bool)):
        raise wrong_call(who, (dim, unbiased), "(tuple of ints dim, bool unbiased, bool keepdim)")
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    return dim, correction


def few(name: str, input: Any, dim: Any, correction: float) -> None:
    """PyTorch's warning where there are not enough elements for a variance."""
    shape = input._array.shape
    if count_of(shape, dim) <= correction or 0 in shape:
        deprecated.tell(deprecated.TOO_FEW.format(name))


@composite()
def var(input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Any:
    """The variance of all elements, or along the axes `dim`."""
    dim, correction = correction_of(input, "std and var", dim, unbiased, correction, "var")
    few("var", input, dim, correction)
    return variance(input, dim, correction, keepdim)


@composite()
def std(input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Any:
    """The standard deviation of all elements, or along the axes `dim`."""
    dim, correction = correction_of(input, "std and var", dim, unbiased, correction)
    few("std", input, dim, correction)
    return deviation(input, dim, correction, keepdim)


@op(
    r"y = \ln \sum_i e^{x_i}",
    said={"rule": "float", "in_place": False},
    input=d(
        r"\bar y\,e^{x - y}",
        lambda g, input, y, shape, dim, keepdim, k: (
            k.spread(g, shape, dim, keepdim) * k.exp(input - k.spread(y, shape, dim, keepdim))
        ),
    ),
)
def logsumexp(input, dim, keepdim=False):
    """The logarithm of the sum of the exponentials along the axes `dim`."""
    axis = _np_axis(input, dim, keepdim)
    if not input.size:
        return np.log(in_order(np.add.reduce(input, axis=axis, keepdims=keepdim)))
    top = np.maximum.reduce(input.real, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0).astype(input.dtype, copy=False)
    total = in_order(np.log(np.add.reduce(np.exp(input - top), axis=axis, keepdims=True)) + top)
    return total if keepdim else np.squeeze(total, axis) if axis is not None else total.reshape(())


def _evenly(g: Any, input: Any, y: Any, shape: Any, dim: Any, keepdim: bool, k: Any) -> Any:
    """The gradient of an extreme: divided evenly among the elements that attain it."""
    at = input == k.spread(y, shape, dim, keepdim)
    at = at * k.spread(g * 0 + 1, shape, dim, keepdim)
    return k.spread(g, shape, dim, keepdim) * at / k.sum(at, dim, True)


def _evenly_raw(g: Any, input: Any, y: Any, shape: Any, dim: Any, keepdim: bool, k: Any) -> Any:
    """The same, where most often each result is attained once."""
    if not keepdim and dim is not None and len(shape):
        kept = kept_shape(shape, dim)
        y, g = y.reshape(kept), g.reshape(kept)
    at = input == y
    whole = g * at
    return whole if np.count_nonzero(at) == y.size else whole / k.sum(at.astype(g.dtype), dim, True)
