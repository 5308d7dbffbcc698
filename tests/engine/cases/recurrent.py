"""Inputs of the cases of recurrent layers: three steps of two sequences, and weights for gates of three numbers."""

import numpy as np

_draw = np.random.RandomState(23)

INPUTS: dict[str, np.ndarray] = {
    "story": _draw.randn(3, 2, 4),
    "data": _draw.randn(6, 4),
    "wi": _draw.randn(12, 4) / 2,
    "wh": _draw.randn(12, 3) / 2,
    "bi": _draw.randn(12) / 2,
    "bh": _draw.randn(12) / 2,
    "wr": _draw.randn(2, 3),
    "hs": _draw.randn(1, 3, 3) / 2,
    "cs": _draw.randn(1, 3, 3) / 2,
    "tail": _draw.randn(2, 4),
}
FIXED: dict[str, np.ndarray] = {"steps": np.array([3, 2, 1]), "even": np.array([2, 2, 2])}
