"""The logarithm of the gamma function, its derivatives, and Hurwitz' zeta function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.array import module
from engine.numeric.series import Series, in_double, powers

# B_2, B_4, ...
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)


def _without_zeros(x: Any) -> Any:
    """ln gamma(x) / ((x - 1)(x - 2)) for x from 0.9 to 3, from the series about 2 (DLMF 5.7.3).

    The standard library's is not relatively exact near the zeros.
    """
    orders = np.arange(2.0, 75.0)
    series = [1 - float(np.euler_gamma), *((-1) ** orders * _zeta_of_positive(orders, orders * 0 + 2) / orders)]
    quotient = [series[0]]
    for a in series[1:]:  # divided by z + 1 once more
        quotient.append(a - quotient[-1])
    return powers(x - 2, quotient)


_NEAR = Series(_without_zeros, 31, 0.9, 3.0)
_BEYOND = Series(lambda x: np.array([math.lgamma(v) for v in x]), 27, 3.0, 8.0)
_STIRLING = [b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1)]
_DIGAMMA = [0.0, *(b / (2 * k) for k, b in enumerate(BERNOULLI, 1))]


def stirling(x: Any) -> Any:
    """What Stirling's formula leaves of ln gamma(x), for x >= 8 (DLMF 5.11.1)."""
    return powers(1 / (x * x), _STIRLING) / x


def lgamma_of_one_more(x: Any) -> Any:
    """ln gamma(1 + x), exact also near 0, for doubles from -0.1 to 2."""
    return x * (x - 1) * _NEAR(1 + x)


def _lgamma_of_positive(x: Any) -> Any:
    where = module(x).where
    far = where(np.isfinite(x) & (x > 8), x, 8.0)
    value = (far - 0.5) * np.log(far) - far + (stirling(far) + 0.5 * math.log(2 * math.pi))
    value = where(x < 8, _BEYOND(np.clip(x, 3, 8)), value)
    near = np.clip(x, 0, 3)
    below = lgamma_of_one_more(near) - np.log(near)
    value = where(x < 3, where(x < 1, below, lgamma_of_one_more(near - 1)), value)
    return where(np.isnan(x), x, where(x > 2.5e305, np.inf, value))


def _reduced(x: Any) -> Any:
    """x less the nearest whole number, whose sine or tangent times pi is that of x up to the sign."""
    return x - np.rint(x)


@in_double
def lgamma(x: Any) -> Any:
    """ln |gamma(x)|; on the left by reflection (DLMF 5.5.3)."""
    where = module(x).where
    left = x <= 0
    value = _lgamma_of_positive(where(left, 1 - x, x))
    finite = where(np.isfinite(x), x, 0.0)
    mirrored = math.log(math.pi) - np.log(np.absolute(np.sin(math.pi * _reduced(finite)))) - value
    return where(np.isneginf(x), np.inf, where(left, mirrored, value)) + 0.0  # no negative zeros


@in_double
def digamma(x: Any) -> Any:
    """The derivative of ln gamma(x) (DLMF 5.11.2); -inf at 0, inf at -0 and NaN at the other poles."""
    where = module(x).where
    left = x < 0
    right = where(left, 1 - x, x)
    total = np.zeros_like(right)
    for _ in range(10):
        small = right < 10
        total = where(small, total - 1 / right, total)
        right = where(small, right + 1, right)
    total = total + np.log(right) - 0.5 / right - powers(1 / (right * right), _DIGAMMA)
    finite = where(np.isfinite(x), x, 0.0)
    total = where(left, total - math.pi / np.tan(math.pi * _reduced(finite)), total)
    total = where((left & (x == np.floor(x))) | np.isneginf(x), np.nan, total)
    return where(x == 0, np.copysign(np.inf, -x), total)


_EULER = [b / math.factorial(2 * k) for k, b in enumerate(BERNOULLI, 1)]


def _zeta_of_positive(s: Any, q: Any) -> Any:
    """sum_k (q + k)^-s for q > 0, by Euler's and Maclaurin's formula after ten terms (DLMF 25.11.43)."""
    total = q * 0
    for k in range(10):
        total = total + (q + k) ** -s
    a = q + 10
    last = a**-s
    total = total + last * (a / (s - 1)) + 0.5 * last
    factor = s / a
    for k, b in enumerate(_EULER, 1):
        total = total + b * factor * last
        factor = factor * ((s + (2 * k - 1)) / a) * ((s + 2 * k) / a)
    return total


@in_double
def zeta(s: Any, q: Any) -> Any:
    """Hurwitz' zeta function of s > 1; for q below 0, where s must be whole, its terms there and beyond."""
    where = module(q).where
    s, q = np.broadcast_arrays(np.minimum(s, 1e5), q)
    whole = s == np.floor(s)
    left = q < 0
    behind = np.floor(where(np.isfinite(q), q, 0.0))
    inside = where(left, q - behind, q)  # in [0, 1): the first term that is not negative
    value = _zeta_of_positive(s, where(left, inside, q))
    if np.any(left):
        odd = where(s % 2 == 1, -1.0, 1.0)
        ahead = where(left & (inside > 0), 1 - inside, 1.0)
        mirrored = _zeta_of_positive(s, ahead) - _zeta_of_positive(s, where(left, 1 - q, 1.0))
        value = where(left, where(whole, value + odd * mirrored, np.nan), value)
    value = where(np.isnan(s) | np.isnan(q) | np.isposinf(q), np.nan, value)
    value = where((q <= 0) & (q == np.floor(q)), np.inf, value)
    return where(s == 1, np.inf, where(s < 1, np.nan, value))


def trigamma(x: Any) -> Any:
    """The derivative of `digamma`; left of 1/2 by reflection (DLMF 5.15.6), as in PyTorch, which has no exact poles."""
    if x.dtype.itemsize == 2:  # the sine of a rounded multiple of pi would lose all digits
        return trigamma(x.astype(np.float32)).astype(x.dtype)
    where, pi = module(x).where, x.dtype.type(math.pi)
    left = x < 0.5
    right = where(np.isposinf(x), x.dtype.type(1), where(left, 1 - x, x))
    total = where(np.isposinf(x), x.dtype.type(0), zeta(2.0, right))
    return where(left, np.square(pi / np.sin(pi * x)) - total, total)
