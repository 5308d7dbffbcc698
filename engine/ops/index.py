"""Indexing: brackets, gather and scatter, sorting, masks."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine import family, graph
from engine.array import module
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, axis_of
from engine.op import composite, d, op
from engine.tensor import Tensor, wrap


def plain_key(key: Any, ndim: int) -> tuple[Any, bool]:
    """A key as NumPy takes it, with tensors as arrays and lists as tensors, and whether it makes a view."""
    parts = list(key) if isinstance(key, tuple) else [key]
    if isinstance(key, list) and any(isinstance(each, (slice, type(None), type(Ellipsis), Tensor)) for each in key):
        parts = list(key)
    shown = True
    for i, part in enumerate(parts):
        if part.__class__ is int or part is None or part is Ellipsis:
            continue
        if isinstance(part, slice):
            parts[i] = _plain_slice(part)
        elif isinstance(part, (bool, np.bool_)):
            parts[i], shown = bool(part), False
        elif isinstance(part, np.integer):
            parts[i] = int(part)
        else:
            parts[i] = _index_array(part)
            if isinstance(part, Tensor) and not parts[i].ndim and parts[i].dtype.kind in "iu":
                parts[i] = int(parts[i])  # as in PyTorch, a tensor without axes selects and so makes a view
            else:
                shown = False
    if shown and not any(part is Ellipsis for part in parts):
        parts.append(Ellipsis)  # so that a single element is a view too
    taken = sum(1 if not (isinstance(p, np.ndarray) and p.dtype == np.bool_) else p.ndim for p in parts
                if p is not None and p is not Ellipsis and not isinstance(p, bool))  # fmt: skip
    if taken > ndim:
        if not ndim:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert "
                "a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {ndim}")
    return tuple(parts), shown


def _plain_slice(part: slice) -> slice:
    if all(end is None or end.__class__ is int for end in (part.start, part.stop, part.step)):
        plain = part
    else:
        plain = slice(*(None if end is None else int(end) for end in (part.start, part.stop, part.step)))
    if plain.step is not None and plain.step <= 0:
        raise ValueError("step must be greater than zero")
    return plain


def _index_array(part: Any) -> Any:
    index = (
        part._array
        if isinstance(part, Tensor)
        else np.asarray(
            [each.item() if isinstance(each, Tensor) else each for each in part]
            if isinstance(part, (list, tuple, range))
            else part
        )
    )
    if index.dtype.kind not in "iub":
        if not index.size:
            return index.astype(np.int64)
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    return index.astype(bool) if index.dtype == np.uint8 else index


def _translated(input: Any, key: Any, error: Exception) -> Exception:
    text = str(error).replace("axis", "dimension")
    for i, part in enumerate(key):
        if isinstance(part, np.ndarray) and part.dtype == np.bool_ and "boolean index did not match" in text:
            return IndexError(
                f"The shape of the mask {list(part.shape)} at index {i} does not match the shape of the indexed tensor "
                f"{list(input.shape)} at index {i}"
            )
    if "broadcast" in text:
        shapes = ", ".join(str(list(p.shape)) for p in key if isinstance(p, np.ndarray))
        return IndexError(f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}")
    return IndexError(text)


def _title(key: Any) -> str:
    kinds = [each for each in key if each is not Ellipsis]
    if any(each is None for each in kinds):
        return "UnsqueezeBackward0"
    if kinds and not isinstance(kinds[-1], slice):
        return "SelectBackward0"
    return "SliceBackward0" if kinds else "AliasBackward0"


@op(
    r"y = x[\mathit{key}]",
    said={"view": True, "homes": (), "title": _title},
    input=d(r"\bar y \text{ in its place}", lambda g, shape, key, k: k.put_at(g, shape, key)),
)
def item_view(input, key):
    """The part of a tensor that ints, slices, None and Ellipsis show."""
    try:
        return input[key]
    except IndexError as error:
        raise _translated(input, key, error) from None


@op(
    r"y = x[\mathit{key}]",
    said={"homes": (), "out": False, "title": "IndexBackward0"},
    input=d(r"\bar y \text{ added in its place}", lambda g, shape, key, k: k.put_at(g, shape, key)),
)
def item_copy(input, key):
    """The elements that index arrays and masks pick."""
    try:
        return input[key]
    except IndexError as error:
        raise _translated(input, key, error) from None


@op(
    r"y = x \text{ added in its place, 0 elsewhere}",
    said={"homes": (), "out": False, "title": "IndexPutBackward0"},
    input=d(r"\bar y[\mathit{key}]", lambda g, key, k: k.item_copy(g, key)),
)
def put_at(input, shape, key):
    """A tensor of zeros to which `input` is added at the key."""
    full = module(input).zeros(shape, input.dtype)
    if all(not isinstance(part, np.ndarray) or part.dtype == np.bool_ for part in key):
        full[key] = input
    else:
        module(input).add.at(full, key, input)
    return full


def getitem(self: Tensor, key: Any) -> Tensor:
    """`tensor[key]`: a view where the key makes one, else a copy."""
    plain, shown = plain_key(key, self._array.ndim)
    if shown:
        return item_view(self, plain)
    view, rest = _ints_first(self, plain)
    return item_copy(view, rest)


def _ints_first(self: Tensor, key: tuple[Any, ...]) -> tuple[Tensor, tuple[Any, ...]]:
    """The view that the ints of a mixed key select, and the rest of the key: PyTorch takes ints before index arrays."""
    if not any(part.__class__ is int for part in key):
        return self, key
    first: list[Any] = []
    rest: list[Any] = []
    for part in key:
        if part.__class__ is int:
            first.append(part)
        elif isinstance(part, np.ndarray):
            first.extend([slice(None)] * (part.ndim if part.dtype == np.bool_ else 1))
            rest.append(part)
        else:
            if part is not None:
                first.append(Ellipsis if part is Ellipsis else slice(None))
            rest.append(part)
    return item_view(self, tuple(first)), tuple(rest)


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """`tensor[key] = value`, in place, recorded."""
    plain, shown = plain_key(key, self._array.ndim)
    if shown:
        put_(self, plain, value)
    else:
        view, rest = _ints_first(self, plain)
        put_(view, rest, value)


class _Given(NamedTuple):
    key: Any
    accumulate: bool


def put_(self: Tensor, key: Any, value: Any, accumulate: bool = False) -> Tensor:
    """Put `value`, broadcast, at a plain key (or add it, with `accumulate`); the tensor itself."""
    family.check_in_place(self)
    memory = family.own(self)
    source = value._array if isinstance(value, Tensor) else value
    before = family.shadow(self)
    try:
        if accumulate:
            module(memory).add.at(memory, key, source)
        else:
            memory[key] = source
    except IndexError as error:
        raise _translated(memory, key, error) from None
    except ValueError:
        raise ShapeError(
            f"shape mismatch: value tensor of shape {list(np.shape(source))} cannot be broadcast to indexing result of "
            f"shape {list(memory[key].shape)}", "index_put_", (np.shape(source), memory[key].shape),
        ) from None  # fmt: skip
    node = None
    if graph.enabled and (self._requires_grad or (isinstance(value, Tensor) and value._requires_grad)):
        node = object.__new__(PutNode)
        node.number = next(graph.numbers)
        node.hooks = None
        node.parents = (graph.edge_of(before), graph.edge_of(value) if isinstance(value, Tensor) else None)
        node.given = _Given(key, accumulate)
        node.value_shape = np.shape(source)
        node.value_dtype = getattr(source, "dtype", None)
    family.rebase(self, node, "index_put_")
    return self


class PutNode(graph.Node):
    """The history of a tensor some of whose elements were replaced."""

    __slots__ = ("given", "value_dtype", "value_shape")
    title = "IndexPutBackward0"

    def pull(self, g: Any) -> Any:
        """The old values get the gradient where they stayed, the new ones where they were put."""
        key, accumulate = self.given
        first, second = self.parents
        old = new = None
        if first is not None:
            old = g
            if not accumulate:
                old = g.copy()
                old[key] = 0
        if second is not None:
            new = raw.sum_to_size(_stripped(g[key], len(self.value_shape)), self.value_shape)
            new = new.astype(self.value_dtype, copy=False)
        return old, new

    def pull_tensors(self, g: Any) -> Any:
        """The same, recorded."""
        key, accumulate = self.given
        first, second = self.parents
        old = new = None
        if first is not None:
            old = g
            if not accumulate:
                keep = np.ones(g._array.shape, bool)
                keep[key] = False
                old = g * wrap(keep)
        if second is not None:
            new = item_copy(g, key).sum_to_size(self.value_shape)
        return old, new


def _stripped(g: Any, ndim: int) -> Any:
    """Leading axes of size one that the value has and its place has not."""
    return g if g.ndim >= ndim else g.reshape((1,) * (ndim - g.ndim) + g.shape)


@composite("method", "engine")
def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """A copy with `values` put, or added, at the index tensors."""
    return input.clone().index_put_(indices, values, accumulate)


@composite("method")
def index_put_(self: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """Put, or add, `values` at the index tensors, in place."""
    return put_(self, plain_key(tuple(indices), self._array.ndim)[0], values, accumulate)


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


@composite("engine")
def take_along_dim(input: Any, indices: Any, dim: int) -> Any:
    """The elements that broadcast indices name along an axis."""
    axis = axis_of(dim, input._array.ndim)
    shape = np.broadcast_shapes(*(t._array.shape[:axis] + (1,) + t._array.shape[axis + 1 :] for t in (input, indices)))
    here = input.expand(shape[:axis] + (input._array.shape[axis],) + shape[axis + 1 :])
    return gather(here, dim, indices.expand(shape[:axis] + (indices._array.shape[axis],) + shape[axis + 1 :]))


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


class Ordered(NamedTuple):
    """What sorting returns."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return f"torch.return_types.{type(self).__name__}(\nvalues={self.values!r},\nindices={self.indices!r})"


