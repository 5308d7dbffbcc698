"""What cuts up, joins and turns whole tensors, made of simpler ops; and combinations of elements."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from engine import deprecated
from engine.array import module
from engine.dispatch import delivered, tensors
from engine.errors import ShapeError, broadcast_error, class_name, dim_error, wrong_call
from engine.fitting import whole
from engine.op import composite
from engine.ops.join import cat, flip, split, stack, tensor_split
from engine.ops.shape import _reshape
from engine.size import Size
from engine.tensor import Tensor, wrap
from engine.titles import retitle

# ---- cutting up


@composite()
def split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> Any:
    """One axis cut into pieces of given sizes."""
    return split(input, tuple(split_sizes), dim)


@composite()
def unsafe_split(input: Any, split_size: Any, dim: int = 0) -> Any:
    """`split`, into pieces that may be changed in place."""
    return _loose(split(input, split_size, dim))


@composite()
def unsafe_split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> Any:
    """`split_with_sizes`, into pieces that may be changed in place."""
    return _loose(split(input, tuple(split_sizes), dim))


@composite()
def unsafe_chunk(input: Any, chunks: int, dim: int = 0) -> Any:
    """`chunk`, into pieces that may be changed in place."""
    return _loose(tensors.chunk(input, chunks, dim))


def _loose(pieces: Any) -> Any:
    """The pieces, no longer known to be views."""
    for each in pieces:
        each._family = None
        if hasattr(each, "_view"):
            del each._view
    return pieces


def _cutter(name: str, dim_of: Callable[[Any], int], least: int, doc: str) -> None:
    def cut(input: Any, indices_or_sections: Any = None, *more: Any, **names: Any) -> Any:
        given = names.get("indices", names.get("sections", indices_or_sections))
        given = whole((given, *more) if more else given)
        if input._array.ndim < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor with "
                f"{input._array.ndim} dimensions!"
            )
        if not isinstance(given, (int, tuple, list)):
            kinds = (input,) if given is None else (input, given)
            raise wrong_call(name, kinds, "(Tensor input, int sections)", "(Tensor input, tuple of ints indices)")
        axis = dim_of(input)
        size = input._array.shape[axis]
        if isinstance(given, int) and (given == 0 or size % given):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {axis}, but the size of the dimension {size} is not "
                f"divisible by the split_size {given}!"
            )
        return tensor_split(input, given, axis)

    cut.__name__ = cut.__qualname__ = name
    cut.__doc__ = doc
    composite()(cut)


_cutter("hsplit", lambda t: int(t._array.ndim > 1), 1, "Cut up side by side.")
_cutter("vsplit", lambda t: 0, 2, "Cut up one above the other.")
_cutter("dsplit", lambda t: 2, 3, "Cut up along the third axis.")

# ---- more axes, and joining


def _each(given: tuple[Any, ...], more: Callable[[Any], Any]) -> Any:
    if len(given) == 1 and not isinstance(given[0], Tensor):
        return tuple([more(each) for each in given[0]])
    return more(given[0]) if len(given) == 1 else tuple([more(each) for each in given])


def _one(t: Any) -> Any:
    return t if t._array.ndim else _reshape(t, (1,))


def _two(t: Any) -> Any:
    return _reshape(t, (1, 1)) if not t._array.ndim else t.unsqueeze(0) if t._array.ndim == 1 else t


def _three(t: Any) -> Any:
    if t._array.ndim == 2:
        return t.unsqueeze(-1)
    return t if t._array.ndim > 2 else _two(t).unsqueeze(-1) if t._array.ndim else _reshape(t, (1, 1, 1))


@composite("engine")
def atleast_1d(*tensors: Any) -> Any:
    """With at least one axis, each of several tensors or one."""
    return _each(tensors, _one)


@composite("engine")
def atleast_2d(*tensors: Any) -> Any:
    """With at least two axes, each of several tensors or one."""
    return _each(tensors, _two)


@composite("engine")
def atleast_3d(*tensors: Any) -> Any:
    """With at least three axes, each of several tensors or one."""
    return _each(tensors, _three)


def _listed(name: str, tensors: Any) -> list[Any]:
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {class_name(tensors)}"
        )
    if not tensors:
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return list(tensors)


@composite("engine")
def hstack(tensors: Any, *, out: Any = None) -> Any:
    """The tensors joined side by side."""
    given = [_one(each) for each in _listed("hstack", tensors)]
    return delivered("hstack", out, cat(given, 0 if given[0]._array.ndim == 1 else 1))


@composite("engine")
def vstack(tensors: Any, *, out: Any = None) -> Any:
    """The tensors joined one under the other."""
    return delivered("vstack", out, cat([_two(each) for each in _listed("vstack", tensors)], 0))


@composite("engine")
def dstack(tensors: Any, *, out: Any = None) -> Any:
    """The tensors joined along their third axis."""
    return delivered("dstack", out, cat([_three(each) for each in _listed("dstack", tensors)], 2))


@composite("engine")
def column_stack(tensors: Any, *, out: Any = None) -> Any:
    """The tensors joined side by side, vectors as columns."""
    columns = [_reshape(t, (t.numel(), 1)) if t._array.ndim <= 1 else t for t in _listed("column_stack", tensors)]
    return delivered("column_stack", out, cat(columns, 1))


@composite("engine")
def row_stack(tensors: Any, *, out: Any = None) -> Any:
    """`vstack`."""
    return delivered("row_stack", out, cat([_two(each) for each in _listed("row_stack", tensors)], 0))


# ---- turning


@composite()
def fliplr(input: Any) -> Any:
    """The columns in reverse order."""
    if input._array.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, 1)


@composite()
def flipud(input: Any) -> Any:
    """The rows in reverse order."""
    if input._array.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, 0)


@composite()
def rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """The plane of two axes turned by k right angles, from the first towards the second."""
    n = input._array.ndim
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if n < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {n}")
    first, second = dims
    if first == second or abs(first - second) == n:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {first} and dim1 = {second}")
    for dim in (first, second):
        if not -n <= dim < n:
            raise dim_error(dim, n)
    turns = k % 4
    if turns == 1:
        return flip(input, second).transpose(first, second)
    if turns == 2:
        return flip(input, first, second)
    return flip(input, first).transpose(first, second) if turns == 3 else input.clone()


@composite("method", "engine")
def diagflat(input: Any, offset: int = 0) -> Any:
    """All elements as the diagonal of a matrix."""
    return tensors.diag(_reshape(input, (-1,)), offset)


# ---- combinations


def _vector(t: Any) -> None:
    if t._array.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(t._array.shape)}")


@composite("engine")
def cartesian_prod(*tensors: Any) -> Any:
    """All tuples of one element of each vector, a row each."""
    given = list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else list(tensors)
    for each in given:
        _vector(each)
    if len(given) == 1:
        return given[0]
    if len({each.dtype for each in given}) > 1:
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    shape = tuple(t.numel() for t in given)
    grids = [
        t.view((1,) * i + (-1,) + (1,) * (len(given) - i - 1)).expand(shape).reshape(-1) for i, t in enumerate(given)
    ]
    return stack(grids, 1)


@composite("engine")
def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All choices of r elements of a vector, in order, a row each."""
    _vector(input)
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return input.new_empty(0)
    choose: Any = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    picks = np.array(list(choose(range(input.numel()), r)), np.int64).reshape(-1, r)
    places = wrap(module(input._array).asarray(picks.reshape(-1)))
    return retitle(tensors.index_select(input, 0, places).reshape(-1, r), "StackBackward0")


