"""The scaled error function, the inverse error functions, and the normal distribution function and its inverse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.array import module
from engine.numeric.erf import erf, erfc, scaled_erfc
from engine.numeric.series import in_double

_ROOT_PI, _ROOT_2 = math.sqrt(math.pi), math.sqrt(2)


@in_double
def erfcx(x: Any) -> Any:
    """erfc(x) e^(x^2)."""
    where = module(x).where
    value = scaled_erfc(np.absolute(x))
    value = where(np.isinf(x), 0.0, value)
    return where(x < 0, 2 * np.exp(x * x) - value, value)


def _first_guess(log_product: Any) -> Any:
    """Winitzki's approximation of the inverse of erf at y, by ln(1 - y^2)."""
    a = 0.147
    half = 2 / (math.pi * a) + 0.5 * log_product
    return np.sqrt(np.sqrt(half * half - log_product / a) - half)


def _inverse_erfc(z: Any) -> Any:
    """Where erfc is z, for z from 0 to 1, by Newton's method on ln erfc, which is nearly a parabola."""
    goal = np.log(z)
    x = _first_guess(goal + np.log(2 - z))
    for _ in range(4):
        scaled = scaled_erfc(x)
        x = x + (np.log(scaled) - x * x - goal) * scaled * (0.5 * _ROOT_PI)
    return x


def _inverse_erf_near_zero(y: Any) -> Any:
    x = np.copysign(_first_guess(np.log1p(-y * y)), y)
    for _ in range(3):
        step = (erf(x) - y) * (0.5 * _ROOT_PI) * np.exp(x * x)
        x = x - step / (1 + x * step)
    return x


@in_double
def erfinv(y: Any) -> Any:
    """Where erf is y."""
    where = module(y).where
    size = np.absolute(y)
    near = _inverse_erf_near_zero(np.clip(y, -0.5, 0.5))
    far = np.copysign(_inverse_erfc(where((size > 0.5) & (size < 1), 1 - size, 0.5)), y)
    value = where(size <= 0.5, near, far)
    return where(size == 1, np.copysign(np.inf, y), where(size < 1, value, np.nan))


@in_double
def ndtri(p: Any) -> Any:
    """Where the normal distribution function is p."""
    where = module(p).where
    inside = (p > 0) & (p < 1)
    central = np.absolute(p - 0.5) <= 0.25
    near = _inverse_erf_near_zero(where(central, 2 * p - 1, 0.0))
    tail = where(inside & ~central, 2 * np.minimum(p, 1 - p), 0.5)
    value = where(central, near, np.copysign(_inverse_erfc(tail), p - 0.5)) * _ROOT_2
    return where(inside, value, where(p == 0, -np.inf, where(p == 1, np.inf, np.nan)))


def ndtr(x: Any) -> Any:
    """The normal distribution function, as PyTorch computes it: what is far below is lost in the one."""
    return (1 + erf(x * x.dtype.type(math.sqrt(0.5)))) * x.dtype.type(0.5)


@in_double
def log_ndtr(x: Any) -> Any:
    """The logarithm of the normal distribution function, also where that vanishes."""
    where = module(x).where
    t = x * math.sqrt(0.5)
    low = np.log(0.5 * scaled_erfc(np.maximum(-t, 0.0))) - t * t
    low = where(np.isneginf(x), -np.inf, low)
    return where(t < -1, low, np.log1p(-0.5 * erfc(np.maximum(t, -1.0))))
