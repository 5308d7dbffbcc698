"""Inverses and linear systems."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, deprecated
from engine.array import module
from engine.dispatch import raw, tensors
from engine.errors import not_implemented, not_narrow
from engine.meta import MetaArray
from engine.op import d, op
from engine.ops.matrix import (
    LinAlgError,
    by_columns,
    function,
    in_columns,
    inexact,
    matrices,
    no_half,
    same_dtype,
    square,
    which_failed,
)
from engine.return_types import named
from engine.tensor import Tensor

_INVERSE = named("linalg_inv_ex", "inverse info")
_SOLUTION = named("linalg_solve_ex", "result info")
_TRIANGULAR = named("triangular_solve", "solution cloned_coefficient")


def _solved(A: Any, B: Any) -> tuple[Any, Any]:
    """The raw solutions of AX = B and, a matrix, 0 or the number of the first pivot that is zero."""
    batch = A.shape[:-2]
    xp = module(A)
    if A.__class__ is MetaArray or B.__class__ is MetaArray:
        A = np.broadcast_to(np.eye(A.shape[-1], dtype=A.dtype), A.shape)
    try:
        return by_columns(xp.linalg.solve(A, B)), xp.zeros(batch, np.int32)
    except np.linalg.LinAlgError:
        factors, pivots, info = raw.lu_factors(A)
        return by_columns(raw.solved_by_factors(factors, pivots, B)), info


@op(
    r"Y = A^{-1}",
    said={"homes": (), "returns": _INVERSE, "title": "LinalgInvExBackward0"},
    A=d(r"-Y^{\mathsf H} \bar Y\,Y^{\mathsf H}", lambda g, y, k: -(k.mH(y) @ g @ k.mH(y))),
)
def inverse_of(A):
    """The inverses of matrices, with inf and NaN for what has none."""
    if A.__class__ is MetaArray:
        return by_columns(A), np.zeros(A.shape[:-2], np.int32)
    try:
        return by_columns(module(A).linalg.inv(A)), module(A).zeros(A.shape[:-2], np.int32)
    except np.linalg.LinAlgError:
        return _solved(A, np.broadcast_to(np.eye(A.shape[-1], dtype=A.dtype), A.shape))


def _checked_inverse(A: Any, check_errors: bool, name: str = "linalg.inv") -> Any:
    square(A, "linalg.inv")
    inexact(A, "linalg.inv")
    result = inverse_of(A)
    where, pivot = which_failed(result.info._array) if check_errors else ("", 0)
    if pivot:
        raise LinAlgError(
            f"{name}: {where}The diagonal element {pivot} is zero, the inversion could not be completed because "
            "the input matrix is singular."
        )
    return result


@function("linalg")
def linalg_inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """The inverses of matrices, and which pivot was zero."""
    return _checked_inverse(A, check_errors, "linalg.inv_ex")


@function("linalg")
def linalg_inv(A: Tensor) -> Any:
    """The inverses of matrices."""
    return _checked_inverse(A, True).inverse


@function("method", "engine")
def inverse(input: Tensor) -> Any:
    """The inverses of matrices."""
    return _checked_inverse(input, True).inverse


@op(
    r"X = A^{-1} B",
    said={"homes": (), "returns": _SOLUTION, "title": "LinalgSolveExBackward0"},
    A=d(
        r"-A^{-\mathsf H} \bar X\,X^{\mathsf H}",
        lambda g, y, A, A_shape, k: k.sum_to_size(-(k.solution_of(k.mH(A), g)[0] @ k.mH(y)), A_shape),
    ),
    B=d(r"A^{-\mathsf H} \bar X", lambda g, A, B_shape, k: k.sum_to_size(k.solution_of(k.mH(A), g)[0], B_shape)),
)
def solution_of(A, B):
    """The solutions X of the linear systems AX = B, with inf and NaN where there is none."""
    return _solved(A, B)


def _is_vector(A: Any, B: Any) -> bool:
    """Whether a right side of that shape means vectors."""
    a, b = A._array.shape, B._array.shape
    return len(b) == 1 or (len(a) - 1 == len(b) and b == a[:-1])


def _check_sides(A: Any, B: Any, name: str, left: bool) -> None:
    a, b = A._array.shape, B._array.shape
    if a[-1] != b[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} ({a[-2]}x{a[-1]} and {b[-2]}x{b[-1]})"
        )


def _checked_solution(A: Any, B: Any, left: bool, check_errors: bool) -> Any:
    square(A, "linalg.solve")
    inexact(A, "linalg.solve", "lu_cpu")
    same_dtype(A, B, "linalg.solve")
    vector = _is_vector(A, B)
    sides = B.unsqueeze(-1) if vector else B
    if vector and not left:
        raise RuntimeError(
            "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case "
            "linalg.solve is equivalent to B / A.squeeze(-1)"
        )
    _check_sides(A, sides, "linalg.solve", left)
    if left:
        result, info = solution_of(A, sides)
    else:
        result, info = solution_of(tensors.mT(A), tensors.mT(sides))
        result = tensors.mT(result)
    where, pivot = which_failed(info._array) if check_errors else ("", 0)
    if pivot:
        raise LinAlgError(f"torch.linalg.solve: {where}The solver failed because the input matrix is singular.")
    return _SOLUTION(result.squeeze(-1) if vector else result, info)


@function("linalg")
def linalg_solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """The solutions of linear systems, and which pivot was zero."""
    return _checked_solution(A, B, left, check_errors)


@function("linalg")
def linalg_solve(A: Tensor, B: Tensor, *, left: bool = True) -> Any:
    """The solutions X of the linear systems AX = B, or XA = B."""
    return _checked_solution(A, B, left, True).result


# ---- triangular systems


def _substituted(A: Any, B: Any) -> Any:
    """The solution of AX = B for upper triangular A, row by row from below; a zero on the diagonal divides."""
    shape = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    X = np.array(np.broadcast_to(B, (*shape, *B.shape[-2:])))
    for i in range(A.shape[-1] - 1, -1, -1):
        X[..., i, :] = (X[..., i, :] - (A[..., i, None, i + 1 :] @ X[..., i + 1 :, :])[..., 0, :]) / A[..., i, i, None]
    return X


def _triangular(A: Any, B: Any, upper: bool, unitriangular: bool) -> Any:
    xp = module(A)
    T = xp.triu(A) if upper else xp.tril(A)
    n = A.shape[-1]
    if unitriangular:
        T[..., range(n), range(n)] = 1
    if not upper:  # turned about, so that elimination finds nothing to do and what remains is substitution
        T, B = T[..., ::-1, ::-1], B[..., ::-1, :]
    X = _substituted(T, B) if n and (xp.diagonal(T, 0, -2, -1) == 0).any() else xp.linalg.solve(T, B)
    return X if upper else xp.ascontiguousarray(X[..., ::-1, :])


def _triangle(x: Any, upper: bool, unitriangular: bool, k: Any) -> Any:
    return k.triu(x, int(unitriangular)) if upper else k.tril(x, -int(unitriangular))


def _triangular_slope(
    g: Any, input: Any, y: Any, input_shape: Any, upper: bool, left: bool, unitriangular: bool, k: Any
) -> Any:
    back = k.linalg_solve_triangular(k.mH(input), g, upper=not upper, left=left, unitriangular=unitriangular)
    product = -(back @ k.mH(y)) if left else -(k.mH(y) @ back)
    return _triangle(k.sum_to_size(product, input_shape), upper, unitriangular, k)


def _triangular_error(A: Any, B: Any) -> Exception | None:
    for name, x in (("A", A), ("B", B)):
        if x.ndim < 2:
            return RuntimeError(f"linalg.solve_triangular: The input tensor {name} must have at least 2 dimensions.")
    rows, columns = A.shape[-2:]
    if rows != columns:
        return RuntimeError(
            f"linalg.solve_triangular: A must be batches of square matrices, but they are {rows} by {columns} matrices"
        )
    return None


@op(
    r"X = A^{-1} B",
    said={
        "homes": ("linalg",),
        "error": _triangular_error,
        "overlaps": True,
        "narrow": not_narrow("triangular_solve_cpu"),
    },
    input=d(r"-\mathrm{tri}(A^{-\mathsf H} \bar X\,X^{\mathsf H})", _triangular_slope),
    B=d(
        r"A^{-\mathsf H} \bar X",
        lambda g, input, B_shape, upper, left, unitriangular, k: k.sum_to_size(
            k.linalg_solve_triangular(k.mH(input), g, upper=not upper, left=left, unitriangular=unitriangular), B_shape
        ),
    ),
)
def linalg_solve_triangular(input, B, *, upper, left=True, unitriangular=False):
    """The solutions X of the triangular systems AX = B, or XA = B."""
    wrong = _triangular_error(input, B)
    if wrong is not None:
        raise wrong
    a, b = input.shape, B.shape
    if a[-1] != b[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"linalg.solve_triangular: Incompatible shapes of A and B for the equation {equation} ({a[-2]}x{a[-1]} and "
            f"{b[-2]}x{b[-1]})"
        )
    if input.dtype.kind in "biu":
        raise not_implemented("triangular_solve_cpu", input.dtype)
    B = deprecated.real_of(B) if input.dtype.kind == "f" else B
    B = B.astype(input.dtype, copy=False)
    if left:
        return by_columns(_triangular(input, B, upper, unitriangular))
    return raw.mT(_triangular(raw.mT(input), raw.mT(B), not upper, unitriangular))


@function("method", "engine")
def triangular_solve(
    input: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """The solutions of triangular systems, and a copy of the matrices."""
    for name, each in (("b", input), ("A", A)):
        if each._array.ndim < 2:
            raise RuntimeError(
                f"torch.triangular_solve: Expected {name} to have at least 2 dimensions, but it has "
                f"{each._array.ndim} dimensions instead"
            )
    if input.dtype != A.dtype:
        raise RuntimeError(
            "Expected b and A to have the same dtype, but found b of type "
            f"{array.TITLES[input.dtype]} and A of type {array.TITLES[A.dtype]} instead."
        )
    turned = tensors.mT(A) if transpose else A
    solution = linalg_solve_triangular(turned, input, upper=upper != transpose, unitriangular=unitriangular)
    batch = np.broadcast_shapes(A._array.shape[:-2], input._array.shape[:-2])
    return _TRIANGULAR(solution, A.expand(*batch, *A._array.shape[-2:]).clone())


# ---- by Cholesky factors: the slopes are those of (L L^H)^-1 for any L, not of its triangle alone, as in PyTorch


def _solved_again(g: Any, L: Any, upper: bool, k: Any) -> Any:
    """The solution of a system whose matrix, given by its Cholesky factor, is its own adjoint."""
    first, second = (k.mH(L), L) if upper else (L, k.mH(L))
    return k.linalg_solve_triangular(second, k.linalg_solve_triangular(first, g, upper=False), upper=True)


def _by_cholesky_slope(g: Any, L: Any, y: Any, L_shape: Any, upper: bool, k: Any) -> Any:
    inner = _solved_again(g, L, upper, k) @ k.mH(y)
    inner = inner + k.mH(inner)
    return k.sum_to_size(-(L @ inner) if upper else -(inner @ L), L_shape)


@op(
    r"X = (L L^{\mathsf H})^{-1} B",
    said={"homes": (), "title": "CholeskySolveBackward0"},
    B=d(
        r"(L L^{\mathsf H})^{-1} \bar X",
        lambda g, L, B_shape, upper, k: k.sum_to_size(_solved_again(g, L, upper, k), B_shape),
    ),
    L=d(r"-(C + C^{\mathsf H}) L,\quad C = (L L^{\mathsf H})^{-1} \bar X X^{\mathsf H}", _by_cholesky_slope),
)
def by_cholesky(B, L, upper=False):
    """The solutions of linear systems from their matrices' Cholesky factors."""
    first, second = (raw.mH(L), L) if upper else (L, raw.mH(L))
    return _triangular(second, _triangular(first, B, False, False), True, False)


