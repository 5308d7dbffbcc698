"""The newest tensors of the drawn graph: answers to `inspect` while the program runs, and the side record for later."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.array import OF_NUMPY
from playground.protocol.events import TensorEvent
from playground.protocol.messages import Record
from playground.protocol.wire import encode
from playground.runner.channel import Channel
from playground.runner.recorder.numbers import (
    EXACT,
    MOST,
    cut,
    finite_list,
    histogram,
    on_host,
    picture,
    statistics,
)

BUDGET = 6 << 20  # bytes of the side record of a run
LAST = 2 << 20  # bytes of it that are kept for the end
ONCE = 1 << 20  # bytes of one set at most
HELD = 64 << 20  # bytes of tensors that are held for inspection

What = Literal["value", "grad"]
_KINDS: tuple[What, What] = ("value", "grad")


class Store:
    """Tensors by node id, each as (value, gradient) raw arrays, of one step."""

    def __init__(self, channel: Channel) -> None:
        self.step = 0
        self._channel = channel
        self._tensors: dict[str, tuple[Any, Any]] = {}
        self._spent = 0
        self._recorded = -1

    def put(self, step: int, tensors: dict[str, tuple[Any, Any]]) -> None:
        """Hold the tensors of a step in place of those before."""
        held = 0
        kept = {}
        for node, pair in tensors.items():
            size = sum(array.nbytes for array in pair if array is not None)
            if held + size <= HELD:
                held += size
                kept[node] = pair
        self.step, self._tensors = step, kept

    def inspect(self, node: str, what: What, slice: str) -> TensorEvent:
        """The numbers of the newest tensor of a node, or a sentence why there are none."""
        answer = TensorEvent(node=node, step=self.step, what=what, slice=slice)
        if node not in self._tensors:
            answer.error = "This node's tensor is not held: no step with it has been watched yet."
            return answer
        array = self._tensors[node][what == "grad"]
        if array is None:
            answer.error = "This node has no gradient." if what == "grad" else "This node's value is not held."
            return answer
        _describe(answer, array)
        try:
            answer.values = finite_list(on_host(cut(array, slice))) if slice.strip() or array.size <= MOST else None
        except (ValueError, IndexError) as error:
            answer.error = f"{str(error)[:1].upper()}{str(error)[1:]}."
        return answer

    def record(self, last: bool = False) -> None:
        """Send the held tensors to the side record, as many as its budget has room for."""
        if self._recorded == self.step:
            return
        self._recorded = self.step
        room = BUDGET - self._spent - (0 if last else LAST)
        room = room if last else min(room, ONCE)
        for node, pair in self._tensors.items():
            for what, array in zip(_KINDS, pair, strict=True):
                if array is None:
                    continue
                if room < 16 * min(array.size, EXACT) + 4096:
                    return
                record = Record(tensor=_recorded(TensorEvent(node=node, step=self.step, what=what), array))
                size = len(encode(record))
                room -= size
                self._spent += size
                self._channel.send(record)


def _describe(answer: TensorEvent, array: Any) -> None:
    answer.shape = list(array.shape)
    answer.dtype = OF_NUMPY[array.dtype].name
    answer.statistics = statistics(array)
    host = on_host(array)
    answer.histogram = histogram(host)
    if array.size > EXACT:
        answer.picture = picture(host)


def _recorded(answer: TensorEvent, array: Any) -> TensorEvent:
    _describe(answer, array)
    if array.size <= EXACT:
        answer.values = finite_list(np.asarray(on_host(array)))
    return answer
