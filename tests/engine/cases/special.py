"""Inputs of the special functions: over all their pieces, and their odd points."""

from __future__ import annotations

import numpy as np

INPUTS = {
    "positive": np.array([0.03, 0.2, 0.7, 1.3, 1.9, 2.4, 3.3, 4.7, 6.1, 8.6, 12.3, 31.0]),
    "signed": np.array([-21.7, -9.2, -4.6, -2.3, -0.8, -0.07, 0.04, 0.6, 1.8, 3.7, 7.9, 16.4]),
    "unit": np.array([0.003, 0.08, 0.21, 0.33, 0.46, 0.52, 0.68, 0.77, 0.93, 0.991]),
    "inner": np.array([-0.97, -0.6, -0.45, -0.1, 0.02, 0.3, 0.55, 0.8, 0.96]),
}
FIXED = {
    "degrees": np.array([[0.0], [1.0], [2.0], [3.0], [5.0], [7.0], [10.0], [-1.0]], np.float32),
    "abscissas": np.array([-2.0, -1.0, -0.9, -0.3, 0.0, 0.2, 0.5, 0.85, 1.0, 1.6], np.float32),
    "firsts": np.array([0.02, 0.5, 0.9, 1.0, 1.7, 3.0, 5.5, 9.0, 12.0, 20.0, 24.0, 33.0], np.float32),
    "orders": np.array([1.1, 1.5, 2.0, 3.0, 4.2, 5.0, 6.0, 7.5, 8.0, 9.0, 10.0, 12.0], np.float32),
    "edges": np.array([0.0, -0.0, -1.0, -2.0, -1.5, np.inf, -np.inf, np.nan, 1.0], np.float32),
    "far_edges": np.array([-300.0, -90.0, 95.0, 1e4, 1e8, 1e-30], np.float32),
    "ones_twos": np.array([1, 2, 3]),
}
