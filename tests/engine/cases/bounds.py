"""Inputs that meet their bounds."""

from __future__ import annotations

import numpy as np

INPUTS = {
    "meets": np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 0.5, 3.0]),
    "lows": np.array([0.0, -1.0, -1.0, 2.0, 1.0, 0.5, 2.0]),
    "highs": np.array([1.0, 1.0, 0.0, 1.0, 1.0, 0.5, 1.0]),
}
