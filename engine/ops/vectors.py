"""Products of vectors, of Kronecker's kind, of blocks; covariance; the area under sampled curves."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, deprecated
from engine.array import module
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, axis_of, broadcast_error, matmul_error, not_implemented, wrong_call
from engine.op import d, op
from engine.ops.linalg import matmul
from engine.ops.matrix import floating, function, same_dtype
from engine.tensor import Tensor
from engine.titles import retitle


def _crossed(a: Any, b: Any, dim: int) -> Any:
    """The vector product along an axis."""
    a, b = np.broadcast_arrays(a, b) if module(a) is np else module(a).broadcast_arrays(a, b)
    at = [(slice(None),) * (dim % a.ndim) + (i,) for i in range(3)]
    parts = [a[at[(i + 1) % 3]] * b[at[(i + 2) % 3]] - a[at[(i + 2) % 3]] * b[at[(i + 1) % 3]] for i in range(3)]
    return np.stack(parts, dim)


@op(
    r"y = a \times b",
    said={"rule": "promote", "homes": (), "title": "LinalgCrossBackward0", "in_place": False},
    input=d(r"b \times \bar y", lambda g, other, dim, k: k.vector_product(k.conjugate(other), g, dim)),
    other=d(r"\bar y \times a", lambda g, input, dim, k: k.vector_product(g, k.conjugate(input), dim)),
)
def vector_product(input, other, dim=-1):
    """The vector products of vectors of three along an axis."""
    return _crossed(input, other, dim)


@function("linalg")
def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Any:
    """The vector products of vectors of three along an axis."""
    a, b = input._array.shape, other._array.shape
    if len(a) != len(b):
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    axis = axis_of(dim, len(a))
    if a[axis] != 3 or b[axis] != 3:
        raise RuntimeError(f"linalg.cross: inputs dimension {dim} must have length 3. Got {a[axis]} and {b[axis]}")
    if input.dtype != other.dtype:
        want, got = array.TITLES[input.dtype], array.TITLES[other.dtype]
        raise RuntimeError(f"expected scalar type {want} but found {got}")
    if input._array.dtype == np.bool_:
        raise not_implemented("cross", input._array.dtype)
    return vector_product(input, other, dim)


@function("method", "engine")
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Any:
    """The vector products of vectors of three along an axis, by default the first of that size."""
    if dim is None:
        deprecated.tell_once(deprecated.NO_DIM)
        sizes = tensors.broadcast_shapes(input._array.shape, other._array.shape)
        if 3 not in sizes:
            raise RuntimeError("no dimension of size 3 in input")
        dim = sizes.index(3)
    return linalg_cross(input, other, dim=dim)


@function("linalg")
def linalg_vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Any:
    """The inner products of vectors along an axis, the first conjugated."""
    same_dtype(x, y, "linalg.vecdot", "x", "y")
    for each in (x, y):
        if not floating(each):
            raise RuntimeError(
                f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {array.TITLES[each.dtype]}"
            )
    if x._array.ndim == y._array.ndim == 1:
        return vdot(x, y)
    return (tensors.conjugate(x) * y).sum(dim)


def _vdot_error(input: Any, other: Any) -> Exception | None:
    if input.ndim != 1 or other.ndim != 1:
        shapes = (input.shape, other.shape)
        return ShapeError(f"1D tensors expected, but got {input.ndim}D and {other.ndim}D tensors", "vdot", shapes)
    if input.dtype != other.dtype:
        titles = [array.TITLES[array.OF_NUMPY[x.dtype]] for x in (input, other)]
        return RuntimeError(f"dot : expected both vectors to have same dtype, but found {titles[0]} and {titles[1]}")
    return matmul_error("vdot", input.shape, other.shape) if input.shape != other.shape else None


@op(
    r"y = a^{\mathsf H} b",
    said={"error": _vdot_error, "alike": True},
    input=d(r"\bar y^* b", lambda g, other, k: k.conjugate(g) * other),
    # Twice, since the one that the gradient of a product asks for meets the one in the formula.
    other=d(r"\bar y\,a", lambda g, input, k: g * k.conjugate(k.conjugate(input))),
)
def vdot(input, other):
    """The inner product of two vectors, the first conjugated."""
    if input.ndim != 1 or other.ndim != 1 or input.dtype != other.dtype or input.shape != other.shape:
        raise TypeError
    if input.dtype == np.bool_:
        raise not_implemented("dot", input.dtype)
    return raw.conjugate(input) @ other


@function("method", "engine")
def ger(input: Tensor, vec2: Tensor) -> Any:
    """The products of all pairs of two vectors' elements."""
    return tensors.outer(input, vec2)


