"""Layers on batches of matrices, and indices out of their range."""

from __future__ import annotations

import pytest

import engine as torch

F = torch.nn.functional


@pytest.mark.parametrize("batch", [3, 400])
def test_a_batch_is_multiplied_as_its_matrices_are(batch: int) -> None:
    x = torch.randn(batch, 4, 5, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(6, 5, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(6, dtype=torch.float64, requires_grad=True)
    g = torch.randn(batch, 4, 6, dtype=torch.float64)
    found = torch.autograd.grad(F.linear(x, weight, bias), (x, weight, bias), g)
    each = torch.stack([F.linear(matrix, weight, bias) for matrix in x])
    want = torch.autograd.grad(each, (x, weight, bias), g)
    assert torch.allclose(F.linear(x, weight, bias), each)
    for a, b in zip(found, want, strict=True):
        assert torch.allclose(a, b)


def test_a_vector_and_a_batch_without_elements() -> None:
    weight = torch.ones(3, 5000)
    assert F.linear(torch.ones(5000), weight).tolist() == [5000.0] * 3
    assert F.linear(torch.ones(2, 0, 5000), weight).shape == (2, 0, 3)


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32])
@pytest.mark.parametrize("index", [-1, -(2**31), 4, 5])
def test_an_index_out_of_the_table_is_refused(dtype: torch.dtype, index: int) -> None:
    table = torch.arange(8.0).reshape(4, 2)
    for shape in ((), (1,), (2, 3)):
        with pytest.raises(IndexError, match="index out of range in self"):
            F.embedding(torch.full(shape, index, dtype=dtype), table)
    assert F.embedding(torch.tensor([[3, 0]], dtype=dtype), table).tolist() == [[[6, 7], [0, 1]]]
