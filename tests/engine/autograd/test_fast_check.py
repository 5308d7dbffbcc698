"""`gradcheck` in fast mode: along one direction, whatever the size."""

from __future__ import annotations

from typing import Any

import pytest

import engine as torch
from engine.autograd import gradcheck, gradgradcheck


def test_few_calls_are_enough() -> None:
    calls: list[int] = []

    def function(x: Any, y: Any) -> Any:
        calls.append(1)
        return torch.sin(x) @ y.T, x.sum()

    x, y = (torch.randn(9, 8, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert gradcheck(function, (x, y), fast_mode=True)
    assert len(calls) < 12


def test_a_wrong_derivative_is_found() -> None:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.saved_tensors[0] * 2.1

    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 0 with respect to input 0"):
        gradcheck(Wrong.apply, torch.randn(3, dtype=torch.float64, requires_grad=True), fast_mode=True)


@pytest.mark.parametrize("fast", [False, True])
def test_inputs_in_any_order_of_memory_are_checked(fast: bool) -> None:
    turned = torch.randn(2, 3, 4, dtype=torch.float64).permute(2, 0, 1)
    for given in (turned, turned[0].t(), torch.randn(3, 2, dtype=torch.complex128).t()):
        leaf = given.detach().requires_grad_()
        assert gradcheck(torch.sin, leaf, fast_mode=fast) and gradgradcheck(torch.sin, leaf, fast_mode=fast)
