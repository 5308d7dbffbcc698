"""Indexing: brackets, gather and scatter, sorting, masks."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from engine import deprecated, family, graph
from engine.array import module
from engine.dispatch import raw
from engine.errors import ShapeError
from engine.fitting import fitted
from engine.op import composite, d, op
from engine.ops.index_checks import alike, assigned, parts_of, unfitting
from engine.tensor import Tensor, wrap

_INDICES = tuple(np.dtype(kind) for kind in (np.int64, np.int32, np.uint8, np.bool_))


def plain_key(key: Any, ndim: int) -> tuple[Any, bool]:
    """A key as NumPy takes it, with tensors as arrays and lists as tensors, and whether it makes a view."""
    parts: list[Any] = [key] if key.__class__ is int or isinstance(key, Tensor) else parts_of(key)
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
    taken = sum(p.ndim if getattr(p, "dtype", None) == np.bool_ else 1 for p in parts
                if p is not None and p is not Ellipsis and not isinstance(p, bool))  # fmt: skip
    if taken > ndim:
        if not ndim:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
                "convert "
                "a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {ndim}")
    return tuple(parts), shown


def _plain_slice(part: slice) -> slice:
    if all(end is None or end.__class__ is int for end in (part.start, part.stop, part.step)):
        plain = part
    else:
        plain = slice(*(None if end is None else int(end) for end in (part.start, part.stop, part.step)))
    if plain.step == 0:
        raise ValueError("slice step cannot be zero")
    if plain.step is not None and plain.step < 0:
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
        if isinstance(part, (str, bytes)):
            raise TypeError(f"new(): invalid data type '{type(part).__name__}'")
        if not index.size or (index.dtype.kind == "f" and isinstance(part, (list, tuple, np.ndarray))):
            return index.astype(np.int64)
        if index.dtype.kind == "c" and isinstance(part, (list, tuple)):
            raise TypeError("'complex' object cannot be interpreted as an integer")
        if not isinstance(part, (Tensor, list, tuple, np.ndarray)):
            raise IndexError(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "
                f"{type(part).__name__})"
            )
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    if isinstance(part, Tensor) and index.dtype not in _INDICES:
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    if index.dtype == np.uint8:
        warnings.warn(deprecated.BYTES, UserWarning, stacklevel=4)
        return index.astype(bool)
    return index


def _translated(input: Any, key: Any, error: Exception) -> Exception:
    text = str(error).replace("axis", "dimension")
    if text.endswith("with size 0") and any(isinstance(part, np.ndarray) for part in key):
        return IndexError("index is out of bounds for dimension with size 0")
    for i, part in enumerate(key):
        if isinstance(part, np.ndarray) and part.dtype == np.bool_ and "boolean index did not match" in text:
            axis = sum(
                each.ndim if getattr(each, "dtype", None) == np.bool_ else 1 for each in key[:i] if each is not None
            )
            wrong = next((n for n, size in enumerate(part.shape) if size != input.shape[axis + n]), 0)
            return IndexError(
                f"The shape of the mask {list(part.shape)} at index {wrong} does not match the shape of the indexed "
                f"tensor {list(input.shape)} at index {axis + wrong}"
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
    if graph.marks is not None:
        for part in key if isinstance(key, (tuple, list)) else (key,):
            graph.marks.picked_by(part)
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
    value = assigned(self, value)
    plain, shown = plain_key(key, self._array.ndim)
    if shown:
        put_(self, plain, value)
    else:
        view, rest = _ints_first(self, plain)
        put_(view, rest, alike(view, rest, value))


class _Given(NamedTuple):
    key: Any
    accumulate: bool


def put_(self: Tensor, key: Any, value: Any, accumulate: bool = False) -> Tensor:
    """Put `value`, broadcast, at a plain key (or add it, with `accumulate`); the tensor itself."""
    family.check_in_place(self, by_view=True)
    memory = family.own(self)
    source = value._array if isinstance(value, Tensor) else fitted(value, memory.dtype, short=False)
    if graph.marks is not None:
        graph.marks.assigned(self, value, "index_put_")
    before = family.shadow(self)
    try:
        if accumulate:
            module(memory).add.at(memory, key, source)
        else:
            memory[key] = deprecated.real_of(source) if memory.dtype.kind != "c" else source
    except IndexError as error:
        raise _translated(memory, key, error) from None
    except ValueError:
        if not any(isinstance(part, np.ndarray) for part in key):
            unfitting(source, memory[key].shape)
        raise ShapeError(
            f"shape mismatch: value tensor of shape {list(np.shape(source))} cannot be broadcast to indexing result of "
            f"shape {list(memory[key].shape)}", "index_put_", (np.shape(source), memory[key].shape),
        ) from None  # fmt: skip
    if graph.duals is not None:
        graph.duals.put_at(self, key, value, accumulate)
    node = None
    if graph.recording() and (self._requires_grad or (isinstance(value, Tensor) and value._requires_grad)):
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
    given: _Given
    value_dtype: Any
    value_shape: tuple[int, ...]
    title = "IndexPutBackward0"

    def name(self) -> str:
        """PyTorch's name, which depends on whether the key makes a view."""
        arrays = any(isinstance(part, (np.ndarray, bool, np.bool_)) for part in self.given.key)
        return "IndexPutBackward0" if arrays else "CopySlices"

    def pull(self, g: Any) -> Any:
        """The old values get the gradient where they stayed, the new ones where they were put."""
        key, accumulate = self.given
        first, second = self.parents
        old = new = None
        if first is not None:
            old = g
            if not accumulate:
                old = module(g).array(g)  # a copy, of a NumPy scalar as well
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
    return _put_indices("index_put", input.clone(), indices, values, accumulate)


@composite("method", "engine")
def index_put_(self: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """Put, or add, `values` at the index tensors, in place."""
    return _put_indices("index_put_", self, indices, values, accumulate)


def _put_indices(name: str, target: Any, indices: Any, values: Any, accumulate: bool) -> Any:
    if not isinstance(indices, (tuple, list)):
        raise TypeError(
            f"{name}(): argument 'indices' (position 1) must be tuple of Tensors, not {type(indices).__name__}"
        )
    if not isinstance(values, Tensor):
        raise TypeError(f"{name}(): argument 'values' (position 2) must be Tensor, not {type(values).__name__}")
    key = plain_key(tuple(indices), target._array.ndim)[0]
    return put_(target, key, alike(target, key, values), accumulate)
