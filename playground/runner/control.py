"""Pause, step, stop and sliders: what people tell a program while it runs.

The reader of commands sets flags here; the program's own thread looks at them between two of its operations, through
the recorder, which is put in its way only while there is something to look at.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

from playground.protocol.events import ParamEvent
from playground.protocol.messages import Held
from playground.runner.channel import Channel
from playground.runner.console import Console


class Stopped(BaseException):
    """Raised in the program when a person stops it. No `except Exception` of the program holds it up."""


class Control:
    """The flags. `attention` is true while the program has to come to `attend` between its operations."""

    def __init__(self, channel: Channel, console: Console) -> None:
        self.attention = False
        self.stopping = False
        self.over = False  # the program has ended; nothing is stopped any more
        self.changed: Callable[[], None] = lambda: None
        self.holding: Callable[[], None] = lambda: None  # what is done before the program is held
        self._channel = channel
        self._console = console
        self._hold = False
        self._stepping = False
        self._condition = threading.Condition()
        self._values: dict[str, float] = {}
        self._declared: dict[str, tuple[float, float]] = {}
        self._main = threading.main_thread()
        signal.signal(signal.SIGUSR1, self._on_signal)

    # ---- from the reader of commands

    def pause(self) -> None:
        """Hold the program before its next operation."""
        self._set(hold=True, stepping=False)

    def resume(self) -> None:
        """Let it go on."""
        self._set(hold=False, stepping=False)

    def step(self) -> None:
        """Let it go on to the end of its next `backward()`."""
        self._set(hold=False, stepping=True)

    def stop(self) -> None:
        """End it: at its next operation, or where it is, by a signal, if it does none or sleeps."""
        self.stopping = True
        self._set(hold=False, stepping=False)
        self.interrupt()

    def interrupt(self) -> None:
        """Raise `Stopped` in the program's thread wherever it is, but never while a message is half sent."""
        with self._console.lock, self._channel.lock:
            if self._main.ident is not None:
                signal.pthread_kill(self._main.ident, signal.SIGUSR1)

    def set_param(self, name: str, value: float) -> None:
        """Give a slider another value, which the program gets with its next call of `playground.param`."""
        if name in self._declared:
            low, high = self._declared[name]
            value = min(max(value, low), high)
            self._channel.send(ParamEvent(name=name, value=value, min=low, max=high))
        self._values[name] = value

    # ---- from the program

    def begin(self, params: dict[str, float]) -> None:
        """Take the sliders' values that the run starts with."""
        self._values = {**params, **self._values}

    def param(self, name: str, default: float, low: float, high: float) -> float:
        """The slider's value now; the page hears of a slider when it is first asked for, or asked for otherwise."""
        value = min(max(self._values.get(name, default), low), high)
        if self._declared.get(name) != (low, high):
            self._declared[name] = (low, high)
            self._channel.send(ParamEvent(name=name, value=float(value), min=float(low), max=float(high)))
        return value

    def attend(self) -> None:
        """Come here between two operations: waits while held. Raises `Stopped`."""
        if self.over:
            return
        if self.stopping:
            raise Stopped
        if not self._hold or threading.current_thread() is not self._main:
            return
        self.holding()
        self._channel.send(Held(paused=True))
        with self._condition:
            while self._hold:
                self._condition.wait()
        if self.stopping:
            raise Stopped
        self._channel.send(Held(paused=False))

    def stepped(self) -> None:
        """A training step has ended: hold the program if it was let go for one step only."""
        if self._stepping:
            self._set(hold=True, stepping=False)
            self.attend()

    def _set(self, hold: bool, stepping: bool) -> None:
        with self._condition:
            self._hold, self._stepping = hold, stepping
            self.attention = hold or stepping or self.stopping
            self._condition.notify_all()
        self.changed()

    def _on_signal(self, number: int, frame: object) -> None:
        if self.stopping and not self.over:
            raise Stopped