@function("method", "engine")
def kron(input: Tensor, other: Tensor) -> Any:
    """Kronecker's product: the second tensor times each element of the first."""
    ndim = max(input._array.ndim, other._array.ndim)
    a, b = ((1,) * (ndim - t._array.ndim) + t._array.shape for t in (input, other))
    left = input.reshape([n for size in a for n in (size, 1)])
    right = other.reshape([n for size in b for n in (1, size)])
    return (left * right).reshape([n * m for n, m in zip(a, b, strict=True)])


@function("engine", out=False)
def block_diag(*tensors: Any) -> Any:
    """The matrices along the diagonal of one that is zero elsewhere."""
    return _blocks(list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else list(tensors))


def _blocks(given: list[Any]) -> Any:
    for i, each in enumerate(given):
        if not isinstance(each, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(each).__name__}")
        if each._array.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {each._array.ndim} "
                "dimensions"
            )
    if not given:
        return tensors.empty((1, 0))
    blocks = [each.reshape((1,) * (2 - each._array.ndim) + each._array.shape) for each in given]
    width, left, rows = sum(each._array.shape[1] for each in blocks), 0, []
    for each in blocks:
        n, m = each._array.shape
        sides = [each.detach().new_zeros((n, size)) for size in (left, width - left - m)]
        rows.append(tensors.cat([sides[0], each, sides[1]], 1))
        left += m
    return tensors.cat(rows, 0)


# ---- covariance


@function("method", "engine", out=False)
def cov(input: Tensor, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """The covariances of the rows, each a variable with its observations, which may be weighed."""
    if input._array.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got an input with {input._array.ndim} "
            "dimensions"
        )
    if input._array.dtype == np.bool_:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input.reshape((1, -1)) if input._array.ndim < 2 else input
    count = x._array.shape[1]
    weights = None
    for name, each, kinds, word in (
        ("fweights", fweights, "iu", "integral"), ("aweights", aweights, "f", "floating point"),
    ):  # fmt: skip
        if each is None:
            continue
        if each._array.ndim > 1:
            raise RuntimeError(
                f"cov(): expected {name} to have one or fewer dimensions but got {name} with {each._array.ndim} "
                "dimensions"
            )
        if each._array.dtype.kind not in kinds:
            raise RuntimeError(
                f"cov(): expected {name} to have {word} dtype but got {name} with {array.TITLES[each.dtype]} dtype"
            )
        if each._array.size != count:
            raise RuntimeError(
                f"cov(): expected {name} to have the same numel as there are observations in the input but got "
                f"{each._array.size} != {count}"
            )
        if count and bool((each._array < 0).any()):
            raise RuntimeError(f"cov(): {name} cannot be negative")
        weights = each if weights is None else weights * each
    if weights is None:
        total: Any = count
        mean = x.to(_inexact(x)).mean(1, True) if count else x.to(_inexact(x)).sum(1, True) * np.nan
    else:
        total = weights.sum()
        if not bool(total._array != 0):
            raise RuntimeError("cov(): weights sum to zero, can't be normalized")
        mean = (x * weights).sum(1, True) / total
    if weights is not None and aweights is not None and correction:
        weighed = weights * aweights
        freedom = total - correction * weighed.sum() / total
    else:
        freedom = total - correction
    away = x - mean
    product = matmul(away, tensors.mH(away * weights if weights is not None else away).to(away.dtype))
    freedom = tensors.clamp(freedom, min=0) if isinstance(freedom, Tensor) else max(freedom, 0)
    result = product / freedom
    return retitle(result.squeeze() if x._array.shape[0] == 1 else result, "SqueezeBackward0")


