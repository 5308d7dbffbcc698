"""Elements by index tensors and masks: gather, scatter, select, fill, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import array, formats, graph, outs, titles
from engine.array import in_order, module
from engine.dispatch import delivered, raw, tensors
from engine.errors import axis_in, axis_of, broadcast_error, not_a_tensor, only_tensors
from engine.fitting import fitted, refused, word
from engine.meta import no_kernel
from engine.numeric.adding import add_at
from engine.op import composite, d, op
from engine.ops.index import item_copy, put_
from engine.tensor import Tensor, wrap


def _checked(op_name: str, input: Any, dim: int, index: Any) -> int:
    axis = axis_of(dim, input.ndim)
    if index.dtype not in (np.int64, np.int32) and index.size:
        raise RuntimeError(f"{op_name}(): Expected dtype int32/int64 for index")
    if max(input.ndim, 1) != max(index.ndim, 1) and index.size:
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
def gather(input, dim, index, *, sparse_grad=False):
    """The elements that `index` names along an axis."""
    if index.ndim == input.ndim and index.size:
        at = axis_of(dim, input.ndim)
        for i, n in enumerate(index.shape):
            if i != at and n > input.shape[i]:
                raise RuntimeError(
                    f"Size does not match at dimension {i} expected index {list(index.shape)} to be no larger than "
                    f"self {list(input.shape)} apart from dimension {at}"
                )
    axis = _checked("gather", input, dim, index)
    if not index.size:
        return module(input).empty(index.shape, input.dtype)
    if not input.ndim:
        return module(input).broadcast_to(input, index.shape).copy()
    return input[_along(index, axis)] if index.ndim else input[int(index)]


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
        return full + input.sum(dtype=input.dtype).reshape(())
    if not index.size:
        return full
    if not index.ndim:
        index, input = index.reshape(1), input.reshape(1)
    part = input[tuple(slice(n) for n in index.shape)]
    add_at(full, _along(index, axis_of(dim, len(shape))), part)
    return full


def _uneven(g: Any, shape: Any, of: str) -> Any:
    raise RuntimeError(
        f"Function {of} returned an invalid gradient at index 1 - got {list(g.shape)} but expected shape compatible "
        f"with {list(shape)}"
    )


@op(r"y = x", said={"homes": (), "out": False}, input=d(r"\text{none}", _uneven))
def larger_source(input, sizes, of):
    """The part of what is scattered that an index of these sizes uses; by more than it uses there is no derivative."""
    return input[tuple(slice(n) for n in sizes)]


def used_part(src: Any, index: Any, name: str) -> Any:
    """What is scattered where an index says, by the function whose node is called so."""
    sizes = index._array.shape
    return src if sizes == src._array.shape or not src._array.ndim else larger_source(src, sizes, name)


@composite(in_place=True)
def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """The tensor with `src` added where `index` says along an axis."""
    if not isinstance(src, Tensor):
        raise not_a_tensor("scatter_add", "src", 2, src)
    if index._array.size and src.dtype is not input.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    _fits("scatter_add", input._array, dim, index._array, src._array)
    part = used_part(src, index, "ScatterAddBackward0")
    return input + scatter_zeros(part, input._array.shape, dim, index)


def _fits(name: str, input: Any, dim: int, index: Any, src: Any) -> None:
    """PyTorch's error where an index is larger than the tensor or than what is put."""
    for name_of, x in (("self", input), ("src", src)):
        if index.size and max(x.ndim, 1) != max(index.ndim, 1):
            raise RuntimeError(f"Index tensor must have the same number of dimensions as {name_of} tensor")
    axis = _checked(name, input, dim, index)
    for i, n in enumerate(index.shape if index.size and index.ndim else ()):
        if (i != axis and n > input.shape[i]) or n > src.shape[i]:
            raise RuntimeError(
                f"Expected index {list(index.shape)} to be no larger than self {list(input.shape)} apart from "
                f"dimension {axis} and to be no larger size than src {list(src.shape)}"
            )


