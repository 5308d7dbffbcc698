"""Stop, pause, step and sliders."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from playground.protocol.commands import Inspect, Pause, Resume, SetParam, Step, Stop
from playground.protocol.events import FrameEvent, ParamEvent, StdoutEvent, TensorEvent
from playground.protocol.messages import Closing, Held

TRAINING = """
import torch, playground
w = torch.tensor([2.0], requires_grad=True)
print("started", flush=True)
while True:
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= playground.param("lr", 0.001, 0.0, 1.0) * w.grad
        w.grad = None
"""


@pytest.mark.parametrize(
    "code",
    [
        "print('go')\nwhile True: pass",
        "print('go')\nimport time\ntime.sleep(60)",
        "print('go')\nwhile True:\n    try:\n        while True: pass\n    except Exception: pass",
        "import torch\nprint('go')\nx = torch.ones(3)\nwhile True: x = x + 1",
        "print('go')\nimport threading\nthreading.Event().wait()",
        TRAINING,
    ],
    ids=["spin", "sleep", "except", "operations", "wait", "training"],
)
def test_stop_ends_a_program_where_it_is(children: Callable[..., Any], code: str) -> None:
    child = children(code)
    child.until(StdoutEvent)
    began = time.monotonic()
    child.tell(Stop())
    result = child.all()
    assert result.closing.status == "stopped" and result.closing.error is None
    assert time.monotonic() - began < 1.0


def test_what_was_printed_before_a_stop_is_kept(children: Callable[..., Any]) -> None:
    child = children("print('first')\nprint('second', end='')\nwhile True: pass")
    child.until(StdoutEvent)
    child.tell(Stop())
    assert child.all().text() == "first\nsecond"


def test_pause_holds_step_makes_one_step_and_resume_goes_on(children: Callable[..., Any]) -> None:
    child = children(TRAINING)
    child.until(FrameEvent)
    child.tell(Pause())
    assert child.until(Held).paused
    before = max(m.step for m in child.said if isinstance(m, FrameEvent) and m.step)
    steps = []
    for _ in range(3):
        child.tell(Step())
        steps.append(child.until(FrameEvent, lambda frame: frame.graph is not None or frame.points).step)
        child.until(Held, lambda held: held.paused)
    assert before < steps[0] and steps == list(range(steps[0], steps[0] + 3))
    child.tell(Resume())
    assert not child.until(Held).paused
    child.until(FrameEvent, lambda frame: frame.step > steps[-1] + 10)
    child.tell(Stop())
    assert child.all().closing.status == "stopped"


def test_all_of_the_steps_before_a_pause_is_said_before_the_program_is_held(children: Callable[..., Any]) -> None:
    child = children(TRAINING)
    child.until(FrameEvent, lambda frame: frame.step > 20)
    time.sleep(0.02)
    child.tell(Pause())
    child.until(Held)
    frames = [m for m in child.said if isinstance(m, FrameEvent)]
    points = [step for frame in frames for step, _ in frame.points.get("loss", ())]
    count, last = len(child.said), frames[-1]
    assert points == list(range(1, last.step + 1)) and last.graph is not None
    time.sleep(0.4)
    child.tell(Stop())
    result = child.all()
    assert not [m for m in child.said[count:] if isinstance(m, FrameEvent)] and result.closing.steps == last.step


def test_nothing_goes_on_while_held(children: Callable[..., Any]) -> None:
    child = children("import torch\nx = torch.ones(1)\nprint('go')\nwhile True:\n    x = x + 1\n    print(x.item())")
    child.until(StdoutEvent)
    child.tell(Pause())
    child.until(Held)
    time.sleep(0.3)
    child.tell(Stop())
    count = len(child.said)
    assert child.all().closing.status == "stopped"
    assert not [m for m in child.said[count:] if isinstance(m, Held)]


def test_a_slider_changes_the_program_as_it_runs(children: Callable[..., Any]) -> None:
    code = (
        "import playground, time\nwhile (lr := playground.param('lr', 0.1, 0, 2)) == 0.1: time.sleep(0.001)\nprint(lr)"
    )
    child = children(code)
    assert child.until(ParamEvent) == ParamEvent(name="lr", value=0.1, min=0, max=2)
    child.tell(SetParam(name="lr", value=0.5))
    result = child.all()
    assert result.text() == "0.5\n"
    assert [event.value for event in result.of(ParamEvent)] == [0.1, 0.5]


def test_sliders_start_where_the_run_says_and_stay_in_their_range(run: Callable[..., Any]) -> None:
    code = "import playground\nprint(playground.param('a', 0.1, 0, 1), playground.param('b', 0.1, 0, 1))"
    assert run(code, params={"a": 0.7, "b": 5.0}).text() == "0.7 1\n"


def test_tensors_can_be_asked_for_while_it_runs(children: Callable[..., Any]) -> None:
    child = children(TRAINING)
    frame = child.until(FrameEvent, lambda frame: frame.index)
    graph = next(m for m in child.said if type(m).__name__ == "GraphEvent" and m.graph == frame.graph)
    node = next(node.id for node in graph.nodes if node.kind == "parameter")
    child.tell(Inspect(node=node))
    answer = child.until(TensorEvent)
    assert answer.error is None and answer.shape == [1] and answer.dtype == "float32"
    assert 0 < answer.values[0] <= 2.0 and answer.statistics.mean == pytest.approx(answer.values[0], rel=0.01)
    child.tell(Inspect(node=node, what="grad", slice="0"))
    assert 0 < child.until(TensorEvent).values <= 4.0
    child.tell(Inspect(node=node, slice="5"))
    assert "out of bounds" in child.until(TensorEvent).error
    child.tell(Inspect(node=node, slice="__import__('os')"))
    assert "no slice" in child.until(TensorEvent).error
    child.tell(Inspect(node="nothing"))
    assert child.until(TensorEvent).error


def test_the_supervisors_end_is_the_programs_end(children: Callable[..., Any]) -> None:
    child = children("while True: pass")
    child.close_orders()
    child.all()
    assert not [message for message in child.said if isinstance(message, Closing)]
