"""What joins, cuts up, repeats and turns round."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from engine import formats
from engine.array import TITLES, in_order, module
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, axis_of, wrong_call
from engine.fitting import listed, whole
from engine.given_sizes import given_sizes
from engine.op import composite, d, op
from engine.ops.shape import VIEW
from engine.tensor import Tensor


def _stack_pieces(g: Sequence[Any], shape: tuple[int, ...], dim: int, lengths: Sequence[int], k: Any) -> Any:
    """The gradient of what was cut up: its pieces' joined, zeros for those not used."""
    like = next(each for each in g if each is not None)
    pieces = []
    for each, length in zip(g, lengths, strict=True):
        sizes = list(shape)
        sizes[dim] = length
        pieces.append(k.zeros_of(like, tuple(sizes)) if each is None else each)
    return k.cat(pieces, dim)


raw.zeros_like = lambda like: like.__class__(0) if isinstance(like, np.generic) else np.zeros_like(like)
raw.zeros_of = lambda like, shape: module(like).zeros(shape, like.dtype)
tensors.zeros_of = lambda like, shape: like.new_zeros(shape)


def _split_slope(g: Any, shape: Any, dim: int, lengths: Any, by_sizes: bool, k: Any) -> Any:
    return _stack_pieces(g, shape, dim, lengths, k)  # what the sizes were given by only names the node


def _split_title(by_sizes: bool) -> str:
    return "SplitWithSizesBackward0" if by_sizes else "SplitBackward0"


@op(
    r"y_1, y_2, \dots = x",
    said=VIEW | {"several": True, "name": "split_at", "title": _split_title, "homes": ()},
    input=d(r"[\bar y_1, \bar y_2, \dots]", _split_slope),
)
def split_at(input, lengths, dim, by_sizes=False):
    """One axis cut into pieces of the given lengths."""
    pieces, start = [], 0
    for length in lengths:
        pieces.append(input[(slice(None),) * dim + (slice(start, start + length),)])
        start += length
    return tuple(pieces)


@composite()
def split(tensor: Any, split_size_or_sections: Any = None, dim: int = 0, *, split_size: Any = None) -> Any:
    """One axis cut into pieces of a size (the last may be smaller), or of given sizes.

    The size is called `split_size` of the method and `split_size_or_sections` of the function.
    """
    axis = axis_of(dim, tensor._array.ndim)
    if not tensor._array.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    total = tensor._array.shape[axis]
    given = whole(split_size_or_sections if split_size is None else split_size)
    if not isinstance(given, (tuple, list)):
        if not hasattr(given, "__index__"):
            raise TypeError(
                "split_with_sizes(): argument 'split_sizes' (position 2) must be tuple of ints, not "
                f"{type(given).__name__}"
            )
        step = operator.index(given)
        if not step and total:
            raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {total}")
        if step < 0:
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={step}")
        lengths = tuple(min(step, total - i) for i in range(0, total, step)) if total else (0,)
    else:
        for i, n in enumerate(given):
            if not hasattr(n, "__index__"):
                raise TypeError(
                    "split_with_sizes(): argument 'split_sizes' (position 2) must be tuple of ints, but found element "
                    f"of type {type(n).__name__} at pos {i}"
                )
        lengths = tuple(operator.index(n) for n in given)
        if any(n < 0 for n in lengths):
            raise RuntimeError(
                "split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes="
                f"{list(lengths)}"
            )
        if sum(lengths) != total:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {total} (input tensor's size at dimension "
                f"{dim}), but got split_sizes={list(lengths)}"
            )
    return split_at(tensor, lengths, axis, isinstance(given, (tuple, list)))


