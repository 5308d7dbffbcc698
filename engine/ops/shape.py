"""Shapes: views that share memory with their source, and what joins, repeats and reorders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import array
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, axis_of, only_tensors, wrong_call
from engine.family import own
from engine.fitting import listed
from engine.given_sizes import given_sizes
from engine.memory import offset_of, stepped, steps_of
from engine.op import composite, d, op
from engine.titles import retitle

VIEW: dict[str, Any] = {"view": True}


def filled_in(shape: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes with -1 worked out from the number of elements of `shape`; PyTorch's errors."""
    count = math.prod(shape)
    free = [i for i, n in enumerate(sizes) if n < 0]
    if any(sizes[i] != -1 for i in free):
        first = next(i for i in free if sizes[i] != -1)
        raise RuntimeError(f"invalid shape dimension {sizes[first]} at index {first} of shape {list(sizes)}")
    if len(free) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = math.prod(n for n in sizes if n >= 0)
    if free and known == 0 and count == 0:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(sizes)} because the unspecified dimension size -1 "
            "can be any value and is ambiguous"
        )
    if (free and (not known or count % known)) or (not free and known != count):
        raise ShapeError(f"shape '{list(sizes)}' is invalid for input of size {count}", "view", (shape, sizes))
    if not free:
        return sizes
    return tuple(count // known if n == -1 else n for n in sizes)


@op(
    r"y = x",
    said=VIEW | {"name": "view_as_shape", "title": "ViewBackward0", "homes": ()},
    input=d(r"\bar y", lambda g, shape, k: k.reshape(g, shape)),
)
def view_as_shape(input, sizes):
    """The elements under other sizes, sharing memory; an error where that cannot be."""
    if input.flags.c_contiguous:
        return input.reshape(sizes)
    shown = input.reshape(sizes)
    if shown.size and not np.shares_memory(shown, input):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead."
        )
    return shown


@op(
    r"y = x",
    said={"title": "UnsafeViewBackward0", "out": False, "homes": ()},
    input=d(r"\bar y", lambda g, shape, k: k.reshape(g, shape)),
)
def copy_as_shape(input, sizes):
    """The elements under other sizes, copied where memory cannot be shared."""
    return np.array(input).reshape(sizes)


@composite("method")
def view(self: Any, *sizes: Any, dtype: Any = None, size: Any = None) -> Any:
    """The elements under other sizes, or (a dtype given) their bytes read as another type, sharing memory."""
    if len(sizes) == 1 and isinstance(sizes[0], array.dtype):
        dtype = sizes[0]
    if dtype is not None:
        return tensors.bits_as(self, dtype.numpy)
    if not sizes and size is None:
        raise wrong_call("view", (), "(torch.dtype dtype)", "(tuple of ints size)")
    return view_as_shape(self, filled_in(self._array.shape, given_sizes(sizes, size, "view")))


@op(r"y = x", said=VIEW | {"homes": ()}, input=None)
def bits_as(input, dtype):
    """The same memory read as another dtype."""
    if dtype.itemsize != input.itemsize:
        _check_bits(input, dtype)
    return input.view(dtype)


def _check_bits(input: Any, dtype: np.dtype) -> None:
    """PyTorch's errors for a dtype of another width."""
    mine, other = (array.TITLES[array.OF_NUMPY[kind]] for kind in (input.dtype, dtype))
    what = f"to view {mine} as {other} (different element sizes)"
    if not input.ndim:
        raise RuntimeError(f"self.dim() cannot be 0 {what}")
    steps, ratio = steps_of(input), dtype.itemsize // input.itemsize
    if ratio > 1 and input.shape[-1] % ratio:
        raise RuntimeError(f"self.size(-1) must be divisible by {ratio} {what}, but got {input.shape[-1]}")
    if steps[-1] != 1:
        raise RuntimeError(f"self.stride(-1) must be 1 {what}, but got {steps[-1]}")
    if ratio > 1:
        if offset_of(input) % ratio:
            raise RuntimeError(f"self.storage_offset() must be divisible by {ratio} {what}, but got {offset_of(input)}")
        for axis, step in enumerate(steps[:-1]):
            if step % ratio:
                raise RuntimeError(f"self.stride({axis}) must be divisible by {ratio} {what}, but got {step}")


def _reshape(input: Any, shape: tuple[int, ...]) -> Any:
    sizes = filled_in(input._array.shape, shape)
    memory = own(input)
    if memory.flags.c_contiguous:
        return view_as_shape(input, sizes)
    if np.shares_memory(memory.reshape(sizes), memory):
        return retitle(view_as_shape(input, sizes), "ReshapeAliasBackward0")
    return copy_as_shape(input, sizes)


@composite()
def reshape(input: Any, *sizes: Any, shape: Any = None) -> Any:
    """The elements under other sizes: a view where memory can be shared, else a copy."""
    return _reshape(input, given_sizes(sizes, shape, "reshape", "shape"))


