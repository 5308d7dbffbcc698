"""The shape of a tensor."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

from engine.places import built, key_of, placed

new_size: Callable[..., Size] = tuple.__new__  # of a tuple that is one of integers already


def _side(value: Any, place: int) -> int:
    """What stands for an integer in a size as one; PyTorch's error for what does not."""
    try:
        return value if isinstance(value, int) else operator.index(value)
    except TypeError:
        kind = type(value).__name__
        raise TypeError(f"torch.Size() takes an iterable of 'int' (item {place} is '{kind}')") from None


@placed
class Size(tuple[int, ...]):
    """A tensor's shape: a tuple that prints as `torch.Size([2, 3])`."""

    __slots__ = ()

    def __new__(cls, sizes: Iterable[Any] = ()) -> Size:
        return new_size(cls, [n if n.__class__ is int else _side(n, i) for i, n in enumerate(sizes)])

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def numel(self) -> int:
        """The number of elements."""
        return math.prod(self)

    def __getitem__(self, key: Any) -> Any:
        item = tuple.__getitem__(self, key)
        return new_size(Size, item) if isinstance(key, slice) else item

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, tuple(other)))

    def __radd__(self, other: Any) -> Size:
        return Size(tuple(other) + tuple(self))

    def __mul__(self, times: Any) -> Size:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__

    def __reduce__(self) -> Any:
        return built, (key_of(Size), tuple(self))
