"""Running extremes and running sums of exponentials, and differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.array import NUMBERS, OF_NUMPY, in_order, module
from engine.dispatch import tensors
from engine.errors import axis_of
from engine.limits import finfo
from engine.op import composite, d, op
from engine.ops.extreme import SHOWN, Extreme
from engine.ops.pairs import log_sum, refuse_kinds
from engine.tensor import Tensor


def accumulated(step: Any, x: Any, axis: int) -> Any:
    """The running results of a ufunc, or of another function of two, along an axis."""
    x = in_order(x)
    if isinstance(step, np.ufunc) and isinstance(x, np.ndarray):
        return step.accumulate(x, axis=axis)
    parts = np.moveaxis(x, axis, 0)
    found = list(parts[:1])
    for part in parts[1:]:
        found.append(step(found[-1], part))
    return np.moveaxis(module(x).stack(found), 0, axis) if found else x.copy()


def _running_slope(g: Any, input: Any, y: Any, dim: int, kind: Any, k: Any) -> Any:
    def backwards(logarithm: Any) -> Any:
        return k.flip(k.logcumsumexp(k.flip(logarithm - y, (dim,)), dim), (dim,))

    if not len(input.shape):
        return g
    if kind.kind == "c":
        there = g != 0
        return k.exp(backwards(k.where(there, k.log(k.where(there, g, 1.0)), float(np.finfo(kind).min) / 2)) + input)
    # In logarithms, the positive and the negative gradients apart, since e^-y alone may overflow.
    least = float(finfo(OF_NUMPY[kind]).min)
    above, below = g > 0, g < 0
    up = k.where(above, k.log(k.where(above, g, 1.0)), least)
    down = k.where(below, k.log(k.where(below, -g, 1.0)), least)
    return k.exp(backwards(up) + input) - k.exp(backwards(down) + input)


def _log_sum_so_far(before: Any, input: Any) -> Any:
    return log_sum(input, before)  # of two infinite terms PyTorch keeps the earlier


@op(
    r"y_i = \ln \sum_{j \le i} e^{x_j}",
    said={"overlaps": True},
    input=d(r"\sum_{j \ge i} \bar y_j\,e^{x_i - y_j}", _running_slope),
)
def logcumsumexp(input, dim):
    """The logarithm of the running sum of the exponentials along an axis."""
    refuse_kinds("logcumsumexp_out_cpu", "iub", input)
    axis = axis_of(dim, input.ndim)
    if not input.ndim:
        return input.copy()
    if input.dtype.kind != "c" or not input.shape[axis]:
        return accumulated(np.logaddexp, input, axis)
    begun, first = input.copy(), (slice(None),) * axis + (0,)
    begun[first] = _log_sum_so_far(np.full_like(begun[first], -np.inf), begun[first])  # the sum begins with a term of 0
    return accumulated(_log_sum_so_far, begun, axis)


Cummax, Cummin = (type(name, (Extreme,), SHOWN) for name in ("cummax", "cummin"))


def _running(name: str, pick: Any, input: Any, dim: int) -> tuple[Any, Any]:
    refuse_kinds(f"{name}_cpu", "c", input)
    if not input.ndim and dim not in (0, -1):
        raise IndexError(f"{name}(): Expected reduction dim -1 or 0 for scalar but got {dim}")
    axis = axis_of(dim, input.ndim)
    xp = module(input)
    if not input.ndim:
        return input.copy(), xp.zeros((), np.int64)
    values = accumulated(pick, input, axis)
    places = xp.arange(input.shape[axis]).reshape((-1,) + (1,) * (input.ndim - 1 - axis))
    reached = np.equal(input, values) | (input != input)  # of equal elements the last one, of NaN too
    return values, accumulated(np.maximum, xp.where(reached, places, 0), axis)


def _running_extreme_slope(g: Any, aux: Any, shape: Any, dim: int, k: Any) -> Any:
    return k.scatter_zeros(g, shape, dim, aux) if len(shape) else g


@op(
    r"y_i = \max_{j \le i} x_j",
    said={"returns": Cummax, "aux": "places", "overlaps": True},
    input=d(
        r"\bar y \text{ at the indices}",
        _running_extreme_slope,
    ),
)
def cummax(input, dim):
    """The running maximum along an axis, and where it is."""
    found = _running("cummax", np.maximum, input, dim)
    return found, found[1]


@op(
    r"y_i = \min_{j \le i} x_j",
    said={"returns": Cummin, "aux": "places", "overlaps": True},
    input=d(
        r"\bar y \text{ at the indices}",
        _running_extreme_slope,
    ),
)
def cummin(input, dim):
    """The running minimum along an axis, and where it is."""
    found = _running("cummin", np.minimum, input, dim)
    return found, found[1]


# ---- differences


@composite()
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """The differences of neighbours along an axis, `n` times over."""
    if not input._array.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    axis = axis_of(dim, input._array.ndim)
    for more in (prepend, append):
        if more is None:
            continue
        if more._array.ndim != input._array.ndim:
            raise RuntimeError("diff expects prepend or append to be the same dimension as input")
        for i, (size, other) in enumerate(zip(input._array.shape, more._array.shape, strict=True)):
            if i != axis and size != other:
                raise RuntimeError(
                    "diff expects the shape of tensor to prepend or append to match that of input except along the "
                    f"differencing dimension; input.size({i}) = {size}, but got tensor.size({i}) = {other}"
                )
    if n == 0:
        return input.clone()
    if prepend is not None or append is not None:
        input = tensors.cat([each for each in (prepend, input, append) if each is not None], axis)
    for _ in range(n):
        size = max(input._array.shape[axis] - 1, 0)
        later, earlier = tensors.narrow(input, axis, min(1, size), size), tensors.narrow(input, axis, 0, size)
        input = tensors.ne(later, earlier) if input._array.dtype == np.bool_ else later - earlier
    return input


@composite("engine")
def gradient(input: Any, *, spacing: Any = None, dim: Any = None, edge_order: int = 1) -> Any:
    """The slopes along axes of a function given by its values on a grid: a tensor an axis."""
    ndim = input._array.ndim
    if dim is None:
        axes = list(range(ndim))
    else:
        axes = [axis_of(each, ndim) for each in (dim if isinstance(dim, Sequence) else (dim,))]
    for axis in axes:
        if axes.count(axis) > 1:
            raise RuntimeError(f"dim {axis} appears multiple times in the list of dims")
    if input._array.dtype == np.uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    steps = _steps(spacing, axes, ndim, dim)
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    if any(input._array.shape[axis] <= edge_order for axis in axes):
        raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    return tuple(_slopes(input, axis, step, edge_order) for axis, step in zip(axes, steps, strict=True))


def _steps(spacing: Any, axes: list[int], ndim: int, dim: Any) -> list[Any]:
    if spacing is None:
        return [1.0] * len(axes)
    if spacing.__class__ in NUMBERS or (isinstance(spacing, Tensor) and not spacing._array.ndim):
        return [spacing] * len(axes)
    if len(spacing) != len(axes):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to "
            f"'self.dim() = {ndim}', since dim argument was not given, but got a list of length {len(spacing)}"
            if dim is None
            else "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to "
            f"have the same length, but got a spacing argument of length {len(spacing)} and a dim argument of length "
            f"{len(axes)}."
        )
    for each in spacing:
        if isinstance(each, Tensor) and each._array.ndim != 1:
            raise RuntimeError(
                "torch.gradient expected each element of spacing to have one dimension, but got an element with "
                f"{each._array.ndim} dimensions!"
            )
    return list(spacing)


def _slopes(input: Any, axis: int, step: Any, edge_order: int) -> Any:
    """Along one axis: central differences inside, one-sided ones at the ends."""
    n = input._array.shape[axis]

    def part(first: int, count: int, of: Any = None) -> Any:
        return tensors.narrow(input, axis, first, count) if of is None else tensors.narrow(of, 0, first, count)

    if isinstance(step, Tensor) and step._array.ndim:
        step = step.reshape((-1,) + (1,) * (input._array.ndim - 1 - axis))
        before = part(1, n - 2, step) - part(0, n - 2, step)
        after = part(2, n - 2, step) - part(1, n - 2, step)
        ends = [part(i + 1, 1, step) - part(i, 1, step) for i in (0, 1 if n > 2 else 0, n - 3 if n > 2 else 0, n - 2)]
    else:
        before = after = step
        ends = [step] * 4
    middle = (
        part(0, n - 2) * (-after / (before * (before + after)))
        + part(1, n - 2) * ((after - before) / (before * after))
        + part(2, n - 2) * (before / (after * (before + after)))
        if isinstance(before, Tensor) and before._array.ndim
        else (part(2, n - 2) - part(0, n - 2)) / (2 * step)
    )
    first, last = (part(1, 1) - part(0, 1)) / ends[0], (part(n - 1, 1) - part(n - 2, 1)) / ends[3]
    if edge_order == 2:
        first, last = _edge(part, (0, 1, 2), ends[0], ends[1]), _edge(part, (n - 1, n - 2, n - 3), ends[3], ends[2])
    return tensors.cat([first, middle, last], axis)


def _edge(part: Any, points: tuple[int, int, int], near: Any, far: Any) -> Any:
    """The slope at an end from three points, the outermost first; `near` is the distance of the first two."""
    sign = 1 if points[0] < points[2] else -1
    weights = (-(2 * near + far) / (near * (near + far)), (near + far) / (near * far), -near / (far * (near + far)))
    return sum(part(i, 1) * (w * sign) for i, w in zip(points, weights, strict=True))
