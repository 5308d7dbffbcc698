"""PyTorch's errors of poolings: of ranks, windows and sizes that do not fit."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from engine.array import OF_NUMPY, TITLES
from engine.errors import ShapeError, not_implemented

Sizes = tuple[int, ...]
_NUMBERS = ("", "one int", "two ints", "three ints")


def check_lengths(name: str, axes: int, **given: Any) -> None:
    """That each setting is one whole number, or as many as there are axes; they are given in their order."""
    for place, (what, value) in enumerate(given.items(), 2):
        if value is not None:
            check_whole(name, what, place, value)
        if isinstance(value, (tuple, list)) and len(value) not in (0, 1, axes):
            if axes == 1:
                raise RuntimeError(
                    f"{name}() {what} must be an int, list of ints or tuple of ints of size 1 but got size {len(value)}"
                )
            raise RuntimeError(f"{name}: {what} must either be a single int, or a tuple of {_NUMBERS[axes]}")


def check_whole(name: str, what: str, place: int, value: Any) -> None:
    """That a setting is a whole number or several."""
    several = isinstance(value, (tuple, list))
    for i, each in enumerate(value if several else (value,)):
        if not hasattr(each, "__index__"):
            rest = f", but found element of type {type(each).__name__} at pos {i}"
            rest = rest if several else f", not {type(value).__name__}"
            raise TypeError(f"{name}(): argument '{what}' (position {place}) must be tuple of ints{rest}")


def check_kind(name: str, kind: Any, plain: bool) -> None:
    """That a pooling knows the dtype; `plain` where it gives no indices and needs no gradient."""
    largest = name.startswith("max")
    if largest:
        known = kind.kind in "fV" if name == "max_pool1d" and plain else kind.kind in "fViu"
    else:
        known = kind == np.int64 or (kind.kind in "fV" and not (name == "avg_pool3d" and kind.itemsize == 2))
    if known:
        return
    called = {"max_pool1d": "max_pool1d_impl" if plain else "max_pool2d", "avg_pool1d": "avg_pool2d"}
    raise not_implemented({"avg_pool3d": "avg_pool3d_out_frame", **called}.get(name, name), kind)


def check_input(name: str, axes: int, shape: Sizes) -> None:
    """That the input has the axes, with or without a batch, and that only the batch may be empty."""
    largest = name.startswith("max")
    expected = f"{axes + 1}D or {axes + 2}D"
    ranked = len(shape) in (axes + 1, axes + 2)
    if largest and axes == 3 and ranked and not all(shape[-4:]):
        raise ShapeError(
            "max_pool3d_with_indices_out_cpu_template(): Expected input's non-batch dimensions to have positive "
            f"length, but input has a shape of {list(shape)} and non-batch dimension 0 has length zero!",
            name,
            (shape,),
        )  # fmt: skip
    if ranked and all(shape[-axes - 1 :]):
        return
    if axes == 1 and not largest and not ranked:
        raise ShapeError(
            f"Expected 2 to 3 dimensions, but got {len(shape)}-dimensional tensor for argument #1 'self' (while "
            f"checking arguments for {name})", name, (shape,),
        )  # fmt: skip
    if ranked or axes == 1:
        before = "max_pool1d: " if axes == 1 and largest else ""
        raise ShapeError(
            f"{before}Expected {expected} (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(shape)}", name, (shape,),
        )  # fmt: skip
    raise ShapeError(
        f"non-empty {expected} (batch mode) tensor expected for input, but {name}() got {list(shape)}", name, (shape,)
    )


def check_windows(name: str, axes: int, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> None:
    """That the windows have sizes, steps and edges that make sense."""
    if name == "max_pool1d":
        for what, given in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
            if given[0] <= 0:
                raise RuntimeError(f"{name}() {what} must be greater than zero, but got {given[0]}")
        if padding[0] < 0:
            raise RuntimeError(f"{name}() padding must be non-negative, but got {padding[0]}")
        if 2 * padding[0] > kernel[0]:
            raise RuntimeError(
                f"{name}() padding should be at most half of kernel size, but got padding={padding[0]} and "
                f"kernel_size={kernel[0]}"
            )
    if 0 in stride:
        raise RuntimeError("stride should not be zero")
    letters = "TWH" if axes == 3 else "HW"
    for what, word, given in (
        ("kernel size", "k", kernel),
        ("stride", "d", stride),
        ("dilation", "dilation", dilation),
    ):
        if min(given) <= 0:
            row = (1,) if axes == 1 else ()  # PyTorch pools lines as images of one row
            listed = " ".join(f"{word}{letter}: {n}" for letter, n in zip(letters, (*row, *given), strict=True))
            raise RuntimeError(f"{what} should be greater than zero, but got {listed}")
    if min(padding) < 0:
        raise RuntimeError(f"pad must be non-negative, but got pad: {min(padding)}")
    if any(2 * p > n for p, n in zip(padding, kernel, strict=True)):
        raise RuntimeError(
            f"pad should be at most half of effective kernel size, but got pad={max(padding)}, "
            f"kernel_size={max(kernel)} and dilation={max(dilation)}"
        )


def too_small(name: str, axes: int, shape: Sizes, out: Sizes, kernel: Sizes) -> Exception:
    """The error where no window fits."""
    if name == "max_pool1d":
        return ShapeError(f"max_pool1d() Invalid computed output size: {out[0]}", name, (shape, kernel), (-1, 0))
    row = (1,) if axes == 1 else ()  # PyTorch pools lines as images of one row
    inside, outside = ("x".join(map(str, (shape[-axes - 1], *row, *space))) for space in (shape[-axes:], out))
    return ShapeError(
        f"Given input size: ({inside}). Calculated output size: ({outside}). Output size is too small",
        name, (shape, kernel), (len(shape) - 1, axes - 1),
    )  # fmt: skip


def smaller_than_kernel(shape: Sizes, kernel: Sizes) -> Exception:
    """The error of means over windows of three axes that are longer than the input, which padding does not help."""
    image, window = ("{} H: {} W: {}".format(*sizes) for sizes in (shape[-3:], kernel))
    window = window.replace(" H", " kH").replace(" W", " kW")
    return ShapeError(
        f"input image (T: {image}) smaller than kernel size (kT: {window})", "avg_pool3d", (shape, kernel),
        (len(shape) - 1, 2),
    )  # fmt: skip


def adaptive_sizes(name: str, axes: int, input: Any, output_size: Any) -> Sizes:
    """The output's sizes, a None being the input's, after the checks of an adaptive pooling."""
    shape = input._array.shape
    given = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * axes
    if any(size is not None and not hasattr(size, "__index__") for size in given):
        check_whole(name, "output_size", 2, output_size)
    largest = "max" in name
    if axes == 1 and len(given) != 1:
        raise RuntimeError(f"{name}() argument 'output_size' should contain one int (got {len(given)})")
    if axes > 1 and isinstance(output_size, (tuple, list)) and len(shape) <= len(given):
        raise ValueError(f"Input dimension should be at least {len(given) + 1}")
    if len(given) != axes:
        if largest:
            raise RuntimeError(f"{name}(): internal error: output_size.size() must be {axes}")
        raise RuntimeError(f"{name}: output_size must be {axes}")
    if axes == 3 and not largest:
        _check_filled(name, shape, shape, 1)
    if len(shape) not in (axes + 1, axes + 2):
        if axes == 1:
            raise ShapeError(
                f"Expected 2 to 3 dimensions, but got {len(shape)}-dimensional tensor for argument #1 'self' (while "
                f"checking arguments for {name})", name, (shape,),
            )  # fmt: skip
        colon = ":" if largest else ""
        expected = f"{axes + 1}D or {axes + 2}D"
        raise ShapeError(f"{name}(): Expected {expected} tensor, but got{colon} {list(shape)}", name, (shape,))
    sizes = tuple(n if size is None else int(size) for n, size in zip(shape[-axes:], given, strict=True))
    if min(sizes) < 0:
        if largest:
            whole = [*shape[:-axes], *([1] * (axes == 1)), *sizes]
            raise RuntimeError(f"Trying to create tensor with negative dimension {min(sizes)}: {whole}")
        listed = "{" + ", ".join(map(str, (1, *sizes) if axes == 1 else sizes)) + "}"
        if axes == 3:  # PyTorch leaves out a space there
            listed = ",".join(listed.rsplit(", ", 1))
        raise RuntimeError(
            f"{name.replace('1d', '2d')}: elements of output_size must be greater than or equal to 0 but received "
            f"{listed}"
        )
    if largest:
        _check_filled(name, shape, shape, 1)
    elif axes == 1:  # which is computed as an image of one row
        _check_filled("adaptive_avg_pool2d", (*shape[:-1], 1, shape[-1]), shape, len(shape) - 1)
    else:
        _check_filled(name, shape, shape, len(shape) - axes)
    kind = input._array.dtype
    if kind.kind not in "fV":
        raise NotImplementedError(f"\"{name}\" not implemented for '{TITLES[OF_NUMPY[kind]]}'")
    return sizes


def _check_filled(name: str, told: Sizes, shape: Sizes, first: int) -> None:
    for axis in range(first, len(told)):
        if not told[axis]:
            raise ShapeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
                f"{list(told)} with dimension {axis} being empty", name, (shape,),
            )  # fmt: skip


def as_given(value: Any, axes: int) -> Sizes:
    """A setting as one number an axis, or as many as were given."""
    return tuple(map(index, value)) if isinstance(value, (tuple, list)) else (index(value),) * axes


def check_fractional(axes: int, shape: Sizes, kernel: Sizes, sizes: Sizes) -> None:
    """RuntimeError where a fractional pooling has other numbers of settings or axes, or nothing to choose from."""
    name = f"fractional_max_pool{axes}d"
    for what, given in (("kernel_size", kernel), ("output_size", sizes)):
        if len(given) != axes:
            raise RuntimeError(f"{name}: {what} must either be a single Int or tuple of {'three ' * (axes == 3)}Ints")
    if len(shape) not in (axes + 1, axes + 2):
        expected = f"{axes + 1}D or {axes + 2}D"
        raise ShapeError(f"{name}: Expected {expected} tensor, but got: {list(shape)}", name, (shape,))
    for axis in range(1, len(shape)):
        if not shape[axis]:
            raise ShapeError(
                f"{name}{'_out' * (axes == 3)}(): Expected input to have non-zero size for non-batch dimensions, but "
                f"got{list(shape)} with dimension {axis} being empty.", name, (shape,), (axis,),
            )  # fmt: skip


def check_samples(axes: int, given: Sizes, lead: Sizes) -> None:
    """RuntimeError where the samples of a fractional pooling are not (at least the images, channels, axes)."""
    if len(given) != 3:
        raise RuntimeError(f"Expect _random_samples to have 3 dimensions, got {len(given)}")
    if given[0] < lead[0]:
        raise RuntimeError("Expect _random_samples.size(0) no less then input batch size.")
    if given[1] != lead[1]:
        raise RuntimeError("Expect _random_samples.size(1) equals to input channel size.")
    if given[2] != axes:
        raise RuntimeError(f"Expect _random_samples.size(2) equals to {axes}; got {given[2]}.")


def check_unpooled(axes: int, x: Any, size: Sizes, steps: Sizes) -> None:
    """RuntimeError where maxima cannot be put back for their shape or settings; a line is an image of one row."""
    shape, planes = (x.shape, axes) if axes > 1 else ((*x.shape, 1), 2)
    what = "two elements (height, width)" if planes == 2 else "three elements (depth, height, width)"
    if len(size) != axes:
        raise RuntimeError(f"There should be exactly {what} in output_size, but got {len(size)} elements.")
    if len(shape) not in (planes + 1, planes + 2):
        raise RuntimeError(
            f"Input to max_unpooling{planes}d should be a {planes + 1}d or {planes + 2}d Tensor, but got a tensor with "
            f"{len(shape)} dimensions."
        )
    if planes == 3 and min(steps) <= 0:
        raise RuntimeError(f"strides should be greater than zero, but got stride: {list(steps)}")
    for axis in range(1, len(shape)):
        if not shape[axis]:
            raise RuntimeError(
                f"max_unpooling{planes}d_forward_out_cpu(): Expected input to have non-zero size for non-batch "
                f"dimensions, but got {list(shape)} with dimension {axis} being empty."
            )
    if x.dtype.kind not in "fV":
        raise NotImplementedError(f"\"max_unpool{planes}d\" not implemented for '{TITLES[OF_NUMPY[x.dtype]]}'")
