"""The shipped lessons: their recordings are those of their programs, and the programs do what the lessons say."""

from __future__ import annotations

import math
from typing import TypeVar

import msgspec
import pytest

import engine
from playground.catalogue import FOLDER, lessons
from playground.protocol import VERSION
from playground.protocol.events import BoundaryEvent, Event, FinishedEvent, FrameEvent, GraphEvent
from playground.protocol.recordings import Recording
from tests.playground.visiting import Api

E = TypeVar("E", bound=Event)
ACCURACY = 0.93  # of the digits lesson, on digits held out


@pytest.fixture(params=list(lessons()))
def name(request: pytest.FixtureRequest) -> str:
    """Each lesson's name."""
    return str(request.param)


def recording(name: str) -> Recording:
    """A lesson's recorded run, as it is shipped."""
    path = lessons()[name].recording
    assert path is not None, f"{name} has no recording: manage.py record {name}"
    return msgspec.msgpack.decode(path.read_bytes(), type=Recording)


def events(recorded: Recording, kind: type[E]) -> list[E]:
    """A recording's events of one kind."""
    return [event for event in recorded.events if isinstance(event, kind)]


def test_recordings_are_current(name: str) -> None:
    recorded = recording(name)
    assert recorded.code == (FOLDER / name / "program.py").read_text(encoding="utf-8")
    assert (recorded.title, recorded.seed) == (lessons()[name].title, lessons()[name].seed)
    assert (recorded.status, recorded.device, recorded.v) == ("finished", "cpu", VERSION)
    assert recorded.engine_version == engine.__version__
    assert [event.seq for event in recorded.events] == list(range(1, len(recorded.events) + 1))
    assert isinstance(recorded.events[-1], FinishedEvent) and recorded.events[-1].status == "finished"
    assert recorded.tensors


def test_the_chain_rule_has_the_gradient_of_every_leaf() -> None:
    (end,) = events(recording("chain_rule"), FinishedEvent)
    x1, x2, w1, w2, b = 2.0, 0.5, -1.5, 1.0, 3.2
    slope = 1 - math.tanh(x1 * w1 + x2 * w2 + b) ** 2
    expected = {"x1": slope * w1, "w1": slope * x1, "x2": slope * w2, "w2": slope * x2, "b": slope}
    assert {leaf: found.mean for leaf, found in end.gradients.items()} == pytest.approx(expected, rel=1e-5)


def test_two_moons_is_recorded_step_by_step() -> None:
    recorded = recording("two_moons")
    (graph,) = events(recorded, GraphEvent)
    whole = {frame.step for frame in events(recorded, FrameEvent) if len(frame.index) == 4 * len(graph.nodes)}
    assert whole == set(range(1, 61))
    assert [boundary.step for boundary in events(recorded, BoundaryEvent)] == list(range(1, 61))


def test_the_recorded_digits_are_told_apart() -> None:
    points = [
        point for frame in events(recording("mnist_mlp"), FrameEvent) for point in frame.points.get("test_accuracy", [])
    ]
    assert len(points) == 8 and points[-1][1] is not None and points[-1][1] >= ACCURACY


@pytest.mark.django_db
def test_lessons_run_as_recorded(api: Api, name: str) -> None:
    result = api.run(lessons()[name].code, seed=lessons()[name].seed)
    print(f"{name}: {result['duration_s']:.2f} s")
    assert result["status"] == "finished" and result["error"] is None and result["findings"] == []
    recorded = recording(name)
    (graph,), (end,) = events(recorded, GraphEvent), events(recorded, FinishedEvent)
    assert result["graph"]["graph"] == graph.graph
    assert [node["id"] for node in result["graph"]["nodes"]] == [node.id for node in graph.nodes]
    assert result["steps"] == end.steps and set(result["gradients"]) == set(end.gradients)


@pytest.mark.django_db
def test_digits_that_it_never_saw_are_told_apart(api: Api) -> None:
    lesson = lessons()["mnist_mlp"]
    result = api.run(lesson.code + "\nprint(len(X), len(X_test), *sorted(set(y_test.tolist())))\n", seed=lesson.seed)
    assert result["stdout"].splitlines()[-1] == "9000 1000 0 1 2 3 4 5 6 7 8 9"
    print(f"accuracy {result['metrics']['test_accuracy'][-1][1]:.3f} in {result['duration_s']:.2f} s")
    assert result["metrics"]["test_accuracy"][-1][1] >= ACCURACY
