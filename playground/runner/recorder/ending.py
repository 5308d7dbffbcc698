"""What a run is left with: each parameter's last gradient, and what a step that was not ended had computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playground.protocol.events import FrameEvent
from playground.protocol.values import GradientStatistics
from playground.runner.recorder.drawing import Drawing
from playground.runner.recorder.frames import measure
from playground.runner.recorder.numbers import statistics_of
from playground.runner.recorder.tape import Trace

MOST = 2000  # parameters whose gradients are told


def last_gradients(parameters: dict[str, Any], *elsewhere: Mapping[Any, Any]) -> dict[str, GradientStatistics]:
    """The statistics of each parameter's gradient, by its name: of `.grad`, or of what `elsewhere` has of it."""
    found = {}
    for name, parameter in list(parameters.items())[:MOST]:
        given = (getattr(parameter, "_grad", None), *(each.get(parameter, each.get(name)) for each in elsewhere))
        arrays = [getattr(each, "_array", each) for each in given if each is not None]
        # The first is zeros, or not there, where zero_grad() was called after the last step.
        array = next((each for each in arrays if each.any()), arrays[0] if arrays else None)
        if array is not None:
            found[name] = GradientStatistics(shape=list(array.shape), **statistics_of(array))
    return found


def parameters_of(drawing: Drawing | None, by_node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is given of nodes that are parameters, by the parameters' names."""
    for node in [] if drawing is None else drawing.event.nodes:
        if node.kind == "parameter" and node.id in by_node:
            yield node.name, by_node[node.id]


def measured(drawing: Drawing, trace: Trace, step: int) -> tuple[FrameEvent, dict[str, tuple[Any, Any]]]:
    """The frame of what has no gradients yet but those that leaves have from before, and its arrays by node."""
    event = FrameEvent(graph=drawing.event.graph, step=step, loss=None)
    before = {leaf: leaf._grad._array for leaf in trace.leaves if getattr(leaf, "_grad", None) is not None}
    return event, measure(event, drawing, trace, before)
