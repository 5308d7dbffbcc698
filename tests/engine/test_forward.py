"""Forward mode against the way back: along a random direction both give one number, for every case."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import engine as torch
import engine.nn.functional as F
from engine import func
from tests.engine import cases
from tests.engine.test_slopes import ELIGIBLE, directions, leaves_of, slope_along


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
                total = total + cases.weighed(torch, each)
        return total

    return function


def vectors(along: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(torch.tensor(v) for v in along.values())


@pytest.mark.parametrize("expression", ELIGIBLE)
def test_forward_is_the_way_back(expression: str) -> None:
    leaves = leaves_of(expression)
    along, across = directions(leaves, 1), directions(leaves, 2)
    first = slope_along(expression, leaves, along, create=True)
    if first is None:
        pytest.skip("no result of this expression has a gradient")
    function = weighted(expression, list(leaves))
    inputs = tuple(leaf.detach() for leaf in leaves.values())
    _, got = func.jvp(function, inputs, vectors(along))
    assert got.item() == pytest.approx(first.item(), rel=1e-9, abs=1e-9)
    if not first.requires_grad:
        return
    given = torch.autograd.grad(first, list(leaves.values()), allow_unused=True)
    second = sum((g.numpy().conj() * across[n]).sum().real for n, g in zip(leaves, given, strict=True) if g is not None)
    # Forward over the way back.
    places = tuple(range(len(inputs)))
    _, moved = func.jvp(func.grad(function, argnums=places), inputs, vectors(across))
    got = sum((m.conj() * v).sum().real.item() for m, v in zip(moved, vectors(along), strict=True))
    assert got == pytest.approx(second, rel=1e-8, abs=1e-8)
    # Forward over forward.
    _, twice = func.jvp(lambda *xs: func.jvp(function, xs, vectors(along))[1], inputs, vectors(across))
    assert twice.item() == pytest.approx(second, rel=1e-8, abs=1e-8)
    # The way back over forward.
    back = func.grad(lambda *xs: func.jvp(function, xs, vectors(along))[1], argnums=places)(*inputs)
    got = sum((m.conj() * v).sum().real.item() for m, v in zip(back, vectors(across), strict=True))
    assert got == pytest.approx(second, rel=1e-8, abs=1e-8)
    # The way back twice.
    again = func.grad(
        lambda *xs: sum((g.conj() * v).sum().real for g, v in zip(func.grad(function, places)(*xs), vectors(along), strict=True)),
        argnums=places,
    )(*inputs)
    got = sum((m.conj() * v).sum().real.item() for m, v in zip(again, vectors(across), strict=True))
    assert got == pytest.approx(second, rel=1e-8, abs=1e-8)