@composite()
def chunk(input: Any, chunks: int, dim: int = 0) -> Any:
    """One axis cut into `chunks` pieces of one size, the last perhaps smaller."""
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    if not input._array.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    axis = axis_of(dim, input._array.ndim)
    total, count = input._array.shape[axis], whole(chunks)
    return split(input, -(-total // count), dim) if total else split_at(input, (0,) * count, axis, True)


_WAYS_TO_SPLIT = (
    "(Tensor input, Tensor tensor_indices_or_sections, int dim = 0)",
    "(Tensor input, int sections, int dim = 0)",
    "(Tensor input, tuple of ints indices, int dim = 0)",
)


@composite()
def tensor_split(
    input: Any, indices_or_sections: Any = None, dim: int = 0, *, indices: Any = None, sections: Any = None
) -> Any:
    """One axis cut into a number of nearly equal pieces, `sections`, or at given places, `indices`."""
    if indices_or_sections is None:
        indices_or_sections = sections if indices is None else indices
    if not input._array.ndim:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    axis = axis_of(dim, input._array.ndim)
    total = input._array.shape[axis]
    if isinstance(indices_or_sections, Tensor):
        if indices_or_sections._array.dtype != np.int64:
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to have dtype of long, but got "
                f"{TITLES[indices_or_sections.dtype]}"
            )
        axes = indices_or_sections._array.ndim
        if axes > 1:
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, "
                f"but got a tensor with {axes} dims"
            )
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, int):
        if indices_or_sections <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {indices_or_sections}")
        small, larger = divmod(total, indices_or_sections)
        places = [small * i + min(i, larger) for i in range(indices_or_sections + 1)]
    elif isinstance(indices_or_sections, (tuple, list)) and all(hasattr(i, "__index__") for i in indices_or_sections):
        inner = (i if i >= 0 else i + total for i in map(operator.index, indices_or_sections))
        places = [0, *(min(max(i, 0), total) for i in inner), total]
    else:
        raise wrong_call("tensor_split", (input, indices_or_sections), *_WAYS_TO_SPLIT)
    return tuple(tensors.narrow(input, axis, a, max(b - a, 0)) for a, b in pairwise(places))


@op(
    r"y_1, y_2, \dots = x",
    said=VIEW | {"several": True, "title": "UnbindBackward0"},
    input=d(r"[\bar y_1, \bar y_2, \dots]", lambda g, shape, dim, k: _restack(g, dim, k)),
)
def unbind(input, dim=0):
    """The slices along an axis, without it."""
    if not input.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    first = np.moveaxis(input, axis_of(dim, input.ndim), 0)
    return tuple(first[i, ...] for i in range(first.shape[0]))


def _restack(g: Sequence[Any], dim: int, k: Any) -> Any:
    like = next(each for each in g if each is not None)
    return k.stack([k.zeros_of(like, like.shape) if each is None else each for each in g], dim)


def _cut(g: Any, shapes: Sequence[tuple[int, ...]], dim: int, k: Any) -> Sequence[Any]:
    axis = axis_of(dim, len(g.shape))
    pieces, start = [], 0
    for shape in shapes:
        if shape == (0,):  # PyTorch lets an empty vector stand anywhere
            pieces.append(k.zeros_of(g, shape))
            continue
        pieces.append(k.narrow(g, axis, start, shape[axis]))
        start += shape[axis]
    return pieces


def _nothing_to_join(arrays: Any) -> Exception | None:
    return None if arrays else ValueError("torch.cat(): expected a non-empty list of Tensors")


def _cat_error(arrays: Any, dim: int) -> Exception | None:
    """What is wrong with the shapes."""
    for i, each in enumerate(arrays):
        if not each.ndim:
            return RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
    first = next((x.shape for x in arrays if x.shape != (0,)), (0,))
    along = axis_of(dim, len(first))
    for i, each in enumerate(arrays):
        if each.shape == (0,):
            continue
        if each.ndim != len(first):
            return ShapeError(
                f"Tensors must have same number of dimensions: got {len(first)} and {each.ndim}",
                "cat",
                (first, each.shape),
            )
        for axis, (n, m) in enumerate(zip(first, each.shape, strict=True)):
            if n != m and axis != along:
                return ShapeError(
                    f"Sizes of tensors must match except in dimension {along}. Expected size {n} but got size {m} for "
                    f"tensor number {i} in the list.", "cat", (first, each.shape), (axis, axis),
                )  # fmt: skip
    return None


