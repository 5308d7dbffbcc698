"""Two sources of the Mersenne Twister's words, each of which goes on from the other's state.

Python's own is there at once; NumPy's, which is three times as fast, takes longer to import than all of the engine
(Matsumoto and Nishimura, 1998, for the twister itself).
"""

from __future__ import annotations

import _random
import sys
from typing import NamedTuple

import numpy as np

LENGTH = 624  # words of a block, and of the state


class State(NamedTuple):
    """Where a stream of words is: the block (624 words, uint32), and how many of its words have been given."""

    key: np.ndarray
    position: int


def seeded(seed: int) -> State:
    """The state that the low 32 bits of a seed begin from, before its first block is made (Knuth, volume 2, 3.3.4)."""
    words = [seed & 0xFFFFFFFF]
    for i in range(1, LENGTH):
        last = words[-1]
        words.append((1812433253 * (last ^ last >> 30) + i) & 0xFFFFFFFF)
    return State(np.array(words, np.uint32), LENGTH)


class PythonWords:
    """The words from Python's own twister; `given` counts them."""

    __slots__ = ("_random", "given")

    def __init__(self, state: State) -> None:
        self._random = _random.Random(0)
        self._random.setstate((*state.key.tolist(), state.position))
        self.given = 0

    def words(self, count: int) -> np.ndarray:
        """The next words, as uint32."""
        self.given += count
        return np.frombuffer(self._random.getrandbits(32 * count).to_bytes(4 * count, "little"), "<u4", count)

    def state(self) -> State:
        """Where it is."""
        *key, position = self._random.getstate()
        return State(np.array(key, np.uint32), position)


class NumpyWords:
    """The words from NumPy's twister."""

    __slots__ = ("_bits", "_filler")

    def __init__(self, state: State | int) -> None:
        self._bits = np.random.MT19937(0)
        self._filler = np.random.Generator(self._bits)
        if isinstance(state, int):
            self.seed(state)
        else:
            self._bits.state = {"bit_generator": "MT19937", "state": {"key": state.key, "pos": state.position}}

    def seed(self, seed: int) -> None:
        """Begin anew."""
        self._bits._legacy_seeding(seed & 0xFFFFFFFF)

    def words(self, count: int) -> np.ndarray:
        """The next words, as uint32 or uint64."""
        if count < 2_000:  # from then on the filler of bounded integers (32 bits a word in memory) is quicker
            return self._bits.random_raw(count)
        return self._filler.integers(0, 0xFFFFFFFF, count, dtype=np.uint32, endpoint=True)

    def state(self) -> State:
        """Where it is."""
        state = self._bits.state["state"]
        return State(state["key"], state["pos"])


def numpy_is_there() -> bool:
    """Whether NumPy's generators have been imported, by whomever."""
    return "numpy.random" in sys.modules
