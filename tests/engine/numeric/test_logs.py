"""log(1 + x) of float32 arrays against NumPy's in float64."""

from __future__ import annotations

import numpy as np
import pytest

from engine.numeric.logs import log1p

TINY = 10.0 ** np.linspace(-44, 0, 5000)


@pytest.mark.parametrize("points", [np.linspace(-1, 1, 9001)[1:], TINY, -TINY[:-1]])
def test_log1p(points: np.ndarray) -> None:
    x = points.astype(np.float32)
    np.testing.assert_allclose(log1p(x), np.log1p(x.astype(float)), rtol=4e-7, atol=1e-45)


def test_ends_and_other_types() -> None:
    ends = np.repeat(np.array([-1.0, 0.0, -0.0, np.nan], np.float32), 32)
    np.testing.assert_array_equal(log1p(ends), np.log1p(ends))
    x = np.linspace(-0.5, 0.5, 100)
    np.testing.assert_array_equal(log1p(x), np.log1p(x))
