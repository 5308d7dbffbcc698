"""What the program prints: two text streams whose text goes out in few events, in the order in which it was printed."""

from __future__ import annotations

import io
import threading
from time import monotonic
from typing import Literal

from playground.protocol.events import StdoutEvent
from playground.runner.channel import Channel

Name = Literal["stdout", "stderr"]

PIECE = 8 << 10  # characters after which a stream flushes by itself; the clock flushes the rest every 50 ms
OFTEN = 0.05  # seconds: a line that comes later than this after the last flush goes out at once
LONGEST = 48 << 10  # characters in one event: at most 4 bytes each, so it fits a frame


class Console:
    """Both streams of a program; `truncated` once it has printed more than `limit` bytes. It goes on unheard then."""

    def __init__(self, channel: Channel) -> None:
        self.lock = threading.RLock()
        self.limit = 1 << 20
        self.truncated = False
        self.stdout = Stream(self, "stdout")
        self.stderr = Stream(self, "stderr")
        self._channel = channel
        self._pieces: list[tuple[Name, str]] = []
        self._waiting = 0
        self._flushed = 0.0

    def add(self, name: Name, text: str) -> None:
        """Take a text; cheap, because a program may print a million of them."""
        if self.truncated:
            return
        self._pieces.append((name, text))
        self._waiting += len(text) + 1  # empty texts count too, so that they cannot pile up
        # The clock cannot flush while the program is in C and holds the interpreter: a rare line must not wait for it.
        if self._waiting > PIECE or (text.endswith("\n") and monotonic() - self._flushed > OFTEN):
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        if not self._pieces:
            return
        with self.lock:
            pieces, self._pieces, self._waiting = self._pieces, [], 0
            self._flushed = monotonic()
            start = 0
            for i in range(1, len(pieces) + 1):
                if i == len(pieces) or pieces[i][0] != pieces[start][0]:
                    self._send(pieces[start][0], "".join([text for _, text in pieces[start:i]]))
                    start = i

    def _send(self, name: Name, text: str) -> None:
        if self.truncated:
            return
        data = text.replace("\0", "�").encode("utf-8", "replace")
        if len(data) > self.limit:
            self.truncated = True
            limit, data = self.limit, data[: self.limit]
            text = data.decode("utf-8", "ignore")
        else:
            limit, text = 0, data.decode("utf-8")
        self.limit -= len(data)
        for i in range(0, len(text), LONGEST):
            if not self._channel.put(StdoutEvent(text=text[i : i + LONGEST], stream=name)):
                self.truncated = True
        if self.truncated:
            said = "… the program printed more than the page keeps; the rest is left out, the program goes on.\n"
            self._channel.put(StdoutEvent(text=f"\n{said}" if limit else said, stream="stderr"))


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of the program."""

    def __init__(self, console: Console, name: Name) -> None:
        self._console = console
        self._name = name
        self.buffer = Bytes(self)

    def write(self, text: str) -> int:
        """Take a text; its length."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._console.add(self._name, text)
        return len(text)

    def flush(self) -> None:
        """Nothing: the console flushes often enough, and a program that flushes each line must not send each line."""

    def writable(self) -> bool:
        """True."""
        return True

    @property
    def name(self) -> str:
        """As of Python's own streams: "<stdout>"."""
        return f"<{self._name}>"

    encoding = "utf-8"
    errors = "replace"  # what becomes of lone surrogates: a question mark


class Bytes(io.RawIOBase):
    """`sys.stdout.buffer`: bytes of UTF-8 text."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def write(self, data: object) -> int:
        """Take bytes; their number."""
        text = bytes(data)  # type: ignore[call-overload]
        self._stream.write(text.decode("utf-8", "replace"))
        return len(text)

    def writable(self) -> bool:
        """True."""
        return True
