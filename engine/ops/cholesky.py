"""Cholesky factors."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array
from engine.array import module
from engine.dispatch import raw
from engine.meta import MetaArray
from engine.op import d, op
from engine.ops.matrix import LinAlgError, by_columns, function, inexact, square, which_failed
from engine.return_types import named
from engine.tensor import Tensor

_CHOLESKY = named("linalg_cholesky_ex", "L info")


def _slope(g: Any, y: Any, upper: bool, k: Any) -> Any:
    """With P the lower triangle of L^H g, D its diagonal: L^-H (P + P^H - D^H) / 2 L^-1 (Murray 2016, section 3)."""
    L, adjoint = (k.mH(y), y) if upper else (y, k.mH(y))
    phi = k.tril(adjoint @ (k.mH(g) if upper else g))
    middle = (phi + k.mH(k.tril(phi, -1))) * 0.5
    half = k.linalg_solve_triangular(adjoint, middle, upper=True)
    return k.linalg_solve_triangular(L, half, upper=False, left=False)


def _by_columns(A: Any) -> tuple[Any, int]:
    """The factor of one matrix as far as it goes, and the order of the first minor that is not positive, or 0."""
    L = np.tril(A)
    for j in range(len(A)):
        pivot = L[j, j].real - (np.abs(L[j, :j]) ** 2).sum()
        if not pivot > 0:
            return L, j + 1
        L[j, j] = np.sqrt(pivot)
        L[j + 1 :, j] = (L[j + 1 :, j] - L[j + 1 :, :j] @ L[j, :j].conj()) / L[j, j]
    return L, 0


@op(
    r"L L^{\mathsf H} = A",
    said={"homes": (), "returns": _CHOLESKY, "title": "LinalgCholeskyExBackward0"},
    A=d(r"L^{-\mathsf H}\,\Phi(L^{\mathsf H} \bar L)\,L^{-1}", _slope),
)
def cholesky_factor(A, upper=False):
    """The triangular factors of positive-definite matrices, and where a matrix shows that it is none."""
    L, info = _lower(raw.mH(A) if upper else A)
    return by_columns(raw.mH(L) if upper else L), info


def _lower(A: Any) -> tuple[Any, Any]:
    xp = module(A)
    if A.__class__ is MetaArray:
        return A.copy(), np.zeros(A.shape[:-2], np.int32)
    try:
        factor = xp.linalg.cholesky(A)
        if xp is np or bool(xp.isfinite(factor).all()):
            return factor, xp.zeros(A.shape[:-2], np.int32)
    except np.linalg.LinAlgError:
        pass
    found = [_by_columns(each) for each in np.asarray(array.moved(A, "cpu")).reshape(-1, *A.shape[-2:])]
    info = xp.array([order for _, order in found], np.int32).reshape(A.shape[:-2])
    return xp.array([L for L, _ in found], A.dtype).reshape(A.shape), info


def _factor(A: Any, name: str, upper: bool, check_errors: bool) -> Any:
    square(A, name.removesuffix("_ex"))
    inexact(A, name.removesuffix("_ex"), "cholesky_cpu")
    found = cholesky_factor(A, upper)
    where, order = which_failed(found.info._array) if check_errors else ("", 0)
    if order:
        raise LinAlgError(
            f"{name}: {where}The factorization could not be completed because the input is not positive-definite (the "
            f"leading minor of order {order} is not positive-definite)."
        )
    return found


@function("linalg")
def linalg_cholesky_ex(input: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """The Cholesky factors of matrices, and which leading minor was not positive."""
    return _factor(input, "linalg.cholesky_ex", upper, check_errors)


@function("linalg")
def linalg_cholesky(input: Tensor, *, upper: bool = False) -> Any:
    """The Cholesky factors of positive-definite matrices."""
    return _factor(input, "linalg.cholesky", upper, True).L


@function("method", "engine")
def cholesky(input: Tensor, upper: bool = False) -> Any:
    """The Cholesky factors of positive-definite matrices."""
    return _factor(input, "cholesky", upper, True).L
