"""Norms of vectors and of matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array
from engine.array import in_order
from engine.dispatch import tensors
from engine.errors import axis_of
from engine.fitting import as_number, listed
from engine.op import d, op
from engine.ops.inverse import inverse_of
from engine.ops.matrix import floating, function, inexact, matrices, square
from engine.ops.reduce import _evenly, _np_axis
from engine.ops.singular import singular_parts
from engine.tensor import Tensor
from engine.titles import retitle


def _slope(g: Any, input: Any, y: Any, ord: float, shape: Any, kind: Any, dim: Any, keepdim: bool, k: Any) -> Any:
    if ord == 0:  # a number of elements has none
        return None if kind.kind != "c" else input * 0
    if ord in (math.inf, -math.inf):
        return _evenly(g, k.abs(input), y, shape, dim, keepdim, k) * k.sgn(input)
    if ord == 1:
        return k.spread(g, shape, dim, keepdim) * k.sgn(input)
    if ord == 2:
        return input * k.spread(k.over_or_zero(g, y), shape, dim, keepdim)
    size = k.abs(input)
    if ord < 2:  # a power below one is infinite at zero, where PyTorch takes the slope for zero
        zero = size == 0
        size = k.pow(k.abs(input + zero), ord - 1) * ~zero
    else:
        size = k.pow(size, ord - 1)
    return k.spread(k.over(g, k.pow(y, ord - 1)), shape, dim, keepdim) * k.sgn(input) * size


@op(
    r"y = \Big(\sum_i |x_i|^p\Big)^{1/p}",
    said={"title": "LinalgVectorNormBackward0", "homes": ()},
    input=d(r"\bar y\,\mathrm{sgn}(x)\,(|x| / y)^{p-1}", _slope),
)
def vector_norm(input, ord=2.0, dim=None, keepdim=False):
    """The p-norm along axes."""
    axis = _np_axis(input, dim, keepdim)
    _check_axes(input, ord, axis)
    size = np.absolute(input)
    kind = size.dtype
    if kind.itemsize == 2:  # the squares of halves are soon too large for halves
        size = size.astype(np.float32)
    return _norm(size, ord, axis, keepdim).astype(kind, copy=False)


def _check_axes(input: Any, ord: float, axes: Any) -> None:
    """PyTorch's errors for an axis named twice, and for the smallest or largest of nothing."""
    for axis in axes or ():
        if axes.count(axis) > 1:
            raise RuntimeError(f"dim {axis} appears multiple times in the list of dims")
    if input.size or 0 <= ord < math.inf:
        return
    where = [f"the dimension {axis}because this dimension is" for axis in axes or () if not input.shape[axis]]
    if axes is None or where:
        where = where or ["an empty tensor because the operation"]
        spoken = "inf" if ord == math.inf else "-inf" if ord == -math.inf else f"{ord:g}"
        reason = " empty and the operation does" if axes is not None else " does"
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {spoken} norm on {where[0]}{reason} not have an identity"
        )


def _norm(size: Any, ord: float, axis: Any, keepdims: Any) -> Any:
    if ord == math.inf:
        return in_order(np.maximum.reduce(size, axis=axis, keepdims=keepdims))
    if ord == -math.inf:
        return in_order(np.minimum.reduce(size, axis=axis, keepdims=keepdims))
    if ord == 0:
        return in_order(np.add.reduce(size != 0, axis=axis, keepdims=keepdims, dtype=size.dtype))
    if ord == 1:
        return array.summed(size, axis, keepdims)
    if ord == 2:
        return np.sqrt(array.summed(size * size, axis, keepdims))
    return array.summed(size**ord, axis, keepdims) ** (1 / ord)