def _inverse_slope(g: Any, L: Any, y: Any, upper: bool, k: Any) -> Any:
    inner = y @ (g + k.mH(g)) @ y
    return -(L @ inner) if upper else -(inner @ L)


@op(
    r"Y = (L L^{\mathsf H})^{-1}",
    said={"homes": (), "title": "CholeskyInverseBackward0"},
    L=d(r"-Y (\bar Y + \bar Y^{\mathsf H}) Y L", _inverse_slope),
)
def inverse_by_cholesky(L, upper=False):
    """The inverses of positive-definite matrices from their Cholesky factors."""
    return raw.by_cholesky(np.broadcast_to(np.eye(L.shape[-1], dtype=L.dtype), L.shape), L, upper)


@function("method", "engine")
def cholesky_solve(input: Tensor, input2: Tensor, upper: bool = False) -> Any:
    """The solutions of linear systems from their matrices' Cholesky factors."""
    for name, each in (("b", input), ("u", input2)):
        if each._array.ndim < 2:
            raise RuntimeError(
                f"{name} should have at least 2 dimensions, but has {each._array.ndim} dimensions instead"
            )
    b, a = input._array.shape, input2._array.shape
    if a[-1] != a[-2]:
        raise RuntimeError(f"A must be batches of square matrices, but they are {a[-2]} by {a[-1]} matrices")
    if a[-1] != b[-2]:
        raise RuntimeError(
            f"Incompatible matrix sizes for cholesky_solve: each A matrix is {a[-2]} by {a[-1]} but each b matrix is "
            f"{b[-2]} by {b[-1]}"
        )
    if input.dtype != input2.dtype:
        raise RuntimeError(
            f"Expected b and A to have the same dtype, but found b of type {array.TITLES[input.dtype]} and A of type "
            f"{array.TITLES[input2.dtype]} instead."
        )
    return in_columns(by_cholesky(input, input2, upper))


