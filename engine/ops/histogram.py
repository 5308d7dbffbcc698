"""Histograms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine import array, outs
from engine.array import module
from engine.dispatch import delivered, tensors
from engine.fitting import whole
from engine.op import composite
from engine.ops.pairs import refuse_kinds
from engine.tensor import Tensor, wrap


class Histogram(NamedTuple):
    """What a histogram returns."""

    hist: Any
    bin_edges: Any

    def __repr__(self) -> str:
        return f"torch.return_types.{type(self).__name__}(\nhist={self[0]!r},\nbin_edges={self[1]!r})"


One, Several = (type(name, (Histogram,), {}) for name in ("histogram", "histogramdd"))


def _span(name: str, x: Any, low: float, high: float, margin: float) -> tuple[float, float]:
    """The ends of the range: those of the elements where none is given, apart from each other."""
    if low == high and x.size:
        low, high = float(x.min()), float(x.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"{name}: range of [{low:g}, {high:g}] is not finite")
    if low > high:
        raise RuntimeError(f"{name}: max must be larger than min")
    return (low - margin, high + margin) if low == high else (low, high)


def _positive(bins: int, axis: int = 0) -> int:
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension {axis}")
    return bins


@composite()
def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0, *, out: Any = None) -> Any:
    """How many elements lie in each of `bins` equal intervals from `min` to `max`."""
    x = input._array.reshape(-1)
    if min > max:
        raise RuntimeError("torch.histc: max must be larger than min")
    refuse_kinds("histogram_cpu", "iub", x)
    low, high = _span("torch.histc", x, float(min), float(max), 1.0)
    bins = _positive(whole(bins))
    first, last = x.dtype.type(low), x.dtype.type(high)  # what follows is rounded as the elements are
    inside = x[(x >= first) & (x <= last)]
    places = np.minimum(((inside - first) * x.dtype.type(bins) / (last - first)).astype(np.int64), bins - 1)
    hist = wrap(np.bincount(places, None, bins).astype(x.dtype))
    return delivered("histc", out, hist)


def _edges(name: str, x: Any, bins: Any, span: Any, axis: int) -> Any:
    """The edges of the intervals along one axis of the data."""
    bins = whole(bins)
    if isinstance(bins, Tensor):
        return _checked_edges(x, bins._array, axis)
    low, high = (0.0, 0.0) if span is None else (float(span[0]), float(span[1]))
    if low > high:
        raise RuntimeError(
            f"torch.histogramdd: min should not exceed max, but got min {low:g} max {high:g} for dimension {axis}"
        )
    low, high = _span(name, x, low, high, 0.5) if x.size or span is not None else (0.0, 1.0)
    steps = _positive(int(bins), axis) + 1
    return tensors.linspace(low, high, steps, dtype=array.OF_NUMPY[x.dtype], device=array.device_of(x))._array


def _checked_edges(x: Any, edges: Any, axis: int) -> Any:
    if edges.dtype != x.dtype:
        raise RuntimeError(
            "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype "
            f"{outs.spoken(x.dtype)} and bins for dimension {axis} with dtype {outs.spoken(edges.dtype)}"
        )
    if edges.ndim != 1:
        raise RuntimeError(
            f"torch.histogramdd: bins tensor should have one dimension, but got {edges.ndim} dimensions in the bins "
            f"tensor for dimension {axis}"
        )
    _positive(len(edges) - 1, axis)
    return edges


def _check_weight(points: Any, shape: tuple[int, ...], weight: Any, span: Any) -> None:
    """PyTorch's errors for weights and a range that do not fit the points."""
    width = points.shape[-1]
    if span is not None and len(span) != 2 * width:
        raise RuntimeError(
            f"torch.histogramdd: for a {width}-dimensional histogram range should have {2 * width} elements, but got "
            f"{len(span)}"
        )
    if weight is not None and weight._array.dtype != points.dtype:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same "
            f"dtype, but got input({outs.spoken(points.dtype)}), and weight({outs.spoken(weight._array.dtype)})"
        )
    if weight is not None and weight._array.shape != shape:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor "
            f"excluding its innermost dimension, but got input with shape {list(points.shape)} and weight with shape "
            f"{list(weight._array.shape)}"
        )


def _counted(points: Any, edges: list[Any], weight: Any, density: bool) -> Any:
    """The weights of the points in each cell: `points` with an axis of the data on the last axis."""
    shape = tuple(len(each) - 1 for each in edges)
    inside = module(points).ones(len(points), np.bool_)
    flat = module(points).zeros(len(points), np.int64)
    for axis, edge in enumerate(edges):
        x = module(points).ascontiguousarray(points[:, axis])
        place = np.searchsorted(edge, x, "right") - 1
        place = np.where(x == edge[-1], shape[axis] - 1, place)
        inside &= (place >= 0) & (place < shape[axis])
        flat = flat * shape[axis] + place
    weights = None if weight is None else weight.reshape(-1)[inside].astype(np.float64)
    hist = np.bincount(flat[inside], weights, math.prod(shape)).reshape(shape).astype(points.dtype)
    if density:
        hist = hist / hist.sum()
        for axis, edge in enumerate(edges):
            hist = hist / np.diff(edge).reshape((-1,) + (1,) * (len(edges) - 1 - axis))
    return hist


@composite()
def histogram(
    input: Any, bins: Any = 100, *, range: Any = None, weight: Any = None, density: bool = False, out: Any = None
) -> Any:
    """How many elements lie in each interval, and the edges of the intervals."""
    x = input._array.reshape(-1, 1)
    refuse_kinds("histogramdd", "iub", x)
    _check_weight(x, input._array.shape, weight, range)
    edges = _edges("torch.histogram()", x, bins, range, 0)
    hist = _counted(x, [edges], None if weight is None else weight._array, density)
    return delivered("histogram", out, One(wrap(hist), wrap(edges.copy())))


@composite("engine")
def histogramdd(input: Any, bins: Any, range: Any = None, weight: Any = None, density: bool = False) -> Any:
    """How many points, which lie along the last axis, fall into each cell, and the edges of the cells."""
    x = input._array
    if x.ndim < 2:
        raise RuntimeError("torch.histogramdd: input tensor should have at least 2 dimensions")
    refuse_kinds("histogramdd", "iub", x)
    width = x.shape[-1]
    points = x.reshape(-1, width)
    each = list(bins) if isinstance(bins, Sequence) else [bins] * width
    if len(each) != width:
        raise RuntimeError("histogramdd: The size of bins must be equal to the innermost dimension of the input.")
    _check_weight(points, x.shape[:-1], weight, range)
    spans = [None] * width if range is None else [range[2 * i : 2 * i + 2] for i, _ in enumerate(each)]
    edges = [_edges("torch.histogramdd()", points[:, i], each[i], spans[i], i) for i, _ in enumerate(each)]
    hist = _counted(points, edges, None if weight is None else weight._array, density)
    return Several(wrap(hist), tuple(wrap(edge) for edge in edges))
