"""Eigenvalues and eigenvectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import graph
from engine.array import module
from engine.errors import class_name
from engine.op import d, op
from engine.ops.matrix import (
    LinAlgError,
    by_columns,
    diagonal_matrix,
    diagonal_of,
    function,
    identity,
    inexact,
    no_half,
    of_a_loss,
    square,
)
from engine.return_types import named
from engine.tensor import Tensor

_EIG = named("linalg_eig", "eigenvalues eigenvectors")
_EIGH = named("linalg_eigh", "eigenvalues eigenvectors")


def _gauge(turning: Any, name: str) -> None:
    """PyTorch's error for a loss that depends on the phases of complex eigenvectors, which are arbitrary."""
    turning = getattr(turning, "_array", turning)
    if turning.dtype.kind == "c" and of_a_loss() and not bool((abs(turning.imag) <= 1e-2).all()):
        raise RuntimeError(
            f"{name}: The eigenvectors in the complex case are specified up to multiplication by e^{{i phi}}. The "
            "specified loss function depends on this quantity, so it is ill-defined."
        )


def _apart(L: Any, k: Any) -> Any:
    """The conjugated differences of all pairs of eigenvalues, ones on the diagonal."""
    L = k.conjugate(L)
    return L[..., None, :] - L[..., :, None] + identity(L)


def _symmetric_slope(g: Any, y: Any, k: Any) -> Any:
    L, V = y
    g_l, g_v = g
    if g_v is None:
        return (V * g_l[..., None, :]) @ k.mH(V)
    turning = k.mH(V) @ g_v
    _gauge(diagonal_of(turning, k), "linalg_eigh_backward")
    turning = (turning - k.mH(turning)) * 0.5  # the part that keeps the vectors orthonormal
    inner = (turning - diagonal_matrix(diagonal_of(turning, k), k)) / _apart(L, k)
    if g_l is not None:
        inner = inner + diagonal_matrix(g_l, k)
    return V @ inner @ k.mH(V)


@op(
    r"V \Lambda V^{\mathsf H} = A",
    said={"homes": (), "several": True, "title": "LinalgEighBackward0"},
    A=d(
        r"V (\mathrm{diag}(\bar\lambda) + V^{\mathsf H} \bar V / (\lambda_j - \lambda_i)) V^{\mathsf H}",
        _symmetric_slope,
    ),
)
def symmetric_eigen(A, UPLO="L"):
    """The eigenvalues, in order, and eigenvectors of Hermitian matrices, of which one triangle is read."""
    try:
        L, V = module(A).linalg.eigh(A, UPLO=UPLO)
        return L, by_columns(V)
    except np.linalg.LinAlgError:
        if np.isfinite(A).all():
            raise LinAlgError(
                "linalg.eigh: The algorithm failed to converge because the input matrix is ill-conditioned or has too "
                "many repeated eigenvalues."
            ) from None
        L, V = np.full(A.shape[:-1], np.nan, A.real.dtype), np.full(A.shape, np.nan, A.dtype)
        return L, V


@function("linalg")
def linalg_eigh(input: Tensor, UPLO: str = "L") -> Any:
    """The eigenvalues and eigenvectors of Hermitian matrices."""
    return _EIGH(*_eigh("linalg_eigh", input, UPLO))


def _eigh(name: str, A: Any, UPLO: str) -> Any:
    square(A, "linalg.eigh")
    if not isinstance(UPLO, str):
        raise TypeError(f"{name}(): argument 'UPLO' (position 2) must be str, not {class_name(UPLO)}")
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    no_half(A, "linalg.eigh", "linalg_eigh_cpu")
    return symmetric_eigen(A, UPLO.upper())


@function("linalg")
def linalg_eigvalsh(input: Tensor, UPLO: str = "L") -> Any:
    """The eigenvalues of Hermitian matrices, in order."""
    return _eigh("linalg_eigvalsh", input, UPLO)[0]


def _slope(g: Any, y: Any, kind: Any, k: Any) -> Any:
    """Boeddeker et al. (2017), the columns of V kept at length one."""
    L, V = y
    g_l, g_v = g
    adjoint = k.mH(V)
    if g_v is None:
        inner = diagonal_matrix(g_l, k)
    else:
        turning = adjoint @ g_v
        along = diagonal_of(turning, k)
        _gauge(along, "linalg_eig_backward")
        turning = turning - (adjoint @ V) * k.real_part(along)[..., None, :]
        inner = (turning - diagonal_matrix(diagonal_of(turning, k), k)) / _apart(L, k)
        if g_l is not None:
            inner = inner + diagonal_matrix(g_l, k)
    return k.to_dtype(k.solution_of(adjoint, inner @ adjoint)[0], kind)


@op(
    r"V \Lambda V^{-1} = A",
    said={"homes": (), "several": True, "title": "LinalgEigBackward0"},
    A=d(
        r"V^{-\mathsf H} (\mathrm{diag}(\bar\lambda) + V^{\mathsf H} \bar V / \overline{(\lambda_j - \lambda_i)}) "
        r"V^{\mathsf H}",
        _slope,
    ),
)
def eigen(A):
    """The eigenvalues and eigenvectors, complex, of square matrices."""
    L, V = module(A).linalg.eig(A)
    kind = np.result_type(A.dtype, np.complex64)
    return L.astype(kind, copy=False), by_columns(V.astype(kind, copy=False))


def _eig(A: Any) -> Any:
    square(A, "linalg.eig")
    inexact(A, "linalg.eig", "linalg_eig_out_cpu")
    if not bool(module(A._array).isfinite(A._array).all()):
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
    return eigen(A)


@function("linalg")
def linalg_eig(input: Tensor) -> Any:
    """The eigenvalues and eigenvectors, complex, of square matrices."""
    return _EIG(*_eig(input))


@function("linalg")
def linalg_eigvals(input: Tensor) -> Any:
    """The eigenvalues, complex, of square matrices."""
    square(input, "linalg.eig" if graph.recording() and input._requires_grad else "linalg.eigvals")
    return _eig(input)[0]


def _removed(name: str, sentence: str, *homes: str) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"This function was deprecated since version 1.9 and is now removed. {sentence}".strip())

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "Removed from PyTorch."
    function(*homes, out=False)(refuse)


_removed(
    "eig",
    "`torch.linalg.eig` returns complex tensors of dtype `cfloat` or `cdouble` rather than real tensors mimicking "
    "complex tensors.\nTo get the (deprecated) eigenvalues use `torch.linalg.eigvals`.",
    "method",
    "engine",
)
_removed(
    "symeig",
    "The default behavior has changed from using the upper triangular portion of the matrix by default to using the "
    "lower triangular portion.",
    "method",
    "engine",
)
_removed("lstsq", "`torch.lstsq` is deprecated in favor of `torch.linalg.lstsq`.", "method", "engine")
_removed(
    "solve",
    "`torch.solve` is deprecated in favor of `torch.linalg.solve`. `torch.linalg.solve` has its arguments reversed and "
    "does not return the LU factorization.",
    "method",
    "engine",
)
_removed("matrix_rank", "", "engine")
