"""For interpolation along one axis: which elements each result is made of, and with which weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# For each of `size` results the elements (size, taps) and their weights, or None where all are one; of how many.
Taps = tuple[Any, Any, int]


def _scale(n: int, size: int, factor: float | None, corners: bool) -> float:
    """How many elements lie between two results."""
    if corners:
        return (n - 1) / (size - 1) if size > 1 else 0.0
    return 1.0 / factor if factor is not None and factor > 0 else n / size


def nearest(n: int, size: int, factor: float | None, exact: bool, image: bool) -> Taps:
    """Each result is the element at its beginning, or with `exact` the one at its middle; an `image` has two axes."""
    if image and not exact and size in (n, 2 * n):  # whatever the factor, as PyTorch has it
        return (np.arange(size) // max(size // max(n, 1), 1))[:, None], None, n
    scale = np.float32(_scale(n, size, factor, False))
    at = np.arange(size, dtype=np.float32)
    index = np.floor((at + np.float32(0.5)) * scale if exact else at * scale)
    return np.minimum(index.astype(np.int64), n - 1)[:, None], None, n


def _centres(size: int, scale: float, corners: bool, real: Any) -> Any:
    at = np.arange(size).astype(real)
    return at * real(scale) if corners else (at + real(0.5)) * real(scale) - real(0.5)


def linear(n: int, size: int, factor: float | None, corners: bool, real: Any) -> Taps:
    """Each result lies between two elements, on the straight line through them."""
    if size == n:  # whatever the factor
        factor = None
    at = np.maximum(_centres(size, _scale(n, size, factor, corners), corners, real), 0)
    low = np.minimum(at.astype(np.int64), n - 1)
    part = np.clip(at - low, 0, 1).astype(real)
    return np.stack([low, np.minimum(low + 1, n - 1)], 1), np.stack([1 - part, part], 1), n


def cubic_weights(part: Any, a: float = -0.75) -> list[Any]:
    """The weights of four elements for a point at `part` between the middle two. Keys, 1981."""

    def near(x: Any) -> Any:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: Any) -> Any:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return [far(part + 1), near(part), near(1 - part), far(2 - part)]


def cubic(n: int, size: int, factor: float | None, corners: bool, real: Any) -> Taps:
    """Each result lies among four elements, on the cubic of Keys."""
    at = _centres(size, _scale(n, size, factor, corners), corners, real)
    low = np.floor(at)
    index = low.astype(np.int64)[:, None] + np.arange(-1, 3)
    return index.clip(0, n - 1), np.stack(cubic_weights(at - low), 1).astype(real), n


def _triangle(x: Any) -> Any:
    return np.maximum(1 - np.abs(x), 0)


def _keys(x: Any) -> Any:
    x = np.abs(x)
    near, far = cubic_weights(np.minimum(x, 1), -0.5)[1], cubic_weights(np.clip(x - 1, 0, 1), -0.5)[0]
    return np.where(x < 1, near, far)


def _lanczos(x: Any) -> Any:
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)


_FILTERS = {"bilinear": (_triangle, 1), "bicubic": (_keys, 2), "lanczos": (_lanczos, 3)}


def filtered(mode: str, n: int, size: int, factor: float | None, corners: bool, real: Any) -> Taps:
    """Each result is a weighted mean of all elements that it covers, so that what is made smaller does not alias."""
    filter_of, reach = _FILTERS[mode]
    scale = _scale(n, size, factor, corners)
    wide = max(scale, 1.0)
    support = reach * wide
    centre = scale * (np.arange(size) + 0.5)
    begin = np.maximum((centre - support + 0.5).astype(np.int64), 0)
    end = np.minimum((centre + support + 0.5).astype(np.int64), n)
    index = begin[:, None] + np.arange(math.ceil(support) * 2 + 1)
    weights = np.where(index < end[:, None], filter_of((index - centre[:, None] + 0.5) / wide), 0.0)
    weights /= weights.sum(1, keepdims=True)
    return index.clip(0, n - 1), weights.astype(real), n
