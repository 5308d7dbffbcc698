"""LU factors with partial pivoting, and what is solved by them."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array
from engine.array import module
from engine.dispatch import raw, tensors
from engine.op import d, op
from engine.ops.inverse import linalg_solve_triangular
from engine.ops.matrix import (
    by_columns,
    floating,
    function,
    identity,
    like,
    matrices,
    no_half,
    same_dtype,
    which_failed,
)
from engine.return_types import named
from engine.tensor import Tensor, wrap
from engine.titles import retitle

_FACTORS = named("linalg_lu_factor_ex", "LU pivots info")
_FACTOR = named("linalg_lu_factor", "LU pivots")
_LU = named("linalg_lu", "P L U")
_UNPACKED = named("lu_unpack", "P L U")
_OLD = named("_lu_with_info", "LU pivots info")


def _eliminated(A: Any) -> tuple[Any, Any, Any]:
    """L without its diagonal and U in one matrix, the rows swapped (from 1 on), the first zero pivot (or 0)."""
    xp = module(A)
    m, n = A.shape[-2:]
    size = min(m, n)
    LU = xp.array(A.reshape(-1, m, n), order="C") if A.size else A.reshape(A.shape).copy()
    if not A.size:
        batch = A.shape[:-2]
        pivots = xp.broadcast_to(xp.arange(1, size + 1, dtype=np.int32), (*batch, size)).copy()
        return LU, pivots, xp.zeros(batch, np.int32)
    each = xp.arange(len(LU))
    pivots, info = xp.empty((len(LU), size), np.int32), xp.zeros(len(LU), np.int32)
    for j in range(size):
        below = LU[:, j:, j]
        length = abs(below.real) + abs(below.imag) if LU.dtype.kind == "c" else abs(below)
        at = length.argmax(1) + j
        pivots[:, j] = at + 1
        swapped = LU[each, at]
        LU[each, at] = LU[:, j]
        LU[:, j] = swapped
        pivot = LU[:, j, j]
        zero = pivot == 0
        info[zero & (info == 0)] = j + 1
        LU[:, j + 1 :, j] /= xp.where(zero, 1, pivot)[:, None].astype(LU.dtype)
        LU[:, j + 1 :, j + 1 :] -= LU[:, j + 1 :, j, None] * LU[:, None, j, j + 1 :]
    batch = A.shape[:-2]
    return LU.reshape(A.shape), pivots.reshape(*batch, size), info.reshape(batch)


def _permutation(pivots: Any, rows: int) -> Any:
    """The order in which the swaps leave the rows."""
    count = int(np.prod(pivots.shape[:-1], dtype=int))
    swaps = np.asarray(array.moved(pivots, "cpu")).reshape(count, pivots.shape[-1])
    order = np.tile(np.arange(rows), (len(swaps), 1))
    each = np.arange(len(swaps))
    for j in range(swaps.shape[1]):
        at = swaps[:, j] - 1
        order[each, at], order[:, j] = order[:, j].copy(), order[each, at].copy()
    return order.reshape(*pivots.shape[:-1], rows)


def _permutation_matrix(pivots: Any, rows: int, dtype: Any) -> Any:
    """P with A = PLU."""
    order = _permutation(pivots, rows)
    xp = module(pivots)
    return xp.ascontiguousarray(raw.mT(xp.eye(rows, dtype=dtype)[xp.asarray(order)]))


def _by_factors(LU: Any, pivots: Any, B: Any) -> Any:
    """The raw solution of AX = B from the factors of A."""
    P = _permutation_matrix(pivots, LU.shape[-1], LU.dtype)
    Y = raw.linalg_solve_triangular(LU, raw.mT(P) @ B, upper=False, unitriangular=True)
    return raw.linalg_solve_triangular(LU, Y, upper=True)


raw.lu_factors, raw.solved_by_factors = _eliminated, _by_factors


def _slope(g: Any, aux: Any, y: Any, A: Any, k: Any) -> Any:
    """The gradient of A from that of L and U in one matrix, the parts outside the square block solved for first."""
    m, n = A.shape[-2:]
    size = min(m, n)
    square = y[..., :size, :size]
    adjoint_l, adjoint_u = k.mH(square), k.mH(square)
    top = g[..., :size, :size]
    g_lower, g_upper = k.tril(top, -1), k.triu(top)
    L = k.tril(square, -1) + identity(square)
    U = k.triu(square)
    rest = None
    if n > m:
        rest = k.linalg_solve_triangular(adjoint_l, g[..., :, size:], upper=True, unitriangular=True)
        g_lower = k.tril(g_lower - rest @ k.mH(y[..., :, size:]), -1)
    elif m > n:
        rest = k.linalg_solve_triangular(adjoint_u, g[..., size:, :], upper=False, left=False)
        g_upper = k.triu(g_upper - k.mH(y[..., size:, :]) @ rest)
    middle = k.tril(k.mH(L) @ g_lower, -1) + k.triu(g_upper @ k.mH(U))
    whole = k.linalg_solve_triangular(adjoint_l, middle, upper=True, unitriangular=True)
    whole = k.linalg_solve_triangular(adjoint_u, whole, upper=False, left=False)
    if rest is not None:
        whole = k.cat([whole, rest], -1 if n > m else -2)
    pivots = aux if aux is not None else _eliminated(A._array)[1]
    return like(g, _permutation_matrix(pivots, m, getattr(g, "_array", g).dtype)) @ whole


@op(
    r"P L U = A",
    said={"homes": (), "returns": _FACTORS, "aux": True, "title": "LinalgLuFactorExBackward0"},
    A=d(
        r"P L^{-\mathsf H} (\mathrm{tril}(L^{\mathsf H} \bar L) + \mathrm{triu}(\bar U U^{\mathsf H})) U^{-\mathsf H}",
        _slope,
    ),
)
def lu_factors(A):
    """L without its diagonal and U in one matrix, which rows were swapped, and the first zero pivot."""
    LU, pivots, info = _eliminated(A)
    return (by_columns(LU), pivots, info), pivots


raw.lu_factors = _eliminated


def _factors(A: Any, pivot: bool, name: str = "torch.lu_factor") -> Any:
    if A._array.ndim < 2:
        raise RuntimeError(
            f"{name}: Expected tensor with 2 or more dimensions. Got size: {list(A._array.shape)} instead"
        )
    no_half(A, name, "lu_cpu")
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")
    return lu_factors(A)


def _complain(info: Any) -> None:
    where, at = which_failed(info._array)
    if at:
        raise RuntimeError(
            f"torch.linalg.lu_factor: {where}U[{at},{at}] is zero and using it on lu_solve would result in a division "
            "by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or "
            "linalg.lu_factor_ex(A, pivot)"
        )


@function("linalg")
def linalg_lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """The LU factors in one matrix, the rows swapped, and the first zero pivot."""
    found = _factors(A, pivot)
    if check_errors:
        _complain(found.info)
    return found


@function("linalg")
def linalg_lu_factor(A: Tensor, *, pivot: bool = True) -> Any:
    """The LU factors in one matrix, and the rows swapped."""
    found = _factors(A, pivot)
    _complain(found.info)
    return _FACTOR(found.LU, found.pivots)


@function("method", "engine", out=False)
def lu(input: Tensor, pivot: bool = True, get_infos: bool = False) -> Any:
    """The LU factors in one matrix, and the rows swapped."""
    found = _factors(input, pivot)
    if get_infos:
        return _OLD(*found)
    _complain(found.info)
    return found.LU, found.pivots


@function("linalg")
def linalg_lu(A: Tensor, *, pivot: bool = True) -> Any:
    """The permutation P, unit lower triangular L and upper triangular U whose product is A."""
    found = _factors(A, pivot, "linalg.lu")
    P, L, U = lu_unpack(found.LU, found.pivots)
    return _LU(P, *(retitle(each, "LinalgLuBackward0", (A,)) for each in (L, U)))


@function("engine")
def lu_unpack(LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True) -> Any:
    """P, L and U from the factors in one matrix and the rows swapped."""
    if unpack_pivots and LU_pivots._array.dtype != np.int32:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
            "Note: this function is intended to be used with the output produced by torch.linalg.lu_factor"
        )
    m, n = LU_data._array.shape[-2:]
    size = min(m, n)
    nothing = wrap(module(LU_data._array).empty(0, LU_data._array.dtype))
    P = L = U = nothing
    if unpack_pivots:
        swaps = LU_pivots._array
        if swaps.shape[-1] != size or (swaps.size and (swaps.min() < 1 or swaps.max() > m)):
            raise RuntimeError(
                "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive."
                "Did you properly pass the result of lu_factor?"
            )
        P = wrap(_permutation_matrix(swaps, m, LU_data._array.dtype))
    if unpack_data:
        unit = module(LU_data._array).eye(m, size, dtype=LU_data._array.dtype)
        L = retitle(tensors.tril(LU_data[..., :, :size], -1) + wrap(unit), "LuUnpackBackward0", (LU_data,))
        U = retitle(tensors.triu(LU_data[..., :size, :]), "LuUnpackBackward0", (LU_data,))
    return _UNPACKED(P, L, U)


@function("linalg")
def linalg_lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False) -> Any:
    """The solutions X of AX = B (or XA = B, or with the adjoint of A) from the LU factors of A."""
    name = "linalg.lu_solve"
    if not floating(LU):
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {array.TITLES[LU.dtype]}"
        )
    matrices(LU, name, "LU")
    a, b = LU._array.shape, B._array.shape
    if a[-1] != a[-2]:
        raise RuntimeError(f"{name}: LU must be batches of square matrices, but they are {a[-2]} by {a[-1]} matrices")
    same_dtype(LU, B, name, "LU", "B")
    if pivots._array.dtype != np.int32:
        raise RuntimeError(f"{name}: pivots should be a Tensor of scalar type torch.int32")
    matrices(B, name, "B")
    if a[-1] != b[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} ({a[-2]}x{a[-1]} and {b[-2]}x{b[-1]})"
        )
    if pivots._array.shape[-1] != a[-1]:
        raise RuntimeError(f"{name}: Number of pivots per batch should be same as the dimension of the matrix")
    if pivots._array.shape[:-1] != a[:-2]:
        raise RuntimeError(
            f"{name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots._array.shape)} instead"
        )
    swaps = pivots._array
    for word, wrong in (("greater or equal to 1", swaps < 1), ("smaller or equal to LU.size(-2)", swaps > a[-1])):
        if wrong.any():
            raise RuntimeError(
                f"Pivots given to lu_solve must all be {word}. Did you properly pass the result of lu_factor?"
            )
    if not left:
        return tensors.mH(linalg_lu_solve(LU, pivots, tensors.mH(B), adjoint=not adjoint))
    P = wrap(_permutation_matrix(pivots._array, a[-1], LU._array.dtype))
    if adjoint:
        Y = linalg_solve_triangular(tensors.mH(LU), B, upper=False)
        return P @ linalg_solve_triangular(tensors.mH(LU), Y, upper=True, unitriangular=True)
    Y = linalg_solve_triangular(LU, tensors.mT(P) @ B, upper=False, unitriangular=True)
    return linalg_solve_triangular(LU, Y, upper=True)


@function("method", "engine")
def lu_solve(input: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Any:
    """The solutions of linear systems from the LU factors of their matrices."""
    return linalg_lu_solve(LU_data, LU_pivots, input)
