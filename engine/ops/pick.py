"""Elements by index tensors and masks: gather, scatter, select, fill, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.array import module
from engine.dispatch import raw, tensors
from engine.errors import axis_of, broadcast_error
from engine.op import composite, d, op
from engine.ops.index import item_copy, put_
from engine.tensor import Tensor, wrap


def _checked(op_name: str, input: Any, dim: int, index: Any) -> int:
    axis = axis_of(dim, input.ndim)
    if index.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"{op_name}(): Expected dtype int32/int64 for index")
    if input.ndim != index.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    size = input.shape[axis] if input.ndim else 1
    if index.size and not (index.min() >= 0 and index.max() < size):
        wrong = index[(index < 0) | (index >= size)].flat[0]
        raise RuntimeError(f"index {wrong} is out of bounds for dimension {axis} with size {size}")
    return axis


def _along(index: Any, axis: int) -> tuple[Any, ...]:
    """The key that picks, for each place of `index`, the element that it names along the axis."""
    grids = np.indices(index.shape, sparse=True)
    return tuple(index if i == axis else grid for i, grid in enumerate(grids))


@op(
    r"y_{ij} = x_{i, k_{ij}}",
    input=d(r"\bar y \text{ added at } k", lambda g, shape, dim, index, k: k.scatter_zeros(g, shape, dim, index)),
    index=None,
)
def gather(input, dim, index):
    """The elements that `index` names along an axis."""
    axis = _checked("gather", input, dim, index)
    return input[_along(index, axis)] if input.ndim else input.copy()


@op(
    r"y_{i, k_{ij}} \mathrel{+}= x_{ij}",
    said={"homes": (), "out": False},
    input=d(r"\bar y_{i, k_{ij}}", lambda g, dim, index, k: k.gather(g, dim, index)),
    index=None,
)
def scatter_zeros(input, shape, dim, index):
    """A tensor of zeros to which `input` is added where `index` says along an axis."""
    full = module(input).zeros(shape, input.dtype)
    if not len(shape):
        return full + input
    part = input[tuple(slice(n) for n in index.shape)]
    module(input).add.at(full, _along(index, axis_of(dim, len(shape))), part)
    return full


@composite(in_place=True)
def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """The tensor with `src` added where `index` says along an axis."""
    part = src[tuple(slice(n) for n in index._array.shape)]
    return input + scatter_zeros(part, input._array.shape, dim, index)


@composite(in_place=True)
def scatter(input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: Any = None) -> Any:
    """The tensor with `src`, a tensor or number, put where `index` says along an axis."""
    if value is not None or not isinstance(src, Tensor):
        number = src if value is None else value
        src = tensors.full(index.shape, number, dtype=input.dtype)
    if reduce == "add":
        return scatter_add(input, dim, index, src)
    axis = _checked("scatter", input._array, dim, index._array)
    key = _along(index._array, axis)
    part = src[tuple(slice(n) for n in index._array.shape)]
    if reduce == "multiply":
        part = part * item_copy(input, key)
    return put_(input.clone(), key, part)


@op(
    r"y = x_{k}",
    input=d(r"\bar y \text{ added at } k", lambda g, shape, dim, index, k: k.index_zeros(g, shape, dim, index)),
    index=None,
)
def index_select(input, dim, index):
    """The slices along an axis that a vector of indices names."""
    axis = axis_of(dim, input.ndim)
    if index.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if index.size and input.ndim and not (index.min() >= 0 and index.max() < input.shape[axis]):
        raise IndexError("index out of range in self")
    return np.take(input, np.atleast_1d(index), axis=axis) if input.ndim else input.copy()


@op(
    r"y_k \mathrel{+}= x",
    said={"homes": (), "out": False},
    input=d(r"\bar y_k", lambda g, dim, index, k: k.index_select(g, dim, index)),
    index=None,
)
def index_zeros(input, shape, dim, index):
    """A tensor of zeros to which slices are added where a vector of indices says."""
    full = module(input).zeros(shape, input.dtype)
    if not len(shape):
        return full + input
    module(input).add.at(full, (slice(None),) * axis_of(dim, len(shape)) + (np.atleast_1d(index),), input)
    return full


@composite(in_place=True)
def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
    """The tensor with slices added where a vector of indices says."""
    return input + alpha * index_zeros(source, input._array.shape, dim, index)


@composite(in_place=True)
def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """The tensor with slices set to a number."""
    axis = axis_of(dim, input._array.ndim)
    return put_(input.clone(), (slice(None),) * axis + (index._array,), value)


@composite(in_place=True)
def index_copy(input: Any, dim: int, index: Any, source: Any) -> Any:
    """The tensor with slices replaced where a vector of indices says."""
    axis = axis_of(dim, input._array.ndim)
    return put_(input.clone(), (slice(None),) * axis + (index._array,), source)


@composite()
def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Any:
    """The elements that broadcast indices name along an axis, or of the flattened tensor."""
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    axis = axis_of(dim, input._array.ndim)

    def with_axis(shape: Sequence[int], n: int) -> tuple[int, ...]:
        return (*shape[:axis], n, *shape[axis + 1 :])

    a, b = input._array.shape, indices._array.shape
    try:
        shape = np.broadcast_shapes(with_axis(a, 1), with_axis(b, 1))
    except ValueError:
        raise broadcast_error("take_along_dim", (a, b)) from None
    here = input.expand(with_axis(shape, a[axis]))
    return gather(here, dim, indices.expand(with_axis(shape, b[axis])))


@composite()
def take(input: Any, index: Any) -> Any:
    """The elements at places of the flattened tensor."""
    return item_copy(input.reshape(-1), (index._array,))


@composite(in_place=True)
def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """The tensor with a number where the mask holds."""
    if mask._array.dtype != np.bool_:
        raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype " + str(mask.dtype)[6:])
    if isinstance(value, Tensor):
        if value._array.ndim:
            raise RuntimeError(
                "masked_fill only supports a 0-dimensional value tensor, but got tensor with "
                f"{value._array.ndim} dimension(s)."
            )
        return tensors.where(mask, value.to(input.dtype), input)
    return fill_masked(input, mask, value)


@op(
    r"y = m\ ?\ v : x",
    said={
        "homes": (),
        "rule": "promote",
        "promoted": ["input"],
        "title": "MaskedFillBackward0",
        "in_place": False,
        "name": "fill_masked",
        "out": False,
    },
    input=d(r"\bar y\,[\neg m]", lambda g, mask, k: k.where(mask, 0.0, g)),
    mask=None,
)
def fill_masked(input, mask, value):
    """`value` where the mask holds."""
    return raw.where(mask, input.dtype.type(value), input)


@composite()
def masked_select(input: Any, mask: Any) -> Any:
    """The elements where the mask, broadcast, holds, in one axis."""
    shape = np.broadcast_shapes(input._array.shape, mask._array.shape)
    return item_copy(input.expand(shape), (np.broadcast_to(mask._array, shape),))


@composite(in_place=True)
def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """The tensor with elements of `source`, in their order, where the mask holds."""
    holds = np.broadcast_to(mask._array, input._array.shape)
    return put_(input.clone(), (holds,), source.reshape(-1)[: int(holds.sum())])


@composite()
def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """The indices of the elements that are not zero: a row each, or a vector an axis."""
    found = np.nonzero(np.atleast_1d(input._array))
    if as_tuple:
        return tuple(wrap(each) for each in found)
    rows = np.stack(found, 1)
    return wrap(rows if input._array.ndim else rows[:, :0])


@composite()
def argwhere(input: Any) -> Any:
    """The indices of the elements that are not zero, a row each."""
    return nonzero(input)


@op(
    r"y_{ij} = [j \le i + d]\,x_{ij}",
    said={"in_place": True},
    input=d(r"[j \le i + d]\,\bar y_{ij}", lambda g, diagonal, k: k.tril(g, diagonal)),
)
def tril(input, diagonal=0):
    """The lower triangle of matrices, zeros above."""
    return np.tril(input, diagonal)


@op(
    r"y_{ij} = [j \ge i + d]\,x_{ij}",
    said={"in_place": True},
    input=d(r"[j \ge i + d]\,\bar y_{ij}", lambda g, diagonal, k: k.triu(g, diagonal)),
)
def triu(input, diagonal=0):
    """The upper triangle of matrices, zeros below."""
    return np.triu(input, diagonal)


@composite("functional")
def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """For each class index a vector with a one at its place."""
    index = tensor._array
    if index.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if num_classes == -1:
        num_classes = int(index.max()) + 1
    if index.size and index.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if index.size and index.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap((index[..., None] == np.arange(num_classes)).astype(np.int64))
