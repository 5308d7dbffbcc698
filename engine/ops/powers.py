"""Powers, exponentials and chains of products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, outs
from engine.array import module
from engine.dispatch import tensors
from engine.fitting import whole
from engine.op import d, op
from engine.ops.inverse import linalg_inv
from engine.ops.linalg import matmul
from engine.ops.matrix import floating, function, inexact, square
from engine.tensor import Tensor, wrap

# The numerator of the Padé approximation of degree 13, and the size up to which it is good (Higham 2005).
_PADE = (
    64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
    670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
)  # fmt: skip
_REACH = 5.371920351148152


def _exponential_slope(g: Any, A: Any, k: Any) -> Any:
    """The block above the diagonal of the exponential of [[A^H, g], [0, A^H]] (Mathias 1996)."""
    n = A.shape[-1]
    adjoint = k.mH(A)
    top, bottom = k.cat([adjoint, g], -1), k.cat([g * 0, adjoint], -1)
    return k.exponential_of(k.cat([top, bottom], -2))[..., :n, n:]


@op(
    r"Y = e^A",
    said={"homes": (), "title": "LinalgMatrixExpBackward0"},
    A=d(r"\text{the derivative of } e^{A^{\mathsf H}} \text{ along } \bar Y", _exponential_slope),
)
def exponential_of(A):
    """The exponentials of matrices, by scaling, a Padé approximation, and squaring."""
    xp, kind, n = module(A), A.dtype, A.shape[-1]
    if not A.size:
        return A.copy()
    if kind.itemsize == 2:
        A = A.astype(np.float32)
    size = abs(A).sum(-2).max(-1)
    ratio = xp.where(xp.isfinite(size), size / _REACH, 0)
    halvings = xp.maximum(xp.ceil(xp.log2(xp.maximum(ratio, 1))), 0)
    A = A / (2.0**halvings)[..., None, None].astype(A.real.dtype)
    b, eye = [c / _PADE[0] for c in _PADE], xp.eye(n, dtype=A.dtype)
    A2 = A @ A
    A4 = A2 @ A2
    A6 = A4 @ A2
    odd = A @ (A6 @ (b[13] * A6 + b[11] * A4 + b[9] * A2) + b[7] * A6 + b[5] * A4 + b[3] * A2 + b[1] * eye)
    even = A6 @ (b[12] * A6 + b[10] * A4 + b[8] * A2) + b[6] * A6 + b[4] * A4 + b[2] * A2 + b[0] * eye
    try:
        Y = xp.linalg.solve(even - odd, even + odd)
    except np.linalg.LinAlgError:  # of NaN or inf
        Y = xp.full(A.shape, np.nan, A.dtype)
    for done in range(int(halvings.max())):
        Y = xp.where((halvings > done)[..., None, None], Y @ Y, Y)
    return Y.astype(kind, copy=False)


def _checked_exponential(A: Any) -> Any:
    square(A, "linalg.matrix_exp")
    if not floating(A) or A.dtype.itemsize != 2:  # halves are let in here
        inexact(A, "linalg.matrix_exp")
    return exponential_of(A)


@function("linalg", out=False)
def linalg_matrix_exp(input: Tensor) -> Any:
    """The exponentials of matrices."""
    return _checked_exponential(input)


@function("method", "engine", out=False)
def matrix_exp(input: Tensor) -> Any:
    """The exponentials of matrices."""
    return _checked_exponential(input)


def _power(A: Any, n: Any, name: str) -> Any:
    n = whole(n)
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool):
        raise TypeError(f"{name}(): argument 'n' (position 2) must be int, not {type(n).__name__}")
    square(A, "linalg.matrix_power")
    if n == 0:
        return A.clone().copy_(_ones(A))
    if n < 0:
        A, n = linalg_inv(A), -n
    if n == 1:
        return A.clone()
    result, square_of = None, A
    while True:
        if n & 1:
            result = square_of if result is None else matmul(result, square_of)
        n >>= 1
        if not n:
            return result
        square_of = matmul(square_of, square_of)


def _ones(A: Any) -> Any:
    """The identity in the shape of A."""
    x = A._array
    return wrap(np.broadcast_to(module(x).eye(x.shape[-1], dtype=x.dtype), x.shape).copy())


@function("linalg")
def linalg_matrix_power(input: Tensor, n: int) -> Any:
    """The n-th powers of matrices; of the inverses if n is negative."""
    return _power(input, n, "linalg_matrix_power")


@function("method", "engine")
def matrix_power(input: Tensor, n: int) -> Any:
    """The n-th powers of matrices; of the inverses if n is negative."""
    return _power(input, n, "matrix_power")


# ---- chains


def _split(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Where to split each part of a chain of products so that it costs least (Cormen et al., section 15.2)."""
    count = len(sizes) - 1
    cost = {(i, i): 0 for i in range(count)}
    split: dict[tuple[int, int], int] = {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            cost[i, j], split[i, j] = min(
                (cost[i, m] + cost[m + 1, j] + sizes[i] * sizes[m + 1] * sizes[j + 1], m) for m in range(i, j)
            )
    return split


def _chained(given: list[Any]) -> Any:
    split = _split([given[0]._array.shape[0], *[t._array.shape[1] for t in given]])

    def part(i: int, j: int) -> Any:
        return given[i] if i == j else matmul(part(i, split[i, j]), part(split[i, j] + 1, j))

    return part(0, len(given) - 1)


@function("linalg")
def linalg_multi_dot(tensors: Any) -> Any:
    """The product of a chain of matrices, in the order that costs least."""
    given = list(tensors)
    n = len(given)
    if n < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {n}")
    first, last = given[0]._array.ndim, given[-1]._array.ndim
    if first not in (1, 2):
        raise RuntimeError(f"multi_dot(): the first tensor must be 1D or 2D but got {first}D")
    if last not in (1, 2):
        raise RuntimeError(f"multi_dot(): the last tensor must be 1D or 2D but got {last}D")
    for i, each in enumerate(given[1:-1], 1):
        if each._array.ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {i} must be 2D but got {each._array.ndim}D")
    for i, each in enumerate(given[1:], 1):
        if each.dtype != given[0].dtype:
            raise RuntimeError(
                f"multi_dot(): all tensors must have be the same dtype but tensor 0 is "
                f"{outs.spoken(given[0]._array.dtype)} and tensor {i} {outs.spoken(each._array.dtype)}"
            )
    chain = [given[0].unsqueeze(0) if first == 1 else given[0], *given[1:-1]]
    chain.append(given[-1].unsqueeze(1) if last == 1 else given[-1])
    for i in range(n - 1):
        a, b = chain[i]._array.shape, chain[i + 1]._array.shape
        if a[1] != b[0]:
            shapes = [list(given[j]._array.shape) for j in (i, i + 1)]
            raise RuntimeError(
                f"multi_dot(): tensors {i} and {i + 1} with shapes {shapes[0]} and {shapes[1]} cannot be multiplied"
            )
    result = _chained(chain)
    shape = list(result._array.shape)
    kept = [*shape[: first == 2], *shape[1 : 1 + (last == 2)]]
    return result if first == last == 2 else result.reshape(kept)


@function("engine")
def chain_matmul(*matrices: Any) -> Any:
    """The product of a chain of matrices, in the order that costs least."""
    if not matrices:
        raise RuntimeError("chain_matmul(): Expected one or more matrices")
    for each in matrices:
        if each._array.ndim != 2:
            raise RuntimeError(f"Tensor dimension is {each._array.ndim}, expected 2 instead.")
    return matrices[0] if len(matrices) == 1 else linalg_multi_dot(matrices)


@function("linalg")
def linalg_matmul(input: Tensor, other: Tensor) -> Any:
    """The product of matrices."""
    return matmul(input, other)


# ---- Vandermonde's


def _powers(x: Any, count: int) -> Any:
    """The powers 0, 1, ... of numbers along a new last axis."""
    if x._array.dtype.kind in "iub":
        x = x.long()
    one = tensors.ones_like(x).unsqueeze(-1)
    if count == 1:
        return one
    return tensors.cat([one, tensors.cumprod(x.unsqueeze(-1).expand(*x.shape, count - 1), -1)], -1)


@function("linalg", out=False)
def linalg_vander(x: Tensor, *, N: int | None = None) -> Any:
    """The matrices of the powers 0 to N - 1 of vectors' elements."""
    count = x._array.shape[-1] if N is None and x._array.ndim else N if N is not None else 1
    if (x.dtype.itemsize == 2 and floating(x)) or x._array.dtype == np.bool_:
        raise RuntimeError(
            f"linalg.vander supports floating point, complex, and integer tensors, but got {array.TITLES[x.dtype]}"
        )
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    return _powers(x if x._array.ndim else x.reshape(1), count)


@function("engine", out=False)
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Any:
    """The matrix of the falling powers of a vector's elements."""
    if x._array.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = x._array.shape[0] if N is None else N
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    if x._array.dtype.kind in "biu":
        x = x.long()
    if not count:
        return x[:, None][:, :0]
    powers = _powers(x, count)
    return powers if increasing else tensors.flip(powers, (1,))
