"""log(1 + x): of float32 arrays quicker than NumPy's, of complex numbers exact near zero, as NumPy's is not."""

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


def complex_log1p(x: Any) -> Any:
    """log(1 + z) of complex arrays: near 0 from |1 + z|^2 - 1 = x (2 + x) + y^2, where nothing is lost."""
    real, imag = x.real, x.imag
    near = np.log1p(real * (2 + real) + imag * imag) / 2
    y = np.empty_like(x)
    y.real = np.where(np.absolute(x) < 0.5, near, np.log(np.hypot(real + 1, imag)))
    y.imag = np.arctan2(imag, real + 1)
    return y[()]
