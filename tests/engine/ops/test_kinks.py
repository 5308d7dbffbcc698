"""At kinks an infinite gradient is passed on or cut off, as PyTorch does it; a mask that multiplies would make NaN."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import engine as torch
import engine.nn.functional as F

INF = math.inf
# What `f(x).sqrt()` gives back to x = (-1, 0, 2), by PyTorch 2.13; the slope of the root is infinite at 0.
SLOPE = 2**-1.5


@pytest.mark.parametrize(
    ("bend", "expected"),
    [
        (torch.relu, [0.0, 0.0, SLOPE]),
        (F.relu6, [0.0, 0.0, SLOPE]),
        (lambda x: F.threshold(x, 0.0, 0.0), [0.0, 0.0, SLOPE]),
        (lambda x: F.hardtanh(x, 0.0, 6.0), [0.0, 0.0, SLOPE]),
        (lambda x: torch.clamp(x, min=0.0), [0.0, INF, SLOPE]),
        (lambda x: torch.maximum(x, torch.zeros(())), [0.0, INF, SLOPE]),
        (lambda x: torch.fmax(x, torch.zeros(3)), [0.0, INF, SLOPE]),
    ],
)
@pytest.mark.parametrize("create", [False, True])
def test_infinite_gradients_at_kinks(bend: Callable[..., Any], expected: list[float], create: bool) -> None:
    x = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    (g,) = torch.autograd.grad(bend(x).sqrt().sum(), x, create_graph=create)
    assert g.tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    "bend",
    [
        torch.norm,
        lambda x: F.normalize(x, dim=0),
        lambda x: F.cosine_similarity(x, x.detach() + 1, dim=0),
        lambda x: torch.dist(x, x.detach()),
        torch.sinc,
    ],
)
def test_second_derivatives_that_pytorch_gives_as_nan(bend: Callable[..., Any]) -> None:
    x = torch.zeros(3, requires_grad=True)
    (g,) = torch.autograd.grad(bend(x).sum(), x, create_graph=True)
    assert g.isfinite().all()
    (twice,) = torch.autograd.grad(g.sum(), x)
    assert twice.isnan().all()