def _in_dtype(A: Any, dtype: Any, name: str) -> Any:
    """The tensor in the dtype that is asked for, which must hold it without loss; PyTorch's errors."""
    if not floating(A):
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {array.TITLES[A.dtype]}")
    if dtype is None:
        return A
    title = array.TITLES[dtype]
    if not (dtype.is_floating_point or dtype.is_complex):
        raise RuntimeError(f"{name}: dtype should be floating point or complex, but got {title}")
    if dtype.is_complex != A.dtype.is_complex:
        word = "complex" if A.dtype.is_complex else "real"
        raise RuntimeError(f"{name}: dtype should be {word} for {word} inputs, but got {title}")
    if tensors.promote_types(A.dtype, dtype) != dtype:
        raise RuntimeError(
            f"{name}: the dtype of the input ({array.TITLES[A.dtype]}) should be convertible without narrowing to the "
            f"specified dtype ({title})"
        )
    return A.to(dtype)


def _check_order(ord: Any, name: str) -> None:
    if isinstance(ord, complex):
        raise RuntimeError(f"{name}: Expected a non-complex scalar as the order of norm.")


@function("linalg")
def linalg_vector_norm(
    input: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The p-norm of all elements, or along axes."""
    _check_order(ord, "linalg.vector_norm")
    power = float(as_number("linalg_vector_norm", "ord", 2, ord))
    return vector_norm(_in_dtype(input, dtype, "linalg.vector_norm"), power, dim, keepdim)


# ---- of matrices


def _matrix_axes(A: Any, dim: Any, name: str = "linalg.matrix_norm") -> tuple[int, int]:
    """The axes of the matrices, from the front; PyTorch's errors."""
    matrices(A, name)
    given = list(listed(dim))
    if len(given) != 2:
        raise RuntimeError(f"{name}: dim must be a 2-tuple. Got {' '.join(map(str, given))}")
    first, second = (axis_of(each, A._array.ndim) for each in given)
    if first == second:
        raise RuntimeError(f"{name}: dims must be different. Got ({given[0]}, {given[1]})")
    return first, second


def _largest(x: Any, ord: float, dim: int, keepdim: bool) -> Any:
    """The largest along an axis (the smallest of a negative order); 0 where there is none."""
    if not x._array.shape[dim]:
        if ord < 0:
            raise IndexError(f"amin(): Expected reduction dim {dim} to have non-zero size.")
        return x.detach().sum(dim, keepdim)
    return tensors.amax(x, dim, keepdim) if ord > 0 else tensors.amin(x, dim, keepdim)


def _spectral(A: Any, axes: tuple[int, int], keepdim: bool, fold: Any) -> Any:
    """What `fold` makes of the singular values of each matrix."""
    values = singular_parts(A.movedim(axes, (-2, -1)), False)[1]
    result = fold(values)
    if keepdim:
        for axis in sorted(axes):
            result = result.unsqueeze(axis)
    return result


@function("linalg")
def linalg_matrix_norm(
    input: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The norm of matrices: Frobenius's, the nuclear one, or one of order ±1, ±2, ±inf."""
    name = "linalg.matrix_norm"
    _check_order(ord, name)
    known = ("fro", "nuc") if isinstance(ord, str) else (1, -1, 2, -2, math.inf, -math.inf)
    if input._array.ndim >= 2 and ord not in known:
        raise RuntimeError(f"{name}: Order {ord if isinstance(ord, str) else f'{ord:g}'} not supported.")
    if isinstance(dim, int):
        raise TypeError("linalg_matrix_norm() received an invalid combination of arguments - got (Tensor, dim=int)")
    axes = _matrix_axes(input, dim)
    if ord in ("nuc", 2, -2):
        inexact(input, name)
    input = _in_dtype(input, dtype, name)
    if ord == "fro":
        return vector_norm(input, 2.0, axes, keepdim)
    if ord == "nuc":
        return _spectral(input, axes, keepdim, lambda S: S.sum(-1))
    if abs(ord) == 2:
        return _spectral(input, axes, keepdim, lambda S: _largest(S, ord, -1, False))
    over, best = axes if abs(ord) == 1 else axes[::-1]
    total = vector_norm(input, 1.0, over, keepdim)
    return _largest(total, ord, best - (not keepdim and over < best), keepdim)


@function("linalg")
def linalg_norm(input: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The norm of a vector or of matrices."""
    ndim = input._array.ndim
    axes = None if dim is None else list(listed(dim))
    if axes is not None and len(axes) not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {axes}")
    if ord is not None and axes is None and ndim not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {ndim}D.")
    if isinstance(ord, str) or (ord is not None and (ndim if axes is None else len(axes)) == 2):
        return linalg_matrix_norm(input, ord, (-2, -1) if axes is None else axes, keepdim, dtype=dtype)
    return linalg_vector_norm(input, 2 if ord is None else ord, axes, keepdim, dtype=dtype)


@function("method", "engine")
def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    """The p-norm of all elements, or along axes; with "nuc" the nuclear norm of a matrix."""
    axes = None if dim is None else list(listed(dim))
    if isinstance(p, str) and (p != "fro" or (axes is not None and len(axes) > 2)):
        every = list(range(input._array.ndim)) if axes is None else axes
        if p in ("nuc", "fro"):
            return linalg_matrix_norm(input, p, every, keepdim, dtype=dtype)
        return linalg_norm(input, p, axes, keepdim, dtype=dtype)
    return linalg_vector_norm(input, 2 if p in ("fro", None) else p, axes, keepdim, dtype=dtype)


@function("engine")
def nuclear_norm(input: Tensor, dim: Any = (-2, -1), keepdim: bool = False) -> Any:
    """The sum of the singular values."""
    return linalg_matrix_norm(input, "nuc", (-2, -1) if isinstance(dim, bool) else dim, dim is True or keepdim)


@function("engine")
def frobenius_norm(input: Tensor, dim: Any, keepdim: bool = False) -> Any:
    """The root of the sum of the squares along at most two axes."""
    axes = list(listed(dim))
    if len(axes) > 2:
        raise RuntimeError(f"Expected at most 2 dimensions, but got {len(axes)} dimensions instead.")
    return linalg_vector_norm(input, 2, axes, keepdim)


@function("engine", out=False)
def norm_except_dim(v: Tensor, pow: int = 2, dim: int = 0) -> Any:
    """The p-norms along all axes but one, which the result keeps; with the axis -1 the norm of all elements."""
    if dim == -1:
        return vector_norm(v, float(pow))
    axis = axis_of(dim, v._array.ndim)
    if v._array.ndim == 1:  # no axes but that one: each element for itself
        return v.abs()
    return vector_norm(v, float(pow), tuple(i for i in range(v._array.ndim) if i != axis), True)


@function("linalg")
def linalg_cond(input: Tensor, p: Any = None) -> Any:
    """The condition numbers of matrices: the norm of each times that of its inverse."""
    if input._array.ndim < 2:
        raise RuntimeError("linalg.cond: The input tensor must have at least 2 dimensions.")
    if p in (None, 2, -2):
        inexact(input, "linalg.svd", "linalg_svd_cpu")
        S = singular_parts(input, False)[1]
        if not S._array.shape[-1]:
            return S.detach().sum(-1)
        return retitle(S[..., -1] / S[..., 0] if p == -2 else S[..., 0] / S[..., -1], "SqueezeBackward1")
    square(input, f"linalg.cond(ord={p})")
    if p not in ("fro", "nuc", 1, -1, math.inf, -math.inf):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    if p == "nuc":
        S = singular_parts(input, False)[1]
        return S.sum(-1) * (1 / S).sum(-1)
    inverse, info = inverse_of(input)
    product = linalg_matrix_norm(input, p) * linalg_matrix_norm(inverse, p)
    singular = info._array != 0
    if not singular.any():
        return retitle(product, "NanToNumBackward0")
    return tensors.where(tensors.ne(info, 0), tensors.full_like(product, math.inf), product)
