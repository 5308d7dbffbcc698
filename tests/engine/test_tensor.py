"""What a tensor is apart from ops: attributes, conversions, copies."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import engine as torch


def test_attributes() -> None:
    x = torch.zeros(2, 3)
    assert x.shape == (2, 3) == x.size() and repr(x.shape) == "torch.Size([2, 3])"
    assert (x.ndim, x.dim(), x.numel(), x.element_size(), x.nbytes) == (2, 2, 6, 4, 24)
    assert x.dtype is torch.float32 and str(x.device) == "cpu" and not x.is_cuda
    assert x.stride() == (3, 1) and x.t().stride() == (1, 3) and x.stride(-1) == 1
    assert x.is_contiguous() and not x.t().is_contiguous()
    assert x[1:].storage_offset() == 3
    assert x.type() == "torch.FloatTensor" and x.long().type() == "torch.LongTensor"
    assert x.shape.numel() == 6 and x.shape[:1] == (2,)


def test_numbers_out_of_a_tensor() -> None:
    x = torch.tensor([[1, 2], [3, 4]])
    assert x.tolist() == [[1, 2], [3, 4]]
    assert x[1, 0].item() == 3 and int(x[0, 1]) == 2 and float(x[0, 0]) == 1.0
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    assert len(x) == 2 and 3 in x and 9 not in x
    assert list(range(10))[x[1, 1]] == 4
    assert f"{torch.tensor(1.23456):.2f}" == "1.23"
    assert bool(torch.tensor(0.0)) is False


def test_numpy_takes_tensors() -> None:
    x = torch.tensor([1.0, 2.0])
    assert np.asarray(x).tolist() == [1.0, 2.0]
    assert isinstance(x * np.ones(2), torch.Tensor)
    assert (x == np.array([1.0, 3.0])).tolist() == [True, False]


def test_comparison_with_what_is_no_number() -> None:
    x = torch.ones(2)
    assert (x == None) is False  # noqa: E711
    assert (x != "a") is True
    assert x in [x] and len({x, x}) == 1


def test_requires_grad() -> None:
    x = torch.ones(2)
    y = x.requires_grad_() * 2
    assert y.requires_grad and not y.is_leaf and x.is_leaf
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf variables"):
        y.requires_grad = False
    with pytest.raises(RuntimeError, match="only Tensors of floating point and complex dtype"):
        torch.ones(2, dtype=torch.int64).requires_grad = True


def test_grad_can_be_assigned_if_it_fits() -> None:
    x = torch.ones(2, requires_grad=True)
    x.grad = torch.zeros(2)
    with pytest.raises(RuntimeError, match="attempting to assign a gradient of size"):
        x.grad = torch.zeros(3)
    with pytest.raises(TypeError, match="expected to be a Tensor or None"):
        x.grad = 3
    x.grad = None
    assert x.grad is None


def test_detach_and_data() -> None:
    x = torch.ones(2, requires_grad=True)
    y = (x * 2).detach()
    assert not y.requires_grad
    x.data = torch.zeros(3)
    assert x.tolist() == [0.0, 0.0, 0.0] and x.requires_grad


def test_copies() -> None:
    x = torch.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    twin = copy.deepcopy(x)
    twin.data.zero_()
    assert x.tolist() == [1.0, 1.0] and twin.requires_grad and twin.grad.tolist() == [2.0, 2.0]
    back = pickle.loads(pickle.dumps(x))
    assert back.tolist() == [1.0, 1.0] and back.requires_grad
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(x * 2)


def test_copy_constructing_warns() -> None:
    x = torch.ones(2)
    with pytest.warns(UserWarning, match="To copy construct from a tensor"):
        y = torch.tensor(x)
    y[0] = 5
    assert x.tolist() == [1.0, 1.0]


def test_default_dtype() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.tensor(1.0).dtype is torch.zeros(1).dtype is torch.float64
        assert (torch.tensor([1]) * 0.5).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_devices() -> None:
    x = torch.ones(2, device="cpu")
    assert x.to("cpu") is x
    assert repr(torch.device("cuda:1")) == "device(type='cuda', index=1)"
    assert torch.device("gpu") == torch.device("cuda")
    with pytest.raises(RuntimeError, match="Expected one of cpu, cuda"):
        torch.zeros(1, device="tpu")


def test_old_constructors() -> None:
    assert torch.Tensor(2, 3).shape == (2, 3)
    assert torch.Tensor([1, 2]).dtype is torch.float32
    assert torch.LongTensor([1, 2]).dtype is torch.int64
    assert torch.autograd.Variable(torch.ones(1), requires_grad=True).requires_grad


def test_random_tensors_are_the_generators() -> None:
    torch.manual_seed(0)
    first = torch.rand(2, 2)
    torch.manual_seed(0)
    assert torch.equal(first, torch.rand(2, 2))
    source = torch.Generator().manual_seed(5)
    draws = torch.randn(3, generator=source)
    assert torch.equal(draws, torch.empty(3).normal_(generator=source.manual_seed(5)))
    assert sorted(torch.randperm(5).tolist()) == [0, 1, 2, 3, 4]
    assert torch.randint(3, (100,)).max() == 2
    assert torch.full((1000,), 0.25).bernoulli().mean() < 0.4
