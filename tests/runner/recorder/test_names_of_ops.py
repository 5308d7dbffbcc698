"""On the page an op has the name by which the program called it, not that of a part of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playground.protocol.events import GraphEvent

START = """
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
x = torch.randn(2, 3, 8, 8, requires_grad=True)
"""


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("nn.Conv2d(3, 4, 3)(x)", ["conv2d"]),
        ("nn.ConvTranspose1d(8, 2, 2, bias=False)(x[0])", ["getitem", "conv_transpose1d"]),
        ("nn.MaxPool2d(2)(x)", ["max_pool2d"]),
        ("nn.Dropout(0.5)(x)", ["dropout"]),
        ("F.dropout2d(x, 0.5)", ["dropout2d"]),
        ("x[:, 1]", ["getitem"]),
        ("x[torch.tensor([0, 0])]", ["getitem"]),
        ("x.clamp(0, 1)", ["clamp"]),
        ("1 - x", ["sub"]),
        ("nn.LSTM(8, 4)(x[0])[0]", ["getitem", "lstm"]),
        ("F.cross_entropy(x[:, :, 0, 0], torch.tensor([0, 1]))", ["getitem", "cross_entropy"]),
    ],
)
def test_names(run: Callable[..., Any], expression: str, names: list[str]) -> None:
    graph = run(START + f"({expression}).sum().backward()").one(GraphEvent)
    assert [node.op for node in graph.nodes if node.op] == [*names, "sum"]


def test_a_dropouts_mask_is_no_input(run: Callable[..., Any]) -> None:
    graph = run(START + "F.dropout(x, 0.5).sum().backward()").one(GraphEvent)
    assert [node.kind for node in graph.nodes] == ["parameter", "op", "output"]
