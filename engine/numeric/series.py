"""Chebyshev series fitted at first use, and the frame in which most of the functions compute."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.array import NUMBERS, OF_NUMPY, TITLES, module


class Series:
    """A smooth function on an interval as its Chebyshev series, fitted when it is first asked for."""

    def __init__(self, function: Callable[[Any], Any], degree: int, low: float, high: float) -> None:
        self.function, self.degree = function, degree
        self.middle, self.half = (low + high) / 2, (high - low) / 2

    @functools.cached_property
    def coefficients(self) -> tuple[float, ...]:
        """The coefficients, the highest first."""
        fitted = np.polynomial.chebyshev.chebinterpolate(
            lambda u: self.function(self.middle + self.half * u), self.degree
        )
        return tuple(map(float, fitted[::-1]))

    def __call__(self, x: Any) -> Any:
        u = (x - self.middle) / self.half
        double = u + u
        first, *others, last = self.coefficients
        ahead: Any = 0.0
        value: Any = u * 0 + first
        for c in others:  # Clenshaw's recurrence
            value, ahead = double * value - ahead + c, value
        return u * value - ahead + last


def powers(x: Any, coefficients: Sequence[float]) -> Any:
    """The polynomial with these coefficients, the lowest first."""
    value: Any = x * 0 + coefficients[-1]
    for c in coefficients[-2::-1]:
        value = value * x + c
    return value


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function computed in double precision, its result in the dtype of the arrays given.

    Single precision in every step would lose two digits of seven to cancellation; a cast costs less than repairs.
    """

    @functools.wraps(function)
    def computed(*given: Any) -> Any:
        arrays = [x for x in given if x.__class__ not in NUMBERS]
        xp = module(arrays[0])
        if arrays[0].dtype.kind == "c":
            kind = TITLES[OF_NUMPY[arrays[0].dtype]]
            raise NotImplementedError(f"\"{function.__name__.strip('_')}_cpu\" not implemented for '{kind}'")
        doubles = [
            xp.asarray(x, np.float64) if x.__class__ in NUMBERS else x.astype(np.float64, copy=False) for x in given
        ]
        return function(*doubles).astype(arrays[0].dtype, copy=False)

    return computed


def half_line(function: Callable[[Any], Any], step: float, end: float) -> Any:
    """The integral from 0 to `end` of an even function that has vanished there, by the trapezoidal rule.

    For an analytic integrand the error falls exponentially in 1 / step (Trefethen and Weideman, SIAM Review 56, 2014).
    The function gets the nodes on the last axis.
    """
    nodes = np.arange(0.0, end, step)
    weights = np.full(nodes.shape, step)
    weights[0] = step / 2
    return (function(nodes) * weights).sum(-1)
