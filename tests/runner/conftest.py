"""A child over plain pipes, without a sandbox: what it says to a program and to commands."""

from __future__ import annotations

import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.protocol.commands import Command, Start
from playground.protocol.messages import ChildMessage, Closing, Ready
from playground.protocol.wire import decode_message, encode_command, frame, frame_length

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
PATIENCE = 30.0  # seconds; a machine under load is no failure


class Child:
    """A started child and what it has said so far."""

    def __init__(self, start: Callable[[int, int], None]) -> None:
        """`start` makes a process with the ends of two pipes: where it writes events, where it reads commands."""
        self._events, theirs = os.pipe()
        mine, self._orders = os.pipe()
        start(theirs, mine)
        os.close(theirs)
        os.close(mine)
        self._data = b""
        self.said: list[Any] = []

    def tell(self, command: Command) -> None:
        """Send a command."""
        os.write(self._orders, frame(encode_command(command)))

    def hear(self) -> ChildMessage | None:
        """The next message, None at the end."""
        deadline = time.monotonic() + PATIENCE
        while len(self._data) < 4 or len(self._data) < 4 + frame_length(self._data[:4]):
            ready, _, _ = select.select([self._events], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"the child said nothing for {PATIENCE} s; before that: {self.said[-3:]}"
            piece = os.read(self._events, 1 << 16)
            if not piece:
                assert not self._data, "the child ended within a message"
                return None
            self._data += piece
        (length,) = struct.unpack("<I", self._data[:4])
        message = decode_message(self._data[4 : 4 + length])
        self._data = self._data[4 + length :]
        self.said.append(message)
        return message

    def until(self, kind: type, where: Callable[[Any], bool] = lambda message: True) -> Any:
        """Listen until a message of a kind comes; that message."""
        while (message := self.hear()) is not None:
            if isinstance(message, kind) and where(message):
                return message
        raise AssertionError(f"the child ended without a {kind.__name__}; it said {self.said[-5:]}")

    def all(self) -> Run:
        """Listen to the end; all that was said."""
        while self.hear() is not None:
            pass
        return Run(self.said)

    def close_orders(self) -> None:
        """Close the wire of commands, as a supervisor that has ended."""
        os.close(self._orders)
        self._orders = -1

    def end(self) -> None:
        """Close the pipes, which ends the process if it has not ended."""
        os.close(self._events)
        if self._orders >= 0:
            os.close(self._orders)


class Run:
    """What a child has said of one program."""

    def __init__(self, said: list[Any]) -> None:
        self.said = said

    def of(self, kind: type) -> list[Any]:
        """The messages of a kind."""
        return [message for message in self.said if isinstance(message, kind)]

    def one(self, kind: type) -> Any:
        """The only message of a kind."""
        found = self.of(kind)
        assert len(found) == 1, f"{len(found)} messages of the kind {kind.__name__}"
        return found[0]

    @property
    def closing(self) -> Closing:
        """The last message."""
        assert isinstance(self.said[-1], Closing), self.said[-3:]
        return self.said[-1]

    def text(self, stream: str = "stdout") -> str:
        """What was printed."""
        return "".join(m.text for m in self.said if type(m).__name__ == "StdoutEvent" and m.stream == stream)

    def points(self, name: str = "loss") -> list[tuple[int, float | None]]:
        """All points of a series."""
        return [point for m in self.said if type(m).__name__ == "FrameEvent" for point in m.points.get(name, ())]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Callable[[int, int], None]]:
    """Starts children quickly: a process that has imported everything forks them."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("nursery.py")), str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)},
    )
    theirs.close()
    yield lambda *descriptors: socket.send_fds(ours, [b"x"], descriptors) and None
    ours.close()
    process.wait(PATIENCE)


@pytest.fixture
def cold() -> Iterator[Child]:
    """A child that was started as the supervisor does, with an interpreter of its own."""
    started = []

    def start(events: int, orders: int) -> None:
        command = [sys.executable, "-m", "playground.runner", str(events), str(orders), "null"]
        started.append(subprocess.Popen(command, pass_fds=(events, orders), cwd=ROOT, env=ENVIRONMENT))

    child = Child(start)
    yield child
    child.end()
    started[0].wait(PATIENCE)


@pytest.fixture
def children(nursery: Callable[[int, int], None]) -> Iterator[Callable[..., Child]]:
    """Starts a child with a program; all children are ended with the test."""
    started = []

    def start(code: str, **options: Any) -> Child:
        child = Child(nursery)
        started.append(child)
        child.until(Ready)
        child.tell(Start(code=code, **options))
        return child

    yield start
    for child in started:
        child.end()


@pytest.fixture
def run(children: Callable[..., Child]) -> Callable[..., Run]:
    """Runs a program to its end."""

    def whole(code: str, **options: Any) -> Run:
        return children(code, **options).all()

    return whole