raw.reshape = lambda g, shape: g.reshape(shape)


@composite("method")
def view_as(self: Any, other: Any) -> Any:
    """A view with the sizes of another tensor."""
    only_tensors("view_as", other=other)
    return self.view(other.size())


@composite("method")
def reshape_as(self: Any, other: Any) -> Any:
    """The elements under the sizes of another tensor."""
    only_tensors("reshape_as", other=other)
    return _reshape(self, other.shape)


@composite()
def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes from `start_dim` to `end_dim` made one."""
    shape = input._array.shape
    if not shape:
        return _reshape(input, (1,))
    first, last = axis_of(start_dim, len(shape)), axis_of(end_dim, len(shape))
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if first == last:
        return input
    return _reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


@composite()
def ravel(input: Any) -> Any:
    """All axes made one, in memory without gaps."""
    return input.contiguous().view(-1)


@composite()
def unflatten(input: Any, dim: int, sizes: Sequence[int]) -> Any:
    """One axis split into several."""
    if not isinstance(dim, int):
        raise TypeError(f"unflatten(): argument 'dim' (position 1) must be int, not {type(dim).__name__}")
    if not isinstance(sizes, (tuple, list)):
        raise TypeError(f"unflatten(): argument 'sizes' (position 2) must be tuple of ints, not {type(sizes).__name__}")
    shape, sizes = input._array.shape, tuple(sizes)
    axis = axis_of(dim, len(shape))
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    if not shape:
        raise RuntimeError(
            f"unflatten got an unexpected error:\nDimension specified as {dim} but tensor has no dimensions"
        )
    try:
        split = filled_in((shape[axis],), sizes)
    except ShapeError:
        raise ShapeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {axis} ({shape[axis]}) in "
            "the input tensor", "unflatten", (shape, sizes), (axis,),
        ) from None  # fmt: skip
    except RuntimeError as error:
        raise RuntimeError(f"unflatten got an unexpected error:\n{error}") from None
    return input.view(*shape[:axis], *split, *shape[axis + 1 :])


@op(r"y = x^\top", said=VIEW, input=d(r"\bar y^\top", lambda g, dim0, dim1, k: k.transpose(g, dim0, dim1)))
def transpose(input, dim0, dim1):
    """Two axes exchanged."""
    if not input.ndim:
        for dim in (dim0, dim1):
            axis_of(dim, 0)
        return input[...]
    return input.swapaxes(dim0, dim1)


def _axes(input: Any, dims: Sequence[int]) -> tuple[int, ...]:
    axes = tuple(axis_of(n, input.ndim) for n in dims)
    if len(axes) != input.ndim:
        raise RuntimeError(
            f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = {len(axes)}"
        )
    if len(set(axes)) != len(axes):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return axes


def _inverse(dims: Sequence[int]) -> tuple[int, ...]:
    n = len(dims)
    back = [0] * n
    for i, axis in enumerate(dims):
        back[axis % n] = i
    return tuple(back)


@op(
    r"y = x^{\pi}",
    said=VIEW | {"name": "permute_axes", "title": "PermuteBackward0", "homes": ()},
    input=d(r"\bar y^{\pi^{-1}}", lambda g, dims, k: k.permute_axes(g, _inverse(dims))),
)
def permute_axes(input, dims):
    """The axes in another order."""
    return input.transpose(_axes(input, dims))


@composite()
def permute(input: Any, *axes: Any, dims: Any = None) -> Any:
    """The axes in another order."""
    return permute_axes(input, given_sizes(axes, dims, "permute", "dims"))


@op(r"y = x^\top", said=VIEW | {"title": "TBackward0"}, input=d(r"\bar y^\top", lambda g: g.T))
def t(input):
    """The matrix transposed."""
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return input.T


@composite()
def movedim(input: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other places, the rest in their order."""
    n = input._array.ndim
    given = [list(listed(each)) for each in (source, destination)]
    if len(given[0]) != len(given[1]):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({given[0]} dims) should contain the same number of "
            f"dims as destination ({given[1]} dims)"
        )
    origin, target = ([axis_of(a, n) for a in each] for each in given)
    for word, axes, named in (("source", origin, given[0]), ("destination", target, given[1])):
        if len(set(axes)) != len(axes):
            raise RuntimeError(f"movedim: repeated dim in `{word}` ({named})")
    if not n:
        return permute_axes(input, ())
    order = [a for a in range(n) if a not in origin]
    for place, axis in sorted(zip(target, origin, strict=True)):
        order.insert(place, axis)
    return permute_axes(input, tuple(order))


@composite()
def swapaxes(input: Any, axis0: int, axis1: int) -> Any:
    """Two axes exchanged."""
    return transpose(input, axis0, axis1)


