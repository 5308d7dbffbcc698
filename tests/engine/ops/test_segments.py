"""Products scattered to places, against the products written out: PyTorch refuses their second slopes at two zeros."""

from __future__ import annotations

import random
from typing import Any

import pytest

import engine as torch

WIDE = torch.float64


def _written_out(x: Any, source: Any, places: list[int], include_self: bool) -> Any:
    """The products by multiplications of single elements."""
    products = []
    for place, own in enumerate(x.unbind()):
        factors = [factor for factor, at in zip(source.unbind(), places, strict=True) if at == place]
        if include_self or not factors:
            factors.insert(0, own)
        product = factors[0]
        for factor in factors[1:]:
            product = product * factor
        products.append(product)
    return torch.stack(products)


def _slopes(result: Any, leaves: list[Any]) -> list[list[float]]:
    """The gradients of a weighted sum, then those of a weighted sum of these."""

    def weighted(t: Any) -> Any:
        return (t * torch.arange(1, t.numel() + 1, dtype=WIDE)).sum()

    def asked(total: Any) -> Any:
        if not total.requires_grad:
            return [torch.zeros_like(leaf) for leaf in leaves]
        return torch.autograd.grad(total, leaves, create_graph=True, materialize_grads=True)

    first = asked(weighted(result))
    return [g.tolist() for g in (*first, *asked(sum(map(weighted, first))))]


@pytest.mark.filterwarnings("ignore:index_reduce")
@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_second_slopes_of_products_are_right_at_any_number_of_zeros(seed: int, include_self: bool) -> None:
    drawn = random.Random(seed)
    places = [drawn.randrange(3) for _ in range(drawn.randrange(1, 7))]
    x = torch.tensor(drawn.choices((0.0, 2.0, -1.5), k=3), dtype=WIDE, requires_grad=True)
    source = torch.tensor(drawn.choices((0.0, 0.0, 3.0, 0.5), k=len(places)), dtype=WIDE, requires_grad=True)
    want = _slopes(_written_out(x, source, places, include_self), [x, source])
    index = torch.tensor(places)
    for name in ("scatter_reduce", "index_reduce"):
        found = getattr(x, name)(0, index, source, "prod", include_self=include_self)
        for got, right in zip(_slopes(found, [x, source]), want, strict=True):
            assert got == pytest.approx(right), name
