"""Operands that are broadcast get gradients of their own shapes, whatever the op."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import engine as torch
from engine import ops
from engine.op import Op, registry
from engine.plan import Plan

ops.load_all()
BROADCASTING = sorted(
    name
    for name, entry in registry.items()
    if isinstance(entry, Op) and not entry.many and not entry.several and Plan(entry).broadcasts
)
SHAPES = [(3, 1), (4,), (3, 4), (), (2, 1, 1), (1,)]
NUMBERS = {"delta": 1.0, "scale": 1.0, "value": 1.0}
CONDITIONS = ("condition", "mask")
# Its operands are vectors along an axis; the function that calls it broadcasts them.
APART = {"vector_product": "its operands have one shape but for axes of one"}


def options(entry: Op) -> list[dict[str, Any]]:
    """Values for the options that have none of their own, each way of reducing a loss for itself."""
    needed = [p.name for p in entry.options if p.default is p.empty and p.name != "reduction"]
    given = {name: NUMBERS[name] for name in needed}
    if "reduction" not in entry.names:
        return [given]
    return [given | {"reduction": way} for way in ("mean", "sum", "none")]


def operand(entry: Op, name: str, shape: tuple[int, ...], dtype: Any) -> Any:
    """One between 0.2 and 0.7, or a mask, with a gradient where it can have one."""
    x = torch.rand(shape, dtype=dtype) * 0.5 + 0.2
    return x > 0.45 if name in CONDITIONS else x.requires_grad_(entry.slopes[name] is not None)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", BROADCASTING)
def test_gradients_have_the_shapes_of_their_operands(name: str, dtype: Any) -> None:
    if name in APART:
        pytest.skip(APART[name])
    entry, seen = registry[name], 0
    assert isinstance(entry, Op)
    for given in options(entry):
        for shapes in itertools.product(SHAPES, repeat=min(len(entry.operands), 2)):
            shapes = (*shapes, (4,))[: len(entry.operands)]
            operands = [operand(entry, *each, dtype) for each in zip(entry.operands, shapes, strict=True)]
            try:
                result = entry.call(*operands, **given)
            except RuntimeError:  # they do not broadcast
                continue
            leaves = [x for x in operands if x.requires_grad]
            if not result.requires_grad:
                continue
            total = result.sum().abs()  # which is real
            for create in (False, True):
                try:
                    gradients = torch.autograd.grad(total, leaves, retain_graph=True, create_graph=create)
                except RuntimeError as error:
                    assert "derivative" in str(error)
                    return
                seen += 1
                assert [g.shape for g in gradients] == [x.shape for x in leaves], (shapes, given)
    assert seen
