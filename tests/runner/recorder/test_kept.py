"""The last step of a run is shown whole, although nobody knew that it was the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from playground.protocol.commands import Pause
from playground.protocol.events import FrameEvent, GraphEvent, StdoutEvent
from playground.protocol.messages import Held, Record
from playground.runner.recorder.kept import ALLOWANCE, CHEAP, SLOW, Thrift

TRAINING = """
import torch
w = torch.tensor([2.0, -1.0], requires_grad=True)
for step in range(60):
    loss = (w * w).sum()
    loss.backward()
    print(repr((loss.item(), w.tolist(), w.grad.tolist())))
    with torch.no_grad():
        w -= 0.01 * w.grad
        w.grad.zero_()
"""


def rows(result: Any, frame: FrameEvent) -> dict[str, np.ndarray]:
    """The statistics of a frame, by the node's name or op."""
    nodes = next(graph for graph in result.of(GraphEvent) if graph.graph == frame.graph).nodes
    index = np.frombuffer(frame.index, "<u4")
    stats = np.frombuffer(frame.stats, "<f4").reshape(len(index), 2, 7)
    return {nodes[place].name or nodes[place].op: stats[i] for i, place in enumerate(index)}


def test_the_last_frame_of_a_short_program_is_whole(run: Callable[..., Any]) -> None:
    result = run(TRAINING)
    frames = result.of(FrameEvent)
    loss, w, gradient = eval(result.text().splitlines()[-1])
    numbers = rows(result, frames[-1])
    assert len(frames) < 30 and frames[-1].step == 60 and frames[-1].loss == pytest.approx(loss)
    assert set(numbers) == {"w", "mul", "loss"}
    # mean and greatest: as they were when backward() ended, not as the update left them
    assert numbers["w"][:, [0, 3]] == pytest.approx(
        np.array([[np.mean(w), max(w)], [np.mean(gradient), max(gradient)]])
    )
    assert numbers["mul"][:, 0] == pytest.approx([loss / 2, 1]) and numbers["loss"][0, 0] == pytest.approx(loss)
    assert result.closing.gradients["w"].max == pytest.approx(max(gradient))


def test_the_tensors_of_the_last_step_are_recorded(run: Callable[..., Any]) -> None:
    result = run(TRAINING)
    names = {node.id: node.name or node.op for node in result.one(GraphEvent).nodes}
    last = {(names[r.tensor.node], r.tensor.what): r.tensor.values for r in result.of(Record) if r.tensor.step == 60}
    loss, w, gradient = eval(result.text().splitlines()[-1])
    assert last["w", "value"] == pytest.approx(w) and last["w", "grad"] == pytest.approx(gradient)
    assert last["mul", "value"] == pytest.approx([each**2 for each in w]) and last["mul", "grad"] == [1, 1]
    assert last["loss", "value"] == pytest.approx(loss)


def test_a_structure_that_only_the_last_step_has_is_drawn(run: Callable[..., Any]) -> None:
    result = run(TRAINING.replace("(w * w).sum()", "(w * w).sum() if step < 59 else (w * w).exp().sum()"))
    assert set(rows(result, result.of(FrameEvent)[-1])) == {"w", "mul", "exp", "loss"}


def test_both_losses_of_the_last_step_are_whole(run: Callable[..., Any]) -> None:
    code = """
import torch
a, b = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
for i in range(60):
    first = (a * (i + 1)).sum()
    first.backward()
    second = (b * 2).sum()
    second.backward()
"""
    result = run(code)
    one, other = result.of(FrameEvent)[-2:]
    assert one.step == other.step == 60
    assert (rows(result, one)["first"][0, 0], rows(result, other)["second"][0, 0]) == (120, 6)


def test_a_held_program_shows_its_last_step_whole(children: Callable[..., Any]) -> None:
    child = children(
        TRAINING.replace(
            "w.grad.zero_()", 'w.grad.zero_()\n    if step == 40:\n        print("there")\n        while True: w + 1'
        )
    )
    child.until(StdoutEvent, lambda said: "there" in said.text)  # however long that takes
    child.tell(Pause())
    child.until(Held)
    graph = next(m for m in child.said if isinstance(m, GraphEvent))
    last = [m for m in child.said if isinstance(m, FrameEvent)][-1]
    assert last.step == 41 and len(np.frombuffer(last.index, "<u4")) == len(graph.nodes)


def test_keeping_has_an_allowance_and_then_costs_a_small_share() -> None:
    thrift, cost, interval = Thrift(), 1e-4, 0.05
    steps = 0
    while thrift.allows(cost, 2e-4, interval):
        thrift.spend(cost, 2e-4, interval)
        steps += 1
    assert steps * cost == pytest.approx(ALLOWANCE, rel=0.01)
    assert thrift.allows(cost, 1.01 * cost / CHEAP, interval) and not thrift.allows(cost, 0.99 * cost / CHEAP, interval)
    assert thrift.allows(0.9 * interval * SLOW, interval, interval)
    assert not thrift.allows(1.1 * interval * SLOW, interval, interval)
