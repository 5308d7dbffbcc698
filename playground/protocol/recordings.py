"""A recorded run as one file: what a page replays with nothing executed."""

from __future__ import annotations

import msgspec

from playground.protocol import VERSION
from playground.protocol.events import AnyEvent, TensorEvent
from playground.protocol.values import Status


class Recording(msgspec.Struct, kw_only=True):
    """A run's program, how it was run, every event, and the side record of tensors. Written in msgpack."""

    v: int = VERSION
    code: str
    title: str = ""
    device: str = "cpu"
    seed: int | None = None
    params: dict[str, float] = {}
    status: Status = "finished"
    engine_version: str = ""
    events: list[AnyEvent] = []
    tensors: list[TensorEvent] = []


class PackedRecording(msgspec.Struct, kw_only=True):
    """A `Recording` whose events are encoded already; encodes to the same bytes."""

    v: int = VERSION
    code: str
    title: str = ""
    device: str = "cpu"
    seed: int | None = None
    params: dict[str, float] = {}
    status: str = "finished"
    engine_version: str = ""
    events: msgspec.Raw
    tensors: msgspec.Raw
