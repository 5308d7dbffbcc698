"""Sums of many elements stay near the true ones, and sums of none are what PyTorch says."""

from __future__ import annotations

import numpy as np
import pytest

import engine as torch

MANY = 10_000_000


@pytest.mark.parametrize("arranged", ["flat", "rows", "columns"])
def test_float32_sums_of_ten_millions_are_within_a_millionth(arranged: str) -> None:
    x = np.random.RandomState(0).rand(MANY).astype(np.float32)
    true = x.sum(dtype=np.float64)
    if arranged == "flat":
        total = torch.from_numpy(x).sum().item()
    else:
        table = torch.from_numpy(x.reshape(-1, 8) if arranged == "rows" else x.reshape(8, -1))
        total = float(table.sum(0 if arranged == "rows" else 1).numpy().sum(dtype=np.float64))
    assert total == pytest.approx(true, rel=1e-6)


def test_a_float32_mean_of_ten_millions_is_within_a_millionth() -> None:
    x = np.random.RandomState(1).rand(MANY).astype(np.float32)
    assert torch.from_numpy(x).mean().item() == pytest.approx(x.mean(dtype=np.float64), rel=1e-6)


@pytest.mark.parametrize("total", ["sum", "cumsum", "norm", "mean"])
def test_a_long_gradient_is_exact(total: str) -> None:
    x = torch.ones(1_000_000, requires_grad=True)
    value = x.cumsum(0)[-1] if total == "cumsum" else getattr(x, total)()
    value.backward()
    expected = {"sum": 1.0, "cumsum": 1.0, "norm": 1e-3, "mean": 1e-6}[total]
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-6)


def test_sums_over_empty_axes() -> None:
    empty = torch.ones(2, 0, 3)
    assert empty.sum(1).tolist() == [[0.0] * 3] * 2
    assert empty.prod(1).tolist() == [[1.0] * 3] * 2
    assert torch.isnan(empty.mean(1)).all() and empty.sum() == 0
    with pytest.raises(IndexError, match="Expected reduction dim 1 to have non-zero size"):
        empty.amax(1)
