"""Bessel's functions of orders 0 and 1, plain and modified, and Airy's function.

Near zero the power series (DLMF 10.2.2, 10.25.2, 10.31.2); beyond, the exponential or the wave times what is left over,
which is smooth in 1/x and fitted to its integral.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from engine.array import module
from engine.numeric.series import Series, half_line, in_double, powers

_GAMMA = 0.57721566490153286061


@functools.cache
def _ascending(order: int, sign: int, logarithmic: bool, count: int = 45) -> tuple[float, ...]:
    """The coefficients in (x/2)^2 of I (sign 1) or J (sign -1), of order 0 or 1; times psi's terms if logarithmic."""
    found = []
    harmonic = 0.0  # 1 + 1/2 + ... + 1/k
    for k in range(count):
        term = sign**k / (math.factorial(k) * math.factorial(k + order))
        if k:
            harmonic += 1 / k
        if logarithmic:  # psi(k + 1) + psi(k + order + 1)
            term *= 2 * (harmonic - _GAMMA) + (1 / (k + 1) if order else 0.0)
        found.append(term)
    return tuple(found)


def _leftover(order: int, z: Any) -> Any:
    """K(x) e^x sqrt(2 x / pi) for z = 1 / (2 x), also of complex z, where it gives the Hankel functions.

    DLMF 10.32.8 with t - 1 = s^2 / x.
    """
    z = np.asarray(z)[:, None]
    if order == 0:
        return half_line(lambda s: np.exp(-s * s) / np.sqrt(1 + z * s * s), 0.125, 6.5) * (2 / math.sqrt(math.pi))
    return half_line(lambda s: np.exp(-s * s) * s * s * np.sqrt(1 + z * s * s), 0.125, 6.5) * (4 / math.sqrt(math.pi))


_SPLIT = 5.0  # where J and Y go over from the power series to the wave


@functools.cache
def _wave(order: int) -> tuple[Series, Series]:
    """The parts P and x Q of a wave (DLMF 10.17.5), each in 1 / x^2."""

    def both(t: Any) -> Any:
        x = 1 / np.sqrt(np.maximum(t, 1e-30))
        return _leftover(order, 0.5j / x), x

    def q(t: Any) -> Any:
        full, x = both(np.maximum(t, 1e-8))
        return full.imag * x

    return Series(lambda t: both(t)[0].real, 24, 0.0, _SPLIT**-2), Series(q, 24, 0.0, _SPLIT**-2)


def _oscillating(order: int, second: bool, x: Any) -> Any:
    """J or, if `second`, Y of x >= 5."""
    p, q = _wave(order)
    t = 1 / (x * x)
    phase = x - (math.pi / 4 + order * math.pi / 2)
    sine, cosine = np.sin(phase), np.cos(phase)
    if second:
        sine, cosine = -cosine, sine
    return np.sqrt(2 / (math.pi * x)) * (cosine * p(t) - sine * (q(t) / x))


def _near(order: int, sign: int, x: Any, count: int) -> Any:
    value = powers(0.25 * x * x, _ascending(order, sign, False)[:count])
    return value * (0.5 * x) if order else value


def _bessel_j(order: int, x: Any) -> Any:
    where = module(x).where
    size = np.absolute(x)
    far = _oscillating(order, False, where(np.isfinite(size), np.maximum(size, _SPLIT), _SPLIT))
    value = where(size <= _SPLIT, _near(order, -1, np.minimum(size, _SPLIT), 24), far)
    value = where(np.isfinite(x), value, np.nan)
    return value * np.copysign(1.0, x) if order else value


def _bessel_y(order: int, x: Any) -> Any:
    where = module(x).where
    far = _oscillating(order, True, where(np.isfinite(x) & (x > _SPLIT), x, _SPLIT))
    near = where((x > 0) & (x <= _SPLIT), x, 1.0)
    rest = powers(0.25 * near * near, _ascending(order, -1, True)[:24])
    value = 2 * np.log(0.5 * near) * _near(order, -1, near, 24)
    value = (value - rest) / math.pi if order == 0 else (value - 0.5 * near * rest - 2 / near) / math.pi
    value = where(x <= _SPLIT, value, far)
    value = where(np.isfinite(x), value, np.nan)
    return where(x < 0, np.nan, where(x == 0, -np.inf, value))


@in_double
def bessel_j0(x: Any) -> Any:
    """J_0."""
    return _bessel_j(0, x)


@in_double
def bessel_j1(x: Any) -> Any:
    """J_1."""
    return _bessel_j(1, x)


@in_double
def bessel_y0(x: Any) -> Any:
    """Y_0."""
    return _bessel_y(0, x)


@in_double
def bessel_y1(x: Any) -> Any:
    """Y_1."""
    return _bessel_y(1, x)


# ---- modified


_LEAST = 8.0  # where I goes over from the power series to the exponential


def _leaning(order: int, t: Any) -> Any:
    """I(x) e^-x sqrt(x) for t = 1 / x: the mean over the circle (DLMF 10.32.1), which the trapezoidal rule sums."""
    found = []
    for x in 1 / np.maximum(t, 1e-7):
        count = int(40 + 10 * math.sqrt(x))
        angle = (np.arange(count) + 0.5) * (math.pi / count)
        weight = np.exp(-2 * x * np.sin(angle / 2) ** 2) * (np.cos(angle) if order else 1.0)
        found.append(weight.mean() * math.sqrt(x))
    return np.array(found)


_I_FAR = [Series(functools.partial(_leaning, order), 34, 0.0, 1 / _LEAST) for order in (0, 1)]


