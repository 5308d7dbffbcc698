"""Parts along one axis, as views, and what has them in their place."""

from __future__ import annotations

import operator

import numpy as np

from engine.array import module, numpy_dtype
from engine.errors import axis_of
from engine.op import d, op
from engine.ops.shape import VIEW


@op(
    r"y = x",
    said=VIEW | {"title": "SliceBackward0"},
    input=d(r"\bar y \text{ in its place}", lambda g, shape, dim, start, length, k: k.put_slice(g, shape, dim, start)),
)
def narrow(input, dim, start, length):
    """Of one axis the `length` places from `start` on."""
    axis = axis_of(dim, input.ndim)
    if not input.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    size = input.shape[axis]
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    kind = getattr(start, "dtype", None)
    if kind is not None and (start.ndim or np.dtype(numpy_dtype(kind)).kind not in "iu"):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    start = int(start)
    if not -size <= start <= size:
        raise IndexError(f"start out of range (expected to be in range of [{-size}, {size}], but got {start})")
    if start < 0:
        start += size
    if start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return input[(slice(None),) * axis + (slice(start, start + length),)]


@op(
    r"y = x \text{ in its place, 0 elsewhere}",
    said={"homes": (), "out": False},
    input=d(r"\bar y \text{ there}", lambda g, input_shape, dim, start, k: k.narrow(g, dim, start, input_shape[dim])),
)
def put_slice(input, shape, dim, start):
    """A tensor of zeros with `input` along one axis from `start` on."""
    full = module(input).zeros(shape, input.dtype)
    axis = axis_of(dim, len(shape))
    begin = int(start) % shape[axis] if shape[axis] else 0
    full[(slice(None),) * axis + (slice(begin, begin + input.shape[axis]),)] = input
    return full


@op(
    r"y = x",
    said=VIEW,
    input=d(r"\bar y \text{ in its place}", lambda g, shape, dim, index, k: k.put_index(g, shape, dim, index)),
)
def select(input, dim, index):
    """The slice at one place of an axis, without that axis."""
    if not input.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    axis = axis_of(dim, input.ndim)
    index, size = operator.index(index), input.shape[axis]
    if not -size <= index < size:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at dimension {axis}"
        )
    return input[(slice(None),) * axis + (index, Ellipsis)]


@op(
    r"y = x \text{ in its place, 0 elsewhere}",
    said={"homes": (), "out": False},
    input=d(r"\bar y \text{ there}", lambda g, dim, index, k: k.select(g, dim, index)),
)
def put_index(input, shape, dim, index):
    """A tensor of zeros with `input` at one place of an axis."""
    full = module(input).zeros(shape, input.dtype)
    full[(slice(None),) * axis_of(dim, len(shape)) + (index,)] = input
    return full
