"""log(1 + x) of float32 arrays, quicker than NumPy's, which takes it element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

_ONE = np.ones((), np.float32)
_SMALLEST = np.float32(np.finfo(np.float32).tiny)


def log1p(x: Any) -> Any:
    """log(1 + x) for x from -1 to 1: of float32 arrays within 3e-7 of it, of others by NumPy.

    With u the rounded sum 1 + x and r = (u - 1) - x what rounding added, log(1 + x) = log(u) + log(1 - r / u), which is
    log(u) - r / u to first order in r, and r is below the last place of u.
    """
    if x.__class__ is not np.ndarray or x.dtype.char != "f" or x.size < 64:
        return np.log1p(x)
    u = x + _ONE
    off = u - _ONE
    off -= x
    off /= np.maximum(u, _SMALLEST)
    np.log(u, u)
    u -= off
    return u
