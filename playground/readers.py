"""How readers get events: as JSON objects or packed, whole or narrowed to the nodes that they subscribed to."""

from __future__ import annotations

import msgspec

from playground.dispatch.log import Entry, RunLog
from playground.protocol.events import BoundaryEvent, FigureEvent, FrameEvent, TensorEvent
from playground.protocol.results import expand_frame, narrow_frame

PACKED = (FrameEvent, BoundaryEvent, TensorEvent, FigureEvent)

_packer = msgspec.msgpack.Encoder()


def as_json(entry: Entry, log: RunLog, wanted: frozenset[str] | None = None) -> bytes:
    """An event as JSON, a frame with the statistics by node id; `wanted` limits the nodes (None: all)."""
    event = entry.event
    if isinstance(event, FrameEvent):
        return msgspec.json.encode(expand_frame(event, log.node_ids(event.graph), wanted))
    return msgspec.json.encode(event)


def as_packed(entry: Entry, log: RunLog, wanted: frozenset[str] | None = None) -> bytes:
    """An event in msgpack, a frame with the rows of the wanted nodes only."""
    if entry.type is not FrameEvent or wanted is None:
        return entry.payload
    event = entry.event
    assert isinstance(event, FrameEvent)
    return _packer.encode(narrow_frame(event, log.node_ids(event.graph), wanted))
