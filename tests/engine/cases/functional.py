"""Inputs of the cases of layers: lines, images and volumes (samples, channels, space), and what goes with them."""

import numpy as np

_draw = np.random.RandomState(11)
# The places stand off the borders of the elements, so that finite differences hold.
_grid = _draw.randint(-8, 9, (2, 3, 2, 2)) / 10 + 0.0317
_deep = _draw.randint(-8, 9, (1, 2, 2, 2, 3)) / 10 + 0.0317

INPUTS: dict[str, np.ndarray] = {
    "line": _draw.permutation(56).reshape(2, 4, 7) / 20 - 1.3317,
    "image": _draw.permutation(240).reshape(2, 4, 5, 6) / 60 - 1.9017,
    "cube": _draw.permutation(120).reshape(1, 2, 4, 5, 3) / 40 - 1.5017,
    "gain": _draw.rand(4) + 0.5,
    "shift": _draw.randn(4),
    "gains": _draw.rand(5, 6) + 0.5,
    "grid": _grid,
    "deep": _deep,
    "affine": _draw.randn(2, 2, 3),
    "affine3": _draw.randn(1, 3, 4),
    "columns": _draw.randn(2, 12, 6),
    "table": _draw.permutation(18).reshape(6, 3) / 7 - 1.2,
    "shares": _draw.rand(6) + 0.3,
    "q": _draw.randn(2, 2, 3, 4) / 2,
    "kk": _draw.randn(2, 2, 5, 4) / 2,
    "vv": _draw.randn(2, 2, 5, 3) / 2,
    "bias": _draw.randn(3, 5) / 2,
    "one_head": _draw.randn(2, 1, 5, 4) / 2,
    "seq": _draw.randn(3, 2, 4) / 2,
    "memory": _draw.randn(5, 2, 4) / 2,
    "in_w": _draw.randn(12, 4) / 2,
    "in_b": _draw.randn(12) / 2,
    "out_w": _draw.randn(4, 4) / 2,
    "out_b": _draw.randn(4) / 2,
    "bk": _draw.randn(1, 1, 4) / 2,
    "bv": _draw.randn(1, 1, 4) / 2,
    "form": _draw.randn(2, 4, 4) / 2,
    "rows": _draw.randn(3, 5),
    "other": _draw.randn(3, 5),
    "third": _draw.randn(3, 5),
    "speech": _draw.randn(6, 2, 4),
}
FIXED: dict[str, np.ndarray] = {
    "signs": np.array([[1, -1, 1, 1, -1], [-1, -1, 1, -1, 1], [1, 1, -1, -1, -1]], np.float32),
    "sign": np.array([1, -1, 1]),
    "classes": np.array([1, 4, 0]),
    "labels": np.array([[3, 0, -1, 1, 2], [1, 4, 2, -1, -1], [-1, 0, 1, 2, 3]]),
    "bags": np.array([1, 2, 4, 4, 5, 0]),
    "ends": np.array([0, 2, 2, 5]),
    "pairs": np.array([[1, 2, 4], [4, 5, 0]]),
    "allowed": np.array([[1, 1, 0, 0, 1], [1, 0, 1, 1, 1], [0, 0, 0, 0, 0]], bool),
    "padding": np.array([[False, False, True, False, False], [False, True, False, False, True]]),
    "spoken": np.array([[1, 2, 2], [3, 1, 0]]),
    "heard": np.array([6, 5]),
    "said": np.array([3, 2]),
    "bytes": _draw.randint(0, 256, (1, 2, 5, 6)).astype(np.uint8),
    "where": np.array([[[1, 3, 5]], [[0, 2, 4]]]),
    "halves": (_draw.rand(2, 4, 3) - 0.5).astype(np.float16),
}