@op(
    r"y = x",
    said=VIEW
    | {"name": "squeeze_axes", "homes": (), "title": lambda dims: f"SqueezeBackward{0 if dims is None else 1}"},
    input=d(r"\bar y", lambda g, shape, dims, k: k.reshape(g, shape)),
)
def squeeze_axes(input, dims):
    """Axes of size one dropped: all, or those of `dims`."""
    if dims is None:
        return input.squeeze()
    drop = {axis_of(each, input.ndim) for each in dims}
    return (
        input.reshape([n for i, n in enumerate(input.shape) if n != 1 or i not in drop])
        if input.flags.c_contiguous
        else input[tuple(0 if i in drop and n == 1 else slice(None) for i, n in enumerate(input.shape))]
    )


@composite(in_place=False)
def squeeze(input: Any, dim: Any = None) -> Any:
    """Axes of size one dropped: all, or those named."""
    if dim is None:
        return squeeze_axes(input, None)
    axes = [axis_of(each, input._array.ndim) for each in listed(dim)]
    for axis in axes:
        if axes.count(axis) > 1:
            raise RuntimeError(f"dim {axis} appears multiple times in the list of dims")
    return squeeze_axes(input, listed(dim))


@op(r"y = x", said=VIEW, input=d(r"\bar y", lambda g, shape, k: k.reshape(g, shape)))
def unsqueeze(input, dim):
    """With an axis of size one put in at `dim`."""
    return np.expand_dims(input, axis_of(dim, input.ndim + 1))


@op(
    r"y = x",
    said=VIEW | {"name": "expand_to", "title": "ExpandBackward0", "homes": ()},
    input=d(r"\sum \bar y", lambda g, shape, k: k.sum_to_size(g, shape)),
)
def expand_to(input, sizes):
    """Axes of size one repeated without copying."""
    lead = len(sizes) - input.ndim
    strides = [0] * len(sizes)
    for i in range(len(sizes) - 1, -1, -1):
        if i >= lead:
            size, step = input.shape[i - lead], input.strides[i - lead]
        else:
            size, step = 1, sizes[i + 1] * strides[i + 1] if i + 1 < len(sizes) else input.itemsize
        strides[i] = step if size == sizes[i] and input.ndim else 0
    # Not `broadcast_to`, whose arrays cannot be written even where no element is repeated.
    return stepped(input, tuple(sizes), tuple(strides))


def _old_name(tensor: Any) -> str:
    """The old name of a tensor's type; younger dtypes have none in PyTorch's sentence."""
    title = array.TITLES[tensor.dtype]
    young = title in ("Bool", "BFloat16") or title.startswith(("Complex", "U"))
    return f"CPU{title}Type" if young else f"torch.{title}Tensor"


@composite("method")
def expand(self: Any, *sizes: Any, size: Any = None, implicit: bool = False) -> Any:
    """Axes of size one repeated without copying; -1 leaves an axis as it is."""
    shape, want = self._array.shape, given_sizes(sizes, size, "expand")
    if shape == want:
        return expand_to(self, want)
    lead = len(want) - len(shape)
    if lead < 0:
        raise RuntimeError(
            f"expand({_old_name(self)}{{{list(shape)}}}, size={list(want)}): the number of sizes "
            f"provided ({len(want)}) must be greater or equal to the number of dimensions in the tensor ({len(shape)})"
        )
    for i, n in enumerate(want[:lead]):
        if n < 0:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {i}"
            )
    full = tuple(shape[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(want))
    for i, n in reversed([*enumerate(full)]):
        if i >= lead and shape[i - lead] not in (1, n):
            raise ShapeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({shape[i - lead]}) at "
                f"non-singleton dimension {i}.  Target sizes: {list(want)}.  Tensor sizes: {list(shape)}",
                "expand", (shape, want), (i - lead, i),
            )  # fmt: skip
    return expand_to(self, full)


@composite("method")
def expand_as(self: Any, other: Any) -> Any:
    """Expanded to the sizes of another tensor."""
    only_tensors("expand_as", other=other)
    return self.expand(other.shape)


@composite()
def broadcast_to(input: Any, *sizes: Any, size: Any = None) -> Any:
    """Expanded to a size."""
    return input.expand(given_sizes(sizes, size, "broadcast_to"))


@composite("method")
def sum_to_size(self: Any, *size: Any) -> Any:
    """The tensor summed over the axes along which a tensor of this size would be broadcast to it."""
    shape, mine = given_sizes(size, None, "sum_to_size"), self._array.shape
    if not shape:
        return tensors.sum(self)
    if shape == mine:
        return self
    lead = len(mine) - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, mine[lead:], strict=True)):
        raise RuntimeError(f"size {{{list(shape)}}} is not expandable to size {{{list(mine)}}}.")
    axes = (*range(lead), *(i + lead for i, n in enumerate(shape) if n == 1 and mine[i + lead] != 1))
    if not axes:
        return self.expand(shape)
    total = tensors.sum(self, axes, True)
    return _reshape(total, shape) if lead else total