def _order(input: Any, axis: int, descending: bool) -> Any:
    """The stable order along an axis, NaN counted as the largest."""
    if not descending:
        return np.argsort(input, axis=axis, kind="stable")
    turned = np.argsort(np.flip(input, axis), axis=axis, kind="stable")
    return input.shape[axis] - 1 - np.flip(turned, axis)


@composite()
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The elements in order along an axis, and where they were."""
    if not input._array.ndim:
        return type("sort", (Ordered,), {})(input.clone(), wrap(np.zeros((), np.int64)))
    axis = axis_of(dim, input._array.ndim)
    at = wrap(np.ascontiguousarray(_order(input._array, axis, descending)))
    return _SORT(gather(input, axis, at), at)


@composite()
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The indices that sort along an axis."""
    return sort(input, dim, descending).indices


@composite()
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The `k` largest (or smallest) elements along an axis, and where they are."""
    axis = axis_of(dim, input._array.ndim)
    if not 0 <= k <= (input._array.shape[axis] if input._array.ndim else 1):
        raise RuntimeError("selected index k out of range")
    if not input._array.ndim:
        return _TOPK(input.clone(), wrap(np.zeros((), np.int64)))
    order = _order(input._array, axis, largest)
    at = wrap(np.ascontiguousarray(order[(slice(None),) * axis + (slice(k),)]))
    return _TOPK(gather(input, axis, at), at)


@composite()
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The `k`-th smallest element along an axis, and where it is."""
    values, at = topk(input, k, dim, largest=False)
    values, at = values.narrow(dim, k - 1, 1), at.narrow(dim, k - 1, 1)
    return _KTH(values, at) if keepdim else _KTH(values.squeeze(dim), at.squeeze(dim))


@composite()
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The lower of the middle elements; along an axis with the indices."""
    if dim is None:
        flat = input.reshape(-1)
        order = _order(flat._array, 0, False)
        return flat[int(order[(flat._array.size - 1) // 2])]
    found = kthvalue(input, (input._array.shape[dim] - 1) // 2 + 1, dim, keepdim)
    return _MEDIAN(found.values, found.indices)


_SORT, _TOPK, _KTH, _MEDIAN = (type(name, (Ordered,), {}) for name in ("sort", "topk", "kthvalue", "median"))


@composite()
def unique(
    input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """The different elements (or slices along `dim`) in order."""
    found = np.unique(input._array, False, return_inverse, return_counts, axis=dim)
    return tuple(wrap(each) for each in found) if isinstance(found, tuple) else wrap(found)


@composite()
def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each number from 0 on occurs."""
    return wrap(np.bincount(input._array, None if weights is None else weights._array, minlength))


@composite("engine")
def searchsorted(sorted_sequence: Any, input: Any, *, right: bool = False) -> Any:
    """Where elements would be put into a sorted vector."""
    values = input._array if isinstance(input, Tensor) else input
    return wrap(np.searchsorted(sorted_sequence._array, values, "right" if right else "left"))


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
