"""A reader's place in a run's log, and what a reader that is too slow may miss."""

from __future__ import annotations

import msgspec

from playground.dispatch.log import Entry, RunLog
from playground.protocol.events import BoundaryEvent, FrameEvent

_BATCH = 64
_packer = msgspec.msgpack.Encoder()


class Cursor:
    """Reads on from where it stands. A reader that keeps up gets every event."""

    def __init__(self, log: RunLog, seq: int) -> None:
        self._log, self._seq = log, seq

    def next(self, is_late: bool) -> list[Entry]:
        """The next entries, [] when there are none; for a late reader all there are, less what newer ones replace."""
        entries = self._log.after(self._seq, None if is_late else _BATCH)
        if entries:
            self._seq = entries[-1].seq
        return _thinned(entries) if is_late else entries


def _thinned(entries: list[Entry]) -> list[Entry]:
    """Of all frames and boundaries the newest; it takes over what the others alone carried: the curves' points."""
    frames = [entry for entry in entries if entry.type is FrameEvent]
    boundaries = [entry for entry in entries if entry.type is BoundaryEvent and not _has_points(entry)]
    replaced = {entry.seq for entry in [*frames[:-1], *boundaries[:-1]]}
    kept = [entry for entry in entries if entry.seq not in replaced]
    if len(frames) > 1:
        kept[kept.index(frames[-1])] = _merged(frames)
    return kept


def _has_points(entry: Entry) -> bool:
    event = entry.event
    return isinstance(event, BoundaryEvent) and bool(event.points)


def _merged(frames: list[Entry]) -> Entry:
    """The last frame, with the points of all."""
    points: dict[str, list[tuple[int, float | None]]] = {}
    for entry in frames:
        event = entry.event
        assert isinstance(event, FrameEvent)
        for name, some in event.points.items():
            points.setdefault(name, []).extend(some)
    last = frames[-1].event
    assert isinstance(last, FrameEvent)
    last.points = points
    return Entry(last.seq, FrameEvent, _packer.encode(last))
