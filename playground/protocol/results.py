"""A run's result, folded from its events: the same for a live run, a stored one and a replay."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from playground.protocol.events import (
    AnyEvent,
    ErrorEvent,
    FigureEvent,
    FindingEvent,
    FinishedEvent,
    FrameEvent,
    GraphEvent,
    StatusEvent,
    StdoutEvent,
)
from playground.protocol.values import STATISTICS, GradientStatistics, Problem, Status, to_builtins

Series = list[tuple[int, float | None]]


class Result(msgspec.Struct, kw_only=True):
    """`GET /api/runs/<id>/`. `losses` and `metrics` hold [step, value]; a value that is not finite is null."""

    id: str
    status: Status = "queued"
    device: str = "cpu"
    seed: int | None = None
    stdout: str = ""
    stdout_truncated: bool = False
    error: Problem | None = None
    losses: Series = []
    metrics: dict[str, Series] = {}
    graph: GraphEvent | None = None
    gradients: dict[str, GradientStatistics] = {}
    findings: list[FindingEvent] = []
    figures: int = 0
    steps: int = 0
    duration_s: float = 0.0
    events: int = 0
    engine_version: str = ""


def fold(result: Result, events: Iterable[AnyEvent]) -> Result:
    """`result` with `events` added to it, in place."""
    text: list[str] = []
    for event in events:
        result.events = max(result.events, event.seq)
        match event:
            case StatusEvent():
                result.status = event.status
            case StdoutEvent():
                text.append(event.text)
            case FrameEvent():
                result.steps = max(result.steps, event.step)
                for name, points in event.points.items():
                    series = result.losses if name == "loss" else result.metrics.setdefault(name, [])
                    series.extend(points)
            case GraphEvent():
                result.graph = event
            case FindingEvent():
                result.findings.append(event)
            case FigureEvent():
                result.figures += 1
            case ErrorEvent():
                result.error = event.error
            case FinishedEvent():
                result.status = event.status
                result.steps = event.steps
                result.duration_s = event.duration_s
                result.gradients = event.gradients
            case _:
                pass
    result.stdout += "".join(text)
    return result


def expand_frame(event: FrameEvent, node_ids: list[str], wanted: frozenset[str] | None = None) -> dict[str, Any]:
    """A frame as JSON-ready objects: `nodes` maps an id to the statistics of its value and its gradient.

    `node_ids` are the ids of the frame's graph in order; `wanted` limits the nodes (None: all).
    """
    rows = _rows(f"<{len(STATISTICS)}f", event.stats)
    nodes: dict[str, Any] = {}
    for (position,) in _rows("<I", event.index):
        value, gradient = next(rows, None), next(rows, None)
        if position < len(node_ids) and (wanted is None or node_ids[position] in wanted):
            nodes[node_ids[position]] = {"value": _statistics(value), "grad": _statistics(gradient)}
    plain = to_builtins(event)
    assert isinstance(plain, dict)
    del plain["index"], plain["stats"]
    plain["nodes"] = nodes
    return plain


def narrow_frame(event: FrameEvent, node_ids: list[str], wanted: frozenset[str]) -> FrameEvent:
    """A frame with the packed rows of `wanted` nodes only."""
    width = 2 * 4 * len(STATISTICS)
    index, stats = bytearray(), bytearray()
    for row, (position,) in enumerate(_rows("<I", event.index)):
        if position < len(node_ids) and node_ids[position] in wanted:
            index += event.index[row * 4 : row * 4 + 4]
            stats += event.stats[row * width : (row + 1) * width]
    return msgspec.structs.replace(event, index=bytes(index), stats=bytes(stats))


def _rows(layout: str, packed: bytes) -> Iterator[tuple[Any, ...]]:
    # A forged frame may end within a row.
    size = struct.calcsize(layout)
    return struct.iter_unpack(layout, packed[: len(packed) // size * size])


def _statistics(row: tuple[float, ...] | None) -> dict[str, float | int | None] | None:
    if row is None or row[-1] != row[-1]:  # the count of infinities is NaN only where there is no tensor
        return None
    named: dict[str, float | int | None] = {
        name: figure if figure == figure and abs(figure) != float("inf") else None
        for name, figure in zip(STATISTICS, row, strict=True)
    }
    named["nan"], named["inf"] = int(named["nan"] or 0), int(named["inf"] or 0)
    return named
