"""Forward mode against the way back: along a random direction both give one number, for every case."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import pytest

import engine as torch
import engine.nn.functional as F
from engine import func
from engine.autograd import forward_ad
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


EXPRESSIONS = [e for e in ELIGIBLE if not any(name in e for name in SINGULAR)]


class Case:
    """An expression as a function, the place where it is differentiated, and two directions there."""

    def __init__(self, expression: str) -> None:
        leaves = leaves_of(expression)
        self.function = weighted(expression, list(leaves))
        self.inputs = tuple(leaf.detach() for leaf in leaves.values())
        self.v, self.w = (tuple(torch.tensor(each) for each in directions(leaves, seed).values()) for seed in (1, 2))

    def gradient(self, function: Any) -> Any:
        """The function's gradient, as a function."""
        return func.grad(function, argnums=tuple(range(len(self.inputs))))

    def forward(self, *xs: Any) -> Any:
        """The derivative along the first direction."""
        return func.jvp(self.function, xs, self.v)[1]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_forward_is_the_way_back(expression: str) -> None:
    case = Case(expression)
    want = along(case.gradient(case.function)(*case.inputs), case.v).item()
    assert case.forward(*case.inputs).item() == pytest.approx(want, rel=1e-7, abs=1e-7, nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_second_derivatives_agree_however_they_are_nested(expression: str) -> None:
    case = Case(expression)
    gradient = case.gradient(case.function)
    want = along(case.gradient(lambda *xs: along(gradient(*xs), case.v))(*case.inputs), case.w).item()
    found = {
        "forward over the way back": along(func.jvp(gradient, case.inputs, case.w)[1], case.v),
        "forward over forward": func.jvp(case.forward, case.inputs, case.w)[1],
        "the way back over forward": along(case.gradient(case.forward)(*case.inputs), case.w),
    }
    assert {name: value.item() for name, value in found.items()} == pytest.approx(
        dict.fromkeys(found, want), rel=1e-6, abs=1e-6, nan_ok=True
    )


def test_what_does_not_move_has_a_tangent_of_zeros() -> None:
    x = torch.tensor([0.5, -1.5, 2.0])
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, torch.ones(3))
        for name in ("floor", "sign", "round", "angle"):
            assert forward_ad.unpack_dual(getattr(torch, name)(dual)).tangent.tolist() == [0, 0, 0]
        still = [dual > 0, dual.argmax(), dual.detach(), torch.zeros_like(dual), dual.isnan()]
        assert all(forward_ad.unpack_dual(each).tangent is None for each in still)
        assert forward_ad.unpack_dual(dual.clone().zero_()).tangent.tolist() == [0, 0, 0]
