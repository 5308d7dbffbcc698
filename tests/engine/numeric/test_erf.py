"""The error functions against the standard library's, in both precisions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import numeric

POINTS = np.concatenate([np.linspace(-7, 27, 3401), [0.0, 1e-300, 1e-10, -1e-10, 0.5, -0.5, 0.4999999, 30.0]])


@pytest.mark.parametrize(("name", "dtype", "relative"), [("erf", np.float64, 4e-15), ("erf", np.float32, 6e-7)])
def test_erf(name: str, dtype: type, relative: float) -> None:
    got = numeric.erf(POINTS.astype(dtype))
    want = np.array([math.erf(x) for x in POINTS.astype(dtype).astype(float)])
    assert got.dtype == dtype
    np.testing.assert_allclose(got, want, rtol=relative)


@pytest.mark.parametrize(("dtype", "relative", "least"), [(np.float64, 2e-13, 1e-300), (np.float32, 5e-5, 1e-37)])
def test_erfc(dtype: type, relative: float, least: float) -> None:
    points = POINTS.astype(dtype)
    want = np.array([math.erfc(x) for x in points.astype(float)])
    kept = want > least
    got = numeric.erfc(points)
    assert got.dtype == dtype
    np.testing.assert_allclose(got[kept], want[kept], rtol=relative)


def test_nan_and_infinity() -> None:
    odd = np.array([np.nan, np.inf, -np.inf])
    np.testing.assert_array_equal(numeric.erf(odd), [np.nan, 1.0, -1.0])
    np.testing.assert_array_equal(numeric.erfc(odd), [np.nan, 0.0, 2.0])
