"""The calls of one watched step, and which of them led to a result."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from inspect import Signature, signature
from types import CodeType
from typing import Any

from engine.graph import Node, Output, Unrecorded
from engine.op import registry
from engine.tensor import Tensor
from playground.runner.source import FILENAME

LONGEST = 20_000  # calls that are kept of a step; of a longer one the newest
HELD = 64 << 20  # bytes of results that a step may hold only because it is watched
_NO_CODE = -1


class Call:
    """One call of an op: the edges of its operands and results, its (first) result, and where it was made.

    An edge is what the engine's graph takes for one: a `Node`, an `Output`, or the tensor itself where there is none.
    `value` is None where the results of a step are more than may be held.
    """

    __slots__ = (
        "code",
        "dtype",
        "instruction",
        "module",
        "name",
        "op",
        "operands",
        "recorded",
        "results",
        "shape",
        "value",
    )

    name: str
    op: Any
    operands: list[Any]
    results: list[Any]
    value: Any
    shape: tuple[int, ...]
    dtype: Any
    recorded: bool
    code: CodeType | None
    instruction: int
    module: Any


class Trace:
    """The calls that led to a result, in the order in which they were made, and the leaves that they began from.

    `links[i]` names the operands of call i: a call by its position, a leaf by -1 minus its position, None for an
    operand that is no tensor. `complete` is false where a part was made while nobody watched.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.leaves: list[Any] = []
        self.links: list[tuple[int | None, ...]] = []
        self.complete = True
        self.origins: dict[int, Call] = {}  # of a leaf, by its position: the call that made it, if that was seen
        self.copies: dict[int, Any] = {}  # arrays of leaves as they were, by the leaf's id, where they may have changed

    def signature(self) -> tuple[Any, ...]:
        """What two traces of the same structure have in common, cheap to make and to compare: the shapes of parameters
        too, but none that the size of a batch has a part in."""
        calls = [
            (call.name, id(call.code), call.instruction, id(call.module), links)
            for call, links in zip(self.calls, self.links, strict=True)
        ]
        leaves = [
            (type(leaf), id(leaf) if type(leaf) is not Tensor else leaf._requires_grad, parameter_shape(leaf))
            for leaf in self.leaves
        ]
        return (*calls, *leaves)


