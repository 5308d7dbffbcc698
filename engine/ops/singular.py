"""Singular values and vectors, pseudo-inverses, ranks, least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array
from engine.array import module
from engine.dispatch import raw, tensors
from engine.op import d, op
from engine.ops.matrix import (
    LinAlgError,
    by_columns,
    diagonal_matrix,
    diagonal_of,
    floating,
    function,
    identity,
    in_columns,
    inexact,
    is_complex,
    matrices,
    of_a_loss,
    square,
    which_failed,
)
from engine.return_types import named
from engine.tensor import Tensor, wrap
from engine.titles import retitle

_SVD = named("linalg_svd", "U S Vh")
_OLD_SVD = named("svd", "U S V")
_LSTSQ = named("linalg_lstsq", "solution residuals rank singular_values")


def _gauge(left: Any, right: Any) -> None:
    """PyTorch's error for a loss that depends on the phases of complex singular vectors, which are arbitrary."""
    left, right = (getattr(x, "_array", x).imag for x in (left, right))
    if of_a_loss() and not np.allclose(array.moved(left, "cpu"), -array.moved(right, "cpu"), rtol=1e-2, atol=1e-2):
        raise RuntimeError(
            "svd_backward: The singular vectors in the complex case are specified up to multiplication by e^{i phi}. "
            "The specified loss function depends on this phase term, making it ill-defined."
        )


def _slope(g: Any, y: Any, k: Any) -> Any:
    """Townsend (2016), with the parts of the gradients outside the spaces that U and V span."""
    U, S, Vh = y
    g_u, g_s, g_v = g
    size = S.shape[-1]
    U, Vh = U[..., :, :size], Vh[..., :size, :]
    if g_u is None and g_v is None:
        return (U * g_s[..., None, :]) @ Vh
    m, n = U.shape[-2], Vh.shape[-1]
    V, row, col = k.mH(Vh), S[..., None, :], S[..., :, None]
    apart = (row - col) * (row + col) + identity(S)
    inner: Any = None
    turned_u: Any = None
    turned_v: Any = None
    if g_u is not None:
        g_u = g_u[..., :, :size]
        turned_u = k.mH(U) @ g_u
    if g_v is not None:
        g_v = g_v[..., :size, :]
        turned_v = k.mH(V) @ k.mH(g_v)
    if is_complex(U):
        zero = diagonal_of((turned_u if turned_u is not None else turned_v) * 0, k)
        _gauge(*[diagonal_of(x, k) if x is not None else zero for x in (turned_u, turned_v)])
    if turned_u is not None:
        skew_u = turned_u - k.mH(turned_u)
        inner = skew_u / apart * row
        if is_complex(U):
            inner = inner + diagonal_matrix(diagonal_of(skew_u, k) / (S * 2), k)
    if turned_v is not None:
        part = col * ((turned_v - k.mH(turned_v)) / apart)
        inner = part if inner is None else inner + part
    if g_s is not None:
        inner = inner + diagonal_matrix(g_s, k)
    whole = U @ inner @ Vh
    if m > size and g_u is not None:
        outside = g_u / row
        whole = whole + (outside - U @ (k.mH(U) @ outside)) @ Vh
    if n > size and g_v is not None:
        outside = g_v / col
        whole = whole + U @ (outside - (outside @ V) @ Vh)
    return whole


@op(
    r"U \Sigma V^{\mathsf H} = A",
    said={"homes": (), "several": True, "title": "LinalgSvdBackward0"},
    A=d(
        r"U (\mathrm{skew}(U^{\mathsf H} \bar U) / E\,\Sigma + \Sigma\,\mathrm{skew}(V^{\mathsf H} \bar V) / E + "
        r"\mathrm{diag}(\bar\sigma)) V^{\mathsf H}",
        _slope,
    ),
)
def singular_parts(A, full_matrices=True):
    """The left singular vectors, the singular values, falling, and the right singular vectors, as rows."""
    try:
        U, S, Vh = module(A).linalg.svd(A, full_matrices)
        return by_columns(U), S, by_columns(Vh)
    except np.linalg.LinAlgError:
        why = (
            "because the input matrix is ill-conditioned or has too many repeated singular values."
            if np.isfinite(A).all()
            else "because the input matrix contained non-finite values."
        )
        raise LinAlgError(f"linalg.svd: The algorithm failed to converge {why}") from None


