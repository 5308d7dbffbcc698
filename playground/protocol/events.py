"""The events of a run, as a reader gets them and as the record keeps them.

The child sends them without an envelope; the supervisor numbers and dates them (`seq`, `t`).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from playground.protocol import VERSION
from playground.protocol.values import (
    Edge,
    GradientStatistics,
    Histogram,
    Module,
    Node,
    Picture,
    Problem,
    Statistics,
    Status,
    What,
)


class Event(msgspec.Struct, tag_field="type", kw_only=True, forbid_unknown_fields=True):
    """The envelope: `v` the protocol's version, `seq` from 1 without holes, `t` in seconds since the start."""

    v: int = VERSION
    seq: int = 0
    t: float = 0.0


class StatusEvent(Event, tag="status", kw_only=True):
    """The run's status changed; while `queued`, its place (from 1) and the expected seconds."""

    status: Status
    place: int | None = None
    expected_s: float | None = None


class GraphEvent(Event, tag="graph", kw_only=True):
    """The graph of one `backward()`, once per structure; `graph` is the structure's hash. Nodes in forward order.

    At the end also what led to an op that failed, that op last, or what a program without `backward()` computed.
    """

    graph: str
    step: int
    nodes: list[Node]
    edges: list[Edge]
    modules: list[Module] = []
    truncated: bool = False


class FrameEvent(Event, tag="frame", kw_only=True):
    """The numbers of one step.

    `points` holds, per series ("loss" and the names given to `playground.log`), the points since the frame before
    as [step, value]. `index` is uint32 little-endian, positions in the graph's `nodes`; `stats` is float32
    little-endian of shape (len(index), 2, 7): value and gradient, by `values.STATISTICS`, NaN where there is none.
    """

    graph: str | None
    step: int
    loss: float | None = None
    metrics: dict[str, float | None] = {}
    points: dict[str, list[tuple[int, float | None]]] = {}
    index: bytes = b""
    stats: bytes = b""


class StdoutEvent(Event, tag="stdout", kw_only=True):
    """What the program printed."""

    text: str
    stream: Literal["stdout", "stderr"] = "stdout"


class FindingEvent(Event, tag="finding", kw_only=True):
    """A lint: something that goes wrong silently."""

    code: str
    severity: Literal["info", "warning", "error"]
    message: str
    node: str | None = None
    line: int | None = None
    fix: str | None = None


class FigureEvent(Event, tag="figure", kw_only=True):
    """A picture that the program drew."""

    name: str
    mime: Literal["image/png"]  # a page shows it as a picture, and as nothing else
    data: bytes


class FileEvent(Event, tag="file", kw_only=True):
    """A part of a file that the program saved: `data` at `offset` of `size` bytes. Sent when the program ends."""

    name: str
    offset: int
    size: int
    data: bytes


class BoundaryEvent(Event, tag="boundary", kw_only=True):
    """A classifier's decision over the plane.

    `grid` is uint8 of shape (rows, columns), a class per cell, row 0 at `y0`; `points` float32 little-endian (n, 2)
    and `labels` uint8 (n,) come with the first event and whenever they change, else they are empty.
    """

    step: int
    x0: float
    x1: float
    y0: float
    y1: float
    rows: int
    columns: int
    classes: int
    grid: bytes
    points: bytes = b""
    labels: bytes = b""


class ParamEvent(Event, tag="param", kw_only=True):
    """A slider of the program (`playground.param`), declared or changed."""

    name: str
    value: float
    min: float | None = None
    max: float | None = None


class WatchEvent(Event, tag="watch", kw_only=True):
    """A tensor that the program pins in the inspector (`playground.watch`)."""

    node: str
    name: str


class TensorEvent(Event, tag="tensor", kw_only=True):
    """One tensor's numbers: the answer to `inspect`, and a line of the side record.

    `values` is the exact slice as nested lists (a number for a 0-d one, null where it was too large to keep, then
    `picture` stands for it); `error` says in a sentence why there are no numbers.
    """

    node: str
    step: int
    what: What
    slice: str = ""
    shape: list[int] = []
    dtype: str = ""
    statistics: Statistics | None = None
    histogram: Histogram | None = None
    picture: Picture | None = None
    values: Any = None
    error: str | None = None


class ErrorEvent(Event, tag="error", kw_only=True):
    """Why the run did not end well; `message` and `line` are repeated for readers who need no more."""

    error: Problem
    message: str = ""
    line: int | None = None


class FinishedEvent(Event, tag="finished", kw_only=True):
    """The end: the final status, with each parameter's last gradient."""

    status: Status
    duration_s: float
    steps: int
    gradients: dict[str, GradientStatistics] = {}


AnyEvent = (
    StatusEvent
    | GraphEvent
    | FrameEvent
    | StdoutEvent
    | FindingEvent
    | FigureEvent
    | FileEvent
    | BoundaryEvent
    | ParamEvent
    | WatchEvent
    | TensorEvent
    | ErrorEvent
    | FinishedEvent
)

EVENT_TYPES: tuple[type[Event], ...] = AnyEvent.__args__

# A slow reader may lose these, because a newer one replaces them; every other event reaches every reader.
REPLACEABLE = (FrameEvent, BoundaryEvent)
