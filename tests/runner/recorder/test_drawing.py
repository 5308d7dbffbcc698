"""The graphs that are drawn of real programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from playground.protocol.events import FrameEvent, GraphEvent, WatchEvent

LINEAR = """
import torch
x = torch.linspace(-1, 1, 20).unsqueeze(1)
y = 3 * x + 1
w = torch.zeros(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for step in range(30):
    loss = ((x @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (w, b):
            p -= 0.1 * p.grad
            p.grad = None
"""

MLP = """
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 8), nn.Tanh())
        self.head = nn.Linear(8, 2)
    def forward(self, x):
        return self.head(self.body(x))
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
X = torch.randn(16, 2)
y = (X[:, 0] > 0).long()
for epoch in range(20):
    optimizer.zero_grad()
    loss = criterion(net(X), y)
    loss.backward()
    optimizer.step()
"""


def by_name(graph: GraphEvent) -> dict[str, Any]:
    return {node.name: node for node in graph.nodes if node.name}


def test_a_linear_fit_in_full(run: Callable[..., Any]) -> None:
    result = run(LINEAR)
    graph = result.one(GraphEvent)
    assert [node.op for node in graph.nodes if node.op] == ["matmul", "add", "sub", "pow", "mean"]
    named = by_name(graph)
    assert {name: named[name].kind for name in "wbxy"} == {
        "w": "parameter",
        "b": "parameter",
        "x": "input",
        "y": "input",
    }
    assert named["x"].shape == [20, 1] and named["w"].requires_grad and not named["x"].requires_grad
    root = graph.nodes[-1]
    assert (root.kind, root.name, root.shape, root.line) == ("output", "loss", [], 8)
    line = LINEAR.splitlines()[7]
    matmul = next(node for node in graph.nodes if node.op == "matmul")
    assert line[matmul.column : matmul.end_column] == "x @ w" and matmul.formula
    assert line[root.column : root.end_column] == "((x @ w + b - y) ** 2).mean()"
    into = {edge.source for edge in graph.edges if edge.target == matmul.id}
    assert into == {named["x"].id, named["w"].id}
    assert len({edge.argument for edge in graph.edges if edge.target == matmul.id}) == 2
    assert set(result.closing.gradients) == {"w", "b"}
    assert result.closing.gradients["w"].shape == [1, 1] and result.closing.gradients["w"].norm > 0


def test_modules_name_parameters_and_hold_their_ops(run: Callable[..., Any]) -> None:
    result = run(MLP)
    graph = result.one(GraphEvent)
    names = ["body.0.weight", "body.0.bias", "head.weight", "head.bias"]
    assert sorted(node.name for node in graph.nodes if node.kind == "parameter") == sorted(names)
    assert sorted(result.closing.gradients) == sorted(names)
    assert {node.module for node in graph.nodes if node.op == "linear"} == {"body.0", "head"}
    assert {node.module for node in graph.nodes if node.op == "tanh"} == {"body.1"}
    net = next(module for module in graph.modules if module.kind == "Net")
    assert net.path == "" and [child.path for child in net.children] == ["body", "head"]
    assert [child.kind for child in net.children[0].children] == ["Linear", "Tanh"]
    assert {"X", "y"} <= set(by_name(graph))


def test_ids_are_the_same_in_two_runs_and_in_all_steps(run: Callable[..., Any]) -> None:
    first, second = run(MLP).one(GraphEvent), run(MLP).one(GraphEvent)
    assert first == second
    assert len({node.id for node in first.nodes}) == len(first.nodes)


def test_another_structure_is_another_graph_and_the_first_is_known_again(run: Callable[..., Any]) -> None:
    code = """
import torch, time
w = torch.ones(3, requires_grad=True)
for step in range(6):
    y = w * 2
    if step % 2: y = y.exp()
    y.sum().backward()
    time.sleep(0.08)
"""
    result = run(code)
    graphs = result.of(GraphEvent)
    assert len(graphs) == 2
    shown = [frame.graph for frame in result.of(FrameEvent) if frame.graph]  # the rest carry points alone
    assert shown == [graphs[step % 2].graph for step in range(6)]


def test_other_shapes_of_parameters_are_another_graph_with_the_same_ids(run: Callable[..., Any]) -> None:
    code = """
import torch
for width in (3, 5):
    w = torch.ones(width, requires_grad=True)
    for step in range(2):
        loss = (w * 2).sum()
        loss.backward()
"""
    result = run(code)
    narrow, wide = result.of(GraphEvent)
    assert narrow.graph != wide.graph and [node.id for node in narrow.nodes] == [node.id for node in wide.nodes]
    assert [by_name(graph)["w"].shape for graph in (narrow, wide)] == [[3], [5]]
    assert [frame.graph for frame in result.of(FrameEvent)] == [narrow.graph] * 2 + [wide.graph] * 2


def test_a_smaller_batch_is_the_same_graph(run: Callable[..., Any]) -> None:
    code = MLP.replace("net(X), y", "net(X[:last]), y[:last]").replace(
        "    loss =", "    last = 16 - epoch % 3\n    loss ="
    )
    result = run(code)
    graph = result.one(GraphEvent)
    assert {frame.graph for frame in result.of(FrameEvent)} == {graph.graph}


def test_loops_are_unrolled_and_comprehensions_have_their_columns(run: Callable[..., Any]) -> None:
    code = "import torch\nw = torch.ones(3, requires_grad=True)\nparts = [w[i] * i for i in range(3)]\n"
    code += "h = w\nfor _ in range(4): h = h.tanh()\n(sum(parts) + h.sum()).backward()"
    graph = run(code).one(GraphEvent)
    products = [node for node in graph.nodes if node.op == "mul"]
    assert len(products) == 3 and len({node.id for node in products}) == 3
    assert {(node.line, node.column, node.end_column) for node in products} == {(3, 9, 17)}
    tanhs = [node.id for node in graph.nodes if node.op == "tanh"]
    assert len(set(tanhs)) == 4
    arrows = {(edge.source, edge.target) for edge in graph.edges}
    assert all(pair in arrows for pair in pairwise(tanhs))


def test_several_models_are_told_apart(run: Callable[..., Any]) -> None:
    code = """
import torch
from torch import nn
encoder, decoder = nn.Linear(3, 2), nn.Linear(2, 3)
x = torch.randn(4, 3)
((decoder(encoder(x)) - x) ** 2).mean().backward()
"""
    closing = run(code).closing
    assert set(closing.gradients) == {"encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"}


def test_parts_of_a_model_that_are_called_by_themselves_belong_to_it(run: Callable[..., Any]) -> None:
    code = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 2), nn.Linear(2, 1)
    def encode(self, x):
        return self.a(x)
net = Net()
net.b(net.encode(torch.ones(1, 3))).sum().backward()
"""
    assert set(run(code).closing.gradients) == {"a.weight", "a.bias", "b.weight", "b.bias"}


def test_the_graph_up_to_a_failed_op(run: Callable[..., Any]) -> None:
    code = "import torch\nfrom torch import nn\nnet = nn.Linear(3, 4)\nx = torch.ones(2, 3)\nh = net(x)\n"
    result = run(code + "out = h @ torch.ones(5, 2)\n")
    assert result.closing.status == "failed"
    graph = result.one(GraphEvent)
    failed = graph.nodes[-1]
    assert (failed.op, failed.line, failed.column, failed.end_column) == ("matmul", 6, 6, 26)
    assert any(node.op == "linear" and node.shape == [2, 4] for node in graph.nodes)
    sources = [edge.source for edge in graph.edges if edge.target == failed.id]
    assert len(sources) == 2 and set(sources) <= {node.id for node in graph.nodes}


def test_a_failed_op_knows_its_module(run: Callable[..., Any]) -> None:
    code = "import torch\nfrom torch import nn\nnet = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 2))\n"
    code += "net(torch.ones(2, 3))"
    failed = run(code).one(GraphEvent).nodes[-1]
    assert (failed.op, failed.module, failed.line) == ("linear", "1", 4)


def test_a_pinned_tensor_is_found_in_the_graph(run: Callable[..., Any]) -> None:
    code = "import torch, playground\nw = torch.ones(3, requires_grad=True)\n"
    code += "h = playground.watch(w * 2, 'hidden')\nh.sum().backward()"
    result = run(code)
    event = result.one(WatchEvent)
    assert event.name == "hidden"
    assert next(node.op for node in result.one(GraphEvent).nodes if node.id == event.node) == "mul"


def test_two_losses_of_one_loop_each_have_their_graph(run: Callable[..., Any]) -> None:
    code = """
import torch
w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
for step in range(3):
    h = w.exp()
    (h.detach() * v).sum().backward()
    h.tanh().sum().backward()
"""
    first, second = run(code).of(GraphEvent)
    assert [node.op for node in first.nodes if node.op] == ["mul", "sum"]
    assert [node.op for node in second.nodes if node.op] == ["exp", "tanh", "sum"]


def test_a_function_of_the_programs_own_is_a_node(run: Callable[..., Any]) -> None:
    code = """
import torch
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, g):
        return 2 * ctx.saved_tensors[0] * g
w = torch.ones(3, requires_grad=True)
Square.apply(w).sum().backward()
"""
    graph = run(code).one(GraphEvent)
    node = next(node for node in graph.nodes if node.op == "Square")
    assert node.line == 12
    assert [edge.argument for edge in graph.edges if edge.target == node.id] == ["x"]


def test_an_input_without_a_name_tells_what_made_it(run: Callable[..., Any]) -> None:
    code = "import torch\nw = torch.ones(4, requires_grad=True)\nimages = torch.ones(2, 2)\n"
    graph = run(code + "loss = (w * images.flatten()).sum()\nloss.backward()").one(GraphEvent)
    made = next(node for node in graph.nodes if node.kind == "input")
    assert (made.name, made.line, made.column, made.end_column) == ("flatten(images)", 4, 12, 28)


def test_a_graph_too_large_for_a_message_is_cut(run: Callable[..., Any]) -> None:
    code = "import torch\nx = torch.ones(1, requires_grad=True)\ny = x\n"
    code += "for _ in range(7000): y = y * 1.0001\ny.sum().backward()"
    began = time.monotonic()
    graph = run(code).one(GraphEvent)
    assert graph.truncated and 200 < len(graph.nodes) <= 5000 and graph.nodes[-1].kind == "output"
    assert time.monotonic() - began < 10
    ids = {node.id for node in graph.nodes}
    assert all(edge.source in ids and edge.target in ids for edge in graph.edges)
