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
    """Tensors by node id: the step that they are of, and the raw arrays of value and gradient."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._tensors: dict[str, tuple[int, Any, Any]] = {}
        self._recorded: dict[str, int] = {}  # node -> the step of its newest record
        self._spent = 0

    def put(self, step: int, tensors: dict[str, tuple[Any, Any]], whole: bool = True) -> None:
        """Hold the tensors of a step: in place of all those before, or, of a part of a graph, in place of its own."""
        kept = {} if whole else dict(self._tensors)
        held = 0
        for node, (value, gradient) in tensors.items():
            held += sum(array.nbytes for array in (value, gradient) if array is not None)
            if held <= HELD:
                kept[node] = (step, value, gradient)
        self._tensors = kept

    def inspect(self, node: str, what: What, slice: str) -> TensorEvent:
        """The numbers of the newest tensor of a node, or a sentence why there are none."""
        answer = TensorEvent(node=node, step=0, what=what, slice=slice)
        if node not in self._tensors:
            answer.error = "This node's tensor is not held: no step with it has been watched yet."
            return answer
        answer.step, value, gradient = self._tensors[node]
        array = gradient if what == "grad" else value
        if array is None:
            answer.error = "This node has no gradient." if what == "grad" else "This node's value is not held."
            return answer
        _describe(answer, array)
        try:
            answer.values = finite_list(on_host(cut(array, slice))) if slice.strip() or array.size <= MOST else None
        except (ValueError, IndexError) as error:
            answer.error = f"{str(error)[:1].upper()}{str(error)[1:]}."
        return answer

    def gradients(self, step: int) -> dict[str, Any]:
        """The gradients that are held of a step, by node id."""
        return {node: held[2] for node, held in self._tensors.items() if held[0] == step and held[2] is not None}

    def record(self, last: bool = False) -> None:
        """Send the held tensors to the side record, as many as its budget has room for."""
        room = BUDGET - self._spent if last else min(BUDGET - self._spent - LAST, ONCE)
        for node, (step, value, gradient) in self._tensors.items():
            if self._recorded.get(node) == step:
                continue
            for what, array in zip(_KINDS, (value, gradient), strict=True):
                if array is None:
                    continue
                if room < 16 * min(array.size, EXACT) + 4096:
                    return
                record = Record(tensor=_recorded(TensorEvent(node=node, step=step, what=what), array))
                size = len(encode(record))
                room -= size
                self._spent += size
                self._channel.send(record)
            self._recorded[node] = step


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