def _bessel_i(order: int, x: Any, scaled: bool) -> Any:
    where = module(x).where
    size = np.absolute(x)
    far = np.maximum(size, _LEAST)
    value = _I_FAR[order](1 / far) / np.sqrt(far)
    low = np.minimum(size, _LEAST)
    near = _near(order, 1, low, 36)
    if scaled:
        value, near = where(np.isinf(size), 0.0, value), near * np.exp(-low)
    else:
        half = np.exp(0.5 * far)  # the whole may overflow where the result does not
        value = value * half * half
        value = where(np.isinf(size), np.nan, value)  # as PyTorch says
    value = where(size <= _LEAST, near, value)
    value = where(np.isnan(x), x, value)
    return value * np.copysign(1.0, x) if order else value


@in_double
def i0(x: Any) -> Any:
    """I_0."""
    return _bessel_i(0, x, False)


@in_double
def i1(x: Any) -> Any:
    """I_1."""
    return _bessel_i(1, x, False)


@in_double
def i0e(x: Any) -> Any:
    """I_0 e^-|x|."""
    return _bessel_i(0, x, True)


@in_double
def i1e(x: Any) -> Any:
    """I_1 e^-|x|."""
    return _bessel_i(1, x, True)


def _fading(order: int, t: Any) -> Any:
    """K(x) e^x sqrt(2 x / pi) for t = 1 / x."""
    return _leftover(order, 0.5 * t)


_K_FAR = [Series(functools.partial(_fading, order), 30, 0.0, 0.5) for order in (0, 1)]


def _bessel_k(order: int, x: Any, scaled: bool) -> Any:
    where = module(x).where
    far = np.maximum(x, 2.0)
    value = _K_FAR[order](1 / far) * np.sqrt(math.pi / (2 * far))
    low = where((x > 0) & (x <= 2), x, 1.0)
    rest = 0.5 * powers(0.25 * low * low, _ascending(order, 1, True)[:18])
    wave = np.log(0.5 * low) * _near(order, 1, low, 18)
    near = rest - wave if order == 0 else 1 / low + wave - 0.5 * low * rest
    if scaled:
        near = near * np.exp(low)
    else:
        value = value * np.exp(-far)
    value = where(x <= 2, near, where(np.isinf(far), 0.0, value))
    value = where(np.isnan(x), x, value)
    return where(x < 0, np.nan, where(x == 0, np.inf, value))


@in_double
def k0(x: Any) -> Any:
    """K_0."""
    return _bessel_k(0, x, False)


@in_double
def k1(x: Any) -> Any:
    """K_1."""
    return _bessel_k(1, x, False)


@in_double
def k0e(x: Any) -> Any:
    """K_0 e^x."""
    return _bessel_k(0, x, True)


@in_double
def k1e(x: Any) -> Any:
    """K_1 e^x."""
    return _bessel_k(1, x, True)


# ---- Airy's


_AIRY_SPLIT = 2.25
_AT_ZERO, _SLOPE = 0.35502805388781723926, 0.25881940379280679841  # Ai(0) and -Ai'(0) (DLMF 9.2.3)


@functools.cache
def _airy_terms() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The two power series, in x^3 (DLMF 9.4.1)."""
    f, g = [1.0], [1.0]
    for k in range(1, 22):
        f.append(f[-1] / ((3 * k - 1) * (3 * k)))
        g.append(g[-1] / ((3 * k) * (3 * k + 1)))
    return tuple(f), tuple(g)


def _airy_leftover(t: Any, turn: complex) -> Any:
    """Ai(z) e^zeta z^(1/4) for |z| = t^(-2/3), arg z = 2 arg turn (DLMF 9.5.7)."""
    q = (np.maximum(t, 1e-10) ** (-1 / 3) * turn)[:, None]  # sqrt z
    # With the nodes in s = sqrt |q| times the variable, all q are served by one step.
    root = np.sqrt(np.absolute(q))
    value = half_line(lambda s: np.exp(-q * (s / root) ** 2) * np.cos((s / root) ** 3 / 3), 0.05, 8.0)
    return value / root[:, 0] * np.sqrt(q[:, 0]) / math.pi


_WEDGE = complex(math.cos(math.pi / 6), math.sin(math.pi / 6))
_FALLING = Series(lambda t: _airy_leftover(t, 1 + 0j).real, 30, 0.0, _AIRY_SPLIT**-1.5)
_WAVING = [
    Series(lambda t: _airy_leftover(t, _WEDGE).real, 30, 0.0, _AIRY_SPLIT**-1.5),
    Series(lambda t: _airy_leftover(t, _WEDGE).imag, 30, 0.0, _AIRY_SPLIT**-1.5),
]


@in_double
def airy_ai(x: Any) -> Any:
    """Airy's function Ai; on the left by the connection of three directions (DLMF 9.2.14)."""
    where = module(x).where
    size = np.absolute(x)
    far = where(np.isfinite(size), np.maximum(size, _AIRY_SPLIT), _AIRY_SPLIT)
    zeta = far * np.sqrt(far) * (2 / 3)
    t, root = far**-1.5, far**-0.25
    right = np.exp(-zeta) * root * _FALLING(t)
    # 2 Re(e^(i pi/3) Ai(|x| e^(i pi/3))), whose z^(-1/4) and zeta add the angles -pi/12 and -zeta.
    angle = math.pi / 4 - zeta
    left = 2 * root * (np.cos(angle) * _WAVING[0](t) - np.sin(angle) * _WAVING[1](t))
    f, g = _airy_terms()
    near = np.clip(x, -_AIRY_SPLIT, _AIRY_SPLIT)
    cube = near * near * near
    middle = _AT_ZERO * powers(cube, f) - _SLOPE * near * powers(cube, g)
    value = where(size <= _AIRY_SPLIT, middle, where(x > 0, right, left))
    return where(np.isinf(x) | np.isnan(x), np.nan, value)
