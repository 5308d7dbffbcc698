"""LDL factors of symmetric and Hermitian matrices, and what is solved by them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array
from engine.array import module
from engine.op import d, op
from engine.ops.matrix import by_columns, function, inexact, matrices, no_derivative, same_dtype, square, which_failed
from engine.return_types import named
from engine.tensor import Tensor

_FACTORS = named("linalg_ldl_factor_ex", "LD pivots info")
_FACTOR = named("linalg_ldl_factor", "LD pivots")
_GROWTH = (1 + 17**0.5) / 8  # the bound on growth that decides between pivots of one row and of two


def _length(x: Any) -> Any:
    return np.abs(x.real) + np.abs(x.imag) if x.dtype.kind == "c" else np.abs(x)


def _largest(x: Any) -> tuple[int, float]:
    """Where the largest element is, and how large."""
    if not x.size:
        return 0, 0.0
    size = _length(x)
    at = int(size.argmax())
    return at, float(size[at])


def _swap(A: Any, k: int, p: int, step: int, hermitian: bool) -> None:
    """Rows and columns k + step - 1 and p of the lower triangle exchanged."""
    q = k + step - 1
    if p == q:
        return
    A[p + 1 :, [q, p]] = A[p + 1 :, [p, q]]
    between = A[q + 1 : p, q].copy()
    A[q + 1 : p, q] = A[p, q + 1 : p].conj() if hermitian else A[p, q + 1 : p]
    A[p, q + 1 : p] = between.conj() if hermitian else between
    if hermitian:
        A[p, q] = A[p, q].conj()
    A[q, q], A[p, p] = A[p, p], A[q, q]
    if step == 2:
        A[q, k], A[p, k] = A[p, k], A[q, k]


def _factored(A: Any, hermitian: bool) -> tuple[Any, Any, int]:
    """Bunch and Kaufman's diagonal pivoting (1977) on the lower triangle; pivots and info as in LAPACK's sytrf."""
    A = np.tril(A)
    n = len(A)
    pivots, info, k = np.zeros(n, np.int32), 0, 0
    flip = np.conj if hermitian else (lambda x: x)
    if hermitian:
        A[range(n), range(n)] = A.diagonal().real
    while k < n:
        here = float(_length(A[k : k + 1, k])[0])
        at, below = _largest(A[k + 1 :, k])
        at += k + 1
        step, p = 1, k
        if max(here, below) == 0 or np.isnan(here):
            info = info or k + 1
            pivots[k] = k + 1
            k += 1
            continue
        if here < _GROWTH * below:
            row = np.concatenate([A[at, k:at], A[at + 1 :, at]])
            beside = _largest(row)[1]
            if here * beside < _GROWTH * below * below:
                if float(_length(A[at : at + 1, at])[0]) >= _GROWTH * beside:
                    p = at
                else:
                    step, p = 2, at
        _swap(A, k, p, step, hermitian)
        if step == 1:
            if k + 1 < n:
                x = A[k + 1 :, k].copy()
                A[k + 1 :, k] = x / A[k, k]
                A[k + 1 :, k + 1 :] -= np.tril(np.outer(A[k + 1 :, k], flip(x)))
            pivots[k] = p + 1
        else:
            if k + 2 < n:
                D = np.array([[A[k, k], flip(A[k + 1, k])], [A[k + 1, k], A[k + 1, k + 1]]])
                x = A[k + 2 :, k : k + 2].copy()
                A[k + 2 :, k : k + 2] = np.linalg.solve(D.T, x.T).T
                A[k + 2 :, k + 2 :] -= np.tril(A[k + 2 :, k : k + 2] @ flip(x).T)
            pivots[k] = pivots[k + 1] = -(p + 1)
        if hermitian:
            A[range(n), range(n)] = A.diagonal().real
        k += step
    return A, pivots, info


def _solved(LD: Any, pivots: Any, B: Any, hermitian: bool) -> Any:
    """The solution of AX = B, by the factors' steps one after the other and back."""
    X, n, k = B.copy(), len(LD), 0
    flip = np.conj if hermitian else (lambda x: x)
    blocks = []
    while k < n:
        step = 1 if pivots[k] > 0 else 2
        p, q = abs(int(pivots[k])) - 1, k + step - 1
        X[[q, p]] = X[[p, q]]
        X[k + step :] -= LD[k + step :, k : k + step] @ X[k : k + step]
        D = LD[k : k + step, k : k + step].copy()
        if step == 2:
            D[0, 1] = flip(D[1, 0])
            X[k : k + 2] = np.linalg.solve(D, X[k : k + 2])
        else:
            X[k] /= D[0, 0]
        blocks.append((k, step, p, q))
        k += step
    for k, step, p, q in reversed(blocks):
        X[k : k + step] -= flip(LD[k + step :, k : k + step]).T @ X[k + step :]
        X[[q, p]] = X[[p, q]]
    return X


