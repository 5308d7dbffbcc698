"""Determinants and their logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import module
from engine.dispatch import raw, tensors
from engine.op import d, op
from engine.ops.matrix import column, diagonal_matrix, diagonal_of, function, inexact, is_complex, like, square
from engine.return_types import named
from engine.tensor import Tensor

_SLOGDET = named("linalg_slogdet", "sign logabsdet")
_SURE = dict.fromkeys("fF", 1e-5) | dict.fromkeys("dD", 1e-10)  # how far from the identity A⁻¹A may be
_OLD_SLOGDET = named("slogdet", "sign logabsdet")


def _of_others(s: Any) -> Any:
    """For each number the product of all others along the last axis."""
    if not s.shape[-1]:
        return s
    return raw.product_of_others(s, s.ndim - 1)


def _adjugate_slope(g: Any, A: Any, k: Any) -> Any:
    """The slope of the adjugate: of an invertible matrix it is det(A) times the inverse."""
    if _nearly_singular(getattr(A, "_array", A)):
        return _by_singular_vectors(g, A, k)
    inverse = k.mH(k.inverse_of(A)[0])
    along = diagonal_of(inverse @ g, k).sum(-1)
    det = k.conjugate(k.determinant(A))
    return column(column(det)) * (column(column(along)) * inverse - inverse @ g @ inverse)


def _nearly_singular(A: Any) -> bool:
    s = module(A).linalg.svd(A, compute_uv=False)
    return bool(s.size) and bool((s[..., -1] <= s[..., 0] * np.finfo(s.dtype).eps * 16).any())


def _by_singular_vectors(g: Any, A: Any, k: Any) -> Any:
    """The slope for any matrix, whose own slope is left out.

    In the bases of the singular vectors the adjugate is made of products of all singular values but two.
    """
    A = getattr(A, "_array", A)
    linalg = module(A).linalg
    U, s, Vh = linalg.svd(A)
    n = s.shape[-1]
    if not n:
        return g
    rows = np.repeat(s[..., None, :], n, -2)
    rows[..., range(n), range(n)] = 1
    pairs = _of_others(rows).astype(A.dtype)
    pairs[..., range(n), range(n)] = 0
    sign = np.conj(linalg.det(U) * linalg.det(Vh)).astype(A.dtype)
    U, Vh, pairs, sign = (like(g, each) for each in (U, Vh, pairs, column(column(sign))))
    inner = sign * (Vh @ g @ U)
    turned = diagonal_matrix((pairs @ column(diagonal_of(inner, k)))[..., 0], k) - pairs * inner
    return U @ turned @ Vh


def _sure_inverse(A: Any) -> Any:
    """The inverses, which take a tenth of singular values' time; None where one is too near to none to be sure of."""
    try:
        inverse = np.linalg.inv(A) if A.__class__ is np.ndarray and A.dtype.char in _SURE and A.size else None
    except np.linalg.LinAlgError:
        return None
    if inverse is None or not np.abs(inverse @ A - np.eye(A.shape[-1])).max() < _SURE[A.dtype.char]:
        return None
    return inverse


@op(
    r"Y = \mathrm{adj}(A)",
    said={"homes": (), "out": False},
    A=d(
        r"\overline{\det A}\,"
        r"(\mathrm{tr}(A^{-\mathsf H} \bar Y)\,A^{-\mathsf H} - A^{-\mathsf H} \bar Y A^{-\mathsf H})",
        _adjugate_slope,
        _by_singular_vectors,
    ),
)
def adjugate(A):
    """The matrices of cofactors, transposed: the determinant times the inverse, which singular matrices have too."""
    linalg = module(A).linalg
    inverse = _sure_inverse(A)
    if inverse is not None:
        return column(column(linalg.det(A))) * inverse
    U, s, Vh = linalg.svd(A)
    sign = (linalg.det(U) * linalg.det(Vh)).astype(A.dtype)
    return column(column(sign)) * ((raw.mH(Vh) * _of_others(s).astype(A.dtype)[..., None, :]) @ raw.mH(U))


@op(
    r"y = \det A",
    said={"homes": (), "title": "LinalgDetBackward0"},
    A=d(r"\bar y\,\mathrm{adj}(A)^{\mathsf H}", lambda g, A, k: column(column(g)) * k.mH(k.adjugate(A))),
)
def determinant(A):
    """The determinants of square matrices."""
    return module(A).linalg.det(A)


def _log_slope(g: Any, A: Any, y: Any, k: Any) -> Any:
    sign = y[0]
    size = g[1] if g[1] is not None else k.real_part(g[0]) * 0
    if g[0] is not None and is_complex(sign):
        size = size - k.imaginary(k.imaginary_part(k.conj(g[0]) * sign))
    return column(column(size)) * k.mH(k.inverse_of(A)[0])


@op(
    r"s, y = \mathrm{sgn}(\det A),\ \ln |\det A|",
    said={"homes": (), "several": True, "title": "LinalgSlogdetBackward0"},
    A=d(r"\bar y\,A^{-\mathsf H}", _log_slope),
)
def log_determinant(A):
    """The signs of determinants and the logarithms of their sizes."""
    sign, size = module(A).linalg.slogdet(A)
    return np.asarray(sign) if isinstance(sign, np.generic) else sign, size


def _checked(A: Any, name: str, kernel: str | None = None) -> Any:
    square(A, name)
    inexact(A, name, kernel)
    return A


@function("linalg")
def linalg_det(A: Tensor) -> Any:
    """The determinants of square matrices."""
    return determinant(_checked(A, "linalg.det", "lu_cpu"))


@function("method", "engine")
def det(input: Tensor) -> Any:
    """The determinants of square matrices."""
    return determinant(_checked(input, "linalg.det", "lu_cpu"))


@function("linalg")
def linalg_slogdet(A: Tensor) -> Any:
    """The signs of determinants and the logarithms of their sizes."""
    return _SLOGDET(*log_determinant(_checked(A, "linalg.slogdet")))


@function("method", "engine")
def slogdet(input: Tensor) -> Any:
    """The signs of determinants and the logarithms of their sizes."""
    return _OLD_SLOGDET(*log_determinant(_checked(input, "linalg.slogdet")))


@function("method", "engine")
def logdet(input: Tensor) -> Any:
    """The logarithms of determinants, NaN for negative ones."""
    sign, size = log_determinant(_checked(input, "logdet"))
    if is_complex(input):
        return size + tensors.log(sign)
    return tensors.where(sign == -1, tensors.full_like(size, np.nan), size)
