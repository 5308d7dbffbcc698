"""Softmax of many rows, which takes the largest of all off where it can: each row has what it has alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine as torch
from engine.ops.activation import powers

F = torch.nn.functional


def rows() -> np.ndarray:
    """Enough for the shorter way."""
    return np.random.RandomState(0).randn(100, 64).astype(np.float32)


def by_row(x: np.ndarray) -> np.ndarray:
    """In double, each row by itself; NaN where there is no softmax."""
    wide = x.astype(np.float64)
    with np.errstate(invalid="ignore"):
        power = np.exp(wide - wide.max(1, keepdims=True))
        return power / power.sum(1, keepdims=True)


FAR = {"near": 0.0, "far below": -1e3, "below what float32 holds": -200.0, "a little below": -8.5, "far above": 1e3}


@pytest.mark.parametrize("shift", FAR.values(), ids=FAR)
def test_a_row_far_from_the_others_keeps_its_digits(shift: float) -> None:
    x = rows()
    x[3] += np.float32(shift)
    np.testing.assert_allclose(F.softmax(torch.tensor(x), 1).numpy(), by_row(x), rtol=2e-6)


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_an_element_that_is_no_number_spoils_its_row_alone(odd: float) -> None:
    x = rows()
    x[5, 7] = odd
    found = F.softmax(torch.tensor(x), 1).numpy()
    np.testing.assert_allclose(found, by_row(x), rtol=2e-6)
    assert np.isfinite(found[6]).all()


def test_a_row_of_minus_infinities_is_nan_or_attends_to_nothing() -> None:
    x = rows()
    x[9] = -np.inf
    assert F.softmax(torch.tensor(x), 1)[9].isnan().all()
    power, total = powers(x, 1, dead=True)
    assert not power[9].any() and total[9] == 0
    q, bias = torch.randn(2, 2, 64, 16), torch.zeros(64, 64)
    bias[5] = -math.inf
    attended = F.scaled_dot_product_attention(q, q, q, bias)
    assert not attended[:, :, 5].any() and attended.isfinite().all()


def test_other_axes_and_double_agree() -> None:
    x = rows().astype(np.float64)
    np.testing.assert_allclose(F.softmax(torch.tensor(x.T.copy()), 0).numpy(), by_row(x).T, rtol=1e-13)
