"""Marks of what depends on a mapped input, and what is left after a map."""

from __future__ import annotations

from typing import Any

import pytest

import engine as torch
from engine import func, graph
from engine.batched import Batched


def test_only_what_depends_on_the_input_is_marked() -> None:
    seen: list[Any] = []

    def function(x: Any) -> Any:
        free = torch.ones(3) * 2
        seen.append((type(x), type(x.sin()[0]), type(free), free.sum().item()))
        return x * free

    result = torch.vmap(function)(torch.ones(2, 3))
    assert seen[0] == (Batched, Batched, torch.Tensor, 6.0)
    assert type(result) is torch.Tensor
    assert result.sum().item() == 12


def test_a_nested_map_leaves_the_marks_of_the_outer() -> None:
    def outer(x: Any) -> Any:
        inner = torch.vmap(lambda y: y * 2)(torch.ones(3))
        inner.sum().item()  # does not depend on x
        both = torch.vmap(lambda y: y * x)(torch.ones(3))
        with pytest.raises(RuntimeError, match=r"calling \.item\(\)"):
            both.sum().item()
        return both

    assert torch.vmap(outer)(torch.arange(2.0)).tolist() == [[0, 0, 0], [1, 1, 1]]


def test_nothing_is_left_when_a_map_fails() -> None:
    before = graph.watch, graph.marks, graph.transforms()
    with pytest.raises(ZeroDivisionError):
        torch.vmap(lambda x: 1 / 0)(torch.ones(2))
    assert (graph.watch, graph.marks, graph.transforms()) == before
    assert torch.rand(1).item() < 1


def test_an_unmarked_tensor_can_be_looked_at_while_another_is_marked() -> None:
    weights = torch.ones(3)

    def function(x: Any) -> Any:
        return x * 2 if weights.sum() > 1 else x

    assert torch.vmap(function)(torch.ones(2)).tolist() == [2, 2]


def test_functional_call_puts_back_what_was_there() -> None:
    layer = torch.nn.Linear(2, 1)
    weight = layer.weight
    with pytest.raises(RuntimeError):
        func.functional_call(layer, {"weight": torch.ones(1, 3)}, (torch.ones(2),))
    assert layer.weight is weight


def test_functional_call_gives_back_buffers_that_were_replaced() -> None:
    norm = torch.nn.BatchNorm1d(2)
    mine = {"running_mean": torch.zeros(2), "running_var": torch.ones(2)}
    func.functional_call(norm, mine, (torch.arange(8.0).reshape(4, 2),))
    assert mine["running_mean"].tolist() == pytest.approx([0.3, 0.4])
    assert norm.running_mean.tolist() == [0, 0]


def test_batch_norm_is_made_to_keep_no_statistics() -> None:
    model = func.replace_all_batch_norm_modules_(torch.nn.Sequential(torch.nn.BatchNorm1d(3)))
    assert model[0].running_mean is None
    assert torch.vmap(model)(torch.randn(2, 4, 3)).shape == (2, 4, 3)
