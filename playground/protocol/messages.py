"""What the child sends to its supervisor: events without an envelope, the side record, and two words of its own."""

from __future__ import annotations

import msgspec

from playground.protocol.events import (
    BoundaryEvent,
    ErrorEvent,
    FigureEvent,
    FileEvent,
    FindingEvent,
    FrameEvent,
    GraphEvent,
    ParamEvent,
    StdoutEvent,
    TensorEvent,
    WatchEvent,
)
from playground.protocol.values import GradientStatistics, Problem


class Message(msgspec.Struct, tag_field="type", kw_only=True, forbid_unknown_fields=True):
    """Base of what is no event."""


class Ready(Message, tag="ready", kw_only=True):
    """Warm, locked down, waiting for `Start`."""

    engine_version: str
    devices: list[str] = []


class Record(Message, tag="record", kw_only=True):
    """A tensor's numbers for the side record, so that it can be inspected when the run has ended. Not an event."""

    tensor: TensorEvent


class Held(Message, tag="held", kw_only=True):
    """The program is held before an operation (`paused`), or goes on."""

    paused: bool


class Closing(Message, tag="closing", kw_only=True):
    """The last message: how the program ended by its own account. `error` was sent as an event before."""

    status: str
    steps: int = 0
    gradients: dict[str, GradientStatistics] = {}
    stdout_truncated: bool = False
    error: Problem | None = None


ChildMessage = (
    Ready
    | Record
    | Held
    | Closing
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
)
