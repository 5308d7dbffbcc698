"""The event log of one run: the truth that every reader reads from, at a pace of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from playground.protocol import VERSION
from playground.protocol.events import EVENT_TYPES, AnyEvent, Event, FrameEvent, GraphEvent, StatusEvent, TensorEvent
from playground.protocol.results import Result, fold
from playground.protocol.values import FINAL

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AnyEvent)
_tensors = msgspec.msgpack.Decoder(TensorEvent)
_raws = msgspec.msgpack.Decoder(list[msgspec.Raw])


class _Tag(msgspec.Struct):
    type: str


_tags = msgspec.msgpack.Decoder(_Tag)
_types = {str(kind.__struct_config__.tag): kind for kind in EVENT_TYPES}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is kept: encoded, so that a hundred readers cost nothing and a hostile one is no larger."""

    seq: int
    type: type[Event]
    payload: bytes

    @property
    def event(self) -> AnyEvent:
        """The event itself."""
        return _decoder.decode(self.payload)


class RunLog:
    """What a run has said: events numbered from 1, the side record of tensors, and how the run stands.

    One thread appends (the dispatcher's); any thread and any event loop reads. Readers keep their own cursor and are
    told by a bell that there is more: `listen` for event loops, `wait_ended` for threads.
    """

    def __init__(self, run_id: str, device: str, seed: int | None) -> None:
        self.run_id = run_id
        self.status = "queued"
        self.finished_at = 0.0  # on the clock of the one who finished it
        self.size = 0  # bytes of the payloads
        self._entries: list[Entry] = []
        self._records: list[bytes] = []
        self._node_ids: dict[str, list[str]] = {}
        self._result = Result(id=run_id, device=device, seed=seed)
        self._folded = 0
        self._lock = threading.Lock()
        self._folding = threading.Lock()
        self._ended = threading.Event()
        self._bells: set[Callable[[], None]] = set()

    @classmethod
    def restored(cls, result: Result, events: bytes, records: bytes) -> RunLog:
        """The log of an ended run from what `packed` gave, and its result."""
        log = cls(result.id, result.device, result.seed)
        for payload in _raws.decode(events):
            kind = _types[_tags.decode(payload).type]
            log._entries.append(Entry(len(log._entries) + 1, kind, bytes(payload)))
            if kind is GraphEvent:
                graph = log._entries[-1].event
                assert isinstance(graph, GraphEvent)
                log._node_ids[graph.graph] = [node.id for node in graph.nodes]
        log._records = [bytes(payload) for payload in _raws.decode(records)]
        log.size = len(events) + len(records)
        log._result, log._folded = result, len(log._entries)
        log.finish(result.status)
        return log

    def append(self, event: AnyEvent, t: float) -> int:
        """Number, date and keep an event; gives its number."""
        with self._lock:
            event.v, event.seq, event.t = VERSION, len(self._entries) + 1, t
            entry = Entry(event.seq, type(event), _encoder.encode(event))
            self._entries.append(entry)
            self.size += len(entry.payload)
            if isinstance(event, GraphEvent):
                self._node_ids[event.graph] = [node.id for node in event.nodes]
            if isinstance(event, StatusEvent):
                self.status = event.status
            bells = list(self._bells)
        for ring in bells:
            ring()
        return event.seq

    def keep(self, tensor: TensorEvent) -> None:
        """Add a tensor to the side record."""
        payload = _encoder.encode(tensor)
        with self._lock:
            self._records.append(payload)
            self.size += len(payload)

    def describe(self, *, engine_version: str | None = None, stdout_truncated: bool | None = None) -> None:
        """Note what a result tells but no event carries."""
        with self._folding:
            if engine_version is not None:
                self._result.engine_version = engine_version
            if stdout_truncated is not None:
                self._result.stdout_truncated = stdout_truncated

    def finish(self, status: str) -> None:
        """Close the log; the last event has been appended."""
        assert status in FINAL
        with self._lock:
            self.status = status
            bells = list(self._bells)
        self._ended.set()
        for ring in bells:
            ring()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ended.is_set()

    @property
    def last(self) -> int:
        """The newest event's number, 0 before the first."""
        return len(self._entries)

    def after(self, seq: int, limit: int | None = None) -> list[Entry]:
        """The entries after `seq`, in order, at most `limit`."""
        with self._lock:
            return self._entries[max(seq, 0) : None if limit is None else max(seq, 0) + limit]

    def records(self) -> list[TensorEvent]:
        """The side record, in the order in which it came."""
        with self._lock:
            payloads = list(self._records)
        return [_tensors.decode(payload) for payload in payloads]

    def packed(self) -> tuple[bytes, bytes]:
        """The events and the side record, each as one msgpack array."""
        with self._lock:
            return pack_array([entry.payload for entry in self._entries]), pack_array(self._records)

    def node_ids(self, graph: str | None) -> list[str]:
        """The ids of a graph's nodes, in their order; empty for one that the record does not have."""
        return self._node_ids.get(graph or "", [])

    def result(self) -> bytes:
        """The run's result up to now, as JSON."""
        with self._folding:
            entries = self.after(self._folded)
            fold(self._result, (entry.event for entry in entries))
            self._folded += len(entries)
            self._result.status = self.status  # type: ignore[assignment]
            return msgspec.json.encode(self._result)

    def last_frame_step(self) -> int:
        """The step of the newest frame, 0 without one."""
        for entry in reversed(self.after(0)):
            if entry.type is FrameEvent:
                frame = entry.event
                assert isinstance(frame, FrameEvent)
                return frame.step
        return 0

    def follow(self, seq: int, timeout: float) -> Iterator[Entry]:
        """The entries after `seq` as they come, for a thread: until the end, or until `timeout` seconds are over."""
        deadline = time.monotonic() + timeout
        more = threading.Event()
        with self._ringing(more.set):
            while True:
                ended = self.ended
                for entry in self.after(seq):
                    seq = entry.seq
                    yield entry
                if ended or not more.wait(max(deadline - time.monotonic(), 0)):
                    return
                more.clear()

    def wait_ended(self, timeout: float | None = None) -> bool:
        """Block this thread until the run has ended; False when `timeout` seconds were not enough."""
        return self._ended.wait(timeout)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Event]:
        """A bell of the running event loop: set whenever there may be more to read. The listener clears it."""
        loop = asyncio.get_running_loop()
        bell = asyncio.Event()
        pending = False

        def strike() -> None:
            nonlocal pending
            pending = False
            bell.set()

        def ring() -> None:
            nonlocal pending
            if not pending and not loop.is_closed():  # one call in flight is enough, however many events come
                pending = True
                loop.call_soon_threadsafe(strike)

        with self._ringing(ring):
            yield bell

    @contextmanager
    def _ringing(self, ring: Callable[[], None]) -> Iterator[None]:
        with self._lock:
            self._bells.add(ring)
        try:
            yield
        finally:
            with self._lock:
                self._bells.discard(ring)

    async def until_ended(self) -> None:
        """Wait for the end of the run without holding the event loop."""
        with self.listen() as bell:
            while not self.ended:
                await bell.wait()
                bell.clear()


def pack_array(items: list[bytes]) -> bytes:
    """Encoded msgpack values as one encoded msgpack array."""
    count = len(items)
    header = bytes([0x90 | count]) if count < 16 else b"\xdd" + count.to_bytes(4, "big")
    return header + b"".join(items)
