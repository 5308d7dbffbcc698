"""The regularized incomplete gamma functions."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from engine.array import module
from engine.numeric.gamma import lgamma, lgamma_of_one_more, stirling
from engine.numeric.series import in_double, powers

_LARGE = 10.0  # from this `a` on by quadrature, below by series and continued fraction


def log1p_less(x: Any) -> Any:
    """ln(1 + x) - x, exact near 0."""
    where = module(x).where
    near = np.absolute(x) < 0.3
    inside = where(near, x, 0.0)
    # 2 artanh(z) - x with z = x / (2 + x), the first term of which is x - x z
    z = inside / (2 + inside)
    tail = powers(z * z, [2 / (2 * k + 3) for k in range(11)]) * (z * z * z)
    return where(near, tail - inside * z, np.log1p(where(near, 0.0, x)) - where(near, 0.0, x))


def _front(a: Any, x: Any) -> Any:
    """x^a e^-x / gamma(a), without the loss that its parts would bring for large `a`."""
    where = module(a).where
    large = a >= _LARGE
    big = where(large, a, _LARGE)
    exponent = big * log1p_less((where(large, x, big) - big) / big) - stirling(big)
    safe = where(large | (a <= 0), 1.0, a)
    plain = np.exp(safe * np.log(where(x > 0, x, 1.0)) - x - lgamma(safe))
    return where(large, np.exp(exponent) * np.sqrt(big / (2 * math.pi)), plain)


def _by_series(a: Any, x: Any) -> Any:
    """P(a, x) for x not much larger than a (DLMF 8.7.1)."""
    term = 1 / a
    total = term
    for n in range(1, 80):
        term = term * (x / (a + n))
        total = total + term
    return total * _front(a, x)


def _by_fraction(a: Any, x: Any) -> Any:
    """Q(a, x) for x >= 1 and x >= a, by Legendre's continued fraction, even part (DLMF 8.9.2)."""
    value = x * 0
    for n in range(100, 0, -1):
        value = n * (n - a) / (x + (2 * n + 1) - a - value)
    return _front(a, x) / (x + 1 - a - value)


def _near_zero(a: Any, x: Any) -> Any:
    """Q(a, x) for x < 1 and small a: one less P without taking it from one."""
    log_front = a * np.log(x) - _lgamma_one_more(a)
    term, total = x * 0 + 1, x * 0
    for n in range(1, 22):
        term = term * (-x / n)
        total = total + term * (a / (a + n))
    return -np.expm1(log_front) - np.exp(log_front) * total


def _lgamma_one_more(a: Any) -> Any:
    return module(a).where(a < 2, lgamma_of_one_more(np.minimum(a, 2.0)), lgamma(a + 1))


@functools.cache
def _gauss(count: int = 36) -> tuple[tuple[float, ...], tuple[float, ...]]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return tuple((nodes + 1) / 2), tuple(weights / 2)


def _by_quadrature(a: Any, x: Any, upper: Any) -> Any:
    """Q(a, x) where `upper`, else P, for large a: the integral of t^(a-1) e^-t from x on until it has vanished.

    With t = x (1 + h) the integrand is, by its value at x, exp((a - 1) ln(1 + h) - x h).
    """
    where = module(a).where
    away = np.absolute(x - (a - 1))
    # Where the exponent has fallen to about -40: the root of its square term or of its linear one, whichever is less.
    curve = np.sqrt(away * away + 80 * np.maximum(a, 1.0))
    reach = 80 * np.maximum(a, 1.0) / (away + curve) / x
    reach = where(upper, reach * 1.1 + 40 / x * (reach > 0.3), -np.minimum(reach * 1.1, 1.0))
    total = x * 0
    for node, weight in zip(*_gauss(), strict=True):
        h = reach * node
        total = total + weight * np.exp((a - 1) * log1p_less(h) + (a - 1 - x) * h)
    return _front(a, x) * total * np.absolute(reach)


def _both(a: Any, x: Any) -> tuple[Any, Any]:
    """P or Q, whichever is the smaller or nearly so, and whether it is Q."""
    where = module(x).where
    fine = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    a, x = where(fine, a, 1.0), where(fine, x, 1.0)
    large = a >= _LARGE
    upper = x >= where(large, a, np.maximum(a, 1.0))
    near = ~large & ~upper & (x > 0.6 * a) & (x <= 1)  # P is about one half or over it
    big = _by_quadrature(where(large, a, _LARGE), where(large, x, _LARGE), upper)
    small = where(large, 1.0, a)
    low = _by_series(small, where(large | upper, 0.5, x))
    high = _by_fraction(small, where(~large & upper, x, 20.0))
    direct = _near_zero(where(near, a, 0.5), where(near, x, 0.5))
    value = where(large, big, where(upper, high, where(near, direct, low)))
    return where(fine, value, np.nan), upper | near


def _at_ends(a: Any, x: Any, value: Any, zero: float) -> Any:
    """The value, or PyTorch's at the ends, where `zero` stands for the one at x = 0."""
    where = module(x).where
    value = where(np.isposinf(x), 1 - zero, value)
    value = where(np.isposinf(a), where(np.isinf(x), np.nan, zero), value)
    value = where(x == 0, zero, value)
    value = where(a == 0, where(x > 0, 1 - zero, np.nan), value)
    return where((a < 0) | (x < 0), np.nan, value)


@in_double
def gammainc(a: Any, x: Any) -> Any:
    """P(a, x), the lower one."""
    a, x = np.broadcast_arrays(a, x)
    value, upper = _both(a, x)
    return _at_ends(a, x, module(x).where(upper, 1 - value, value), 0.0)


@in_double
def gammaincc(a: Any, x: Any) -> Any:
    """Q(a, x), the upper one."""
    a, x = np.broadcast_arrays(a, x)
    value, upper = _both(a, x)
    return _at_ends(a, x, module(x).where(upper, value, 1 - value), 1.0)
