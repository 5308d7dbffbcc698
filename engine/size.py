"""The shape of a tensor."""

from __future__ import annotations

import math
from operator import index
from typing import Any

from engine.places import built, key_of, placed


@placed
class Size(tuple[int, ...]):
    """A tensor's shape: a tuple that prints as `torch.Size([2, 3])`."""

    __slots__ = ()

    def __new__(cls, sizes: Any = ()) -> Size:
        """Integers, some perhaps tensors of one; TypeError for what is none."""
        if sizes.__class__ is cls:
            return sizes
        return tuple.__new__(cls, [n if n.__class__ is int else _whole(n, i) for i, n in enumerate(sizes)])

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def numel(self) -> int:
        """The number of elements."""
        return math.prod(self)

    def __getitem__(self, key: Any) -> Any:
        item = tuple.__getitem__(self, key)
        return sized(Size, item) if isinstance(key, slice) else item

    def __add__(self, other: Any) -> Size:
        if not isinstance(other, tuple):
            raise TypeError(f"can only concatenate tuple (not {type(other).__name__}) to torch.Size")
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: Any) -> Size:
        if not isinstance(other, tuple):
            raise TypeError(f"can only concatenate tuple (not {type(other).__name__}) to torch.Size")
        return Size(tuple(other) + tuple(self))

    def __mul__(self, times: Any) -> Size:
        return sized(Size, tuple.__mul__(self, times))

    __rmul__ = __mul__

    def __reduce__(self) -> Any:
        return built, (key_of(Size), tuple(self))


# `sized(Size, shape)` is the shape of an array as a size, without a look at what is in it.
sized = tuple.__new__


def _whole(n: Any, place: int) -> int:
    """One of the sizes as an integer."""
    try:
        return int(n) if isinstance(n, int) else index(n)
    except TypeError:
        raise TypeError(f"torch.Size() takes an iterable of 'int' (item {place} is '{type(n).__name__}')") from None
