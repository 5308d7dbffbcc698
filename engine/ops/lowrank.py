"""Decompositions of a low rank by random projections, and a few of many eigenpairs."""

from __future__ import annotations

from typing import Any

from engine.dispatch import tensors
from engine.ops.cholesky import linalg_cholesky
from engine.ops.eigen import linalg_eigh
from engine.ops.inverse import linalg_solve_triangular
from engine.ops.linalg import matmul
from engine.ops.matrix import function
from engine.ops.orthogonal import linalg_qr
from engine.ops.singular import linalg_svd
from engine.tensor import Tensor


def _basis(A: Any, size: int, steps: int) -> Any:
    """An orthonormal basis of nearly the range of A (Halko et al. 2009, algorithm 4.4)."""
    adjoint = tensors.mH(A)
    Q = linalg_qr(matmul(A, tensors.randn(A.shape[-1], size, dtype=A.dtype, device=A.device))).Q
    for _ in range(steps):
        Q = linalg_qr(matmul(adjoint, Q)).Q
        Q = linalg_qr(matmul(A, Q)).Q
    return Q


@function("engine", out=False)
def svd_lowrank(A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None) -> Any:
    """Nearly the `q` largest singular values of A - M, with their vectors U and V."""
    A = A if M is None else A - M.expand(A.shape)
    wide = A.shape[-2] < A.shape[-1]
    A = tensors.mH(A) if wide else A
    Q = _basis(A, 6 if q is None else q, 2 if niter is None else niter)
    U, S, Vh = linalg_svd(matmul(tensors.mH(Q), A), full_matrices=False)
    U, V = matmul(Q, U), tensors.mH(Vh)
    return (V, S, U) if wide else (U, S, V)


@function("engine", out=False)
def pca_lowrank(A: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> Any:
    """Nearly the first `q` principal components of the rows: U, S and V of the centred matrix."""
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - A.mean(-2, True) if center else A, q, niter)


@function("engine", out=False)
def lobpcg(
    A: Tensor,
    k: int | None = None,
    B: Tensor | None = None,
    X: Tensor | None = None,
    n: int | None = None,
    iK: Tensor | None = None,
    niter: int | None = None,
    tol: float | None = None,
    largest: bool | None = None,
    method: str | None = None,
    tracker: Any = None,
    ortho_iparams: Any = None,
    ortho_fparams: Any = None,
    ortho_bparams: Any = None,
) -> Any:
    """The `k` largest (or smallest) eigenvalues of AX = BXE and their vectors.

    All eigenvalues are computed and some taken, which is exact: what only steers an iteration is accepted and unused.
    """
    shape = A.shape
    if shape[-2] != shape[-1]:
        raise AssertionError(f"A must be square, got shape {shape}")
    if k is None:
        k = n if n is not None else 1 if X is None else X.shape[-1]
    if shape[-1] < 3 * k:
        raise ValueError(
            f"LOBPCG algorithm is not applicable when the number of A rows (={shape[-1]}) is smaller than 3 x the "
            f"number of requested eigenpairs (={k})"
        )
    if B is None:
        E, V = linalg_eigh(A)
    else:
        L = linalg_cholesky(B)
        inner = linalg_solve_triangular(L, A, upper=False)
        adjoint = tensors.mH(L)
        E, V = linalg_eigh(linalg_solve_triangular(adjoint, inner, upper=True, left=False))
        V = linalg_solve_triangular(adjoint, V, upper=True)
    if largest is None or largest:
        E, V = tensors.flip(E, (-1,)), tensors.flip(V, (-1,))
    return E[..., :k], V[..., :k]
