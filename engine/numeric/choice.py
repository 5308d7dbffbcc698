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


_FEW = 128
_BITS = {kind: (np.zeros((), kind), np.dtype(f"i{np.dtype(kind).itemsize}")) for kind in "efdF"}


def kept(g: Any, mask: Any) -> Any:
    """A raw array where the mask is true, else zero: not NaN nor -0, as a product would leave."""
    if g.__class__ is not np.ndarray:
        if mask.__class__ is np.bool_ and isinstance(g, np.generic):  # of one number Python's way costs a tenth
            return g if mask else g.__class__(0)
        return module(g).where(mask, g, g.dtype.type(0))
    known = _BITS.get(g.dtype.char)
    if known is None:
        return np.where(mask, g, g.dtype.type(0))
    zero, word = known
    if mask.size <= _FEW:
        return np.where(mask, g, zero)
    # Of many `where` takes several times as long as the bits of the numbers, as integers, times 1 or 0.
    return np.multiply(mask, g.view(word)).view(g.dtype)


def keep(g: Any, mask: Any, out: Any) -> None:
    """`kept`, put into an array of the same dtype."""
    if g.__class__ is not np.ndarray or g.dtype.char not in _BITS:
        out[...] = kept(g, mask)
        return
    word = _BITS[g.dtype.char][1]
    np.multiply(mask, g.view(word), out=out.view(word))
