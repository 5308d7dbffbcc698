"""Parameters laid out so that one stretch of arithmetic moves many of them.

A step on a small model is not arithmetic but calls: so the small parameters of a group, and what is remembered of
them, are worked on as one flat array. A large parameter is worked on where it lies, block by block, so that what a
block's arithmetic touches stays in the cache. The parameters' own memory is never exchanged for another: whoever
shares it (`p.data`, `p.detach().numpy()`, a tied weight) goes on sharing it. `Optimizer.state` is the truth about what
is remembered; the tensors in it are views of the flat arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from operator import attrgetter, is_
from typing import Any

import numpy as np

from engine import array
from engine.family import own
from engine.tensor import wrap

LARGE = 16_384  # elements: where a parameter has more it gets a lane of its own
BLOCK = 65_536  # elements that are worked on at a time: what is touched stays in the cache, and calls cost little
# What is remembered of a parameter as one number.
COUNTS = frozenset(("step", "mu_product", "eta", "mu"))
_ONE = np.array(1, np.float32)
array_of = attrgetter("_array")


class Lane:
    """Parameters of one dtype and device, and one number of steps, that are moved together.

    A complex number is moved as the two real ones that it is made of, each for itself.

    What an optimizer's `move` may ask: `xp`, the module of the arrays; `number`, which makes a Python number fit for
    arithmetic with them; `step`, the count of steps, from 1, where "step" is remembered; `first`, whether all else that
    is remembered is new; `rates`, what `Optimizer.rates` has computed for this step; `count` and `set_count`.
    """

    __slots__ = (
        "arrays", "blocks", "counts", "first", "g", "laid_out", "number", "params", "pieces", "rates",
        "real", "state", "states", "step", "steps", "w", "xp",
    )  # fmt: skip

    def __init__(
        self, params: list[Any], states: list[dict[str, Any]], memory: tuple[str, ...], start: dict[str, float],
        fused: bool = False,
    ) -> None:  # fmt: skip
        self.params = params
        self.arrays = [own(p) for p in params]
        self.xp = xp = array.module(self.arrays[0])
        kind = self.arrays[0].dtype
        self.real = real = self.arrays[0].real.dtype
        self.number = _numbers(real) if xp is np else float
        sizes = [each.size for each in self.arrays]
        ends = np.cumsum(sizes).tolist()
        places = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        total = ends[-1]
        shapes = [each.shape for each in self.arrays]

        def pieces(flat: Any) -> list[Any]:
            return [flat[place].reshape(shape) for place, shape in zip(places, shapes, strict=True)]

        self.w: Any = None
        self.g: Any = None
        self.pieces: list[tuple[Any, Any]] = []  # (memory of a parameter, its place in `w`)
        if len(params) > 1 or total <= LARGE or not self.arrays[0].flags.c_contiguous:
            self.w, self.g = _in_a_row(self.arrays), xp.empty(total, kind)
            if self.w is None:
                self.w = xp.empty(total, kind)
                self.pieces = list(zip(self.arrays, pieces(self.w), strict=True))
        self.first = not any(state.get(name) is not None for state in states for name in memory)
        self.state: dict[str, Any] = {}
        self.step = 0.0
        self.rates: Any = None
        self.counts: dict[str, Any] = {}
        for name in memory:
            if name in COUNTS:
                count = np.full(len(params), start.get(name, 0.0), count_dtype(fused))
                self.counts[name] = count
                parts = [count[i : i + 1].reshape(()) for i in range(len(params))]
            else:
                flat = xp.empty(total, kind)
                self.state[name] = flat.view(real)
                self.state[name].fill(start.get(name, 0.0))
                parts = pieces(flat)
            for state, part in zip(states, parts, strict=True):
                if state.get(name) is not None:
                    part[...] = getattr(state[name], "_array", state[name])
                state[name] = wrap(part)
        self.steps = self.counts.get("step")
        self.states = states if memory else []
        self.laid_out = [state[name] for state in self.states for name in state]
        total *= kind.itemsize // real.itemsize
        spare = [xp.empty(min(total, BLOCK) if xp is np else total, real) for _ in range(2)]
        size = len(spare[0])
        self.blocks = []
        for begin in range(0, total, size or 1):
            cut = slice(begin, min(begin + size, total))
            state = {name: flat[cut] for name, flat in self.state.items()}
            self.blocks.append((cut, state, [each[: cut.stop - cut.start] for each in spare]))

    def stands(self, table: dict[Any, dict[str, Any]]) -> bool:
        """Whether the parameters still have a gradient, and the state is what was laid out here."""
        for p in self.params:
            if p._grad is None:
                return False
        states = self.states
        return (
            all(map(is_, map(table.get, self.params), states))
            and sum(map(len, states)) == len(self.laid_out)
            and all(map(is_, chain.from_iterable(map(dict.values, states)), self.laid_out))
        )

    def count(self, name: str) -> float:
        """A number that is remembered of each parameter, which is the same for all of a lane."""
        return self.counts[name].item(0)

    def set_count(self, name: str, value: float) -> float:
        """Remember another number: it, as rounded as it is remembered."""
        self.counts[name].fill(value)
        return self.counts[name].item(0)

    def multiply_count(self, name: str, factor: float) -> float:
        """Remember a product, computed in the precision in which it is remembered: it."""
        self.counts[name] *= self.counts[name].dtype.type(factor)
        return self.counts[name].item(0)

    def run(self, optimizer: Any, group: dict[str, Any]) -> None:
        """Let the optimizer's `move` work on the whole lane once."""
        if self.steps is not None:
            np.add(self.steps, _ONE, self.steps)
            self.step = self.steps.item(0)
        if optimizer.rates is not None:
            self.rates = optimizer.rates(self, group)
        try:
            self._move(optimizer.move, group)
        except KeyError:  # an option asks for more to be remembered than it did when this was laid out
            memory = optimizer.memory_of(group)
            if self.counts or set(memory) <= set(self.state):
                raise
            states = [optimizer.state[p] for p in self.params]
            self.__init__(self.params, states, memory, optimizer.start_of(group))  # type: ignore[misc]
            self._move(optimizer.move, group)

    def _move(self, move: Callable[..., None], group: dict[str, Any]) -> None:
        w, g = self.w, self.g
        if w is None:
            w, g = self.arrays[0].reshape(-1), self.params[0]._grad._array.reshape(-1)
        else:
            # One call for all of them: a copy into each piece would cost most of the step of a small model.
            if self.pieces:
                self.xp.concatenate(self.arrays, None, w)
            self.xp.concatenate([p._grad._array for p in self.params], None, g)
        if w.dtype is not self.real and w.dtype.kind == "c":
            w, g = w.view(self.real), self.xp.ascontiguousarray(g).view(self.real)
        if len(self.blocks) == 1:
            _, state, spare = self.blocks[0]
            move(w, g, state, spare, self, group)
        else:
            for cut, state, spare in self.blocks:
                move(w[cut], g[cut], state, spare, self, group)
        self.first = False
        for memory, piece in self.pieces:  # none where they were moved in place
            memory[...] = piece