@op(
    r"y = [x_1, x_2, \dots]",
    said={
        "many": True,
        "rule": "promote",
        "error": _nothing_to_join,
        "homes": ("engine",),
        "in_place": False,
        "out": True,
    },
    tensors=d(r"\bar y \text{ in pieces}", _cut),
)
def cat(tensors, dim=0):
    """The tensors joined along an axis."""
    parts = [x for x in tensors if x.shape != (0,)]
    if not parts and tensors:  # along an axis that empty vectors need not have
        return tensors[0].copy()
    try:
        return _joined(np.concatenate(parts, axis=dim), parts)
    except ValueError as error:
        raise _cat_error(tensors, dim) or error from None


def _joined(joined: Any, parts: Sequence[Any]) -> Any:
    """What was joined, as it lies in memory: in the order of the indices, unless all parts have their channels last."""
    if joined.flags.c_contiguous:
        return joined
    kept = formats.suggested(joined)
    plain = kept is formats.contiguous_format or any(formats.suggested(x) is not kept for x in parts)
    return in_order(joined) if plain else joined


def _unstack(g: Any, shapes: Any, dim: int, k: Any) -> Sequence[Any]:
    return [k.select(g, dim, i) for i in range(len(shapes))]


def _stack_error(arrays: Any, *_: Any) -> Exception | None:
    if not arrays:
        return RuntimeError("stack expects a non-empty TensorList")
    for i, each in enumerate(arrays):
        if each.shape != arrays[0].shape:
            return ShapeError(
                f"stack expects each tensor to be equal size, but got {list(arrays[0].shape)} at entry 0 and "
                f"{list(each.shape)} at entry {i}", "stack", (arrays[0].shape, each.shape),
            )  # fmt: skip
    return None


@op(
    r"y = [x_1, x_2, \dots]",
    said={"many": True, "rule": "promote", "error": _stack_error, "homes": ("engine",), "in_place": False, "out": True},
    tensors=d(r"\bar y \text{ slice by slice}", _unstack),
)
def stack(tensors, dim=0):
    """The tensors joined along a new axis."""
    return in_order(np.stack(tensors, axis=axis_of(dim, (tensors[0].ndim if tensors else 0) + 1)))


@op(
    r"y_i = x_{n-1-i}",
    said={"name": "flip_axes", "title": "FlipBackward0", "homes": ()},
    input=d(r"\bar y_{n-1-i}", lambda g, dims, k: k.flip_axes(g, dims)),
)
def flip_axes(input, dims):
    """The order along axes turned round."""
    for dim in dims if not input.ndim else ():
        axis_of(dim, 0)
    return np.flip(input, dims).copy(order="K") if input.ndim else input.copy()


@composite()
def flip(input: Any, *axes: Any, dims: Any = None) -> Any:
    """The order along axes turned round."""
    turned = tuple([axis_of(each, input._array.ndim) for each in given_sizes(axes, dims, "flip", "dims")])
    if len(set(turned)) != len(turned):
        raise RuntimeError(f"dim {max(turned, key=turned.count)} appears multiple times in the list of dims")
    return flip_axes(input, turned if input._array.ndim else ())


raw.flip = lambda x, dims: np.flip(x, dims) if x.ndim else x


def _rolled_back(g: Any, shifts: Any, dims: Any, k: Any) -> Any:
    return k.roll(g, [-n for n in listed(shifts)], dims)


@op(r"y_i = x_{i - s \bmod n}", said={"out": False}, input=d(r"\bar y_{i + s \bmod n}", _rolled_back))
def roll(input, shifts, dims=None):
    """The elements moved along axes, those that fall off coming in at the other end."""
    shifts, dims = listed(shifts), () if dims is None else listed(dims)
    count = [len(shifts), len(dims)]
    if not count[0]:
        raise RuntimeError("`shifts` required")
    if count[0] != max(count[1], 1):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {count[0]}, dims:{count[1]}")
    if count[1] and not input.ndim:
        raise IndexError(f"Dimension specified as {dims[0]} but tensor has no dimensions")
    flat = in_order(input)
    if not count[1]:
        return module(input).roll(flat, shifts[0], None)
    return formats.followed(module(input).roll(flat, shifts, dims), input)


@composite("engine")
def concat(tensors: Any, dim: int = 0) -> Any:
    """`cat`."""
    return cat(tensors, dim)


@composite("engine")
def concatenate(tensors: Any, dim: int = 0) -> Any:
    """`cat`."""
    return cat(tensors, dim)
