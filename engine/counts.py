"""Draws by rejection: the Poisson, the binomial and the gamma distribution, in the order in which PyTorch draws.

W. Hörmann, "The transformed rejection method for generating Poisson random variables" (1993) and "The generation of
binomial random variates" (1993): algorithms PTRS and BTRS; below a mean of 10 by multiplying, or adding up, waits.
G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables" (2000), which needs normals as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

Draw = Callable[[], float]
_AT_ONCE = 256


class Uniforms:
    """Uniforms of 53 bits one by one; they are drawn in stretches, and what was not asked for is given back."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.block: list[float] = []
        self.used = 0
        self.before: Any = None

    def __enter__(self) -> Uniforms:
        return self

    def __call__(self) -> float:
        """The next one."""
        if self.used == len(self.block):
            self.before = self.source.place()
            self.block = self.source.doubles(_AT_ONCE).tolist()
            self.used = 0
        self.used += 1
        return self.block[self.used - 1]

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.before is not None:
            self.source.go_to(self.before)
            self.source.doubles(self.used)


def poisson(rates: np.ndarray, source: Any) -> np.ndarray:
    """A count for each rate (floats, any shape), as floats of 64 bits."""
    if (rates < 0).any():
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    with Uniforms(source) as draw:
        counts = [_poisson(rate, draw) for rate in rates.reshape(-1).astype(np.float64).tolist()]
    return np.array(counts, np.float64).reshape(rates.shape)


def _poisson(rate: float, draw: Draw) -> float:
    if rate >= 10:
        return _poisson_by_rejection(rate, draw)
    if not rate:
        return 0
    least, product, count = math.exp(-rate), 1.0, 0
    while True:
        product *= draw()
        if product <= least:
            return count
        count += 1


def _poisson_by_rejection(rate: float, draw: Draw) -> float:
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    sure = 0.9277 - 3.6224 / (b - 2)
    log_rate = math.log(rate)
    while True:
        u, v = draw() - 0.5, draw()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= sure:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        if math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b) <= (
            -rate + k * log_rate - math.lgamma(k + 1)
        ):
            return k


def binomial(counts: np.ndarray, chances: np.ndarray, source: Any) -> np.ndarray:
    """How many of `counts` trials succeed with `chances` (two arrays of one shape), as floats of 64 bits."""
    with Uniforms(source) as draw:
        pairs = zip(counts.reshape(-1).tolist(), chances.reshape(-1).tolist(), strict=True)
        found = [_binomial(count, chance, draw) for count, chance in pairs]
    return np.array(found, np.float64).reshape(counts.shape)


def _binomial(count: float, chance: float, draw: Draw) -> float:
    if count <= 0 or chance <= 0:
        return 0
    if chance >= 1:
        return count
    if chance != chance:
        return math.nan
    rare = min(chance, 1 - chance)
    some = _binomial_by_rejection(count, rare, draw) if count * rare >= 10 else _binomial_by_waits(count, rare, draw)
    return some if chance <= 0.5 else count - some


def _binomial_by_waits(count: float, chance: float, draw: Draw) -> float:
    log_failure = math.log1p(-chance)
    trials, found = 0.0, 0
    while True:
        u = draw()
        trials += math.ceil(math.log(u) / log_failure) if u else math.inf
        if trials > count:
            return found
        found += 1


def _stirling_rest(k: float) -> float:
    """log k! less Stirling's formula in k + 1."""
    if k <= 9:
        return math.lgamma(k + 1) - (0.5 * math.log(2 * math.pi) + (k + 0.5) * math.log(k + 1) - (k + 1))
    square = (k + 1) ** 2
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)


def _binomial_by_rejection(count: float, chance: float, draw: Draw) -> float:
    spread = math.sqrt(count * chance * (1 - chance))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * chance
    c = count * chance + 0.5
    sure = 0.92 - 4.2 / b
    odds = chance / (1 - chance)
    alpha = (2.83 + 5.1 / b) * spread
    mode = math.floor((count + 1) * chance)
    while True:
        u, v = draw() - 0.5, draw()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + c)
        if us >= 0.07 and v <= sure:
            return k
        if k < 0 or k > count:
            continue
        bound = (
            (mode + 0.5) * math.log((mode + 1) / (odds * (count - mode + 1)))
            + (count + 1) * math.log((count - mode + 1) / (count - k + 1))
            + (k + 0.5) * math.log(odds * (count - k + 1) / (k + 1))
            + _stirling_rest(mode) + _stirling_rest(count - mode) - _stirling_rest(k) - _stirling_rest(count - k)
        )  # fmt: skip
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return k


_THIRD = float(np.float32(1) / np.float32(3))  # PyTorch's, which is single for doubles as well


def gamma(shapes: np.ndarray, source: Any) -> np.ndarray:
    """A number of the gamma distribution of rate 1 for each shape (floats), in their dtype."""
    with Uniforms(source) as draw:
        normal = _normals(draw, source)
        found = [_gamma(shape, draw, normal) for shape in shapes.reshape(-1).astype(np.float64).tolist()]
    return np.array(found, np.float64).reshape(shapes.shape).astype(shapes.dtype)


def _normals(draw: Draw, source: Any) -> Draw:
    """Standard normals one by one; the sine half of each pair is kept in the generator."""

    def normal() -> float:
        if source.kept is not None:
            value, source.kept = source.kept, None
            return value
        u = draw()
        radius = math.sqrt(-2 * math.log1p(-draw()))
        source.kept = radius * math.sin(2 * math.pi * u)
        return radius * math.cos(2 * math.pi * u)

    return normal


def _gamma(shape: float, draw: Draw, normal: Draw) -> float:
    scale = 1.0
    if shape < 1:
        if shape == 0:
            return 0.0
        scale = (1 - draw()) ** (1 / shape)
        shape += 1
    d = shape - _THIRD
    c = 1 / math.sqrt(9 * d)
    while True:
        x = normal()
        y = 1 + c * x
        while y <= 0:
            x = normal()
            y = 1 + c * x
        v = y * y * y
        u = 1 - draw()
        xx = x * x
        if u < 1 - 0.0331 * xx * xx or math.log(u) < 0.5 * xx + d * (1 - v + math.log(v)):
            return scale * d * v
