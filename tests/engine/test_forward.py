"""Forward mode against the way back: along a random direction both give one number, for every case."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import engine as torch
import engine.nn.functional as F
from engine import func
from tests.engine import cases
from tests.engine.test_slopes import ELIGIBLE, directions, leaves_of


def weighted(expression: str, names: list[str]) -> Any:
    """The function from the named inputs to the sum of the weighted float results of an expression."""
    scope = cases.bench(torch, F, expression, torch.float64)

    def function(*leaves: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = cases.flat(eval(expression, scope | dict(zip(names, leaves, strict=True))))
        total = torch.tensor(0.0, dtype=torch.float64)
        for each in results:
            if isinstance(each, torch.Tensor) and (each.is_floating_point() or each.is_complex()):
                # Bent, so that a linear op has a second derivative too.
                total = total + cases.weighed(torch, each + 0.3 * each * each)
        return total

    return function


def along(gradients: Any, vectors: Sequence[Any]) -> Any:
    """The derivative along vectors from the gradients."""
    return sum((g.conj() * v).sum().real for g, v in zip(gradients, vectors, strict=True))


# Their slope on tensors divides by the determinant, which is zero.
SINGULAR = ("rankone", "ranktwo")


@pytest.mark.parametrize("expression", [e for e in ELIGIBLE if not any(name in e for name in SINGULAR)])
def test_forward_is_the_way_back(expression: str) -> None:
    leaves = leaves_of(expression)
    function = weighted(expression, list(leaves))
    inputs = tuple(leaf.detach() for leaf in leaves.values())
    v, w = (tuple(torch.tensor(each) for each in directions(leaves, seed).values()) for seed in (1, 2))
    places = tuple(range(len(inputs)))
    gradient = func.grad(function, argnums=places)

    def forward(*xs: Any) -> Any:
        return func.jvp(function, xs, v)[1]

    want = along(gradient(*inputs), v).item()
    assert forward(*inputs).item() == pytest.approx(want, rel=1e-7, abs=1e-7, nan_ok=True)
    try:
        second = along(func.grad(lambda *xs: along(gradient(*xs), v), argnums=places)(*inputs), w).item()
    except (NotImplementedError, RuntimeError) as error:
        pytest.skip(f"no second derivative: {error}")
    if np.isnan(second):
        pytest.skip("the second derivative is not a number")
    found = {
        "forward over the way back": along(func.jvp(gradient, inputs, w)[1], v),
        "forward over forward": func.jvp(forward, inputs, w)[1],
        "the way back over forward": along(func.grad(forward, argnums=places)(*inputs), w),
    }
    assert {name: value.item() for name, value in found.items()} == pytest.approx(
        dict.fromkeys(found, second), rel=1e-6, abs=1e-6
    )
