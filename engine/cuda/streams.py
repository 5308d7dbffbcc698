"""Streams and events of the GPU, CuPy's; without a GPU they cannot be made, as in PyTorch.

All that the engine does stands in the current stream, so an event measures the work between two of its records.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from engine import array


class Event:
    """A mark in a stream. RuntimeError without a GPU."""

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> None:
        if not array.gpus():
            raise RuntimeError("Tried to instantiate dummy base class Event")
        self._event = array.cupy.cuda.Event(blocking, not enable_timing, interprocess)

    def record(self, stream: Any = None) -> None:
        """Set the mark after what has been asked of the stream so far."""
        self._event.record(None if stream is None else stream._stream)

    def query(self) -> bool:
        """Whether all before the mark is done."""
        return bool(self._event.done)

    def synchronize(self) -> None:
        """Wait until all before the mark is done."""
        self._event.synchronize()

    def wait(self, stream: Any = None) -> None:
        """Let a stream wait for the mark."""
        (current_stream() if stream is None else stream).wait_event(self)

    def elapsed_time(self, end_event: Event) -> float:
        """The milliseconds from this mark to another."""
        return float(array.cupy.cuda.get_elapsed_time(self._event, end_event._event))


class Stream:
    """A row of work on the GPU. RuntimeError without one."""

    def __init__(self, device: Any = None, priority: int = 0, **_: Any) -> None:
        if not array.gpus():
            raise RuntimeError("torch.cuda.Stream requires CUDA support")
        self._stream = array.cupy.cuda.Stream()

    def synchronize(self) -> None:
        """Wait until all that was asked of the stream is done."""
        self._stream.synchronize()

    def query(self) -> bool:
        """Whether all that was asked of the stream is done."""
        return bool(self._stream.done)

    def wait_event(self, event: Event) -> None:
        """Let what is asked from now on wait for a mark."""
        self._stream.wait_event(event._event)

    def wait_stream(self, stream: Stream) -> None:
        """Let what is asked from now on wait for all that was asked of another."""
        self.wait_event(stream.record_event())

    def record_event(self, event: Event | None = None) -> Event:
        """A mark after what has been asked so far."""
        event = Event() if event is None else event
        event.record(self)
        return event


class StreamContext:
    """What is asked within stands in this stream; None changes nothing."""

    def __init__(self, stream: Stream | None) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        if self.stream is not None:
            self.stream._stream.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.stream is not None:
            self.stream._stream.__exit__(kind, error, trace)


stream = StreamContext


def current_stream(device: Any = None) -> Stream:
    """The stream that work is asked of. PyTorch's error without a GPU."""
    made = object.__new__(Stream)
    made._stream = array.module_for("cuda").cuda.get_current_stream()
    return made


default_stream = current_stream
