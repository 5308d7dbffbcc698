"""Complex tensors: what shares memory, what may be set, and whose gradients are complex."""

from __future__ import annotations

import numpy as np
import pytest

import engine as torch


def test_parts_and_pairs_share_memory() -> None:
    z = torch.zeros(3, dtype=torch.complex64)
    z.real.fill_(2.0)
    z.imag[1] = 5.0
    torch.view_as_real(z)[2] = torch.tensor([7.0, 8.0])
    assert z.tolist() == [2 + 0j, 2 + 5j, 7 + 8j]
    pairs = torch.zeros(2, 2)
    torch.view_as_complex(pairs)[1] = 3 - 4j
    assert pairs.tolist() == [[0.0, 0.0], [3.0, -4.0]]


def test_parts_can_be_set() -> None:
    z = torch.tensor([1 + 2j, 3 + 4j])
    z.real = torch.tensor([5.0, 6.0])
    z.imag = torch.tensor(0.5)
    assert z.tolist() == [5 + 0.5j, 6 + 0.5j]
    x = torch.tensor([1.0])
    x.real = torch.tensor([2.0])
    assert x.tolist() == [2.0]


def test_a_change_through_a_part_is_recorded() -> None:
    leaf = torch.tensor([1 + 2j, 3 + 4j], requires_grad=True)
    z = leaf * 1
    z.real.mul_(3)
    z.imag.zero_()
    (z.real * torch.tensor([1.0, 10.0])).sum().backward()
    assert leaf.grad.tolist() == [3 + 0j, 30 + 0j]


def test_a_step_against_the_gradient_goes_down() -> None:
    z = torch.tensor([1 - 2j, -3 + 0.5j], requires_grad=True)
    for _ in range(60):
        loss = (z * z - (3 - 4j)).abs().square().sum()
        (g,) = torch.autograd.grad(loss, z)
        z = (z - 0.01 * g).detach().requires_grad_()
    assert loss.item() < 1e-6
    np.testing.assert_allclose((z * z).detach().numpy(), [3 - 4j, 3 - 4j], atol=1e-3)


def test_only_a_real_scalar_has_a_gradient_without_asking() -> None:
    z = torch.tensor([1 + 2j], requires_grad=True)
    with pytest.raises(RuntimeError, match="only for real scalar outputs but got torch"):
        (z * z).backward()
    with pytest.raises(RuntimeError, match=r"grad_output\[0\] has a dtype of torch.float32"):
        (z * z).backward(torch.ones(1))
    (z * z).backward(torch.tensor([1j]))
    assert z.grad.tolist() == [4 + 2j]


def test_a_real_operand_has_a_real_gradient() -> None:
    x, z = torch.tensor([2.0], requires_grad=True), torch.tensor([1 + 3j], requires_grad=True)
    (x * z).abs().sum().backward()
    assert x.grad.dtype is torch.float32
    assert z.grad.dtype is torch.complex64


def test_gradients_are_not_marked_as_conjugated() -> None:
    z = torch.tensor([1 + 2j], requires_grad=True)
    (g,) = torch.autograd.grad((z * z).real.sum(), z, create_graph=True)
    assert not g.is_conj()
    assert torch.view_as_real(g).tolist() == [[2.0, -4.0]]


def test_a_complex_number_has_the_precision_of_the_default() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        assert (torch.tensor([1, 2]) + 1j).dtype is torch.full((2,), 1j).dtype is torch.complex128
        assert (torch.ones(2, dtype=torch.float32) * 1j).dtype is torch.complex64
    finally:
        torch.set_default_dtype(torch.float32)
    assert (torch.tensor([1, 2]) + 1j).dtype is torch.full((2,), 1j).dtype is torch.complex64


def test_half_precision_is_left_out() -> None:
    half = torch.ones(2, dtype=torch.float16)
    for make in (
        lambda: torch.complex(half, half),
        lambda: torch.polar(half, half),
        lambda: torch.view_as_complex(half),
    ):
        with pytest.raises(NotImplementedError, match="left out of this engine"):
            make()


def test_refusals_do_not_keep_what_they_refused() -> None:
    z = torch.tensor([1 + 2j])
    with pytest.raises(NotImplementedError) as first:
        torch.sign(z)
    with pytest.raises(NotImplementedError) as second:
        torch.sign(z)
    assert first.value is not second.value
