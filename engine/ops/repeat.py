"""What repeats a tensor: whole, or each of its elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.array import module
from engine.dispatch import tensors
from engine.errors import axis_of, dim_error, not_implemented
from engine.given_sizes import given_sizes
from engine.op import composite, d, op
from engine.ops.shape import _reshape
from engine.tensor import Tensor, wrap
from engine.titles import retitle


def _led(shape: tuple[int, ...], times: Sequence[int]) -> tuple[int, ...]:
    """A shape with axes of one before it, as many axes as there are `times`."""
    return (1,) * (len(times) - len(shape)) + tuple(shape)


def _added_up(g: Any, shape: tuple[int, ...], times: Sequence[int], k: Any) -> Any:
    """The gradients of the repetitions, summed."""
    apart = g.reshape(tuple(n for pair in zip(times, _led(shape, times), strict=True) for n in pair))
    return k.sum(apart, tuple(range(0, 2 * len(times), 2)), False).reshape(tuple(shape)) if times else g


@op(
    r"y_i = x_{i \bmod n}",
    said={"homes": (), "name": "repeated", "title": "RepeatBackward0", "out": False},
    input=d(r"\sum_j \bar y_{i + j n}", _added_up),
)
def repeated(input, times):
    """The whole repeated along each axis, in memory of its own."""
    if all(time == 1 for time in times):
        return module(input).array(input, ndmin=len(times), order="C")
    return module(input).tile(input, times)


@composite("method")
def repeat(self: Any, *sizes: Any, repeats: Any = None) -> Any:
    """The whole tensor repeated along each axis."""
    times = given_sizes(sizes, repeats, "repeat", "repeats")
    if len(times) < self._array.ndim:
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    if any(time < 0 for time in times):
        shape = [time * size for time, size in zip(times, _led(self._array.shape, times), strict=True)]
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {shape}")
    return repeated(self, times)


@composite()
def tile(input: Any, *sizes: Any, dims: Any = None) -> Any:
    """The whole tensor repeated along its last axes."""
    times = given_sizes(sizes, dims, "tile", "dims")
    return input.repeat((1,) * (input._array.ndim - len(times)) + times)


@composite()
def repeat_interleave(input: Any, repeats: Any = None, dim: Any = None, *, output_size: Any = None) -> Any:
    """Each element (or slice along `dim`) repeated in place."""
    if repeats is None:
        if input._array.ndim != 1:
            raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
        return wrap(_repeated(np.arange(input._array.size, dtype=input._array.dtype), input._array, output_size))
    if dim is None:
        input, dim = _reshape(input, (-1,)), 0
    if not input._array.ndim:
        if isinstance(repeats, Tensor):
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        raise dim_error(dim if dim not in (0, -1) else 1, 0)
    axis_of(dim, input._array.ndim)
    counts = repeats._array if isinstance(repeats, Tensor) else np.array(repeats)
    if counts.ndim > 1:
        raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
    if not isinstance(repeats, Tensor) and counts < 0:
        raise RuntimeError("Repeats must be non-negative")
    size = input._array.shape[dim]
    if counts.ndim and counts.size not in (1, size):
        raise RuntimeError(
            "repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{counts.size} and input.size({dim}) = {size}"
        )
    places = _repeated(np.arange(size), counts, output_size)
    result = tensors.index_select(input, dim, tensors.as_tensor(places))
    return result if isinstance(repeats, Tensor) else retitle(result, "ViewBackward0")


def _repeated(places: Any, counts: Any, size: Any) -> Any:
    """Each place as often as its count says; `size` is how many there have to be."""
    if counts.dtype not in (np.int64, np.int32):
        raise not_implemented("repeat_interleave_cpu", counts.dtype)
    if (counts < 0).any():
        raise RuntimeError("repeats can not be negative")
    found = np.repeat(places, counts)
    if size is not None and found.size != int(size):
        raise RuntimeError("allocated size does not match required size")
    return found
