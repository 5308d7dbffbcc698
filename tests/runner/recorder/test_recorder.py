"""Frames, curves and the side record of real programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from playground.protocol.events import FrameEvent, GraphEvent
from playground.protocol.messages import Record

TRAINING = """
import torch, time
w = torch.tensor([2.0, -1.0], requires_grad=True)
began = time.time()
for step in range({steps}):
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.001 * w.grad
        w.grad = None
print(time.time() - began)
"""


def test_every_step_has_its_point_and_few_have_frames(run: Callable[..., Any]) -> None:
    result = run(TRAINING.format(steps=2000))
    points = result.points()
    assert [step for step, _ in points] == list(range(1, 2001))
    expected = [5.0 * (1 - 0.002) ** (2 * i) for i in range(2000)]
    assert np.allclose([value for _, value in points], expected, rtol=1e-3)
    frames = result.of(FrameEvent)
    assert [frame.step for frame in frames[:3]] == [1, 2, 3] and frames[-1].step == 2000
    assert len(frames) <= 3 + 1 + 2 + 20 * float(result.text())
    assert result.closing.steps == 2000
    assert len(result.of(GraphEvent)) == 1


def test_a_frame_has_the_statistics_of_values_and_gradients(run: Callable[..., Any]) -> None:
    result = run(TRAINING.format(steps=1))
    frame = result.of(FrameEvent)[0]
    nodes = result.one(GraphEvent).nodes
    index = np.frombuffer(frame.index, "<u4")
    stats = np.frombuffer(frame.stats, "<f4").reshape(len(index), 2, 7)
    rows = {nodes[place].name: stats[i] for i, place in enumerate(index)}
    assert frame.loss == 5.0 and len(index) == len(nodes)
    # mean, std, min, max, norm, nan, inf
    assert rows["w"][0] == pytest.approx([0.5, 1.5, -1, 2, 5**0.5, 0, 0])
    assert rows["w"][1] == pytest.approx([1.0, 3.0, -2, 4, 20**0.5, 0, 0])
    assert rows["loss"][1] == pytest.approx([1, 0, 1, 1, 1, 0, 0])


def test_slow_steps_are_all_framed(run: Callable[..., Any]) -> None:
    code = TRAINING.format(steps=6).replace("        w.grad = None", "        w.grad = None\n    time.sleep(0.08)")
    frames = run(code).of(FrameEvent)
    assert [frame.step for frame in frames] == [1, 2, 3, 4, 5, 6]
    assert all(frame.graph and frame.index for frame in frames)


def test_tensors_are_recorded_in_full_or_as_a_picture(run: Callable[..., Any]) -> None:
    code = "import torch\nx = torch.ones(40, 50)\nw = torch.ones(50, 3, requires_grad=True)\n"
    code += "loss = (x @ w).sum()\nloss.backward()"
    result = run(code)
    nodes = {node.id: node for node in result.one(GraphEvent).nodes}
    records = {(nodes[r.tensor.node].name, r.tensor.what): r.tensor for r in result.of(Record)}
    assert records["loss", "value"].values == 6000.0
    assert records["w", "grad"].values == [[40.0] * 3] * 50
    x = records["x", "value"]
    assert x.values is None and (x.picture.rows, x.picture.columns) == (32, 32) and sum(x.histogram.counts) == 2000
    assert ("x", "grad") not in records


def test_what_is_logged_is_charted(run: Callable[..., Any]) -> None:
    code = "import torch, playground\nw = torch.ones(1, requires_grad=True)\n"
    code += "for i in range(3):\n    (w * w).sum().backward()\n"
    result = run(code + "    playground.log(acc=i / 2, odd=float('nan'))")
    assert result.points("acc") == [(1, 0.0), (2, 0.5), (3, 1.0)]
    assert result.points("odd") == [(1, None), (2, None), (3, None)]
    assert result.points() == [(1, 1.0), (2, 1.0), (3, 1.0)]


def test_curves_without_any_backward_count_by_themselves(run: Callable[..., Any]) -> None:
    result = run("import playground\nfor i in range(5): playground.log(error=i)")
    assert result.points("error") == [(i + 1, float(i)) for i in range(5)]
    assert result.closing.steps == 0


def test_two_losses_of_one_loop_are_two_curves(run: Callable[..., Any]) -> None:
    code = """
import torch
a = torch.ones(1, requires_grad=True)
(a * 7).sum().backward()
for i in range(4):
    (a * 1).sum().backward()
    (a * 2).sum().backward()
"""
    result = run(code)
    assert [value for _, value in result.points()] == [7.0, 1.0, 1.0, 1.0, 1.0]
    assert result.points("loss 2") == [(i, 2.0) for i in (2, 3, 4, 5)]
    assert result.closing.steps == 5


def test_a_loss_of_many_numbers_is_charted_by_its_mean(run: Callable[..., Any]) -> None:
    code = "import torch\nw = torch.tensor([1.0, 3.0], requires_grad=True)\n(w * w).backward(torch.ones(2))"
    assert run(code).points() == [(1, 5.0)]


def test_gradients_are_there_even_where_zero_grad_came_last(run: Callable[..., Any]) -> None:
    code = """
import torch
from torch import nn
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(10):
    net(torch.ones(4, 2)).mean().backward(); opt.step(); opt.zero_grad()
"""
    gradients = run(code).closing.gradients
    assert gradients["weight"].shape == [1, 2] and gradients["weight"].mean == pytest.approx(1.0)


def test_a_program_without_tensors_says_nothing_of_them(run: Callable[..., Any]) -> None:
    kinds = {type(message).__name__ for message in run("x = 1").said}
    assert kinds == {"Ready", "Closing"}
