"""A complex parameter is moved as the two real numbers that each of its elements is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine as torch

rng = np.random.RandomState(4)
START = rng.randn(3, 4) + 1j * rng.randn(3, 4)
AIM = torch.tensor(rng.randn(3, 4) + 1j * rng.randn(3, 4))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
        ("Adam", {"lr": 0.1, "amsgrad": True}),
        ("AdamW", {"lr": 0.1}),
        ("Adamax", {"lr": 0.1}),
        ("RMSprop", {"lr": 0.1, "centered": True}),
        ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5}),
        ("Adadelta", {"lr": 0.5}),
    ],
)
def test_moves_as_its_parts_do(name: str, options: dict[str, Any], turned: bool) -> None:
    z = torch.tensor(START.copy())
    z = (z.mT if turned else z).requires_grad_()
    aim = AIM.mT if turned else AIM
    pairs = torch.view_as_real(z.detach().clone()).clone().requires_grad_()
    beside = torch.ones(2, requires_grad=True)
    optimizers = [getattr(torch.optim, name)(params, **options) for params in ([z, beside], [pairs])]
    for _ in range(3):
        for optimizer in optimizers:
            optimizer.zero_grad()
        beside.sum().backward()
        (z - aim).abs().square().sum().backward()
        (torch.view_as_complex(pairs) - aim).abs().square().sum().backward()
        for optimizer in optimizers:
            optimizer.step()
    np.testing.assert_allclose(torch.view_as_real(z.detach()), pairs.detach(), atol=1e-12)
    for held in optimizers[0].state[z].values():
        assert held.ndim == 0 or held.dtype is z.dtype
