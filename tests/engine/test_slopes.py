"""Each slope against differences: the derivative along a random direction, and the derivative of that once more.

Complex inputs move in complex directions.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import engine as torch
import engine.nn.functional as F
from tests.engine import cases

STEP = 1e-5
# No derivative there, or one that only exists on one side.
KINKS = (
    "ties",
    ".detach",
    "padding_idx",
    "scale_grad",
    "1e9",
    "scatter(1, ks, b",
    "float16",
    "dtype=",
    "half",
    "f16",
    "floor",
    "random",
    "round(",
    ".double",
    "(axis",
    "torch.float64",
)
ELIGIBLE = [
    e for e in cases.VALUES if cases.named(e)[0] and e not in cases.KINKS and not any(word in e for word in KINKS)
]


def leaves_of(expression: str) -> dict[str, Any]:
    inputs, _ = cases.tables(expression)
    return {n: torch.tensor(inputs[n], requires_grad=True) for n in cases.named(expression)[0]}


def weighted(expression: str, leaves: dict[str, Any], bent: bool = False) -> Any:
    """A number made of all float results of an expression; `bent` of their squares too.

    With those the second derivative of a linear op, such as a view, says something as well.
    """
    scope = cases.bench(torch, F, expression, torch.float64) | leaves
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = cases.flat(eval(expression, scope))
    total: Any = 0
    for each in results:
        if isinstance(each, torch.Tensor) and each.requires_grad:
            total = total + cases.weighed(torch, each + 0.3 * each * each if bent else each)
    return total


def moved(leaves: dict[str, Any], along: dict[str, np.ndarray], by: float) -> dict[str, Any]:
    return {n: (t.detach() + by * torch.tensor(along[n])).requires_grad_() for n, t in leaves.items()}


def directions(leaves: dict[str, Any], seed: int) -> dict[str, np.ndarray]:
    draw = np.random.RandomState(seed)
    drawn = {n: np.asarray(draw.randn(*t.shape)) for n, t in leaves.items()}
    return {n: v + 1j * draw.randn(*v.shape) if leaves[n].is_complex() else v for n, v in drawn.items()}


def slope_along(
    expression: str, leaves: dict[str, Any], along: dict[str, np.ndarray], create: bool = False, bent: bool = False
) -> Any:
    """The derivative along a direction, by the way back."""
    total = weighted(expression, leaves, bent)
    if not isinstance(total, torch.Tensor):
        return None
    given = torch.autograd.grad(total, list(leaves.values()), create_graph=create, allow_unused=True)
    pairs = [(g, along[n]) for (n, _), g in zip(leaves.items(), given, strict=True) if g is not None]
    # The real part of the inner product: what moves along a direction, be it real or complex.
    return sum(
        ((g.conj() * torch.tensor(v, dtype=g.dtype)).sum().real for g, v in pairs),
        torch.tensor(0.0, dtype=torch.float64),
    )


@pytest.mark.parametrize("expression", ELIGIBLE)
def test_first_derivative(expression: str) -> None:
    leaves = leaves_of(expression)
    along = directions(leaves, 1)
    got = slope_along(expression, leaves, along)
    if got is None:
        pytest.skip("no result of this expression has a gradient")
    ahead, behind = (weighted(expression, moved(leaves, along, by)).item() for by in (STEP, -STEP))
    assert got.item() == pytest.approx((ahead - behind) / (2 * STEP), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("expression", ELIGIBLE)
def test_second_derivative(expression: str) -> None:
    leaves = leaves_of(expression)
    along, across = directions(leaves, 1), directions(leaves, 2)
    first = slope_along(expression, leaves, along, create=True, bent=True)
    if first is None or not first.requires_grad:
        pytest.skip("the first derivative does not depend on the inputs")
    given = torch.autograd.grad(first, list(leaves.values()), allow_unused=True)
    got = sum((g.numpy().conj() * across[n]).sum().real for n, g in zip(leaves, given, strict=True) if g is not None)
    ahead, behind = (
        slope_along(expression, moved(leaves, across, by), along, bent=True).item() for by in (STEP, -STEP)
    )
    assert got == pytest.approx((ahead - behind) / (2 * STEP), rel=1e-4, abs=1e-5)
