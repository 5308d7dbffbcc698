"""When a step is watched and what its frame carries: a few a second, whatever the program does between them."""

from __future__ import annotations

from time import monotonic
from typing import Any

import numpy as np

from playground.protocol.events import FrameEvent
from playground.protocol.values import STATISTICS
from playground.runner.recorder.drawing import Drawing
from playground.runner.recorder.numbers import NOTHING, row, unwarned
from playground.runner.recorder.tape import Trace

FIRST = 3  # steps that each have a frame, however fast they are
MOST = 400  # nodes with statistics in a frame
SHARE = 9  # the program gets so many times the time that watching it took
RATE = 80_000  # bytes of statistics a second over a long run
LARGEST = 16 << 20  # bytes of a parameter or input that is copied to be inspected
BURST = 3 << 20  # bytes of statistics before that counts


class Pace:
    """Whether the next step is to be watched."""

    def __init__(self) -> None:
        self.interval = 0.05
        self.next = 0.0  # when the next frame is due
        self._allowed = float(BURST)
        self._then = monotonic()

    @property
    def every_step(self) -> bool:
        """Whether nothing is left out: for a run that is recorded to be stepped through, not followed live."""
        return self.interval == 0.0

    def due(self, now: float) -> bool:
        """Whether it is time for a frame."""
        return now >= self.next

    def sent(self, ended: float, cost: float) -> None:
        """A frame has gone out, for a step that ended then; the seconds that its numbers took."""
        if self.every_step:
            return
        self.next = max(ended + self.interval, monotonic() + SHARE * cost)

    def pay(self, size: int) -> bool:
        """Whether `size` bytes of statistics may be sent now."""
        now = monotonic()
        self._allowed = min(BURST, self._allowed + RATE * (now - self._then))
        self._then = now
        if size > self._allowed:
            return False
        self._allowed -= size
        return True


def measure(event: FrameEvent, drawing: Drawing, trace: Trace, gradients: dict[Any, Any]) -> dict[str, tuple[Any, Any]]:
    """Put the statistics of the drawing's nodes into a frame; the (value, gradient) arrays by node id."""
    chosen = sorted(drawing.order[:MOST])
    rows = np.empty((len(chosen), 2, len(STATISTICS)), "<f4")
    tensors = {}
    with unwarned():
        for i, node in enumerate(chosen):
            value, gradient = drawing.value(trace, node), drawing.gradient(trace, node, gradients)
            rows[i, 0] = NOTHING if value is None else row(value)
            rows[i, 1] = NOTHING if gradient is None else row(gradient)
            if drawing.slots[node] < 0:
                value, gradient = _kept(value), _kept(gradient)
            tensors[drawing.event.nodes[node].id] = (value, gradient)
    event.index = np.array(chosen, "<u4").tobytes()
    event.stats = rows.tobytes()
    return tensors


def _kept(array: Any) -> Any:
    """A copy of what the program will soon change in place, parameters above all; None of what is too large to copy."""
    return None if array is None or array.nbytes > LARGEST else array.copy()


def first_bad(event: FrameEvent) -> int | None:
    """The node where NaN or infinities come from: the first value, else the first gradient on the way back. Or None.

    Infinities that do no harm, as where a mask is made of them, are not meant: loss and gradients are finite then.
    """
    rows = np.frombuffer(event.stats, "<f4").reshape(-1, 2, len(STATISTICS))
    index = np.frombuffer(event.index, "<u4")
    bad = np.any(rows[:, :, 5:] > 0, axis=2)
    if event.loss is not None and not bad[:, 1].any():
        return None
    for what, order in ((0, slice(None)), (1, slice(None, None, -1))):
        found = np.flatnonzero(bad[:, what])[order]
        if found.size:
            return int(index[found[0]])
    return None


def measure_parameters(event: FrameEvent, drawing: Drawing, parameters: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """As `measure`, of the parameters alone, as they are now: what is known of a step that was not watched."""
    chosen = [
        (place, parameters[node.name])
        for place, node in enumerate(drawing.event.nodes)
        if node.kind == "parameter" and node.name in parameters
    ][:MOST]
    rows = np.empty((len(chosen), 2, len(STATISTICS)), "<f4")
    tensors = {}
    with unwarned():
        for i, (place, parameter) in enumerate(chosen):
            gradient = getattr(parameter, "_grad", None)
            pair = (parameter._array, None if gradient is None else gradient._array)
            rows[i, 0] = row(pair[0])
            rows[i, 1] = NOTHING if pair[1] is None else row(pair[1])
            tensors[drawing.event.nodes[place].id] = (_kept(pair[0]), _kept(pair[1]))
    event.index = np.array([place for place, _ in chosen], "<u4").tobytes()
    event.stats = rows.tobytes()
    return tensors
