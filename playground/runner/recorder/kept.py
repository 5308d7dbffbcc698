"""The newest step, kept whole between two frames: so the last one can be shown in full, though none knew it the last.

Keeping a step means to look on while it is made, and to copy what the optimizer will change; no statistics are taken.
All steps of short programs and of slow ones are kept, within bounds that do not slow a program down.
"""

from __future__ import annotations

from typing import Any

from engine.tensor import Tensor
from playground.runner.recorder.tape import Tape, Trace

ALLOWANCE = 0.05  # seconds that keeping steps may cost a run, beside the shares below
CHEAP = 0.005  # share of a step that keeping it may take, however long the run is
SLOW = 0.1  # that share where a step takes longer than the time between two frames
MOST = 32 << 20  # bytes of a step that is kept


class Step:
    """What was seen of a step by the end of its `backward()`: its calls, where it ended, the gradients met, its loss.

    `copies` are the arrays of the leaves that got a gradient, by the leaf's id, of a step that has been `secure`d.
    """

    __slots__ = ("copies", "gradients", "loss", "number", "root", "tape")

    def __init__(self, number: int, loss: float | None, root: Any, tape: Tape, gradients: dict[Any, Any]) -> None:
        self.number = number
        self.loss = loss
        self.root = root
        self.tape = tape
        self.gradients = gradients
        self.copies: dict[int, Any] = {}

    def secure(self) -> bool:
        """Copy what the program may change or clear before the step is shown; False where that is too large to keep."""
        leaves = [edge for edge in self.gradients if isinstance(edge, Tensor)]
        size = self.tape.held + sum(g.nbytes for g in self.gradients.values()) + sum(x._array.nbytes for x in leaves)
        if size > MOST:
            return False
        for leaf in leaves:
            self.copies[id(leaf)] = leaf._array.copy()
            self.gradients[leaf] = self.gradients[leaf].copy()
        self.tape = self.tape.copy()
        return True

    def trace(self) -> Trace:
        """How the loss came about."""
        trace = self.tape.trace(self.root)
        trace.copies = self.copies
        return trace


class Thrift:
    """Whether the next step is to be kept: while the allowance lasts, and after that where it costs next to nothing."""

    def __init__(self) -> None:
        self._left = ALLOWANCE

    def allows(self, cost: float, took: float, interval: float) -> bool:
        """`cost`: the seconds that keeping a step takes; `took`: those of a whole step; `interval`: between frames."""
        return self._left > 0 or took >= self.longest(cost, interval)

    def spend(self, cost: float, took: float, interval: float) -> None:
        """A step has been kept."""
        if took < self.longest(cost, interval):
            self._left -= cost

    def longest(self, cost: float, interval: float) -> float:
        """The seconds from which on a step is long enough to be kept without any allowance."""
        return min(cost / CHEAP, max(cost / SLOW, interval))
