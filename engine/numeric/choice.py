"""Elements of two raw arrays chosen by a third."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import module

# NumPy's `where` guesses at each element which it will be, and takes ten times as long where the guesses fail: of many
# elements bits are chosen by arithmetic.
_MANY = 16_384
_WORDS: dict[int, np.dtype] = {4: np.dtype(np.int32), 8: np.dtype(np.int64)}


def where(condition: Any, input: Any, other: Any) -> Any:
    """`where` on raw arrays; a Python number takes the dtype of the other."""
    xp = module(condition)
    if not hasattr(input, "dtype") and hasattr(other, "dtype"):
        input = other.dtype.type(input)
    elif not hasattr(other, "dtype") and hasattr(input, "dtype"):
        other = input.dtype.type(other)
    if condition.__class__ is np.ndarray and condition.size >= _MANY and condition.dtype == bool:
        kind = getattr(input, "dtype", None)
        if kind is not None and kind == other.dtype and kind.kind in "fiuc" and kind.itemsize in _WORDS:
            return _by_bits(condition, input, other, _WORDS[kind.itemsize]).view(kind)
    return xp.where(condition, input, other)


def _by_bits(condition: Any, input: Any, other: Any, word: np.dtype) -> Any:
    mask = condition.view(np.int8).astype(word)
    np.negative(mask, mask)  # all bits, or none
    theirs = other.view(word)
    if other.ndim == 0 and theirs == 0:
        return np.bitwise_and(input.view(word), mask)
    chosen = np.bitwise_and(np.bitwise_xor(input.view(word), theirs), mask)
    return np.bitwise_xor(chosen, theirs, out=chosen if chosen.shape == np.broadcast(chosen, theirs).shape else None)
