"""NumPy against CuPy: every expression gives the same values and gradients on the GPU as on the CPU."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import engine as torch
from engine.nn import functional
from tests.engine.cases import VALUES, evaluate

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU with CuPy here: NumPy alone is tested"),
]

# What makes a tensor of its own makes it on the CPU, and what asks for NumPy's memory or an address has it there only.
HOST = re.compile(
    r"torch\.(tensor|as_tensor|from_numpy|zeros|ones|full|arange|eye|linspace|rand|empty)\(|numpy|data_ptr"
)


def same(here: Any, there: Any) -> None:
    """Both results, as plain data, agree: types and shapes exactly, numbers to float32's rounding."""
    if isinstance(here, list) and len(here) >= 3 and isinstance(here[0], str) and here[0].startswith("torch."):
        assert here[:2] == there[:2]
        np.testing.assert_allclose(np.array(here[2], float), np.array(there[2], float), rtol=2e-5, atol=2e-6)
    else:
        assert here == there


@pytest.mark.parametrize("expression", [each for each in VALUES if not HOST.search(each)])
def test_agrees_with_the_cpu(expression: str) -> None:
    here = evaluate(torch, functional, expression)
    there = evaluate(torch, functional, expression, device="cuda")
    assert here.keys() == there.keys(), there
    if "error" in here:
        assert here == there
        return
    for mine, other in zip(here["values"], there["values"], strict=True):
        same(mine, other)
    for name, gradient in here["grads"].items():
        same(gradient, there["grads"][name])
