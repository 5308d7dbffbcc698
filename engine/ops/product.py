"""Products along axes, whole and running, whose slopes must hold at zeros, and running sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import in_order
from engine.dispatch import raw, tensors
from engine.errors import axis_of
from engine.op import d, op
from engine.ops.reduce import _np_axis, _total_dtype, parts_for


def _product_slope(g: Any, input: Any, y: Any, shape: Any, kind: Any, dim: Any, keepdim: bool, k: Any) -> Any:
    if not len(shape):
        return k.back(g.reshape(shape), kind)
    if not (input == 0).any():
        return k.back(k.spread(g * y, shape, dim, keepdim) / input, kind)
    # What the others multiply to: the products before an element times those after it.
    flat = input if dim is not None else input.reshape(-1)
    axis = 0 if dim is None else axis_of(dim, len(shape))
    others = k.product_of_others(flat, axis)
    return k.back(k.spread(g, shape, dim, keepdim) * others.reshape(shape), kind)


@op(
    r"y = \prod_i x_i",
    said={"title": lambda dim: f"ProdBackward{int(dim is not None)}"},
    input=d(r"\bar y \prod_{j \ne i} x_j", _product_slope),
)
def prod(input, dim=None, keepdim=False, *, dtype=None):
    """The product of all elements, or along the axis `dim`."""
    if isinstance(dim, (tuple, list)):
        raise TypeError(f"prod(): argument 'dim' must be int, not {type(dim).__name__}")
    kind, input = _total_dtype(input, dtype), parts_for(input, dtype)
    return in_order(np.multiply.reduce(input, axis=_np_axis(input, dim, keepdim), dtype=kind, keepdims=keepdim))


@op(
    r"y_i = \prod_{j \ne i} x_j",
    said={"homes": (), "in_place": False},
    input=d(
        r"\sum_{j \ne i} \bar y_j \prod_{l \ne i, j} x_l", lambda g, input, dim, k: k.product_of_pairs(g, input, dim)
    ),
)
def product_of_others(input, dim):
    """Along an axis, for each element the product of all others."""
    x = np.moveaxis(input, dim, 0)
    before = np.cumprod(np.concatenate([np.ones_like(x[:1]), x[:-1]]), axis=0)
    after = np.cumprod(np.concatenate([np.ones_like(x[:1]), x[:0:-1]]), axis=0)[::-1]
    return np.moveaxis(before * after, 0, dim)


def _product_of_pairs(g: Any, input: Any, dim: int) -> Any:
    """The slope of `product_of_others`, raw: the products of all but two."""
    x, up = np.moveaxis(input, dim, 0), np.moveaxis(g, dim, 0)
    total = np.zeros_like(x)
    for i in range(len(x)):
        rest = np.concatenate([x[:i], x[i + 1 :]])
        pairs = raw.product_of_others(rest, 0) * np.concatenate([up[:i], up[i + 1 :]])
        total[i] = pairs.sum(axis=0)
    return np.moveaxis(total, 0, dim)


def _recorded_pairs(g: Any, input: Any, dim: int) -> Any:
    """The same on tensors, recorded."""
    n = input._array.shape[dim]

    def without(x: Any, i: int) -> Any:
        return tensors.cat([tensors.narrow(x, dim, 0, i), tensors.narrow(x, dim, i + 1, n - i - 1)], dim)

    rows = [
        (tensors.product_of_others(without(input, i), dim) * without(g, i)).sum(dim, keepdim=True) for i in range(n)
    ]
    return tensors.cat(rows, dim) if rows else g


raw.product_of_pairs = _product_of_pairs
tensors.product_of_pairs = _recorded_pairs


def _running_dtype(name: str, input: Any, dtype: Any) -> Any:
    kind = _total_dtype(input, dtype)
    if kind == np.bool_:
        raise NotImplementedError(f"\"{name}_out_cpu\" not implemented for 'Bool'")
    return kind


# What PyTorch keeps the running value in, which it rounds for each element alone.
_WIDER = {np.dtype(np.float16): np.float32, np.dtype(np.float32): np.float64, np.dtype(np.complex64): np.complex128}


def _running(run: Any, input: Any, dim: int, kind: Any) -> Any:
    kind = np.dtype(kind or input.dtype)
    input = parts_for(input, kind)
    if not input.ndim:
        return input.astype(kind)
    wide = _WIDER.get(kind)
    input = in_order(input)
    return run(input, axis=dim, dtype=kind) if wide is None else run(input, axis=dim, dtype=wide).astype(kind)


@op(
    r"y_i = \sum_{j \le i} x_j",
    said={"overlaps": True},
    input=d(
        r"\sum_{j \ge i} \bar y_j",
        lambda g, kind, dim, k: k.back(k.flip(k.cumsum(k.flip(g, (dim,)), dim), (dim,)), kind),
    ),
)
def cumsum(input, dim, *, dtype=None):
    """The running sum along an axis."""
    axis_of(dim, input.ndim)
    kind = _running_dtype("cumsum", input, dtype)
    return _running(np.cumsum, input, dim, kind)


def _cumulative_product_slope(g: Any, input: Any, y: Any, dim: int, k: Any) -> Any:
    if not len(input.shape):
        return g
    if not (input == 0).any():
        return k.flip(k.cumsum(k.flip(g * y, (dim,)), dim), (dim,)) / input
    # Element i of the result has the product of the others among the first i as its slope.
    total = k.zeros_like(g)
    for i in range(input.shape[dim]):
        others = k.product_of_others(k.narrow(input, dim, 0, i + 1), dim if dim >= 0 else dim + len(input.shape))
        part = k.narrow(g, dim, i, 1) * others
        rest = list(input.shape)
        rest[dim] = input.shape[dim] - i - 1
        total = total + k.cat([part, k.narrow(k.zeros_like(g), dim, 0, rest[dim])], dim)
    return total


@op(
    r"y_i = \prod_{j \le i} x_j",
    said={"overlaps": True},
    input=d(
        r"\sum_{j \ge i} \bar y_j y_j / x_i",
        lambda g, input, y, dim, kind, k: k.back(_cumulative_product_slope(g, input, y, dim, k), kind),
    ),
)
def cumprod(input, dim, *, dtype=None):
    """The running product along an axis."""
    axis_of(dim, input.ndim)
    kind = _running_dtype("cumprod", input, dtype)
    return _running(np.cumprod, input, dim, kind)
