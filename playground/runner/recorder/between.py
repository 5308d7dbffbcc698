"""What a step between two frames leaves behind: its loss and its gradients. Nothing else is done for it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from time import monotonic
from types import CodeType, FrameType
from typing import Any

from playground.runner.source import caller

Ended = Callable[[Any, dict[Any, Any]], None]


class Between:
    """Notes of the steps since the last one that was more than noted.

    They are written in the program's own thread, with few calls and no lock: a small model's whole step takes less than
    100 µs. Only steps that end before `horizon` are noted, and only those of the `backward()` at the place `code`,
    `at`; it is 0 where something is to be seen or obeyed.
    """

    __slots__ = ("at", "code", "found", "horizon", "losses")

    def __init__(self) -> None:
        self.horizon = 0.0  # seconds of `monotonic`
        self.code: CodeType | None = None
        self.at = -1
        self.losses: list[float] = []
        self.found: dict[Any, Any] = {}  # the gradients of the last walk

    def take(self) -> list[float]:
        """The losses that nobody has taken yet. The writer may go on meanwhile, in another thread."""
        taken = self.losses[:]
        del self.losses[: len(taken)]
        return taken

    def before(self, walked: Callable[[Any, FrameType | None], None]) -> Ended:
        """What the engine is to call at the end of each `backward()`: notes the step, or hands it to `walked`."""
        note, frame_of, now = self.losses.append, sys._getframe, monotonic

        def ended(root: Any, found: dict[Any, Any]) -> None:
            self.found = found
            # The engine's `backward` was called there, unless it came by a longer way.
            frame: FrameType | None = frame_of(2)
            if frame is not None and frame.f_code is not self.code:
                frame = caller(frame)
            if frame is not None and frame.f_lasti == self.at and frame.f_code is self.code and now() < self.horizon:
                loss = float(root._array) if root._array.size == 1 else math.nan
                if loss - loss == 0.0:  # finite
                    note(loss)
                    return
            walked(root, frame)

        return ended
