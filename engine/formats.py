"""How elements lie in memory, by name: layouts and memory formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine import array
from engine.memory import plain_steps
from engine.places import class_of, placed


class _Named:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> Any:
        return class_of, ((__name__, self.name),)


@placed
class layout(_Named):
    """A way to store a tensor; tensors are `strided` here, and the other ways have their names only."""

    __slots__ = ()


@placed
class memory_format(_Named):
    """An order of the axes in memory."""

    __slots__ = ()


strided = layout("strided")
sparse_coo, sparse_csr, sparse_csc = layout("sparse_coo"), layout("sparse_csr"), layout("sparse_csc")
sparse_bsr, sparse_bsc, jagged = layout("sparse_bsr"), layout("sparse_bsc"), layout("jagged")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")
_AXES = {"channels_last": 4, "channels_last_3d": 5}


def steps_in(format: Any, shape: Sequence[int]) -> tuple[int, ...]:
    """The steps of a tensor of a shape in a memory format; PyTorch's error where it has too few axes."""
    name = getattr(format, "name", "contiguous_format")
    if name not in _AXES:
        return plain_steps(shape)
    if len(shape) != _AXES[name]:
        raise RuntimeError(f"required rank {_AXES[name]} tensor to use {name} format")
    n, c, *space = shape
    a, *inner, b = plain_steps((n, *space, c))
    return (a, b, *inner)


def lies_in(format: Any, shape: Sequence[int], steps: Sequence[int]) -> bool:
    """Whether steps are those of a memory format; an axis of size one may have any."""
    name = getattr(format, "name", "contiguous_format")
    if name in _AXES and len(shape) != _AXES[name]:
        return False
    return all(n == 1 or a == b for n, a, b in zip(shape, steps, steps_in(format, shape), strict=True))


def _ends_with_channels(x: Any) -> bool:
    """Whether the channels have the smallest steps, the images the greatest: as PyTorch tells it, also of parts."""
    if x.ndim not in (4, 5) or not x.size or x.strides[1] == 0:
        return False
    least = 0
    for axis in (1, *range(x.ndim - 1, 1, -1), 0):
        step = x.strides[axis]
        if step < least or (axis == 0 and least == x.strides[1]):
            return False
        least = step * max(x.shape[axis], 1)
    return True


def laid_in(format: Any, y: Any) -> Any:
    """A tensor in a memory format, to the steps of its axes of size one."""
    y = y.contiguous(format)
    if format is contiguous_format:
        return y
    steps = steps_in(format, y.shape)
    return y if y.stride() == steps else y.as_strided(y.shape, steps)


def suggested(x: Any) -> memory_format:
    """The memory format that an array of images is in."""
    return (channels_last if x.ndim == 4 else channels_last_3d) if _ends_with_channels(x) else contiguous_format


def followed(y: Any, *given: Any) -> Any:
    """The result of a kernel on images, its channels last in memory if those of an operand are."""
    if not any(map(_ends_with_channels, given)):
        return y
    xp = array.module(y)
    last = xp.ascontiguousarray(xp.moveaxis(y, 1, -1))
    return xp.moveaxis(last.reshape(-1).reshape(last.shape), -1, 1)  # NumPy gives an axis of one any stride