@function("method", "engine")
def cholesky_inverse(input: Tensor, upper: bool = False) -> Any:
    """The inverses of positive-definite matrices from their Cholesky factors."""
    square(input, "cholesky_inverse")
    no_half(input, "cholesky_inverse", "cholesky_inverse_out_cpu")
    empty = np.diagonal(input._array, axis1=-2, axis2=-1) == 0
    which, at = which_failed(np.where(empty.any(-1), 1 + (np.argmax(empty, -1) if empty.shape[-1] else 0), 0))
    if at:
        raise LinAlgError(
            f"cholesky_inverse: {which}The diagonal element {at} is zero, the inversion could not be completed because "
            "the input matrix is singular."
        )
    return in_columns(inverse_by_cholesky(input, upper))


# ---- tensors as matrices


@function("linalg")
def linalg_tensorinv(input: Tensor, ind: int = 2) -> Any:
    """The inverse of a tensor as a map from its last axes to the first `ind`."""
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    shape = tuple(input._array.shape)
    rows, columns = int(np.prod(shape[:ind], dtype=int)), int(np.prod(shape[ind:], dtype=int))
    if rows != columns:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{columns} != {rows}"
        )
    result = _checked_inverse(input.reshape(rows, columns), True, "inv")
    return result.inverse.reshape(*shape[ind:], *shape[:ind])


@function("linalg")
def linalg_tensorsolve(input: Tensor, other: Tensor, dims: Any = None) -> Any:
    """The X for which the products of A and X summed over all axes of X give B; `dims` of A are moved last."""
    moved = input if dims is None else input.movedim(tuple(dims), tuple(range(-len(dims), 0)))
    ndim = other._array.ndim
    shape = tuple(moved._array.shape)
    result_shape = shape[ndim:]
    columns, rows = int(np.prod(result_shape, dtype=int)), other._array.size
    if columns != rows:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), "
            f"but got {columns} != {rows}"
        )
    matrices(moved.reshape(rows, columns), "linalg.tensorsolve")
    return linalg_solve(moved.reshape(rows, columns), other.reshape(-1)).reshape(result_shape)