def _parts(A: Any, full_matrices: bool) -> Any:
    matrices(A, "linalg.svd")
    inexact(A, "linalg.svd", "linalg_svd_cpu")
    return singular_parts(A, full_matrices)


@function("linalg")
def linalg_svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """The singular vectors and values of matrices."""
    _no_driver(driver)
    return _SVD(*_parts(A, full_matrices))


def _no_driver(driver: Any) -> None:
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )


@function("linalg")
def linalg_svdvals(A: Tensor, *, driver: str | None = None) -> Any:
    """The singular values of matrices, falling."""
    _no_driver(driver)
    return _parts(A, False)[1]


@function("method", "engine")
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """The singular vectors and values of matrices."""
    U, S, Vh = _parts(input, not some)
    if not compute_uv:
        m, n = input._array.shape[-2:]
        U, V = (input.detach().new_zeros((*input._array.shape[:-2], size, size)) for size in (m, n))
        return _OLD_SVD(U, S, V)
    return _OLD_SVD(U, S, tensors.mH(Vh))


# ---- what small singular values are taken for zero


def _threshold(A: Any, S: Any, atol: Any, rtol: Any) -> Any:
    """The size, for each matrix, up to which a singular value counts as zero."""
    atol, rtol = (getattr(x, "_array", x) for x in (atol, rtol))
    if rtol is None:
        default = np.finfo(A.dtype).eps * max(A.shape[-2:])
        rtol = default if atol is None else module(A).where(module(A).asarray(atol) > 0, 0, default)
    if not S.shape[-1]:
        return module(A).zeros((*S.shape[:-1], 1), S.dtype)
    top = S.max(-1)
    return module(A).maximum(top * rtol, 0 if atol is None else atol)[..., None]


def _pinv_slope(g: Any, A: Any, y: Any, k: Any) -> Any:
    """Golub and Pereyra (1973)."""
    P, Ph, gh = y, k.mH(y), k.mH(g)
    first = -(Ph @ g @ Ph)
    second = gh @ P @ Ph
    third = Ph @ P @ gh
    return first + (second - A @ (P @ second)) + (third - (third @ P) @ A)


@op(
    r"Y = A^+",
    said={"homes": (), "title": "LinalgPinvBackward0", "out": False},
    A=d(
        r"-A^{+\mathsf H} \bar Y A^{+\mathsf H} + (I - A A^+) \bar Y^{\mathsf H} A^+ A^{+\mathsf H} + "
        r"A^{+\mathsf H} A^+ \bar Y^{\mathsf H} (I - A^+ A)",
        _pinv_slope,
    ),
)
def pseudo_inverse(A, atol=None, rtol=None, hermitian=False):
    """Moore and Penrose's inverses, singular values up to a threshold taken for zero."""
    if hermitian:
        L, V = raw.symmetric_eigen(A)
        keep = abs(L) > _threshold(A, abs(L), atol, rtol)
        return (V * (keep / module(A).where(keep, L, 1)).astype(A.dtype)[..., None, :]) @ raw.mH(V)
    U, S, Vh = raw.singular_parts(A, False)
    keep = _threshold(A, S, atol, rtol) < S
    return (raw.mH(Vh) * (keep / module(A).where(keep, S, 1)).astype(A.dtype)[..., None, :]) @ raw.mH(U)


def _check_bounds(name: str, **bounds: Any) -> None:
    """PyTorch's error for thresholds that are complex."""
    for word, bound in bounds.items():
        if isinstance(bound, Tensor) and bound.is_complex():
            title = array.TITLES[bound.dtype]
            raise RuntimeError(f"torch.{name}: {word} tensor of complex type is not supported. Got {title}")


def _pinv(A: Any, atol: Any, rtol: Any, hermitian: bool) -> Any:
    if A._array.ndim < 2 or not floating(A) or A.dtype.itemsize < 4:
        raise RuntimeError(
            f"linalg.pinv({array.TITLES[A.dtype]}{{{list(A._array.shape)}}}): expected a tensor with 2 or more "
            "dimensions of float, double, cfloat or cdouble types"
        )
    if hermitian:
        square(A, "linalg.eigh")
    return pseudo_inverse(A, atol, rtol, hermitian)


