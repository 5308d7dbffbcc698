r"""How draws of the gamma and beta distributions move with a parameter: $\partial x / \partial a$ at one probability.

From the distribution function F, $\partial x / \partial a = -(\partial F / \partial a) / f$ (M. Figurnov, S. Mohamed,
A. Mnih, "Implicit reparameterization gradients", 2018). With $E = E \ln t$, the numerator is
$\int_0^x (\ln t - E)\,f(t)\,dt = -\int_x^\infty (\ln t - E)\,f(t)\,dt$; where $\ln x < E$ the first has only terms
of one sign and else the second, so that nothing cancels. PyTorch's values are approximations to about three digits.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from engine.array import module
from engine.numeric.gamma import digamma
from engine.numeric.incomplete import log1p_less
from engine.numeric.series import in_double

_LARGE = 10.0  # from this shape on by quadrature on both sides
_TERMS = 20_000


@functools.cache
def _gauss(count: int) -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1) / 2, weights / 2


def _series(a: Any, top: Any, x: Any) -> tuple[Any, Any]:
    """S = sum_n (top)_n x^n / (a)_(n+1) and, of each term, the sum with -(sum_(j<=n) 1/(a+j)) for weight.

    `top` of None stands for terms x^n alone. Terms are taken until the last one no longer counts.
    """
    term = 1 / a
    harmonic = 1 / a
    risen = a * 0
    total, falling, rising = term, term * harmonic, a * 0
    for n in range(1, _TERMS):
        if top is None:
            term = term * (x / (a + n))
        else:
            term = term * (x * (top + (n - 1)) / (a + n))
            risen = risen + 1 / (top + (n - 1))
        harmonic = harmonic + 1 / (a + n)
        total = total + term
        falling = falling + term * harmonic
        rising = rising + term * risen
        if n % 16 == 0 and not (term * (harmonic + 1) > 1e-17 * (total + falling)).any():
            break
    return total, rising - falling


def _gamma_below(a: Any, x: Any, away: Any) -> Any:
    """By Kummer's series of the integral from 0 to x; `away` is ln x - E."""
    total, by_a = _series(a, None, x)
    return -x * (away * total + by_a)


def _gamma_above(a: Any, x: Any, away: Any) -> Any:
    """By quadrature of the integral from x on, for x > 1: t = x + u, with e^-u falling off by u = 45."""
    total = x * 0
    for node, weight in zip(*_gauss(64), strict=True):
        step = np.log1p(45 * node / x)
        total = total + (45 * weight) * (away + step) * np.exp((a - 1) * step - 45 * node)
    return total


def _gamma_large(a: Any, x: Any, away: Any) -> Any:
    """By quadrature on the side of x where nothing cancels: t = x (1 + h), the integrand by its value at x."""
    side = module(x).where(away < 0, -1.0, 1.0)
    rate = np.absolute(x - (a - 1))
    reach = 80 / (rate + np.sqrt(rate * rate + 80 * a))
    reach = module(x).where(side < 0, np.minimum(reach * 1.1, 1.0), reach * 1.1 + 40 / x * (reach > 0.3))
    total = x * 0
    for node, weight in zip(*_gauss(48), strict=True):
        h = side * reach * node
        with np.errstate(divide="ignore"):
            step = np.log1p(h)
        total = total + weight * (away + step) * np.exp((a - 1) * log1p_less(h) + (a - 1 - x) * h)
    return side * reach * total * x


@in_double
def gamma_slope(a: Any, x: Any) -> Any:
    """dx / da of a draw x of the gamma distribution of shape `a` and rate 1."""
    a, x = np.broadcast_arrays(a, x)
    fine = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    a, x = np.where(fine, a, 1.0), np.where(fine, x, 1.0)
    away = np.log(x) - digamma(a)
    large = a >= _LARGE
    above = ~large & (away >= 0) & (x > 2)
    value = np.zeros(x.shape)
    for here, way in ((large, _gamma_large), (above, _gamma_above), (~large & ~above, _gamma_below)):
        if here.any():
            value[here] = way(a[here], x[here], away[here])
    return np.where(fine, value, 0.0)


@in_double
def beta_slope(x: Any, a: Any, total: Any) -> Any:
    """dx / da / (1 - x) of a draw x of the beta distribution of `a` and `total` - a."""
    x, a, total = np.broadcast_arrays(x, a, total)
    b = total - a
    fine = (x > 0) & (x < 1) & (a > 0) & (b > 0)
    x, a, b = np.where(fine, x, 0.5), np.where(fine, a, 1.0), np.where(fine, b, 1.0)
    away = np.log(x) - (digamma(a) - digamma(a + b))
    # Near an end the series of the other side would be long; that of this side cancels little there.
    below = ((away < 0) & ((1 - x > 2e-3) | (b > 1))) | (x < 1e-2)
    value = np.zeros(x.shape)
    for here, is_below in ((below, True), (~below, False)):
        if not here.any():
            continue
        p, q, z = a[here], b[here], x[here]
        if is_below:
            series, by_a = _series(p, p + q, z)
            value[here] = -z * (away[here] * series + by_a)
        else:
            series, by_a = _beta_above(p, q, z)
            value[here] = z * (away[here] * series + by_a)
    return np.where(fine, value, 0.0)


def _beta_above(a: Any, b: Any, x: Any) -> tuple[Any, Any]:
    """The series of the integral from x to 1, and its slope by `a`."""
    term, risen = 1 / b, a * 0
    total, by_a = term, a * 0
    for n in range(1, _TERMS):
        term = term * ((1 - x) * (a + b + (n - 1)) / (b + n))
        risen = risen + 1 / (a + b + (n - 1))
        total = total + term
        by_a = by_a + term * risen
        if n % 16 == 0 and not (term * (risen + 1) > 1e-17 * (total + by_a)).any():
            break
    return total, by_a
