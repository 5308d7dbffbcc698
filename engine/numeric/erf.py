"""The error functions, from Chebyshev series fitted at first use.

erfc(x) e^(x^2) is smooth in t = 2 / (2 + x), so one series serves all x >= 0; near zero erf(x) / x is one in x^2.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from engine.array import module

_FAR = 40.0  # from here on the asymptotic series of erfc(x) e^(x^2)
_NEAR = 0.5  # up to here erf itself is fitted, beyond it erfc
_ONE = 4.0  # where erf has become 1 in single precision
_BLOCK = 16384  # elements whose intermediate results stay in a processor's cache


def _scaled_erfc(x: float) -> float:
    """erfc(x) e^(x^2) for x >= 0, to double precision."""
    if x < 5.0:
        return math.erfc(x) * math.exp(x * x)
    fraction = 0.0
    for n in range(60, 0, -1):  # Laplace's continued fraction
        fraction = n / 2 / (x + fraction)
    return 1.0 / math.sqrt(math.pi) / (x + fraction)


@functools.cache
def _series(single: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Coefficients, highest first: of powers for erf(x)/x in 8 x^2 - 1, of Chebyshev's for erfc e^(x^2) in 2 t - 1."""
    chebyshev = np.polynomial.chebyshev
    near = chebyshev.chebinterpolate(lambda u: _near(u), 5 if single else 11)
    far = chebyshev.chebinterpolate(lambda u: _far(u), 14 if single else 34)
    return tuple(map(float, chebyshev.cheb2poly(near)[::-1])), tuple(map(float, far[::-1]))


def _near(u: Any) -> Any:
    x = np.sqrt((u + 1) / 8)  # u from -1 to 1 is x^2 from 0 to 1/4
    return np.array([math.erf(v) / v if v else 2 / math.sqrt(math.pi) for v in x])


def _far(u: Any) -> Any:
    t = (u + 1) / 2
    return np.array([_scaled_erfc(2 / v - 2) if v > 1e-12 else 0.0 for v in t])


@functools.cache
def _quotient() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Coefficients, highest first, of two polynomials in x^2 whose quotient is erf(x)/x up to `_ONE`, to 2e-9.

    Least squares at Chebyshev's points, weighted anew by the last denominator (Sanathanan and Koerner, 1963). Towards
    the end it is a little too large, so that rounding leaves erf at 1 there and not just under it.
    """
    u = (np.cos(np.pi * (np.arange(100) + 0.5) / 100) + 1) / 2  # x^2 / 16
    wanted = np.array([math.erf(x) / x for x in _ONE * np.sqrt(u)]) * (1 + 4e-7 * u**4)
    over, under = u[:, None] ** np.arange(7), u[:, None] ** np.arange(1, 6)
    below = np.ones(100)
    for _ in range(6):
        terms = np.hstack([over, -wanted[:, None] * under]) / (below * wanted)[:, None]
        found = np.linalg.lstsq(terms, 1 / below, rcond=None)[0]
        below = 1 + under @ found[7:]
    sizes = _ONE ** (2 * np.arange(7))
    return tuple((found[:7] / sizes)[::-1].tolist()), (*(found[7:] / sizes[1:6])[::-1].tolist(), 1.0)


def _erf_single(x: Any) -> Any:
    """The error function of float32, to 6e-7: in blocks and in place, since passes over memory are what it costs."""
    xp, (over, under) = module(x), _quotient()
    flat = xp.ascontiguousarray(x).reshape(-1)
    out = xp.empty_like(flat)
    room = [xp.empty(min(len(flat), _BLOCK), x.dtype) for _ in range(3)]
    for begin in range(0, len(flat), _BLOCK):
        value = out[begin : begin + _BLOCK]
        inside, square, divisor = (each[: len(value)] for each in room)
        xp.clip(flat[begin : begin + _BLOCK], -_ONE, _ONE, out=inside)
        xp.multiply(inside, inside, out=square)
        for each, coefficients in ((value, over), (divisor, under)):
            each.fill(coefficients[0])
            for c in coefficients[1:]:
                each *= square
                each += c
        value *= inside
        value /= divisor
        xp.clip(value, -1, 1, out=value)
    return out.reshape(x.shape)[()]


def scaled_erfc(x: Any) -> Any:
    """erfc(x) e^(x^2) of x >= 0, in double precision."""
    far = np.maximum(x, _FAR)
    u = 0.5 / (far * far)
    beyond = (1 + u * (-1 + u * (3 + u * (-15 + u * (105 - 945 * u))))) / far * (1 / math.sqrt(math.pi))
    return module(x).where(x < _FAR, _scaled(np.minimum(x, _FAR), _series(False)[1]), beyond)  # DLMF 7.12.1


def _erfc_of_positive(x: Any, coefficients: tuple[float, ...]) -> Any:
    return _scaled(x, coefficients) * np.exp(-x * x)


def _scaled(x: Any, coefficients: tuple[float, ...]) -> Any:
    u = 4 / (2 + x) - 1
    double = u + u
    ahead: Any = 0.0
    value: Any = x * 0 + coefficients[0]
    for c in coefficients[1:-1]:  # Clenshaw's recurrence
        value, ahead = double * value - ahead + c, value
    return u * value - ahead + coefficients[-1]


def _erf_near_zero(x: Any, coefficients: tuple[float, ...]) -> Any:
    u = 8 * x * x - 1
    value: Any = coefficients[0]
    for c in coefficients[1:]:
        value = value * u + c
    return x * value


def erf(x: Any) -> Any:
    """The error function of an array of floats."""
    if x.dtype == np.float16:
        return erf(x.astype(np.float32)).astype(np.float16)
    if x.dtype == np.float32:
        if x.ndim < 2 or x.flags.c_contiguous:
            return _erf_single(x)
        order = sorted(range(x.ndim), key=lambda axis: -x.strides[axis])  # so that the result lies as `x` does
        return _erf_single(x.transpose(order)).transpose(np.argsort(order).tolist())
    near, far = _series(False)
    size = np.minimum(np.absolute(x), x.dtype.type(8))
    value = np.copysign(1 - _erfc_of_positive(size, far), x)
    return (
        module(x)
        .where(size < _NEAR, _erf_near_zero(np.clip(x, -_NEAR, _NEAR), near), value)
        .astype(x.dtype, copy=False)
    )


def erfc(x: Any) -> Any:
    """One less the error function of an array of floats, relatively exact also where it is small."""
    if x.dtype == np.float16:
        return erfc(x.astype(np.float32)).astype(np.float16)
    near, far = _series(x.dtype == np.float32)
    size = np.minimum(np.absolute(x), x.dtype.type(30))
    beyond = _erfc_of_positive(size, far)
    value = module(x).where(x < 0, 2 - beyond, beyond)
    return (
        module(x)
        .where(size < _NEAR, 1 - _erf_near_zero(np.clip(x, -_NEAR, _NEAR), near), value)
        .astype(x.dtype, copy=False)
    )
