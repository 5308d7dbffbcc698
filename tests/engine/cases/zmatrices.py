"""Complex inputs for the functions on matrices."""

from __future__ import annotations

import numpy as np

_draw = np.random.RandomState(17)


def _z(*shape: int) -> np.ndarray:
    return _draw.randn(*shape) + 1j * _draw.randn(*shape)


INPUTS = {
    "zq": _z(3, 3) + np.eye(3) * 1.5,
    "zbq": _z(2, 3, 3) + np.eye(3) * 1.5,
    "zs": _z(3, 2),
    "zv": _z(3),
    "zw": _z(3),
    "ztall": _z(4, 3),
    "zwide": _z(2, 4),
    "ztri": np.tril(_z(3, 3)) + 2 * np.eye(3),
    "zfew": _z(5, 3),
    "ztau": _z(2) * 0.5 + 0.5,
    "zdeg": np.outer(_z(3), _z(3)),
}