def _inexact(x: Any) -> Any:
    return x.dtype if floating(x) else array.Defaults.dtype


@function("method", "engine", out=False)
def corrcoef(input: Tensor) -> Any:
    """The correlation coefficients of the rows, each a variable with its observations."""
    if input._array.ndim > 2:
        raise RuntimeError(
            f"corrcoef(): expected input to have two or fewer dimensions but got an input with {input._array.ndim} "
            "dimensions"
        )
    c = cov(input)
    if not c._array.ndim:
        return c / c
    spread = tensors.real_part(tensors.diagonal(c)).sqrt()
    c = c / spread.unsqueeze(1) / spread.unsqueeze(0)
    if c._array.dtype.kind == "c":
        return c
    return tensors.clamp(c, -1, 1)


# ---- the trapezoidal rule


def _between(y: Any, x: Any, dx: Any, dim: int, name: str) -> Any:
    """The areas between neighbouring samples."""
    if x is not None and dx is not None:
        ways = ("(Tensor y, Tensor x, *, int dim = -1)", "(Tensor y, *, Number dx = 1, int dim = -1)")
        raise wrong_call(name, (y, x, dx), *ways)
    if isinstance(dx, (bool, complex)):
        raise RuntimeError(f"{name}: Currently, we only support dx as a real number.")
    if not y._array.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    axis = axis_of(dim, y._array.ndim)
    size = y._array.shape[axis]
    if y._array.dtype == np.bool_:
        raise RuntimeError(f"{name}: received a bool input for `y`, but bool is not supported")
    count = max(size - 1, 0)
    sums = y.narrow(axis, min(1, size), count) + y.narrow(axis, 0, count)
    if x is None:
        return sums * ((1 if dx is None else dx) / 2.0)
    if x._array.dtype == np.bool_:
        raise RuntimeError(f"{name}: received a bool input for `x`, but bool is not supported")
    if x._array.ndim == 1:
        if x._array.shape[0] != size:
            raise RuntimeError(f"{name}: There must be one `x` value for each sample point")
        x = x.reshape((size,) + (1,) * (y._array.ndim - axis - 1))
        along = 0
    else:
        if not x._array.ndim:
            raise broadcast_error(name, [sums._array.shape, (0,)])
        along = axis - y._array.ndim if x._array.ndim <= y._array.ndim else axis
    along = along % x._array.ndim
    points = x._array.shape[along]
    steps = max(points - 1, 0)
    return sums * (x.narrow(along, min(1, points), steps) - x.narrow(along, 0, steps)) / 2.0


@function("engine", out=False)
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The area under a curve through samples, by the trapezoidal rule."""
    if y._array.ndim and not y._array.shape[axis_of(dim, y._array.ndim)]:  # no samples: zeros that depend on nothing
        return y.detach().sum(dim, dtype=y.dtype)
    areas = _between(y, x, dx, dim, "trapezoid").sum(axis_of(dim, y._array.ndim))
    return retitle(areas, "MulBackward1" if x is None else "DivBackward1")


@function("engine", out=False)
def trapz(y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The area under a curve through samples, by the trapezoidal rule."""
    return trapezoid(y, x, dx=dx, dim=dim)


@function("engine", out=False)
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The areas under a curve from its first sample to each, by the trapezoidal rule."""
    areas = _between(y, x, dx, dim, "cumulative_trapezoid").cumsum(axis_of(dim, y._array.ndim))
    return areas if x is None else retitle(areas, "DivBackward1")