@op(
    r"L D L^\top = A",
    said={"homes": (), "returns": _FACTORS, "title": "torch::autograd::NotImplemented"},
    A=d(r"\text{none}", no_derivative("derivative for aten::linalg_ldl_factor_ex is not implemented")),
)
def ldl_factors(A, hermitian=False):
    """L without its diagonal and D in one matrix, the pivots, and the first zero pivot."""
    xp, host = module(A), np.asarray(array.moved(A, "cpu"))
    count = math.prod(A.shape[:-2])
    found = [_factored(each, hermitian and A.dtype.kind == "c") for each in host.reshape(count, *A.shape[-2:])]
    parts = [[each[i] for each in found] for i in range(3)]
    LD = by_columns(xp.array(parts[0], A.dtype).reshape(A.shape))
    return LD, xp.array(parts[1], np.int32).reshape(A.shape[:-1]), xp.array(parts[2], np.int32).reshape(A.shape[:-2])


@op(
    r"X = A^{-1} B",
    said={"homes": (), "title": "torch::autograd::NotImplemented", "out": False},
    LD=d(r"\text{none}", no_derivative("derivative for aten::linalg_ldl_solve is not implemented")),
    pivots=None,
    B=d(r"\text{none}", no_derivative("derivative for aten::linalg_ldl_solve is not implemented")),
)
def solved_by_ldl(LD, pivots, B, hermitian=False):
    """The solutions of linear systems from the LDL factors of their matrices."""
    batch = np.broadcast_shapes(LD.shape[:-2], B.shape[:-2])
    host = [np.asarray(array.moved(x, "cpu")) for x in (LD, pivots, B)]
    n = LD.shape[-1]
    flat = [
        np.broadcast_to(x, (*batch, *rest)).reshape(math.prod(batch), *rest)
        for x, rest in zip(host, ((n, n), (n,), B.shape[-2:]), strict=True)
    ]
    found = [_solved(a, p, b, hermitian and LD.dtype.kind == "c") for a, p, b in zip(*flat, strict=True)]
    return by_columns(module(LD).array(found, LD.dtype).reshape(*batch, *B.shape[-2:]))


@function("linalg")
def linalg_ldl_factor_ex(input: Tensor, *, hermitian: bool = False, check_errors: bool = False) -> Any:
    """The LDL factors in one matrix, the pivots, and the first zero pivot."""
    name = "torch.linalg.ldl_factor_ex"
    square(input, name)
    inexact(input, name, "ldl_factor_kernel_cpu")
    found = ldl_factors(input, hermitian)
    where, at = which_failed(found.info._array) if check_errors else ("", 0)
    if at:
        raise RuntimeError(f"torch.linalg.ldl_factor_ex: {where}Unknown error code: {at}.")
    return found


@function("linalg")
def linalg_ldl_factor(input: Tensor, *, hermitian: bool = False) -> Any:
    """The LDL factors in one matrix, and the pivots."""
    LD, pivots, info = linalg_ldl_factor_ex(input, hermitian=hermitian)
    where, at = which_failed(info._array)
    if at:
        raise RuntimeError(f"torch.linalg.ldl_factor: {where}Unknown error code: {at}.")
    return _FACTOR(LD, pivots)


@function("linalg")
def linalg_ldl_solve(LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: bool = False) -> Any:
    """The solutions of linear systems from the LDL factors of their matrices."""
    name = "torch.linalg.ldl_solve"
    square(LD, name, "LD")
    inexact(LD, name, "ldl_solve_kernel_cpu")
    matrices(B, name, "B")
    if LD._array.shape[-1] != B._array.shape[-2]:
        raise RuntimeError(
            f"linalg.ldl_solve: Incompatible shapes of LD and B: {list(LD._array.shape)} and {list(B._array.shape)}"
        )
    if pivots._array.shape != LD._array.shape[:-1]:
        raise RuntimeError(
            f"{name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots._array.shape)}"
        )
    if pivots._array.dtype.kind not in "iu":
        raise RuntimeError(f"torch.linalg.ldl_solve: Expected pivots to be integers. Got {array.TITLES[pivots.dtype]}")
    same_dtype(LD, B, name, "LD", "B")
    return solved_by_ldl(LD, pivots, B, hermitian)