@composite(in_place=True)
def scatter(input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: Any = None) -> Any:
    """The tensor with `src`, a tensor or number, put where `index` says along an axis."""
    if value is not None or not isinstance(src, Tensor):
        number = src if value is None else value
        src = tensors.full(index.shape, fitted(number, input._array.dtype), dtype=input.dtype)
    if reduce not in (None, "add", "multiply"):
        raise RuntimeError("reduce argument must be either add or multiply.")
    if reduce == "add":
        return scatter_add(input, dim, index, src)
    if not index._array.size:
        return input.clone(memory_format=formats.contiguous_format)
    if src.dtype is not input.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    _fits("scatter", input._array, dim, index._array, src._array)
    if not input._array.ndim or not index._array.ndim:
        given = (input.reshape(-1), 0, index.reshape(-1), src.reshape(-1))
        return scatter(*given, reduce=reduce).reshape(input._array.shape)
    axis = axis_of(dim, input._array.ndim)
    key = _along(index._array, axis)
    part = used_part(src, index, "ScatterBackward0")
    if reduce == "multiply":  # several at one place are multiplied with each other, too
        if input.dtype is array.bool_:
            return scatter(input.byte(), dim, index, src.byte(), reduce=reduce).bool()
        return tensors.scatter_reduce(input, dim, index, src, "prod")
    return put_(input.clone(memory_format=formats.contiguous_format), key, part)


def _no_slice(index: Any, axis: int, size: int) -> Exception:
    """PyTorch's error for an index where no slice is: another one for the second axis, which has its own kernel."""
    if axis != 1:
        return IndexError("index out of range in self")
    first = index[(index < 0) | (index >= size)].reshape(-1)[0]
    return RuntimeError(f"INDICES element is out of DATA bounds, id={first} axis_dim={size}")


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
    if index.dtype not in (np.int64, np.int32):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if not input.ndim and index.size != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {index.size} value(s)")
    if index.size and input.ndim and not (index.min() >= 0 and index.max() < input.shape[axis]):
        raise _no_slice(index, axis, input.shape[axis])
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
        return full + input.sum(dtype=input.dtype).reshape(())
    add_at(full, (slice(None),) * axis_of(dim, len(shape)) + (np.atleast_1d(index),), input)
    return full


@composite()
def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Any:
    """The elements that broadcast indices name along an axis, or of the flattened tensor."""
    only_tensors("take_along_dim", input=input, indices=indices)
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    if input._array.ndim != indices._array.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input._array.ndim} dimensions for input, and {indices._array.ndim} dimensions for indices"
        )
    axis = axis_in(dim, input._array.ndim)

    def with_axis(shape: Sequence[int], n: int) -> tuple[int, ...]:
        return (*shape[:axis], n, *shape[axis + 1 :])

    a, b = input._array.shape, indices._array.shape
    try:
        shape = np.broadcast_shapes(with_axis(a, 1), with_axis(b, 1))
    except ValueError:
        raise broadcast_error("take_along_dim", (a, b)) from None
    here = input.expand(with_axis(shape, a[axis]))
    if indices._array.dtype != np.int64:
        raise RuntimeError(
            "torch.take_along_dim(): dtype of indices should be Long but got " + array.TITLES[indices.dtype]
        )
    places = indices._array
    places = places % a[axis] if a[axis] else places
    return gather(here, dim, wrap(np.broadcast_to(places, with_axis(shape, b[axis]))))


@composite()
def take(input: Any, index: Any, *, out: Any = None) -> Any:
    """The elements at places of the flattened tensor."""
    if index._array.dtype != np.int64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {array.TITLES[index.dtype]}")
    size = input._array.size
    wrong = index._array[(index._array < -size) | (index._array >= size)]
    if wrong.size and size:
        raise IndexError(f"out of range: tried to access index {wrong.flat[0]} on a tensor of {size} elements.")
    if wrong.size:
        raise IndexError("take(): tried to take from an empty tensor")
    return delivered("take", out, item_copy(input.reshape(-1), (index._array,)), input, index)


@composite(in_place=True)
def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """The tensor with a number where the mask holds."""
    if mask._array.dtype != np.bool_:
        raise RuntimeError(
            "masked_fill_ only supports boolean masks, but got mask with dtype " + outs.spoken(mask._array.dtype)
        )
    if isinstance(value, Tensor):
        if value._array.ndim:
            raise RuntimeError(
                "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                f"{value._array.ndim} dimension(s)."
            )
        if value.is_complex() and not input.is_complex():
            raise refused(word(input._array.dtype))
        return titles.retitle(tensors.where(mask, value.to(input.dtype), input), "MaskedFillBackward1", (input, value))
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
    return in_order(raw.where(mask, input.dtype.type(fitted(value, input.dtype)), input))


