"""The Mersenne Twister under the random numbers: its seed, its state as PyTorch lays it out, its words and uniforms."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from engine.places import class_of, key_of
from engine.words import LENGTH, NumpyWords, PythonWords, State, numpy_is_there, seeded

if TYPE_CHECKING:
    from engine.tensor import Tensor

_FRESH_SEED = 67280421310721  # what a `Generator()` that nobody seeded starts from
_STATE = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("words", "<u8", LENGTH),
        ("normal_x", "<f8"),
        ("normal_y", "<f8"),
        ("normal_rho", "<f8"),
        ("normal_is_valid", "<i4"),
        ("pad", "<i4"),
        ("float_normal", "<f4"),
        ("float_normal_is_valid", "<i4"),
    ]
)
# After so many words NumPy's source of them is worth its import.
_MANY = 1 << 19
_refusal: ContextVar[str | None] = ContextVar("refusal", default=None)
refusal = _refusal.get  # why nothing may be drawn now in this thread, in a sentence
refuse = _refusal.set


class Together:
    """Draws for all samples of a batch at once, where the samples are computed one after the other.

    What the first sample draws is drawn for all, and each sample takes its part; `outer` is that of a batch around.
    """

    __slots__ = ("at", "drawn", "index", "outer", "size")

    def __init__(self, size: int, outer: Together | None) -> None:
        self.size = size
        self.outer = outer
        self.drawn: list[np.ndarray] = []
        self.turn(0)

    def turn(self, index: int) -> None:
        """Let the sample of that number draw from now on."""
        self.index = index
        self.at = 0

    def part(self, source: Twister, draw: Callable[[int], np.ndarray], count: int) -> np.ndarray:
        """The part that the sample has of what `draw` gives for all; of its own where it draws unlike the first."""
        source.together = self.outer
        try:
            if self.index == 0 and self.at == len(self.drawn):
                self.drawn.append(draw(self.size * count))
            elif self.at >= len(self.drawn) or len(self.drawn[self.at]) != self.size * count:
                return draw(count)
        finally:
            source.together = self
        whole = self.drawn[self.at]
        self.at += 1
        return whole[self.index * count : (self.index + 1) * count]


class Twister:
    """A stream of 32-bit words, equal to that of PyTorch's CPU generator for the same seed.

    It carries `kept`, the half of a pair of normals that has been drawn and not yet handed out: PyTorch keeps it here,
    so that it is part of the state and forgotten at a new seed.
    """

    __slots__ = ("_device", "_seed", "_source", "kept", "together")

    def __init__(self, device: Any = "cpu") -> None:
        self._device = str(device)
        self._source: PythonWords | NumpyWords | None = None  # until something is drawn
        self.together: Together | None = None  # while each sample of a batch takes its part of draws for all
        self.kept: float | None = None  # the sine half of the last Box-Muller pair, not yet handed out
        self.manual_seed(_FRESH_SEED)

    def __repr__(self) -> str:
        return f"<torch._C.Generator object at {id(self):#x}>"

    # ---- seed and state

    def manual_seed(self, seed: int) -> Self:
        """The generator itself, begun anew from `seed`; only the low 32 bits reach the Mersenne Twister."""
        seed = int(seed)
        if not -(1 << 63) <= seed < 1 << 64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = seed % (1 << 64)
        if isinstance(self._source, NumpyWords):
            self._source.seed(self._seed)
        else:
            self._source = None
        self.kept = None
        return self

    def _stream(self) -> PythonWords | NumpyWords:
        """The source of the words."""
        if self._source is None:
            self._source = NumpyWords(self._seed) if numpy_is_there() else PythonWords(seeded(self._seed))
        return self._source

    def seed(self) -> int:
        """A seed of 64 bits from the operating system, from which the generator has been begun anew."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._seed

    def initial_seed(self) -> int:
        """The seed that the generator was last begun from."""
        return self._seed

    def get_state(self) -> Tensor:
        """The whole state as a byte tensor of 5,056 elements, laid out as PyTorch lays it out."""
        from engine.tensor import wrap

        return wrap(self.state_bytes())

    def set_state(self, state: Tensor) -> Self:
        """The generator itself, put into a state that `get_state` (here or in PyTorch) returned."""
        return self.set_state_bytes(np.asarray(state._array))

    def state_bytes(self) -> np.ndarray:
        """`get_state` as a NumPy array of uint8."""
        key, position = self._stream().state()
        fresh = self._fresh()
        record = np.zeros((), _STATE)
        record["seed"] = self._seed
        record["seeded"] = 1
        record["words"] = key
        # NumPy counts the words used; PyTorch those left plus one, and a block that is yet to be made as one.
        record["next"] = 0 if fresh else position
        record["left"] = 1 if fresh else LENGTH + 1 - position
        if self.kept is not None:
            record["normal_is_valid"] = 1
            record["normal_y"] = self.kept
        return record.reshape(1).view(np.uint8).copy()

    def set_state_bytes(self, state: np.ndarray) -> Self:
        """`set_state` from a NumPy array of uint8."""
        if state.dtype != np.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        if state.size != _STATE.itemsize:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {_STATE.itemsize} but found the input RNG state size to be "
                f"{state.size}"
            )
        record = np.ascontiguousarray(state).reshape(-1).view(_STATE)[0]
        position = LENGTH if record["left"] == 1 else int(record["next"])
        self.go_to(State(record["words"].astype(np.uint32), position))
        self._seed = int(record["seed"])
        self.kept = float(record["normal_y"]) if record["normal_is_valid"] else None
        return self

    def place(self) -> State:
        """Where in its stream the generator is."""
        return self._stream().state()

    def go_to(self, place: State) -> None:
        """Go back to a place in the stream."""
        self._source = (NumpyWords if numpy_is_there() else PythonWords)(place)

    def clone_state(self) -> Self:
        """A second generator that goes on from the same state on its own."""
        return type(self)(self._device).set_state_bytes(self.state_bytes())

    def __reduce__(self) -> Any:
        return _revived, (key_of(type(self)), self._device, self.state_bytes())

    def _fresh(self) -> bool:
        """Whether no word has been drawn since the generator was seeded."""
        mine, first = self._stream().state(), seeded(self._seed)
        return mine.position == first.position and bool((mine.key == first.key).all())

    # ---- words and uniforms

    @staticmethod
    def check() -> None:
        """Raise where nothing may be drawn now."""
        sentence = refusal()
        if sentence is not None:
            raise RuntimeError(sentence)

    def words(self, count: int) -> np.ndarray:
        """The next `count` words of 32 bits, in an unsigned array of 32 or 64 bits an element."""
        self.check()
        if self.together is not None:
            return self.together.part(self, self.words, count)
        source = self._source or self._stream()
        if isinstance(source, PythonWords) and source.given + count > _MANY:
            source = self._source = NumpyWords(source.state())
        return source.words(count)

    def long_words(self, count: int) -> np.ndarray:
        """The next `count` words of 64 bits; the first of two words is the high half."""
        words = self.words(2 * count)
        return (words[0::2].astype(np.uint64) << np.uint64(32)) | words[1::2]

    def doubles(self, count: int) -> np.ndarray:
        """`count` uniforms of 53 bits in [0, 1)."""
        words = self.words(2 * count)
        uniforms = (words[0::2] & 0x1FFFFF) * 2.0**-21
        uniforms += words[1::2] * 2.0**-53
        return uniforms

    def floats(self, count: int) -> np.ndarray:
        """`count` float32 uniforms of 24 bits in [0, 1)."""
        uniforms = (self.words(count) & 0xFFFFFF).astype(np.float32)
        uniforms *= np.float32(2.0**-24)
        return uniforms

    def uniforms(self, count: int, dtype: Any) -> np.ndarray:
        """`count` uniforms made in the way of a tensor of `dtype`: double for float64, else single."""
        return self.doubles(count) if np.dtype(dtype) == np.float64 else self.floats(count)


def _revived(key: Any, device: Any, state: np.ndarray) -> Twister:
    """A copied or unpickled generator."""
    return class_of(key)(device).set_state_bytes(state)
