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
    big, small = where(large, a, _LARGE), where(large, 1.0, a)
    exponent = big * log1p_less((x - big) / big) - stirling(big)
    plain = np.exp(small * np.log(x) - x - lgamma(small))
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


def _beyond(a: Any, x: Any) -> Any:
    """Q(a, x) for x >= a."""
    reach = _reach(a, x)
    return _by_quadrature(a, x, reach * 1.1 + 40 / x * (reach > 0.3))


def _before(a: Any, x: Any) -> Any:
    """P(a, x) for x < a."""
    return _by_quadrature(a, x, -np.minimum(_reach(a, x) * 1.1, 1.0))


def _reach(a: Any, x: Any) -> Any:
    """Where the exponent in `_by_quadrature` has fallen to about -40, by its linear and its square term."""
    away = np.absolute(x - (a - 1))
    return 80 / (away + np.sqrt(away * away + 80 * a))


def _by_quadrature(a: Any, x: Any, reach: Any) -> Any:
    """The integral of t^(a-1) e^-t / gamma(a) from x to x (1 + reach), where it has vanished, by Gauss's rule.

    With t = x (1 + h) the integrand is, by its value at x, exp((a - 1) ln(1 + h) - x h).
    """
    total = x * 0
    for node, weight in zip(*_gauss(), strict=True):
        h = reach * node
        total = total + weight * np.exp((a - 1) * log1p_less(h) + (a - 1 - x) * h)
    return _front(a, x) * total * np.absolute(reach)


def _both(a: Any, x: Any) -> tuple[Any, Any]:
    """P or Q, whichever is the smaller or nearly so, and whether it is Q; each way only where it is needed."""
    fine = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    large = a >= _LARGE
    upper = x >= module(a).where(large, a, np.maximum(a, 1.0))
    near = ~large & ~upper & (x > 0.6 * a) & (x <= 1)  # P is about one half or over it
    value = np.full_like(a, np.nan)
    for here, way in (
        (large & upper, _beyond),
        (large & ~upper, _before),
        (~large & upper, _by_fraction),
        (near, _near_zero),
        (~large & ~upper & ~near, _by_series),
    ):
        here = here & fine
        if here.any():
            value[here] = way(a[here], x[here])
    return value, upper | near


def _at_ends(a: Any, x: Any, value: Any, zero: float) -> Any:
    """The value, or PyTorch's at the ends, where `zero` stands for the one at x = 0."""
    where = module(x).where
    value = where(np.isposinf(x), 1 - zero, value)
    value = where(np.isposinf(a), where(np.isinf(x), np.nan, zero), value)
    value = where(x == 0, zero, value)
    value = where(a == 0, where(x > 0, 1 - zero, np.nan), value)
    return where((a < 0) | (x < 0), np.nan, value)


@in_double
def igamma(a: Any, x: Any) -> Any:
    """P(a, x), the lower one."""
    a, x = np.broadcast_arrays(a, x)
    value, upper = _both(a, x)
    return _at_ends(a, x, module(x).where(upper, 1 - value, value), 0.0)


@in_double
def igammac(a: Any, x: Any) -> Any:
    """Q(a, x), the upper one."""
    a, x = np.broadcast_arrays(a, x)
    value, upper = _both(a, x)
    return _at_ends(a, x, module(x).where(upper, value, 1 - value), 1.0)