@composite("engine")
def meshgrid(*given: Any, indexing: str | None = None) -> tuple[Any, ...]:
    """Grids of the coordinates of all points of a lattice."""
    if indexing is None:
        deprecated.tell_once(deprecated.NO_INDEXING)
    vectors = list(given[0]) if len(given) == 1 and isinstance(given[0], (list, tuple)) else list(given)
    if not vectors:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    for each in vectors:
        if each._array.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {each}")
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    if len({each.dtype for each in vectors}) > 1:
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    if len({each.device for each in vectors}) > 1:
        raise RuntimeError("meshgrid expects all tensors to have the same device")
    if indexing == "xy" and len(vectors) > 1:
        vectors[:2] = vectors[1::-1]
    shape = tuple(each.numel() for each in vectors)
    grids = [
        each.view((1,) * i + (-1,) + (1,) * (len(vectors) - i - 1)).expand(shape) for i, each in enumerate(vectors)
    ]
    if indexing == "xy" and len(vectors) > 1:
        grids[:2] = grids[1::-1]
    return tuple(grids)


@composite("engine")
def broadcast_tensors(*given: Any) -> tuple[Any, ...]:
    """The tensors, expanded to the shape that they have in common."""
    shapes = [each._array.shape for each in given]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise broadcast_error("broadcast_tensors", shapes) from None
    return tuple(each if each._array.shape == shape else each.expand(shape) for each in given)


@composite("engine")
def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that several have in common."""
    shapes = tuple((each,) if isinstance(each, int) else each for each in shapes)
    common = [1] * max(map(len, shapes), default=0)
    for number, shape in enumerate(shapes):
        for i in range(-1, -1 - len(shape), -1):
            if shape[i] not in (1, common[i]) and common[i] != 1:
                raise ShapeError(
                    f"Attempting to broadcast a dimension of length {shape[i]} at {i}! Mismatching argument at index "
                    f"{number} had {shape}; but expected shape should be broadcastable to {common}",
                    "broadcast_shapes", shapes,
                )  # fmt: skip
            common[i] = shape[i] if shape[i] != 1 else common[i]
    return Size(common)
