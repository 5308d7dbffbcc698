"""Views by strides, windows along an axis, and views under their copying names."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine import memory
from engine.array import module
from engine.dispatch import delivered, raw, tensors
from engine.errors import axis_of
from engine.family import own
from engine.formats import contiguous_format
from engine.given_sizes import sizes_of
from engine.nodes import function_of
from engine.op import composite, d, op
from engine.ops.shape import VIEW
from engine.titles import retitle


def _places(shape: Sequence[int], steps: Sequence[int], offset: int) -> np.ndarray:
    """The place in storage of each element of a tensor of this geometry."""
    place = np.full((1,) * len(shape), offset)
    for axis, (n, step) in enumerate(zip(shape, steps, strict=True)):
        place = place + (np.arange(n) * step).reshape([-1 if i == axis else 1 for i in range(len(shape))])
    return np.broadcast_to(place, tuple(shape))


def _strided_back(g: Any, shape: Any, size: Any, stride: Any, begin: int, steps: Any, k: Any) -> Any:
    """The gradient of `strided`: what was read from a place goes to the element of the source that lies there."""
    here, read = _places(shape, steps, 0), _places(size, stride, begin)
    low = min(int(here.min(initial=0)), int(read.min(initial=0)))
    count = max(int(here.max(initial=0)), int(read.max(initial=0))) - low + 1
    xp = module(getattr(g, "_array", g))
    full = k.put_at(k.reshape(g, (-1,)), (count,), (xp.asarray((read - low).reshape(-1)),))
    times = np.bincount((here - low).reshape(-1), minlength=count)
    back = k.reshape(k.item_copy(full, (xp.asarray((here - low).reshape(-1)),)), shape)
    if times.max(initial=0) <= 1:
        return back
    # Where several elements of the source lie in one place each gets its share.
    return back * k.shares(xp.asarray(1 / times[here - low]), back)


raw.shares = lambda share, like: share.astype(like.dtype)
tensors.shares = lambda share, like: tensors.as_tensor(share).to(like.dtype)


@op(
    r"y_i = x_{s \cdot i + o}",
    said=VIEW | {"homes": (), "title": "AsStridedBackward0"},
    input=d(
        r"\bar y \text{ added in its places}",
        lambda g, shape, size, stride, begin, steps, k: _strided_back(g, shape, size, stride, begin, steps, k),
    ),
)
def strided(input, size, stride, begin, steps):
    """A view of any geometry; `begin` counts from the first element of the source, `steps` are the source's."""
    storage = memory.storage_of(input)
    offset = (memory.address_of(input) - memory.address_of(storage)) // input.itemsize if input.size else 0
    return memory.laid_over(storage, size, stride, offset + begin)


