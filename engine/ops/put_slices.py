"""Slices along an axis added, set or replaced where a vector of indices says."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, formats
from engine.array import module
from engine.dispatch import delivered, tensors
from engine.errors import axis_of
from engine.fitting import fitted
from engine.op import composite
from engine.ops.index import put_
from engine.ops.pick import index_zeros
from engine.tensor import Tensor

_COMBINED = ("index_add_", "index_reduce_")


def _slices(name: str, input: Any, dim: int, index: Any, source: Any) -> int:
    """The axis, after PyTorch's checks of slices put where a vector of indices says."""
    axis = axis_of(dim, input._array.ndim)
    if index._array.ndim > 1 and name in _COMBINED:
        raise IndexError(
            f"{name}(): Index is supposed to be a vector, but got dim: {index._array.ndim} with type: "
            f"{array.TITLES[index.dtype]} and size: {list(index._array.shape)}"
        )
    if index._array.ndim > 1:
        raise IndexError(f"{name}(): Index should have dimension 1 or 0 (got {index._array.ndim})")
    if index._array.dtype not in (np.int64, np.int32):
        title = array.TITLES[index.dtype]
        if name == "index_copy_":
            raise RuntimeError(f"{name}(): Expected a long tensor for index, but got {title}")
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index but got: {title}")
    size = input._array.shape[axis] if input._array.ndim else 1
    wrong = index._array[(index._array < 0) | (index._array >= size)]
    if source is not None and source.dtype is not input.dtype:
        mine, theirs = array.TITLES[input.dtype], array.TITLES[source.dtype]
        if name in _COMBINED:
            raise RuntimeError(f"{name}(): self ({mine}) and source ({theirs}) must have the same scalar type")
        raise RuntimeError(
            f"{name}(): self and source expected to have the same dtype, but got (self) {mine} and (source) {theirs}"
        )
    if source is not None:
        _same_slices(name, input._array.shape, source._array.shape, axis, index._array.size)
    if wrong.size and name == "index_reduce_":
        raise IndexError("index out of range in self")
    if wrong.size:
        kind = IndexError if name == "index_copy_" else RuntimeError
        name = "index_copy_(): " if name == "index_copy_" else ""
        raise kind(f"{name}index {wrong.flat[0]} is out of bounds for dimension {axis} with size {size}")
    return axis


def _same_slices(name: str, mine: Any, theirs: Any, axis: int, count: int) -> None:
    given = theirs[axis] if axis < len(theirs) else 1
    others = [tuple(n for i, n in enumerate(shape) if i != axis) for shape in (mine, theirs)]
    if name == "index_copy_":
        if mine and theirs and len(mine) != len(theirs):
            raise IndexError(
                f"{name}(): When source and destination are not scalars, their dimensionality must match. Source "
                f"dimensionality ({len(theirs)}), destination dimensionality ({len(mine)})"
            )
        if others[0] != others[1]:
            raise RuntimeError(
                f"{name}(): Source/destination tensor must have same slice shapes. Destination slice shape: "
                f"{' '.join(map(str, others[0]))} at dimension {axis} and source slice shape: "
                f"{' '.join(map(str, others[1]))} at dimension {axis}."
            )
        if count != given:
            raise IndexError(f"{name}(): Number of indices ({count}) should be equal to source.size(dim) ({given})")
        return
    if count != given:
        raise RuntimeError(
            f"{name}(): Number of indices ({count}) should be equal to source.size(dim): ({given}), for dim: {axis}"
        )
    if others[0] != others[1] or len(mine) != len(theirs):
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(mine)} source.shape = {list(theirs)}"
        )


@composite(in_place=True)
def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: float = 1, out: Any = None) -> Any:
    """The tensor with slices added where a vector of indices says."""
    _slices("index_add_", input, dim, index, source)
    if alpha != 1:
        kind = source._array.dtype
        source = source * (fitted(alpha, kind).item() if kind.kind in "biu" else alpha)
    added = index_zeros(source, input._array.shape, dim, index)
    return delivered("index_add", out, input + added)


@composite(in_place=True)
def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """The tensor with slices set to a number."""
    if isinstance(value, Tensor) and value._array.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value._array.ndim} "
            "dimension(s)."
        )
    axis = axis_of(dim, input._array.ndim)
    if isinstance(value, complex) and not input.is_complex():
        raise RuntimeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    if index._array.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    value = fitted(value, input._array.dtype)
    if index._array.dtype not in (np.int64, np.int32):
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    size = input._array.shape[axis] if input._array.ndim else 1
    wrong = index._array[(index._array < -size) | (index._array >= size)]
    if wrong.size:
        raise IndexError(f"index {wrong.flat[0]} is out of bounds for dimension {axis} with size {size}")
    if not input._array.ndim:
        return tensors.fill(input, value) if index._array.size else input.clone()
    places = np.unique(np.asarray(array.moved(index._array, "cpu")) % size) if size else np.zeros(0, np.int64)
    return put_(input.clone(), (slice(None),) * axis + (module(input._array).asarray(places),), value)


@composite(in_place=True)
def index_copy(input: Any, dim: int, index: Any, source: Any, *, out: Any = None) -> Any:
    """The tensor with slices replaced where a vector of indices says."""
    axis = _slices("index_copy_", input, dim, index, source)
    if not input._array.ndim:
        made = tensors.copied(input, source.reshape(()).clone()) if index._array.size else input.clone()
    else:
        copied = input.clone(memory_format=formats.contiguous_format)
        made = put_(copied, (slice(None),) * axis + (np.atleast_1d(index._array),), source)
    return delivered("index_copy", out, made)
