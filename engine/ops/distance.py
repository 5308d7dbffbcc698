"""Distances between points, angles between vectors, and norms held below a bound."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array
from engine.array import module
from engine.dispatch import tensors
from engine.errors import axis_of, broadcast_error
from engine.op import d, op
from engine.ops.layer import inexact_norm
from engine.ops.matrix import floating, function, no_half
from engine.ops.norms import vector_norm
from engine.tensor import Tensor, wrap
from engine.titles import retitle

_MANY = 25  # points; from more on squares and products are quicker than differences, which are more exact


def _euclidean_slope(g: Any, mine: Any, others: Any, y: Any, k: Any) -> Any:
    ratio = k.over(g, y)
    return mine * k.sum(ratio, -1, True) - ratio @ others


@op(
    r"y_{ij} = \lVert a_i - b_j \rVert",
    said={"homes": (), "title": "CdistBackward0", "out": False},
    points=d(
        r"\sum_j \bar y_{ij} (a_i - b_j) / y_{ij}",
        lambda g, points, others, y, k: _euclidean_slope(g, points, others, y, k),
    ),
    others=d(
        r"\sum_i \bar y_{ij} (b_j - a_i) / y_{ij}",
        lambda g, points, others, y, k: _euclidean_slope(k.mT(g), others, points, k.mT(y), k),
    ),
)
def euclidean(points, others, by_products=False):
    """The Euclidean distances of all pairs of points."""
    if not by_products:
        away = points[..., :, None, :] - others[..., None, :, :]
        return np.sqrt(array.summed(away * away, -1))
    middle = points.mean((-2,), keepdims=True) if points.shape[-2] else 0  # near the origin the squares cancel least
    points, others = points - middle, others - middle
    squares = [array.summed(x * x, -1) for x in (points, others)]
    inner = points @ others.swapaxes(-1, -2)
    return np.sqrt(np.maximum(squares[0][..., :, None] + squares[1][..., None, :] - 2 * inner, 0))


_MODES = ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist")


@function("engine", out=False)
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: Any = None) -> Any:
    """The distances, by the p-norm, of all pairs of a point of one set and one of another."""
    mode = (
        _MODES[0] if compute_mode is None else _MODES[compute_mode] if isinstance(compute_mode, int) else compute_mode
    )
    if mode not in _MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    a, b = x1._array.shape, x2._array.shape
    for i, (each, shape) in enumerate(((x1, a), (x2, b)), 1):
        if not each.dtype.is_floating_point:
            raise RuntimeError(f"cdist only supports floating-point dtypes, X{i} got: {array.TITLES[each.dtype]}")
        if len(shape) < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, X{i} got: {len(shape)}D")
    if a[-1] != b[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {a[-1]} X2: {b[-1]}")
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if x1.dtype != x2.dtype:
        titles = [array.TITLES[t.dtype] for t in (x1, x2)]
        raise RuntimeError(f"expected scalar type {titles[0]} but found {titles[1]}")
    no_half(x1, "cdist", "cdist")
    if p == 2:
        by_products = mode == _MODES[1] or (mode == _MODES[0] and (a[-2] > _MANY or b[-2] > _MANY))
        try:
            batch = np.broadcast_shapes(a[:-2], b[:-2])
        except ValueError:
            raise broadcast_error("cdist", (a[:-2], b[:-2])) from None
        return euclidean(x1.expand(*batch, *a[-2:]), x2.expand(*batch, *b[-2:]), by_products)
    return retitle(_lengths(x1[..., :, None, :] - x2[..., None, :, :], p), "CdistBackward0", (x1, x2))


def _lengths(away: Any, p: float) -> Any:
    """The p-norms of differences; 0 without coordinates."""
    return vector_norm(away, float(p) if away._array.shape[-1] else 1.0, -1)


@function("engine", "functional", out=False)
def pdist(input: Tensor, p: float = 2.0) -> Any:
    """The distances, by the p-norm, of all pairs of rows, first with second, first with third, ..."""
    if input._array.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input._array.ndim}D")
    if not input.dtype.is_floating_point:
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    no_half(input, "pdist", "pdist")
    rows, columns = np.triu_indices(input._array.shape[0], 1)
    i, j = (wrap(module(input._array).asarray(each)) for each in (rows, columns))
    return retitle(_lengths(input.index_select(0, i) - input.index_select(0, j), p), "PdistBackward0")


@function("method", "engine", out=False)
def dist(input: Tensor, other: Tensor, p: float = 2.0) -> Any:
    """The p-norm of a difference."""
    away = input - other
    if not floating(away):
        raise RuntimeError(
            f"norm(): input dtype should be either floating point or complex. Got {array.TITLES[away.dtype]} instead."
        )
    return vector_norm(away, float(p))


@function("functional", "engine", out=False)
def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The p-norms of the differences of vectors, one by one."""
    return retitle(vector_norm(x1 - x2 + eps, float(p), -1, keepdim), "NormBackward1")


@function("functional", "engine", out=False)
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosines of the angles between vectors along an axis."""
    x1, x2 = tensors.broadcast_tensors(x1, x2)
    kind = tensors.promote_types(x1.dtype, x2.dtype)
    if not kind.is_floating_point:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {array.TITLES[kind]}")
    units = []
    for x in (x1.to(kind), x2.to(kind)):
        size = vector_norm(x, 2.0, dim, True)
        # The bound changes the value and not the slope, as in PyTorch.
        held = size.detach()
        units.append(x / (size + (tensors.clamp(held, min=eps) - held)))
    return (units[0] * units[1]).sum(dim)


@function("method", "engine", in_place=True)
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Any:
    """The slices along an axis, those with a p-norm over the bound scaled down to it."""
    ndim = input._array.ndim
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm}")
    if ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {ndim} dimensions")
    axis = axis_of(dim, ndim)
    inexact_norm(input)
    size = vector_norm(input, float(p), tuple(i for i in range(ndim) if i != axis), True)
    scale = tensors.where(size > maxnorm, maxnorm / (size + 1e-7), tensors.ones_like(size))
    return input * scale