@composite()
def as_strided(input: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A view of the storage with any sizes and steps, which may reach beyond the tensor itself."""
    size, stride = tuple(map(operator.index, size)), tuple(map(operator.index, stride))
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(n < 0 for n in stride):
        raise RuntimeError(f"as_strided: Negative strides are not supported at the moment, got strides: {list(stride)}")
    if any(n < 0 for n in size):
        raise RuntimeError(f"Storage size calculation overflowed with sizes={list(size)} and strides={list(stride)}")
    if storage_offset is not None and storage_offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {storage_offset}")
    x = own(input)
    here = memory.offset_of(x)
    begin = 0 if storage_offset is None or 0 in size else int(storage_offset) - here  # nothing begins anywhere
    have = memory.storage_of(x)
    if here + begin + memory.extent(size, stride) > have.size:
        raise memory.out_of_bounds(size, stride, here + begin, x.itemsize, have.nbytes)
    return strided(input, size, stride, begin, memory.steps_of(x))


@composite("method", "engine")
def as_strided_(input: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """The tensor itself made such a view."""
    shown = as_strided(input, size, stride, storage_offset)
    input._array, input._node, input._requires_grad = shown._array, shown._node, shown._requires_grad
    return input


@op(
    r"y_{ij} = x_{s i + j}",
    said=VIEW,
    input=d(
        r"\textstyle\sum \bar y \text{ over windows}",
        lambda g, shape, dimension, size, step, k: k.fold_back(g, shape, dimension, size, step),
    ),
)
def unfold(input, dimension, size, step):
    """All windows of `size` along an axis, `step` apart; their elements are a new last axis."""
    axis = axis_of(dimension, input.ndim)
    n = input.shape[axis] if input.ndim else 1
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > n:
        raise RuntimeError(f"maximum size for tensor at dimension {axis} is {n} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    if not input.ndim:
        return input.reshape(1)[:size]
    shape, strides = list(input.shape), list(input.strides)
    shape[axis], last = (n - size) // step + 1, strides[axis]
    strides[axis] = last * step
    return module(input).lib.stride_tricks.as_strided(input, (*shape, size), (*strides, last))


@op(
    r"x_{s i + j} \mathrel{+}= y_{ij}",
    said={"homes": (), "out": False, "title": "UnfoldBackwardBackward0"},
    input=d(r"\bar x_{s i + j}", lambda g, dimension, size, step, k: k.unfold(g, dimension, size, step)),
)
def fold_back(input, shape, dimension, size, step):
    """Windows along an axis added up where they came from."""
    if not len(shape):
        return input.sum().reshape(())
    full = module(input).zeros(shape, input.dtype)
    axis = axis_of(dimension, len(shape))
    count = input.shape[axis]
    for j in range(size):
        place = (slice(None),) * axis + (slice(j, j + (count - 1) * step + 1, step),)
        full[place] += input[..., j]
    return full


@composite("method", "engine")
def slice_inverse(
    self: Any, src: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Any:
    """What a slice was taken of: the geometry of `src` over the memory of the slice."""
    return as_strided(self, src.size(), src.stride(), src.storage_offset())


def _sliced(input: Any, dim: int, start: int | None, end: int | None, step: int) -> Any:
    return input[(slice(None),) * axis_of(dim, input.dim()) + (slice(start, end, step),)]


# ---- views under their copying names


def _copied(made: Any, source: Any) -> Any:
    if isinstance(made, tuple):
        return tuple([_copied(each, source) for each in made])
    copy = made.clone(memory_format=contiguous_format)
    if copy._node is None:
        return copy
    title = "AliasBackward0" if made is source else function_of(made._node)[0].name()
    return retitle(copy, f"{title}_copy", (source,))


def copying(name: str, view: Callable[..., Any], *homes: str) -> None:
    """Register `NAME_copy`, which gives what a view shows in memory of its own."""

    def copy(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        made = _copied(view(*args, **kwargs), args[0] if args else kwargs.get("input"))
        if isinstance(made, tuple):
            if out is None:
                return made
            for place, each in zip(out, made, strict=True):
                delivered(copy.__name__, place, each)
            return None
        return delivered(copy.__name__, out, made)

    copy.__name__ = copy.__qualname__ = f"{name}_copy"
    copy.__doc__ = f"`{name}`, in memory of its own."
    composite(*homes or ("engine",))(copy)


def _expand(input: Any, size: Any, *, implicit: bool = False) -> Any:
    return input.expand(size)


def _slice(input: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Any:
    return _sliced(input, dim, start, end, step)


def _view(input: Any, *size: Any, **dtype: Any) -> Any:
    return input.view(*size, **dtype)


def _narrow(input: Any, dim: int, start: int, length: int) -> Any:
    n = input._array.ndim
    if n and dim >= n:
        raise RuntimeError(
            "Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.  (Could this error "
            "message be improved?  If so, please report an enhancement request to PyTorch.)"
        )
    if n and dim >= -n and length < 0:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({input._array.shape[dim]}).")
    return input.narrow(dim, start, length)


def _by_name(name: str) -> Callable[..., Any]:
    return lambda *args, **kwargs: getattr(tensors, name)(*args, **kwargs)


for _name in (
    "as_strided", "diagonal", "permute", "select", "split", "squeeze", "t", "transpose", "unbind", "unfold",
    "unsqueeze", "split_with_sizes", "view_as_complex", "view_as_real",
):  # fmt: skip
    copying(_name, _by_name(_name))
copying("expand", _expand)
copying("slice", _slice)
copying("view", _view)
copying("narrow", _narrow, "method", "engine")
copying("alias", lambda input: input)
copying("detach", lambda input: input.detach())


# ---- a view of a copy replaced


def _replaced(input: Any, src: Any, view: Callable[[Any], Any]) -> Any:
    copy = input.clone()
    place = view(copy)
    if tuple(place.shape) != tuple(src.shape):
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. "
            f"src size = {list(src.shape)}, slice size = {list(place.shape)}"
        )
    place.copy_(src)
    return copy


@composite()
def as_strided_scatter(input: Any, src: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A copy with `src` in place of the view that `as_strided` gives."""
    x = own(input)
    at = memory.offset_of(x) if storage_offset is None else storage_offset
    need = max(memory.extent(size, stride) + at, memory.extent(x.shape, memory.steps_of(x)) + memory.offset_of(x))
    if need == x.size and memory.steps_of(x) == memory.plain_steps(x.shape):
        return _replaced(input, src, lambda copy: as_strided(copy, size, stride, at))
    # The whole storage that the two reach over is copied, for the view may show what the tensor does not.
    whole = as_strided(input, (need,), (1,), 0).clone()
    as_strided(whole, size, stride, at).copy_(src)
    return as_strided(whole, x.shape, memory.steps_of(x), memory.offset_of(x))


@composite()
def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """A copy with `src` on the diagonal of two axes."""
    return _replaced(input, src, lambda copy: copy.diagonal(offset, dim1, dim2))


@composite()
def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """A copy with `src` at one place of an axis."""
    return _replaced(input, src, lambda copy: copy.select(dim, index))


@composite()
def slice_scatter(
    input: Any, src: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Any:
    """A copy with `src` in place of a slice along an axis."""
    return _replaced(input, src, lambda copy: _sliced(copy, dim, start, end, step))


@composite("engine")
def empty_strided(size: Any, stride: Any, **options: Any) -> Any:
    """Uninitialized, with the given steps along its axes."""
    size, stride = sizes_of((size,), "empty_strided"), sizes_of((stride,), "empty_strided", "stride", 2)
    if len(size) != len(stride):
        raise RuntimeError(
            f"dimensionality of sizes ({len(size)}) must match dimensionality of strides ({len(stride)})"
        )
    requires_grad = options.pop("requires_grad", False)
    made = as_strided(tensors.empty(memory.extent(size, stride), **options), size, stride).detach()
    return made.requires_grad_() if requires_grad else made


@composite("method")
def new_empty_strided(self: Any, size: Any, stride: Any, *, dtype: Any = None, device: Any = None, **more: Any) -> Any:
    """Uninitialized, with the given steps, in the dtype and on the device of this tensor."""
    return empty_strided(size, stride, dtype=dtype or self.dtype, device=device or self.device, **more)


@composite("engine")
def empty_permuted(size: Any, physical_layout: Any, **options: Any) -> Any:
    """Uninitialized, its axes lying in memory in the given order, the slowest first."""
    size = sizes_of((size,), "empty_permuted")
    order = list(physical_layout)
    if len(order) != len(size):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = "
            f"{len(size)} is not equal to len(physical_layout) = {len(order)}"
        )
    for i, n in enumerate(order):
        if not 0 <= n < len(size):
            raise RuntimeError(
                f"Dimension out of range (expected to be between 0 and {len(size) - 1}, but got {n} at index {i}).  "
                "NB: negative dims not currently supported; file an issue if you want it."
            )
    if len(set(order)) != len(order):
        raise RuntimeError("Duplicate dim not allowed")
    steps = memory.plain_steps([size[i] for i in order])
    stride = [0] * len(size)
    for axis, step in zip(order, steps, strict=True):
        stride[axis] = step
    return empty_strided(size, stride, **options)
