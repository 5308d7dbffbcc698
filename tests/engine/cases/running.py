"""Inputs with gaps, repetitions and odd shapes, for what counts and orders."""

from __future__ import annotations

import numpy as np

_nan, _inf = np.nan, np.inf
INPUTS = {
    "gaps": np.array([[1.0, _nan, -2.0, 0.5, 3.0], [_nan, _nan, 4.0, -1.0, 0.25], [2.0, -3.0, 7.0, 1.5, _nan]]),
    "void": np.zeros((2, 0)),
    "grid": np.array([0.0, 0.7, 1.5, 3.0, 3.2]),
    "fractions": np.array([0.12, 0.47, 0.93]),
    "steep": np.array([[-300.0, 2.0, 250.0, 1.0], [3.0, -2.0, -900.0, 4.0]]),
}
FIXED = {
    "doubled": np.array([[3, 1, 1, 2, 2], [3, 1, 1, 2, 2], [0, 5, 5, 5, 0]]),
    "halved": np.array([[0.5, 0.5, 2.0, -1.0], [1.5, 0.5, 0.5, 1.5]], np.float32),
    "all_nan": np.array([_nan, _nan], np.float32),
    "sorted_rows": np.array([[1.0, 3.0, 3.0, 5.0], [-2.0, 0.0, 4.0, 9.0]], np.float32),
    "wanted": np.array([[3.0, 0.0, 10.0], [-5.0, 4.0, 4.5]], np.float32),
    "empty_ints": np.array([], np.int64),
}