def _in_a_row(arrays: list[Any]) -> Any:
    """The one flat array that the arrays are, one after the other, or None."""
    whole = arrays[0].base
    if whole.__class__ is not np.ndarray or whole.ndim != 1 or whole.strides != (arrays[0].itemsize,):
        return None
    begin = place = arrays[0].ctypes.data
    for each in arrays:
        if each.base is not whole or each.ctypes.data != place or not each.flags.c_contiguous:
            return None
        place += each.nbytes
    return whole[(begin - whole.ctypes.data) // whole.itemsize :][: (place - begin) // whole.itemsize]


def _numbers(kind: np.dtype) -> Callable[[Any], np.ndarray]:
    """Python numbers as arrays without axes, kept: in a ufunc these cost a third of what a number costs."""
    made: dict[float, np.ndarray] = {}

    def number(value: Any) -> np.ndarray:
        known = made.get(value)
        if known is None:
            if len(made) > 64:  # most are the same at each step, those that count steps are not
                made.clear()
            known = np.array(float(value), kind)
            if value.__class__ is float or value.__class__ is int:  # a tensor may be another number the next time
                made[value] = known
        return known

    return number


def lanes_of(
    params: Iterable[Any], table: dict[Any, dict[str, Any]], memory: tuple[str, ...], start: dict[str, float],
    fused: bool = False,
) -> list[Lane]:  # fmt: skip
    """The lanes of the parameters that have a gradient; their state in `table` is made where it is missing.

    `start` has what is remembered first by the names in `memory`, where it is not 0.
    """
    together: dict[Any, list[Any]] = {}
    params = list(params)
    entwined = _entwined(params)
    for place, p in enumerate(params):
        if getattr(p, "_grad", None) is None:
            p._grad = None
            continue
        state = table[p] if memory else {}
        large = p._array.size > LARGE and p._array.flags.c_contiguous
        counts = tuple(None if state.get(name) is None else float(state[name]) for name in memory if name in COUNTS)
        remembered = tuple(state.get(name) is not None for name in memory)
        key = (p._array.dtype, str(p.device), counts, remembered, place if large or place in entwined else None)
        together.setdefault(key, []).append(p)
    return [Lane(each, [table[p] if memory else {} for p in each], memory, start, fused) for each in together.values()]


def _entwined(params: list[Any]) -> set[int]:
    """Which parameters may share memory with another, by number: they are moved one after the other."""
    extents = []
    for place, p in enumerate(params):
        first = last = p.data_ptr()
        for n, step in zip(p._array.shape, p._array.strides, strict=True):
            first, last = first + min(step, 0) * (n - 1), last + max(step, 0) * (n - 1)
        if p._array.size:
            extents.append((first, last, place))
    found: set[int] = set()
    reached, holder = -1, -1
    for first, last, place in sorted(extents):
        if first <= reached:
            found |= {place, holder}
        if last > reached:
            reached, holder = last, place
    return found


def count_dtype(fused: bool = False) -> Any:
    """The NumPy type of what is remembered as one number: float32, or float64 where that is the default."""
    wide = array.Defaults.numpy == np.float64 and not fused  # for which PyTorch has a kernel that counts in float32
    return np.dtype(np.float64 if wide else np.float32)
