"""QR factors, and products of Householder reflections."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, graph
from engine.array import module
from engine.dispatch import tensors
from engine.op import d, op
from engine.ops.matrix import (
    by_columns,
    diagonal_matrix,
    diagonal_of,
    function,
    in_columns,
    inexact,
    matrices,
    no_derivative,
    no_half,
)
from engine.return_types import named
from engine.tensor import Tensor, wrap

_QR = named("linalg_qr", "Q R")
_OLD_QR = named("qr", "Q R")
_GEQRF = named("geqrf", "a tau")


def _qr_slope(g: Any, y: Any, mode: str, k: Any) -> Any:
    """Roberts and Roberts (2020) for tall matrices; of a wide one the columns beyond the square are Q R already."""
    if mode == "r":
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, "
            "mode='reduced') if you are going to differentiate through linalg.qr."
        )
    Q, R = y
    g_q, g_r = g
    m, n = Q.shape[-2], R.shape[-1]
    if mode == "complete" and m > n:
        raise RuntimeError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.")
    wide = None
    if n > m:
        if g_r is not None:
            wide = g_r[..., :, m:]
            extra = Q @ R[..., :, m:] @ k.mH(wide)
            g_q = extra if g_q is None else g_q + extra
            g_r = g_r[..., :, :m]
        R = R[..., :, :m]
    middle = 0
    if g_r is not None:
        middle = k.triu(g_r) @ k.mH(R)
    if g_q is not None:
        middle = middle - k.mH(Q) @ g_q
    middle = k.triu(middle)
    middle = middle + k.mH(middle)
    middle = middle - diagonal_matrix(diagonal_of(middle, k) * 0.5, k)
    whole = Q @ middle
    if g_q is not None:
        whole = whole + g_q
    whole = k.linalg_solve_triangular(k.mH(R), whole, upper=False, left=False)
    if n > m:
        whole = k.cat([whole, Q @ wide if wide is not None else y[1][..., :, m:] * 0], -1)
    return whole


@op(
    r"Q R = A",
    said={"homes": (), "several": True, "title": "LinalgQrBackward0"},
    A=d(
        r"(\bar Q + Q\,\mathrm{sym}(\mathrm{triu}(\bar R R^{\mathsf H} - Q^{\mathsf H} \bar Q))) R^{-\mathsf H}",
        _qr_slope,
    ),
)
def orthogonal_factors(A, mode="reduced"):
    """The orthogonal and the upper triangular factors of matrices."""
    linalg = module(A).linalg
    if mode == "r":
        return module(A).empty(0, A.dtype), by_columns(linalg.qr(A, "r"))
    return tuple(map(by_columns, linalg.qr(A, mode)))


@function("linalg")
def linalg_qr(A: Tensor, mode: str = "reduced") -> Any:
    """The orthogonal and the upper triangular factors of matrices."""
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    matrices(A, "linalg.qr")
    inexact(A, "linalg.qr", "geqrf_cpu")
    return _QR(*orthogonal_factors(A, mode))


@function("method", "engine")
def qr(input: Tensor, some: bool = True) -> Any:
    """The orthogonal and the upper triangular factors of matrices."""
    matrices(input, "linalg.qr")
    inexact(input, "linalg.qr", "geqrf_cpu")
    return _OLD_QR(*orthogonal_factors(input, "reduced" if some else "complete"))


@op(
    r"H_1 \cdots H_n R = A",
    said={"homes": (), "several": True, "title": "GeqrfBackward0"},
    A=d(r"\text{none}", no_derivative("the derivative for 'geqrf' is not implemented.", NotImplementedError)),
)
def reflectors(A):
    """R, below it the Householder vectors whose reflections lead to it, and their factors."""
    turned, tau = module(A).linalg.qr(A, "raw")
    return module(A).ascontiguousarray(turned).swapaxes(-1, -2), tau


@function("method", "engine")
def geqrf(input: Tensor) -> Any:
    """R, below it the Householder vectors whose reflections lead to it, and their factors."""
    if input._array.ndim < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    no_half(input, "geqrf", "geqrf_cpu")
    return _GEQRF(*reflectors(input))


def _vectors(A: Any, count: int) -> list[Any]:
    """The Householder vectors, as columns: zeros, a one, and what stands below the diagonal."""
    below = tensors.tril(A, -1)
    m, n = A._array.shape[-2:]
    unit = wrap(module(A._array).eye(m, n, dtype=A._array.dtype))
    V = below + unit
    return [V[..., :, i : i + 1] for i in range(count)]


def _check_reflectors(name: str, A: Any, tau: Any) -> None:
    a, t = A._array.shape, tau._array.shape
    if len(a) < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if a[-2] < a[-1]:
        raise RuntimeError(f"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]")
    if not len(t) or t[-1] > a[-1]:
        raise RuntimeError(f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]")
    if len(a) - len(t) != 1:
        raise RuntimeError(
            f"{name}: Expected tau to have one dimension less than input, but got tau.ndim equal to {len(t)} and "
            f"input.ndim is equal to {len(a)}"
        )
    if t[:-1] != a[:-2]:
        raise RuntimeError(
            f"{name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got {list(t[:-1])}"
        )


@function("linalg")
def linalg_householder_product(input: Tensor, tau: Tensor) -> Any:
    """The first columns of the product of Householder reflections."""
    name = "torch.linalg.householder_product"
    _check_reflectors(name, input, tau)
    if input.dtype != tau.dtype:
        titles = [array.TITLES[t.dtype] for t in (tau, input)]
        raise RuntimeError(f"{name}: tau dtype {titles[0]} does not match input dtype {titles[1]}")
    no_half(input, name, "orgqr_cpu")
    m, n = input._array.shape[-2:]
    Q = wrap(np.broadcast_to(module(input._array).eye(m, n, dtype=input._array.dtype), input._array.shape).copy())
    if not tau._array.size and graph.recording():  # nothing depends on them, but the graph says so
        Q = Q + (tau.sum() + input[..., :0].sum())
    return in_columns(_reflected(Q, input, tau, left=True, transpose=False))


def _reflected(C: Any, A: Any, tau: Any, left: bool, transpose: bool) -> Any:
    """Reflections applied to C one by one, from the side and in the order that is asked for."""
    count = tau._array.shape[-1]
    V = _vectors(A, count)
    factors = tensors.conjugate(tau) if transpose else tau
    for i in range(count) if left == transpose else reversed(range(count)):
        v, factor = V[i], factors[..., i, None, None]
        C = C - factor * (v @ (tensors.mH(v) @ C)) if left else C - factor * (C @ v @ tensors.mH(v))
    return C


@function("method", "engine")
def orgqr(input: Tensor, input2: Tensor) -> Any:
    """The first columns of the product of Householder reflections."""
    return linalg_householder_product(input, input2)


@function("method", "engine")
def ormqr(input: Tensor, input2: Tensor, input3: Tensor, left: bool = True, transpose: bool = False) -> Any:
    """The product of Householder reflections (its adjoint) times matrices, or matrices times it."""
    tau, other = input2, input3
    a, t, c = (x._array.shape for x in (input, tau, other))
    if len(a) < 2:
        raise RuntimeError("torch.ormqr: input must have at least 2 dimensions.")
    if len(c) < 2:
        raise RuntimeError("torch.ormqr: other must have at least 2 dimensions.")
    axis = -2 if left else -1
    if c[axis] < t[-1]:
        raise RuntimeError(f"torch.ormqr: other.shape[{axis}] must be greater than or equal to tau.shape[-1]")
    if c[axis] != a[-2]:
        raise RuntimeError(f"torch.ormqr: other.shape[{axis}] must be equal to input.shape[-2]")
    if t[-1] != min(c[axis], a[-1]):
        raise RuntimeError(f"torch.ormqr: tau.shape[-1] must be equal to min(other.shape[{axis}], input.shape[-1])")
    if len(a) - len(t) != 1:
        raise RuntimeError(
            f"torch.ormqr: Expected tau to have one dimension less than input, but got tau.ndim equal to {len(t)} and "
            f"input.ndim is equal to {len(a)}"
        )
    for name, each in (("tau", tau), ("other", other)):
        if each.dtype != input.dtype:
            raise RuntimeError(
                f"torch.ormqr: Expected input and {name} to have the same dtype, but input has dtype"
                f"{array.TITLES[input.dtype]} and {name} has dtype {array.TITLES[each.dtype]}"
            )
    no_half(input, "torch.ormqr", "ormqr_cpu")
    return in_columns(_reflected(other, input, tau, left, transpose))
