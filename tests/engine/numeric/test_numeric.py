"""Each special function against values that mpmath 1.3 gave at forty digits, in both precisions."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np
import pytest

from engine.numeric import bessel, gamma, incomplete, normal, polynomials

KNOWN = json.loads((pathlib.Path(__file__).parent / "known.json").read_text())
# Those that cross zero between the points are exact to a part of what they swing over.
EXACT = [name for name in KNOWN if name != "ndtr"]  # which is half of 1 + erf here as in PyTorch, small or not
SWINGING = ("bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "airy_ai", "digamma", "chebyshev_t", "legendre_p")


def function_of(name: str) -> Any:
    return next(getattr(m, name) for m in (gamma, incomplete, bessel, normal, polynomials) if hasattr(m, name))


@pytest.mark.parametrize("name", EXACT)
def test_in_double_precision(name: str) -> None:
    *points, want = np.array(KNOWN[name]).T
    got = function_of(name)(*points)
    np.testing.assert_allclose(got, want, rtol=2e-13, atol=3e-14 if name in SWINGING else 0)


@pytest.mark.parametrize("name", EXACT)
def test_in_single_precision(name: str) -> None:
    *points, _ = np.array(KNOWN[name], np.float32).T
    got = function_of(name)(*points)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, function_of(name)(*(p.astype(np.float64) for p in points)).astype(np.float32))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_normal_distribution_is_taken_from_erf(dtype: Any) -> None:
    points, want = np.array(KNOWN["ndtr"]).T
    got = normal.ndtr(points.astype(dtype))
    assert got.dtype == dtype
    np.testing.assert_allclose(got, want, rtol=0, atol=2 * np.finfo(dtype).eps)


def test_numbers_of_no_axes() -> None:
    assert gamma.lgamma(np.float64(3.0)) == pytest.approx(np.log(2.0))
    assert bessel.bessel_j0(np.array(0.0)) == 1.0


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(NotImplementedError, match='"lgamma_cpu" not implemented for'):
        gamma.lgamma(np.array([1j]))
