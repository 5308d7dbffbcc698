"""What is shown of a run whose last step did not come to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from playground.protocol.events import FrameEvent, GraphEvent
from playground.protocol.messages import Record

BEGIN = "import torch\na = torch.tensor([[1.0, -2.0], [3.0, 4.0]], requires_grad=True)\n"


def values_of(result: Any, graph: Any) -> dict[str, Any]:
    """The recorded values of a graph's nodes, by their op or name."""
    by_id = {node.id: node.op or node.name for node in graph.nodes}
    return {by_id[m.tensor.node]: m.tensor.values for m in result.of(Record) if m.tensor.node in by_id}


@pytest.mark.parametrize(
    ("line", "op"),
    [
        ("(a * 2) @ torch.ones(3, 2)", "matmul"),
        ("(a * 2) + torch.ones(3)", "add"),  # by an operator, whose code is its own
        ("(a * 2) - torch.ones(3)", "sub"),
        ("(a * 2) / torch.ones(3)", "div"),
        ("(a * 2) ** torch.ones(3)", "pow"),
        ("torch.ones(3) * (a * 2)", "mul"),
        ("(a * 2) > torch.ones(3)", "gt"),
        ("(a * 2).view(3, 2)", "view"),
        ("torch.cat([a * 2, torch.ones(3, 3)])", "cat"),
        ("(a * 2)[5]", "getitem"),
        ("torch.nn.functional.linear(a * 2, torch.ones(3, 3))", "linear"),
    ],
)
def test_the_graph_up_to_a_failed_op_has_values(run: Callable[..., Any], line: str, op: str) -> None:
    result = run(BEGIN + line + "\n")
    graph, frame = result.one(GraphEvent), result.one(FrameEvent)
    assert (graph.nodes[-1].op, graph.nodes[-1].line, graph.nodes[-1].shape) == (op, 3, [])
    assert (frame.graph, frame.step, frame.loss) == (graph.graph, 1, None)
    index = np.frombuffer(frame.index, "<u4").tolist()
    assert index == list(range(len(graph.nodes) - 1))  # all but the one that failed
    doubled = next(node for node in graph.nodes if node.op == "mul" and node.line == 3 and node.shape == [2, 2])
    values = {m.tensor.node: m.tensor.values for m in result.of(Record)}
    assert values[doubled.id] == [[2.0, -4.0], [6.0, 8.0]]
    assert result.closing.steps == 0


def test_a_later_step_that_fails_leaves_the_whole_ones_as_they_were(run: Callable[..., Any]) -> None:
    code = """
import torch
w = torch.ones(2, requires_grad=True)
for x in (torch.ones(2), torch.ones(2), torch.ones(3)):
    w.grad = None
    loss = (w.exp() * x).sum()
    loss.backward()
"""
    result = run(code)
    whole, failed = result.of(GraphEvent)
    assert [node.op for node in whole.nodes if node.op] == ["exp", "mul", "sum"]
    assert [node.op for node in failed.nodes if node.op] == ["exp", "mul"]
    frames = result.of(FrameEvent)
    assert [(frame.graph, frame.step) for frame in frames if frame.graph][-1] == (failed.graph, 3)
    assert result.closing.steps == 2 and [step for step, _ in result.points()] == [1, 2]
    assert result.closing.gradients["w"].mean == pytest.approx(np.e)  # of the last whole step


@pytest.mark.parametrize(
    ("lines", "ops"),
    [
        ("b = a * 2\nb.backward()\n", ["mul"]),
        ("b = a * 2\nraise ValueError\n", ["mul"]),
        ("b = (a * 2).sum()\nc = a.exp()\n", ["mul", "sum", "exp"]),
        ("b = a.exp()\nc = b * 1\nb.add_(1)\nc.sum().backward()\n", ["exp", "mul", "add", "sum"]),
        ("with torch.no_grad():\n    print(a * 2)\n", None),
        ("print(a.detach() * 2)\n", None),
    ],
)
def test_without_a_backward_what_it_could_begin_from_is_drawn(
    run: Callable[..., Any], lines: str, ops: list[str] | None
) -> None:
    result = run(BEGIN + lines)
    if ops is None:
        assert not result.of(GraphEvent) and not result.of(FrameEvent)
        return
    graph, frame = result.one(GraphEvent), result.one(FrameEvent)
    assert [node.op for node in graph.nodes if node.op] == ops
    assert len(np.frombuffer(frame.index, "<u4")) == len(graph.nodes)
    assert next(node.name for node in graph.nodes if node.kind == "parameter") == "a"
    assert values_of(result, graph)["a"] == [[1.0, -2.0], [3.0, 4.0]]


def test_after_a_backward_what_was_only_computed_is_not_drawn(run: Callable[..., Any]) -> None:
    result = run(BEGIN + "a.sum().backward()\nb = a.exp()\n")
    assert [node.op for node in result.one(GraphEvent).nodes if node.op] == ["sum"]