class Tape:
    """The calls since the last `backward()`, newest last."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=LONGEST)
        self.held = 0  # bytes of results
        self._earlier = 0  # calls that were kept from before the last clearing

    def clear(self, keep: bool = False) -> None:
        """Forget the calls and let go of what they held; with `keep` only those before the clearing before this one."""
        for _ in range(self._earlier if keep else len(self._calls)):
            self._calls.popleft()
        self._earlier = len(self._calls)
        self.held = 0

    def copy(self) -> Tape:
        """The same calls, on a tape of their own."""
        other = Tape()
        other._calls, other.held = self._calls.copy(), self.held
        return other

    def add(self, op: Any, args: Sequence[Any], out: Any, module: Any) -> None:
        """Note a call."""
        call = Call.__new__(Call)
        call.op = op
        call.operands = [_edge(each) if isinstance(each, Tensor) else None for each in args]
        first = out
        if isinstance(out, Tensor):
            call.results = [_edge(out)]
        else:
            tensors = [each for each in out if isinstance(each, Tensor)] if isinstance(out, (tuple, list)) else []
            if not tensors:
                return
            first = tensors[0]
            call.results = [_edge(each) for each in tensors]
        array = first._array
        call.shape = array.shape
        call.dtype = array.dtype
        call.recorded = first._requires_grad and first._node.__class__ is not Unrecorded
        self.held += array.nbytes
        call.value = first if self.held <= HELD else None
        if call.value is None and not call.recorded:
            return  # its edge would be the tensor itself
        call.module = module
        frame: Any = sys._getframe(2)
        call.name = name_of(op, frame)
        while frame is not None and frame.f_code.co_filename != FILENAME:
            frame = frame.f_back
        call.code, call.instruction = (None, _NO_CODE) if frame is None else (frame.f_code, frame.f_lasti)
        if len(self._calls) == LONGEST and self._earlier:
            self._earlier -= 1
        self._calls.append(call)

    def trace(self, root: Any) -> Trace:
        """How the tensor `root` came about. What was computed without a gradient is a leaf: so the graph of a step is
        the same whether its data were made before the training began or in every step anew."""
        made: dict[int, int] = {}
        origins: dict[int, Call] = {}
        for position, call in enumerate(self._calls):
            for edge in call.results:
                if call.recorded:
                    made[id(edge)] = position
                else:
                    origins[id(edge)] = call
        trace = self._walk(made, [_edge(root)])
        trace.origins = {i: origins[id(leaf)] for i, leaf in enumerate(trace.leaves) if id(leaf) in origins}
        return trace

    def newest(self, operands: Sequence[Any]) -> Trace:
        """How the operands of a failed call came about; all that was computed, where they are not known."""
        made: dict[int, int] = {}
        for position, call in enumerate(self._calls):
            for edge in call.results:
                made[id(edge)] = position
        if operands:
            return self._walk(made, [_edge(each) for each in operands])
        return self._walk(made, [call.results[0] for call in self._calls])

    def ends(self) -> Trace:
        """How all that needs a gradient and that nothing else was computed from came about."""
        made: dict[int, int] = {}
        last: dict[int, Any] = {}
        for position, call in enumerate(self._calls):
            if not call.recorded:
                continue
            for edge in call.operands:
                last.pop(id(edge), None)
            for edge in call.results:
                made[id(edge)] = position
                last[id(edge)] = edge
        return self._walk(made, list(last.values()))

    def _walk(self, made: dict[int, int], ends: list[Any]) -> Trace:
        calls = list(self._calls)
        found = set()
        waiting = [made[id(edge)] for edge in ends if id(edge) in made]
        while waiting:
            position = waiting.pop()
            if position not in found:
                found.add(position)
                for edge in calls[position].operands:
                    earlier = made.get(id(edge))
                    # An op in place may have a result that is its own operand.
                    if edge is not None and earlier is not None and earlier < position:
                        waiting.append(earlier)
        trace = Trace()
        places: dict[int, int] = {}
        leaves: dict[int, int] = {}
        for position in sorted(found):
            call = calls[position]
            places[position] = len(trace.calls)
            links: list[int | None] = []
            for edge in call.operands:
                earlier = None if edge is None else made.get(id(edge))
                if edge is None:
                    links.append(None)
                elif earlier is not None and earlier < position:
                    links.append(places[earlier])
                else:
                    links.append(-1 - _place_of_leaf(edge, leaves, trace))
            trace.calls.append(call)
            trace.links.append(tuple(links))
        for edge in ends:
            if id(edge) not in made:
                _place_of_leaf(edge, leaves, trace)
        return trace


def _place_of_leaf(edge: Any, leaves: dict[int, int], trace: Trace) -> int:
    place = leaves.get(id(edge))
    if place is None:
        place = leaves[id(edge)] = len(trace.leaves)
        trace.leaves.append(edge)
        if isinstance(edge, (Node, Output)):
            trace.complete = False
    return place


def _edge(tensor: Any) -> Any:
    node = tensor._node
    return tensor if node is None else node


def parameter_shape(leaf: Any) -> tuple[int, ...] | None:
    """The shape of a leaf that needs a gradient; None for any other: it may change with the size of a batch."""
    return leaf._array.shape if isinstance(leaf, Tensor) and leaf._requires_grad else None


# Functions that call ops for the program and are none themselves.
_ASKED = ("getitem", "setitem")
# Names that no learner has seen, and those by which they know these.
_KNOWN = {
    "clamp_between": "clamp",
    "constant_pad_nd": "pad",
    "gru_layer": "gru",
    "linalg_vector_norm": "norm",
    "lstm_layer": "lstm",
    "permute_axes": "permute",
    "rnn_layer": "rnn",
    "rsub": "sub",
    "true_divide": "div",
}


def name_of(op: Any, frame: Any) -> str:
    """What the program calls an op that was called in `frame`: of one that has no name of its own in the engine, that
    of the function which called it."""
    name = str(getattr(op, "name", None) or op.__name__)  # an op of the engine, or a `Function` of the program's own
    if getattr(op, "homes", None) == ():
        while frame is not None and frame.f_code.co_filename != FILENAME:
            caller = frame.f_code.co_name
            if caller in _ASKED or (caller in registry and caller != name):
                return str(caller.removeprefix("engine_"))
            frame = frame.f_back
    return _KNOWN.get(name, name)


def arguments(op: Any) -> Iterator[str]:
    """The names of an op's operands; of one that takes a sequence, "tensors[0]", "tensors[1]", ..."""
    names = list(getattr(op, "operands", None) or getattr(op, "signature", Signature()).parameters)
    if isinstance(op, type):
        names = [name for name in signature(op.forward).parameters if name != "ctx"]  # type: ignore[attr-defined]
    if getattr(op, "many", False) or not names:
        base = names[0] if names else ""
        number = 0
        while True:
            yield f"{base}[{number}]" if base else ""
            number += 1
    yield from names
    while True:
        yield ""