@composite()
def masked_select(input: Any, mask: Any, *, out: Any = None) -> Any:
    """The elements where the mask, broadcast, holds, in one axis."""
    if graph.marks is not None:
        graph.marks.selected_by(mask)
    if mask._array.dtype != np.bool_:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    try:
        shape = np.broadcast_shapes(input._array.shape, mask._array.shape)
    except ValueError:
        raise broadcast_error("masked_select", (input._array.shape, mask._array.shape)) from None
    if input.is_meta:
        raise no_kernel("masked_select")
    picked = item_copy(input.expand(shape), (np.broadcast_to(mask._array, shape),))
    return delivered("masked_select", out, picked, input, mask)


@composite(in_place=True)
def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """The tensor with elements of `source`, in their order, where the mask holds."""
    if mask._array.dtype != np.bool_:
        raise RuntimeError(
            f"masked_scatter_ only supports boolean masks, but got mask with dtype {array.TITLES[mask.dtype]}"
        )
    if source.dtype is not input.dtype:
        raise RuntimeError("masked_scatter: expected self and source to have same dtypes but got"
                           f"{array.TITLES[input.dtype]} and {array.TITLES[source.dtype]}")  # fmt: skip
    input, mask = tensors.broadcast_tensors(input, mask)
    holds = mask._array
    if source._array.size < int(holds.sum()):
        raise RuntimeError("Number of elements of source < number of ones in mask")
    return put_(input.clone(memory_format=formats.contiguous_format), (holds,), source.reshape(-1)[: int(holds.sum())])


@composite()
def nonzero(input: Any, *, as_tuple: bool = False, out: Any = None) -> Any:
    """The indices of the elements that are not zero: a row each, or a vector an axis."""
    if graph.marks is not None:
        graph.marks.sized_by("nonzero", input)
    if out is not None and out._array.dtype != np.int64:
        raise RuntimeError(
            "nonzero: Expected out tensor to have scalar type Long but got scalar type" + array.TITLES[out.dtype]
        )
    if as_tuple and out is not None:
        raise RuntimeError("nonzero does not support the out kwarg when as_tuple is True")
    found = np.nonzero(np.atleast_1d(input._array))
    if as_tuple:
        return tuple(wrap(in_order(each)) for each in found)
    rows = np.stack(found).T  # laid out as in PyTorch, each axis of the indices by itself
    return delivered("nonzero", out, wrap(rows if input._array.ndim else rows[:, :0]))


@composite()
def argwhere(input: Any) -> Any:
    """The indices of the elements that are not zero, a row each."""
    return nonzero(input)


def _matrices(name: str, input: Any) -> None:
    if input.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")


@op(
    r"y_{ij} = [j \le i + d]\,x_{ij}",
    said={"in_place": True, "overlaps": True},
    input=d(r"[j \le i + d]\,\bar y_{ij}", lambda g, diagonal, k: k.tril(g, diagonal)),
)
def tril(input, diagonal=0):
    """The lower triangle of matrices, zeros above."""
    _matrices("tril", input)
    return in_order(np.tril(input, diagonal))


@op(
    r"y_{ij} = [j \ge i + d]\,x_{ij}",
    said={"in_place": True, "overlaps": True},
    input=d(r"[j \ge i + d]\,\bar y_{ij}", lambda g, diagonal, k: k.triu(g, diagonal)),
)
def triu(input, diagonal=0):
    """The upper triangle of matrices, zeros below."""
    _matrices("triu", input)
    return in_order(np.triu(input, diagonal))


@composite("functional")
def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """For each class index a vector with a one at its place."""
    index = tensor._array
    if index.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if num_classes == -1:
        if not index.size:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        num_classes = int(index.max()) + 1
    if index.size and index.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if index.size and index.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap((in_order(index)[..., None] == np.arange(num_classes)).astype(np.int64))
