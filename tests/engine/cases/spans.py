"""Inputs for norms, distances and products of vectors."""

from __future__ import annotations

import numpy as np

_draw = np.random.RandomState(13)

INPUTS: dict[str, np.ndarray] = {
    "flat3": _draw.randn(3),
    "flat4": _draw.randn(4),
    "grid": _draw.randn(3, 4),
    "grid2": _draw.randn(3, 4) + 0.3,
    "cube": _draw.randn(2, 3, 4),
    "few": _draw.randn(5, 3),
    "many": _draw.randn(30, 3) * 2,
    "bfew": _draw.randn(2, 4, 3),
    "three": _draw.randn(4, 3),
    "sq34": _draw.randn(3, 3),
    "bleft": _draw.randn(2, 3, 4),
    "bright": _draw.randn(2, 4, 3),
    "xs": np.array([0.0, 0.4, 1.5, 1.7]),
    "holes": np.array([[0.0, 2.0, -1.0], [0.0, 0.0, 0.0], [3.0, 0.0, -4.0]]),
}
FIXED: dict[str, np.ndarray] = {
    "counts": np.array([1, 2, 1, 3]),
    "shares": np.array([0.2, 1.0, 0.5, 0.1], np.float32),
    "z34": (_draw.randn(3, 4) + 1j * _draw.randn(3, 4)).astype(np.complex64),
    "z4": (_draw.randn(4) + 1j * _draw.randn(4)).astype(np.complex64),
    "nothing": np.zeros(0, np.float32),
    "norow": np.zeros((0, 3), np.float32),
    "nocol": np.zeros((3, 0), np.float32),
    "ints": np.array([[1, 2, 3], [4, 5, 7]]),
    "halfs": np.array([[300.0, 400.0], [-1.0, 2.0]], np.float16),
    "dbl": np.array([[0.5, 1.5, -2.0], [1.0, 0.0, 3.0]]),
    "dead": np.full((3, 3), np.nan, np.float32),
}