@function("linalg")
def linalg_pinv(
    input: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Any:
    """Moore and Penrose's inverses."""
    _check_bounds("linalg.pinv", rcond=rcond, atol=atol, rtol=rtol)
    return _pinv(input, atol, rcond if rcond is not None else rtol, hermitian)


@function("method", "engine")
def pinverse(input: Tensor, rcond: float = 1e-15) -> Any:
    """Moore and Penrose's inverses."""
    return _pinv(input, None, rcond, False)


@function("linalg")
def linalg_matrix_rank(
    input: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Any:
    """The ranks of matrices: how many singular values are above a threshold."""
    matrices(input, "torch.linalg.matrix_rank", "input")
    if not floating(input) or input.dtype.itemsize < 4:
        raise RuntimeError("This function doesn't handle types other than float and double")
    _check_bounds("linalg.matrix_rank", tol=tol, atol=atol, rtol=rtol)
    if tol is not None:
        atol, rtol = tol, 0
    if hermitian:
        square(input, "linalg.eigh")
        S = abs(raw.symmetric_eigen(input._array)[0])
    else:
        S = raw.singular_parts(input._array, False)[1]
    return wrap(module(S).asarray((_threshold(input._array, S, atol, rtol) < S).sum(-1), np.int64))


def _check_full_rank(A: Any, name: str) -> None:
    """PyTorch's error where triangular factors have a zero on the diagonal, but for matrices of zeros alone."""
    if not A.size:
        return
    tall = A if A.shape[-2] >= A.shape[-1] else A.swapaxes(-1, -2)
    empty = np.diagonal(module(A).linalg.qr(tall, mode="r"), axis1=-2, axis2=-1) == 0
    empty = empty & A.any((-2, -1))[..., None]
    where, at = which_failed(np.where(empty.any(-1), 1 + np.argmax(empty, -1), 0))
    if at:
        raise LinAlgError(
            f"{name}: {where}The least squares solution could not be computed because the input matrix does not have "
            f"full rank (error code: {at})."
        )


@function("linalg", out=False)
def linalg_lstsq(input: Tensor, b: Tensor, rcond: Any = None, *, driver: str | None = None) -> Any:
    """The X for which AX is nearest to B, of the least length where there are several."""
    name = "torch.linalg.lstsq"
    if input._array.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if b._array.ndim < 1:
        raise RuntimeError(f"{name}: other must have at least 1 dimension.")
    if input.dtype != b.dtype:
        titles = [array.TITLES[t.dtype] for t in (input, b)]
        raise RuntimeError(
            f"{name}: Expected input and other to have the same dtype, but got input's dtype {titles[0]} and other's "
            f"dtype {titles[1]}"
        )
    driver = driver or "gelsy"
    if driver not in ("gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(f"{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)")
    a, b_shape = input._array.shape, b._array.shape
    if not 0 <= len(a) - len(b_shape) <= 1:
        raise RuntimeError(
            f"{name}: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1"
        )
    vector = len(b_shape) == 1 or (len(a) - 1 == len(b_shape) and b_shape == a[:-1])
    sides = b.unsqueeze(-1) if vector else b
    if a[-2] != sides._array.shape[-2]:
        raise RuntimeError(f"{name}: input.size(-2) should match other.size({-1 if vector else -2})")
    inexact(input, name, "linalg_lstsq_cpu")
    xp = module(input._array)
    S = raw.singular_parts(input._array, False)[1]
    rank = (_threshold(input._array, S, None, rcond) < S).sum(-1)
    if driver == "gels":
        _check_full_rank(input._array, name)
    P = pseudo_inverse(input, None, 0.0 if driver == "gels" else rcond)
    solution = in_columns(P @ sides)
    real = input._array.real.dtype
    residuals = tensors.real_part(solution.reshape(-1)[:0]) if solution.is_complex() else solution.reshape(-1)[:0]
    if driver != "gelsy" and a[-2] > a[-1] and (driver == "gels" or bool((rank == a[-1]).all())):
        away = input @ solution - sides
        residuals = tensors.real_part(away * tensors.conjugate(away)).sum(-2)
    title = "LinalgLstsqBackward0"
    solution = retitle(solution.squeeze(-1) if vector else solution, title, (input, b))
    residuals = retitle(residuals, title, (input, b))
    values = S if driver in ("gelsd", "gelss") else xp.empty(0, real)
    ranks = xp.empty(0, np.int64) if driver == "gels" else xp.asarray(rank, np.int64)
    return _LSTSQ(solution, residuals, wrap(ranks), wrap(values))
