"""Inputs for the functions on matrices: of every shape, positive-definite, triangular, singular, in batches."""

from __future__ import annotations

import numpy as np

_draw = np.random.RandomState(11)


def _definite(*batch: int) -> np.ndarray:
    root = _draw.randn(*batch, 3, 3)
    return root @ root.swapaxes(-1, -2) + np.eye(3)


INPUTS: dict[str, np.ndarray] = {
    "mat": _draw.randn(3, 3) + np.eye(3),
    "mat2": _draw.randn(3, 3),
    "bmat": _draw.randn(2, 3, 3) + np.eye(3),
    "tall": _draw.randn(4, 3),
    "flatm": _draw.randn(3, 5),
    "btall": _draw.randn(2, 4, 2),
    "posdef": _definite(),
    "bposdef": _definite(2),
    "side": _draw.randn(3, 2),
    "bside": _draw.randn(2, 3, 2),
    "vec": _draw.randn(3),
    "vec2": _draw.randn(3) + 0.2,
    "tri": np.tril(_draw.randn(3, 3)) + 2 * np.eye(3),
    "btri": np.tril(_draw.randn(2, 3, 3)) + 2 * np.eye(3),
    "rankone": np.outer([1.0, -2.0, 0.5], [0.3, 1.0, -1.5]),
    "ranktwo": np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 0.0], [3.0, 3.0, 3.0]]),
    "spread_out": np.diag([5.0, 2.0, 0.7]) + 0.1 * _draw.randn(3, 3),
    "reflect": _draw.randn(4, 3),
    "factor": _draw.rand(3) + 0.3,
    "t26": np.eye(6).reshape(2, 3, 6) + 0.1 * _draw.randn(2, 3, 6),
}
FIXED: dict[str, np.ndarray] = {
    "zmat": (_draw.randn(3, 3) + 1j * _draw.randn(3, 3)).astype(np.complex64),
    "zposdef": np.array([[3, 1 + 1j, 0.5j], [1 - 1j, 4, 1], [-0.5j, 1, 2]], np.complex64),
    "zside": (_draw.randn(3, 2) + 1j * _draw.randn(3, 2)).astype(np.complex64),
    "zvec": (_draw.randn(3) + 1j * _draw.randn(3)).astype(np.complex64),
    "zvec2": (_draw.randn(3) + 1j * _draw.randn(3)).astype(np.complex64),
    "nomat": np.zeros((0, 0), np.float32),
    "norows": np.zeros((0, 3), np.float32),
    "nocols": np.zeros((3, 0), np.float32),
    "nobatch": np.zeros((0, 3, 3), np.float32),
    "zerom": np.zeros((3, 3), np.float32),
    "bzerom": np.zeros((2, 3, 3), np.float32),
    "whole": np.array([[1, 2, 0], [0, 1, 1], [1, 0, 1]]),
    "halves": np.array([[1, 2], [3, 5]], np.float16),
    "doubles": np.array([[1.0, 2.0, 1.0], [3.0, 5.0, 2.0], [0.0, 1.0, 4.0]]),
    "symm": np.array([[1, 2, 3], [2, -1, 0.5], [3, 0.5, 0.2]], np.float32),
    "swaps": np.array([2, 3, 3], np.int32),
}
