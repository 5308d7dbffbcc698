"""Poolings: the largest or the mean of each window."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import formats
from engine.array import module
from engine.dispatch import into, tensors
from engine.numeric.choice import keep, kept
from engine.op import composite, d, op
from engine.ops.pool_checks import (
    adaptive_sizes,
    check_input,
    check_kind,
    check_lengths,
    check_windows,
    smaller_than_kernel,
    too_small,
)
from engine.ops.windows import Sizes, out_sizes, padded, per_axis, places, reach, unpadded
from engine.tensor import wrap
from engine.titles import retitle

# Kernel, stride, padding, dilation, and whether a last window may reach over the end.
Geometry = tuple[Sizes, Sizes, Sizes, Sizes, bool]


def _out(space: Sizes, geometry: Geometry) -> Sizes:
    kernel, stride, padding, dilation, ceil = geometry
    return out_sizes(space, kernel, stride, padding, dilation, ceil)


def _cuts(space: Sizes, geometry: Geometry) -> tuple[Sizes, Sizes, list[tuple[Any, ...]]]:
    """The number of windows, the length they cover, and the index of each place of a window."""
    kernel, stride, _, dilation, _ = geometry
    out = _out(space, geometry)
    return out, reach(out, kernel, stride, dilation), [cut for _, cut in places(out, kernel, stride, dilation)]


def _largest(input: Any, geometry: Geometry) -> tuple[Any, Any]:
    """The largest of each window, and the first place in the window where it stands."""
    _, length, cuts = _cuts(input.shape[2:], geometry)
    low = -np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).min
    x = padded(input, geometry[2], length, low)
    parts = [x[cut] for cut in cuts]
    y = parts[0].copy()
    for part in parts[1:]:
        np.maximum(y, part, out=y)
    place = module(x).zeros(y.shape, np.uint8 if len(cuts) <= 256 else np.int32)
    if input.dtype.kind == "f" and (y != y).any():
        for number, part in reversed(list(enumerate(parts))):  # a NaN is the largest
            place[(part == y) | (part != part)] = number
        return formats.followed(y, input), place
    # From the last place to the first: one further than what is known, and back to nothing where the largest stands.
    for part in parts[-2::-1]:
        place += 1
        place *= part != y
    return formats.followed(y, input), place


@op(
    r"y_o = \max_{i \in o} x_i",
    said={"kernel": _largest, "title": "MaxPool2DWithIndicesBackward0", "homes": (), "out": False, "aux": True},
    input=d(
        r"\bar y_o \text{ at } \arg\max_{i \in o} x_i",
        lambda g, input, shape, geometry, aux, k: k.straight(
            k.pool_scatter(g, k.largest_place(input, geometry) if aux is None else aux, tuple(shape), geometry),
            input,
            "MaxPool2DWithIndices",
        ),
    ),
)
def largest(input, geometry):
    """The largest element of each window of x (N, C, *space)."""


@op(r"y_o = \arg\max_{i \in o} x_i", said={"homes": (), "out": False}, input=None)
def largest_place(input, geometry):
    """The place in its window of the largest element."""
    return _largest(input, geometry)[1]


@op(
    r"x_i = \sum_{o : p_o = i} y_o",
    said={"homes": (), "out": False},
    grad=d(r"\bar x_{p_o}", lambda g, place, geometry, k: k.pool_gather(g, place, geometry)),
    place=None,
)
def pool_scatter(grad, place, size, geometry):
    """Each element put at a place in its window."""
    _, length, cuts = _cuts(size[2:], geometry)
    x = padded(module(grad).zeros(size, grad.dtype), geometry[2], length)
    apart = geometry[1] == geometry[0] and set(geometry[3]) == {1}
    for number, cut in enumerate(cuts):
        if apart:  # each element is in one window
            keep(grad, place == number, x[cut])
        else:
            x[cut] += kept(grad, place == number)
    return unpadded(x, geometry[2], size[2:])


@op(
    r"y_o = x_{p_o}",
    said={"homes": (), "out": False},
    input=d(
        r"\bar y_o \text{ at } p_o",
        lambda g, place, shape, geometry, k: k.pool_scatter(g, place, tuple(shape), geometry),
    ),
    place=None,
)
def pool_gather(input, place, geometry):
    """The element at a place of each window."""
    _, length, cuts = _cuts(input.shape[2:], geometry)
    x = padded(input, geometry[2], length)
    y = module(x).zeros(place.shape, x.dtype)
    for number, cut in enumerate(cuts):
        y += kept(x[cut], place == number)
    return y


def _spread(g: Any, input: Any, shape: Any, geometry: Geometry, k: Any) -> Any:
    return k.straight(k.window_spread(g, tuple(shape), geometry), input, "AvgPool2D")


@op(
    r"y_o = \sum_{i \in o} x_i",
    said={"title": "AvgPool2DBackward0", "homes": (), "out": False},
    input=d(r"\sum_{o \ni i} \bar y_o", lambda g, input, shape, geometry, k: _spread(g, input, shape, geometry, k)),
)
def window_sum(input, geometry):
    """The sum of each window of x (N, C, *space)."""
    _, length, cuts = _cuts(input.shape[2:], geometry)
    x = padded(input, geometry[2], length)
    y = x[cuts[0]].copy()
    for cut in cuts[1:]:
        y += x[cut]
    return y if y.ndim > 4 else formats.followed(y, input)  # PyTorch's means of volumes are laid plainly


@op(
    r"x_i = \sum_{o \ni i} y_o",
    said={"title": "AvgPool2DBackward0", "homes": (), "out": False},
    grad=d(r"\sum_{i \in o} \bar x_i", lambda g, geometry, k: k.window_sum(g, geometry)),
)
def window_spread(grad, size, geometry):
    """Each element added to all of its window."""
    _, length, cuts = _cuts(size[2:], geometry)
    x = padded(module(grad).zeros(size, grad.dtype), geometry[2], length)
    for cut in cuts:
        x[cut] += grad
    return unpadded(x, geometry[2], size[2:])


# ---- what is called


def _geometry(
    name: str, axes: int, input: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool,
    as_image: bool = False,
) -> tuple[Any, Geometry]:  # fmt: skip
    """The input with a batch axis, and the geometry, both found sound; lines perhaps as images of one row."""
    shape = input._array.shape
    check_lengths(name, axes, kernel_size=kernel, stride=stride, padding=padding, dilation=dilation)
    sizes = per_axis(kernel, axes)
    steps = sizes if stride is None or (isinstance(stride, (tuple, list)) and not stride) else per_axis(stride, axes)
    geometry = (sizes, steps, per_axis(padding, axes), per_axis(dilation, axes), ceil)
    check_windows("" if as_image else name, axes, *geometry[:4])
    check_input(name, axes, shape)
    batch = input if len(shape) == axes + 2 else input.unsqueeze(0)
    if name == "avg_pool3d" and any(n < k for n, k in zip(shape[-3:], sizes, strict=True)):
        raise smaller_than_kernel(shape, sizes)
    out = _out(batch._array.shape[2:], geometry)
    if any(n < 1 for n in out):
        raise too_small("" if as_image else name, axes, shape, out, sizes)
    return batch, geometry


def _flat_indices(place: Any, space: Sizes, geometry: Geometry) -> Any:
    """Places in windows as indices into the flattened space, as `return_indices` gives them."""
    kernel, stride, padding, dilation, _ = geometry
    xp, flat = module(place), 0
    for axis, inner in enumerate(np.unravel_index(place.astype(np.int64), kernel)):
        begins = xp.arange(place.shape[2 + axis]) * stride[axis] - padding[axis]
        at = begins.reshape(-1, *(1,) * (len(space) - axis - 1)) + inner * dilation[axis]
        flat = flat + at * math.prod(space[axis + 1 :])
    return flat


def _declare(axes: int) -> None:
    """`max_pool1d`, `avg_pool1d`, `adaptive_avg_pool1d` and so on, for a number of axes."""
    title = "SqueezeBackward1" if axes == 1 else f"{{}}{axes}D{{}}Backward0"

    def largest_of(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:  # fmt: skip
        batch, geometry = _geometry(
            f"max_pool{axes}d", axes, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
        )
        plain = not (return_indices or input._requires_grad)
        check_kind(f"max_pool{axes}d", input._array.dtype, plain)
        y = largest(batch, geometry)
        y = retitle(y if batch is input else y.squeeze(0), title.format("MaxPool", "WithIndices"), (input,))
        if not return_indices:
            return y
        place = largest_place(batch.detach(), geometry)._array
        index = formats.followed(_flat_indices(place, batch._array.shape[2:], geometry), batch._array)
        return y, wrap(index.reshape(y._array.shape))

    def mean_of(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None, *, out: Any = None,
    ) -> Any:  # fmt: skip
        batch, geometry = _geometry(f"avg_pool{axes}d", axes, input, kernel_size, stride, padding, 1, ceil_mode)
        check_kind(f"avg_pool{axes}d", input._array.dtype, False)
        wide = batch.float() if batch._array.dtype.itemsize == 2 else batch
        total = window_sum(wide, geometry)
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        counts = divisor_override or _counts(wide._array, geometry, count_include_pad)
        whole = "trunc" if total._array.dtype.kind in "iu" else None
        y = tensors.div(total, counts, rounding_mode=whole).to(input.dtype) if whole else total / counts
        y = y if wide is batch else y.to(input.dtype)
        if axes == 2:  # the division forgets what an axis of size one has for a step
            y = formats.laid_in(formats.suggested(batch._array), y)
        y = retitle(y if batch is input else y.squeeze(0), title.format("AvgPool", ""), (input,))
        return y if out is None else into(tensors.window_sum.op, out, y, (input,))

    def adaptive(input: Any, output_size: Any) -> Any:
        sizes = adaptive_sizes(f"adaptive_avg_pool{axes}d", axes, input, output_size)
        y = input.float() if input._array.dtype.itemsize == 2 else input
        if set(sizes) == {1} and y._array.size:
            y = tensors.mean(y, tuple(range(-axes, 0)), True)
        for axis, size in zip(range(-axes, 0), sizes, strict=True):
            n = y._array.shape[axis]
            if size != n:
                means = wrap(module(y._array).asarray(_means(n, size), dtype=y._array.dtype))
                y = tensors.matmul(y.transpose(axis, -1), means).transpose(axis, -1)
        y = tensors.clone(input) if y is input else y.to(input.dtype)
        whole = axes > 1 and set(sizes) == {1}
        title = "MeanBackward1" if whole else "SqueezeBackward1" if axes == 1 else f"AdaptiveAvgPool{axes}DBackward0"
        form = formats.suggested(input._array) if axes < 3 or whole else formats.contiguous_format
        return retitle(formats.laid_in(form, y), title, (input,))

    for name, call, what in (
        ("max_pool", largest_of, "The largest element of each window"),
        ("avg_pool", mean_of, "The mean of each window"),
        ("adaptive_avg_pool", adaptive, "The means of as many even parts as `output_size` says"),
    ):
        call.__name__ = call.__qualname__ = f"{name}{axes}d"
        call.__doc__ = f"{what}, over the last {axes} axes."
        composite("functional", "engine")(call)


def _counts(x: Any, geometry: Geometry, with_padding: bool) -> Any:
    """By how many elements the sum of each window is divided: one number, or one a window."""
    kernel, _, padding, _, ceil = geometry
    if not ceil and (with_padding or not any(padding)):
        return float(math.prod(kernel))
    ones = module(x).ones((1, 1, *x.shape[2:]), x.dtype)
    if with_padding:  # the padding counts, what lies behind it does not
        ones = padded(ones, padding, (0,) * len(padding), 1.0)
        geometry = (*geometry[:2], (0,) * len(padding), *geometry[3:])
        counts = window_sum(wrap(ones), geometry)
        cut = tuple(slice(0, n) for n in _out(x.shape[2:], (kernel, geometry[1], padding, *geometry[3:])))
        return counts[(..., *cut)]
    return window_sum(wrap(ones), geometry)


def _means(n: int, size: int) -> np.ndarray:
    """The matrix (n, size) that takes `size` even, perhaps overlapping, parts of n elements to their means."""
    matrix = np.zeros((n, size))
    for i in range(size):
        begin, end = i * n // size, -(-(i + 1) * n // size)
        matrix[begin:end, i] = 1 / (end - begin)
    return matrix


for _axes in (1, 2, 3):
    _declare(_axes)
