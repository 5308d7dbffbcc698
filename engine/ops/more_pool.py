"""Poolings beyond plain windows: adaptive and fractional maxima, powers, and maxima put back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array, formats
from engine.array import OF_NUMPY, TITLES, module
from engine.dispatch import tensors
from engine.errors import ShapeError
from engine.numeric.adding import add_at
from engine.op import composite, d, op
from engine.ops import pool_checks
from engine.ops.pool_checks import adaptive_sizes
from engine.ops.windows import Sizes, per_axis
from engine.random import default_generator
from engine.repeatable import alert
from engine.tensor import wrap
from engine.titles import retitle

# ---- elements at flat places, and elements put there: each the other's slope


def _flat(x: Any, axes: int) -> Any:
    return x.reshape(*x.shape[: x.ndim - axes], math.prod(x.shape[x.ndim - axes :]))


@op(
    r"y_o = x_{i_o}",
    said={"homes": (), "out": False, "title": lambda named: named},
    input=d(
        r"\bar y_o \text{ at } i_o",
        lambda g, index, shape, axes, named, k: k.put_flat(g, index, tuple(shape)[len(shape) - axes :], named),
    ),
    index=None,
)
def take_flat(input, index, axes, named):
    """The elements that indices into the last axes, flattened, name."""
    picked = module(input).take_along_axis(_flat(input, axes), _flat(index, axes), -1)
    return picked.reshape(index.shape)


@op(
    r"x_i = \sum_{o : i_o = i} y_o",
    said={"homes": (), "out": False, "title": lambda named: named},
    input=d(r"\bar x_{i_o}", lambda g, index, size, named, k: k.take_flat(g, index, len(size), named)),
    index=None,
)
def put_flat(input, index, size, named):
    """Elements added where indices into the last axes, flattened, say; zero elsewhere."""
    values, places = _flat(input, len(size)), _flat(index, len(size))
    xp, rows = module(input), math.prod(values.shape[:-1])
    full = xp.zeros((rows, math.prod(size)), input.dtype)
    shape = (rows, values.shape[-1])
    add_at(full, (xp.arange(rows)[:, None], places.reshape(shape)), values.reshape(shape))
    return full.reshape(*values.shape[:-1], *size)


def _replaced(input: Any, index: Any, size: Sizes, named: str) -> Any:
    """`put_flat` with the last of elements for one place, not their sum, there."""
    values, places = _flat(input, len(size)), _flat(index, len(size))
    xp, rows = module(input), math.prod(values.shape[:-1])
    full = xp.zeros((rows, math.prod(size)), input.dtype)
    shape = (rows, values.shape[-1])
    full[xp.arange(rows)[:, None], places.reshape(shape)] = values.reshape(shape)
    return full.reshape(*values.shape[:-1], *size)


@op(
    r"x_{i_o} = y_o",
    said={"homes": (), "out": False, "kernel": _replaced, "title": lambda named: named},
    input=d(r"\bar x_{i_o}", lambda g, index, size, named, k: k.take_flat(g, index, len(size), named)),
    index=None,
)
def set_flat(input, index, size, named):
    """Elements set where indices into the last axes, flattened, say; zero elsewhere."""


# ---- the largest of regions


def _largest_places(x: Any, regions: list[tuple[Any, Any]]) -> Any:
    """The flat index of the largest element of each region; an axis has beginnings and ends, both (..., o)."""
    axes, xp = len(regions), module(x)
    flat, space = _flat(x, axes), x.shape[x.ndim - axes :]
    shape = (*x.shape[: x.ndim - axes], *(begin.shape[-1] for begin, _ in regions))
    where = value = None
    for step in np.ndindex(*(int((end - begin).max(initial=0)) for begin, end in regions)):
        index, within = 0, True
        for axis, (s, (begin, end)) in enumerate(zip(step, regions, strict=True)):
            laid = (*begin.shape[:-1], *(1,) * axis, begin.shape[-1], *(1,) * (axes - 1 - axis))
            index = index * space[axis] + np.minimum(begin + s, space[axis] - 1).reshape(laid)
            within = within & (begin + s < end).reshape(laid)
        places = xp.broadcast_to(xp.asarray(index), shape)
        seen = xp.take_along_axis(flat, _flat(places, axes), -1).reshape(shape)
        if where is None:
            where, value = places.copy(), seen
            continue
        better = ((seen > value) | (seen != seen)) & xp.asarray(within)  # a NaN is the largest
        where, value = xp.where(better, places, where), xp.where(better, seen, value)
    return xp.zeros(shape, np.int64) if where is None else where


def _block_places(x: Any, sizes: Sizes) -> Any:
    """`_largest_places` where the regions are blocks of one size, in one go; None where they are not, or of NaN."""
    axes, xp = len(sizes), module(x)
    lead, space = x.shape[: x.ndim - axes], x.shape[x.ndim - axes :]
    if not x.size or any(not size or n % size for n, size in zip(space, sizes, strict=True)):
        return None
    blocks = [n // size for n, size in zip(space, sizes, strict=True)]
    split = x.reshape(*lead, *(each for pair in zip(sizes, blocks, strict=True) for each in pair))
    first = len(lead)
    order = (*range(first), *range(first, split.ndim, 2), *range(first + 1, split.ndim, 2))
    rows = split.transpose(order).reshape(*lead, *sizes, math.prod(blocks))
    best = rows.argmax(-1)
    if x.dtype.kind == "f" and bool(xp.isnan(xp.take_along_axis(rows, best[..., None], -1)).any()):
        return None  # of several NaN the last counts
    index = 0
    for axis, (n, within) in enumerate(zip(space, xp.unravel_index(best, tuple(blocks)), strict=True)):
        begins = xp.arange(sizes[axis]).reshape(-1, *(1,) * (axes - 1 - axis)) * blocks[axis]
        index = index * n + begins + within
    return index


def _adaptive(axes: int, input: Any, output_size: Any) -> tuple[Any, Any]:
    shape = input._array.shape
    sizes = adaptive_sizes(f"adaptive_max_pool{axes}d", axes, input, output_size)
    places = _block_places(input._array, sizes)
    if places is None:
        regions = []
        for n, size in zip(shape[-axes:], sizes, strict=True):
            at = np.arange(size)
            regions.append((at * n // max(size, 1), -(-(at + 1) * n // max(size, 1))))
        places = _largest_places(input._array, regions)
    index = wrap(places)
    kind = f"AdaptiveMaxPool{axes}DBackward0" if axes > 1 else "SqueezeBackward1"
    y, form = take_flat(input, index, axes, kind), formats.suggested(input._array)
    if axes == 3 or form is formats.contiguous_format:
        return y, index
    return retitle(formats.laid_in(form, y), kind, (input,)), formats.laid_in(form, index)


# ---- fractional


def _fractional(
    axes: int, input: Any, kernel_size: Any, output_size: Any, output_ratio: Any, samples: Any
) -> tuple[Any, Any]:
    """Windows at pseudo-random steps, of which the mean is the ratio of the sizes. Graham, 2014."""
    name, shape = f"fractional_max_pool{axes}d", input._array.shape
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    space = shape[len(shape) - axes :]
    if output_size is None:
        ratios = (output_ratio,) * 3 if axes == 3 and isinstance(output_ratio, float) else output_ratio
        if len(ratios) > axes:
            raise ValueError(f"{name} requires output_ratio to either be a single Int or tuple of Ints.")
        output_size = [int(n * ratios[axis]) for axis, n in enumerate(space)]
    sizes, kernel = pool_checks.as_given(output_size, axes), pool_checks.as_given(kernel_size, axes)
    pool_checks.check_fractional(axes, shape, kernel, sizes)
    lead = shape[:-axes] if len(shape) == axes + 2 else (1, shape[0])
    if samples is None:
        drawn = default_generator.rand((*lead, axes), input._array.dtype)
    else:
        pool_checks.check_samples(axes, samples._array.shape, lead)
        drawn = np.asarray(array.moved(samples._array, "cpu"))[: lead[0]]
    for axis, (n, k, size) in enumerate(zip(space, kernel, sizes, strict=True)):
        if size + k - 1 > n - (axes == 3):
            what = ("time", "height", "width")[axis + 3 - axes]
            raise RuntimeError(
                f"{name}{'_out' * (axes == 3)}(): pool {what} {k} too large relative to input {what} {n}"
            )
    regions = []
    for axis, (n, k, size) in enumerate(zip(space, kernel, sizes, strict=True)):
        # PyTorch's order: of an image the sample of the width comes first, of a volume that of the depth.
        sample = drawn[..., axes - 1 - axis if axes == 2 else axis].astype(input._array.dtype)
        begin = np.empty((*lead, size), np.int64)
        if size > 1:
            alpha = input._array.dtype.type(n - k) / input._array.dtype.type(size - 1)
            at = np.arange(size, dtype=input._array.dtype)
            begin[...] = ((at + sample[..., None]) * alpha).astype(np.int64) - (sample * alpha).astype(np.int64)[
                ..., None
            ]
        begin[..., -1:] = n - k
        begin = begin if len(shape) == axes + 2 else begin[0]
        regions.append((begin, begin + k))
    index = wrap(_largest_places(input._array, regions))
    return take_flat(input, index, axes, f"FractionalMaxPool{axes}DBackward0"), index


# ---- maxima put back


def _unpooled(
    axes: int, input: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any
) -> Any:
    shape, kernel = input._array.shape, pool_checks.as_given(kernel_size, axes)
    steps = kernel if stride is None or stride == [] else pool_checks.as_given(stride, axes)
    pads = pool_checks.as_given(padding, axes)
    # One by one: a setting that is too short is found out as in PyTorch.
    least = [(shape[i - len(kernel)] - 1) * steps[i] + kernel[i] - 2 * pads[i] for i in range(len(kernel))]
    size = least
    if output_size is not None:
        size = list(output_size)
        size = size[2:] if len(size) == axes + 2 else size
        if len(size) != axes:
            raise ValueError(
                f"output_size should be a sequence containing {axes} or {axes + 2} elements, but it has a length of "
                f"'{len(size)}'"
            )
        for axis, (n, m, s) in enumerate(zip(size, least, steps, strict=True)):
            if not m - s < n < m + s:
                raise ValueError(
                    f'invalid output_size "{output_size}" (dim {axis} must be between {m - s} and {m + s})'
                )
    alert(f"max_unpooling{max(axes, 2)}d_forward_out")
    if indices._array.dtype != np.int64:
        found = TITLES[OF_NUMPY[indices._array.dtype]]
        raise RuntimeError(f"elements in indices should be type int64 but got: {found}")
    if indices._array.shape != shape:
        seen = [[*each, *([1] * (axes == 1))] for each in (shape, indices._array.shape)]
        raise ShapeError(
            f"Expected shape of indices to be same as that of the input tensor ({seen[0]}) but got indices tensor "
            f"with shape: {seen[1]}", f"max_unpool{axes}d", (shape, indices._array.shape),
        )  # fmt: skip
    pool_checks.check_unpooled(axes, input._array, tuple(size), steps)
    total = math.prod(size)
    wrong = (indices._array < 0) | (indices._array >= total)
    if wrong.any():
        first = int(indices._array[wrong].reshape(-1)[0])
        listed = "x".join(map(str, size if axes > 1 else [*size, 1]))
        raise RuntimeError(f"Found an invalid max index: {first} (output volumes are of size {listed})")
    title = "SqueezeBackward1" if axes == 1 else f"MaxUnpool{axes}DBackward0"
    y = set_flat(input, indices, tuple(size), title)
    return retitle(y.contiguous(formats.suggested(input._array)), title, (input,))


# ---- powers


def _powers(axes: int, input: Any, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Any:
    largest = getattr(tensors, f"max_pool{axes}d")
    if norm_type == math.inf:
        return largest(tensors.abs(input), kernel_size, stride, 0, 1, ceil_mode)
    if norm_type == -math.inf:
        return -largest(-tensors.abs(input), kernel_size, stride, 0, 1, ceil_mode)
    mean = getattr(tensors, f"avg_pool{axes}d")(input**norm_type, kernel_size, stride, 0, ceil_mode)
    total = tensors.sign(mean) * tensors.relu(tensors.abs(mean)) * math.prod(per_axis(kernel_size, axes))
    return total ** (1.0 / norm_type)


# ---- what is called


def _declare(axes: int) -> None:
    """`lp_pool1d`, `max_unpool1d`, `adaptive_max_pool1d` and so on, for a number of axes."""

    def adaptive(input: Any, output_size: Any, return_indices: bool = False) -> Any:
        found = _adaptive(axes, input, output_size)
        return found if return_indices else found[0]

    def adaptive_with(input: Any, output_size: Any, return_indices: bool = False) -> Any:
        return _adaptive(axes, input, output_size)

    def largest_with(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:  # fmt: skip
        pool = getattr(tensors, f"max_pool{axes}d")
        return pool(input, kernel_size, stride, padding, dilation, ceil_mode, True)

    def put_back(
        input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
    ) -> Any:
        return _unpooled(axes, input, indices, kernel_size, stride, padding, output_size)

    def powers(input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Any:
        return _powers(axes, input, norm_type, kernel_size, stride, ceil_mode)

    def fractional(
        input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False,
        _random_samples: Any = None,
    ) -> Any:  # fmt: skip
        found = _fractional(axes, input, kernel_size, output_size, output_ratio, _random_samples)
        return found if return_indices else found[0]

    def fractional_with(
        input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False,
        _random_samples: Any = None,
    ) -> Any:  # fmt: skip
        return _fractional(axes, input, kernel_size, output_size, output_ratio, _random_samples)

    every = [
        (f"adaptive_max_pool{axes}d", adaptive, "The largest of each of as many even parts as `output_size` says"),
        (f"adaptive_max_pool{axes}d_with_indices", adaptive_with, "The largest of even parts, and where they were"),
        (f"max_pool{axes}d_with_indices", largest_with, "The largest element of each window, and where it was"),
        (f"max_unpool{axes}d", put_back, "The largest of windows put back where they were, zeros around them"),
        (f"lp_pool{axes}d", powers, "The norm of each window"),
    ]
    if axes > 1:
        every += [
            (f"fractional_max_pool{axes}d", fractional, "The largest of windows at pseudo-random steps"),
            (f"fractional_max_pool{axes}d_with_indices", fractional_with, "The largest at random steps, and where"),
        ]
    for name, call, what in every:
        call.__name__ = call.__qualname__ = name
        call.__doc__ = f"{what}, over the last {axes} axes."
        composite(*(("functional", "engine") if name == "max_pool1d_with_indices" else ("functional",)))(call)


for _axes in (1, 2, 3):
    _declare(_axes)


@composite("engine")
def engine_adaptive_max_pool1d(input: Any, output_size: Any) -> Any:
    """The largest of even parts of the last axis, and where they were."""
    return _adaptive(1, input, output_size)
