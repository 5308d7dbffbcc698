"""The child's end of the wire: messages go out whole, in order, and within what one run may say."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator

import msgspec

from playground.protocol.commands import ChildCommand
from playground.protocol.events import FileEvent
from playground.protocol.messages import Record
from playground.protocol.wire import MAX_FRAME, MAX_MESSAGES, MAX_TOTAL, decode_command, encode, frame, frame_length

# What is kept back for the messages that must not be lost: the error and the closing.
RESERVE = 512 << 10  # bytes
RESERVE_MESSAGES = 100
_APART = (Record, FileEvent)  # which have limits of their own


class Channel:
    """Where messages go. `lock` is held while one is on its way, so whoever holds it knows that none is half sent."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, True)  # one write then takes a whole frame, whatever its length
        self.lock = threading.Lock()
        self.before: Callable[[], None] = lambda: None
        self.room = MAX_TOTAL - RESERVE
        self._messages = MAX_MESSAGES - RESERVE_MESSAGES
        self._descriptor = descriptor

    def send(self, message: msgspec.Struct) -> bool:
        """Send an event after what was printed before it; whether it went out."""
        self.before()
        return self.put(message)

    def put(self, message: msgspec.Struct) -> bool:
        """Send a message at once; False where it is longer than a frame may be or the run has said too much."""
        payload = encode(message)
        if len(payload) > MAX_FRAME:
            return False
        with self.lock:
            counted = not isinstance(message, _APART)
            if self._messages <= 0 or (counted and len(payload) > self.room):
                return False
            if counted:
                self.room -= len(payload) + 4
            self._messages -= 1
            self._write(frame(payload))
        return True

    def close(self, *messages: msgspec.Struct) -> None:
        """Send the last messages, for which room was kept."""
        with self.lock:
            for message in messages:
                self._write(frame(encode(message)))

    def _write(self, data: bytes) -> None:
        written = os.write(self._descriptor, data)
        while written < len(data):  # only after a signal
            written += os.write(self._descriptor, data[written:])


def commands(descriptor: int) -> Iterator[ChildCommand]:
    """What the supervisor says, until it closes its end. Raises `wire.WireError` for what is no command."""
    while (header := _read(descriptor, 4)) is not None:
        payload = _read(descriptor, frame_length(header))
        if payload is None:
            return
        yield decode_command(payload)


def _read(descriptor: int, count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        piece = os.read(descriptor, count - len(data))
        if not piece:
            return None
        data += piece
    return data
