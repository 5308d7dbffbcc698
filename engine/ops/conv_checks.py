"""PyTorch's errors of convolutions: of dtypes, settings and weights that do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.array import OF_NUMPY, TITLES
from engine.errors import ShapeError
from engine.ops.kinds import type_name
from engine.ops.windows import Sizes
from engine.outs import spoken


def check_rank(name: str, axes: int, shape: tuple[int, ...]) -> None:
    """That the input has the axes, with or without a batch."""
    if len(shape) not in (axes + 1, axes + 2):
        raise RuntimeError(
            f"Expected {axes + 1}D (unbatched) or {axes + 2}D (batched) input to {name}, but got input of size: "
            f"{list(shape)}"
        )


def check_settings(axes: int, weight: Any, settings: dict[str, Any], groups: int) -> None:
    """That the settings are positive, as many as the weights have axes, and that these make as many groups."""
    w = weight._array.shape
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if len(w) < 3:
        raise ShapeError("weight should have at least three dimensions", "conv", (w,))
    for what, given in settings.items():
        # A number stands for as many as the function has axes.
        listed = list(given) if isinstance(given, (tuple, list)) else [given] * axes
        if not isinstance(given, str) and len(listed) not in (1, len(w) - 2):
            if settings.get("padding") == "same":
                raise RuntimeError(f"{what} cannot broadcast to {len(w) - 2} dimensions")
            raise RuntimeError(
                f"expected {what} to be a single integer value or a list of {len(w) - 2} values to match the "
                f"convolution dimensions, but got {what}={listed}"
            )
    for what, least, sentence in (
        ("padding", 0, "negative padding is not supported"),
        ("output_padding", 0, "negative output_padding is not supported"),
        ("stride", 1, "non-positive stride is not supported"),
        ("dilation", 1, "dilation should be greater than zero"),
    ):
        given = settings.get(what, least)
        if isinstance(given, str) and ("output_padding" in settings or given not in ("same", "valid")):
            if "output_padding" not in settings:
                raise RuntimeError(f"Invalid padding string: '{given}'")
            raise TypeError(f"conv_transpose{axes}d(): argument 'padding' (position 5) must be tuple of ints, not str")
        if not isinstance(given, str) and min(given if isinstance(given, (tuple, list)) else (given,)) < least:
            listed = list(given) if isinstance(given, (tuple, list)) else [given] * axes
            raise RuntimeError(f"{sentence}, but got {listed}" if what == "dilation" else sentence)
    if w[0] < groups:
        raise ShapeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size "
            f"{list(w)} instead", "conv", (w,), (0,),
        )  # fmt: skip
    if w[0] % groups:
        raise ShapeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size [{list(w)}] instead", "conv", (w,), (0,),
        )  # fmt: skip


def check_same(axes: int, input: Any, weight: Any) -> None:
    """What PyTorch asks first where the padding is to keep the size: that the weights have the input's axes."""
    x, w = input._array.shape, weight._array.shape
    if len(w) != axes + 2:
        batch = x if len(x) == axes + 2 else (1, *x)
        raise ShapeError(
            f"Expected {len(w)}-dimensional input for {len(w)}-dimensional weight{list(w)}, but got "
            f"{len(batch)}-dimensional input of size {list(batch)} instead", "conv", (x, w),
        )  # fmt: skip


def check_weights(axes: int, input: Any, weight: Any, bias: Any, groups: int, transposed: bool) -> None:
    """That input, weights and bias have one dtype, the axes, and a bias for each output channel."""
    x, w = input._array, weight._array
    if w.ndim != axes + 2:
        raise ShapeError(
            f"Expected {w.ndim}-dimensional input for {w.ndim}-dimensional weight {list(w.shape)}, but got "
            f"{x.ndim}-dimensional input of size {list(x.shape)} instead", "conv", (x.shape, w.shape),
        )  # fmt: skip
    channels = w.shape[1] * groups if transposed else w.shape[0]
    if bias is not None and bias._array.shape != (channels,):
        kind = "transposed=1" if transposed else ""
        raise ShapeError(
            f"Given {kind}{', ' * transposed}weight of size {list(w.shape)}, expected bias to be 1-dimensional with "
            f"{channels} elements, but got bias of size {list(bias._array.shape)} instead",
            "conv", (w.shape, bias._array.shape), (0, 0),
        )  # fmt: skip
    if bias is not None and bias._array.dtype != x.dtype:
        kinds = [spoken(each) for each in (x.dtype, bias._array.dtype)]
        raise RuntimeError(f"Input type ({kinds[0]}) and bias type ({kinds[1]}) should be the same")
    if w.dtype != x.dtype:
        if x.dtype.kind == "c" or x.dtype == np.float32:
            rest = "" if x.dtype.kind == "c" else " or input should be a MKLDNN tensor and weight is a dense tensor"
            raise RuntimeError(f"Input type ({type_name(x)}) and weight type ({type_name(w)}) should be the same{rest}")
        raise RuntimeError(f"expected scalar type {TITLES[OF_NUMPY[x.dtype]]} but found {TITLES[OF_NUMPY[w.dtype]]}")


def check_kernel(axes: int, kernel: Any, transposed: bool) -> None:
    """That a kernel has some size, and that of a transposed convolution some channels."""
    if axes == 3 and transposed:
        if 0 in kernel[1:]:
            named = "(n_output_plane x n_input_plane x kernel_depth x kernel_height x kernel_width)"
            raise RuntimeError(f"non-empty 5D {named} tensor expected for weight, but got: {list(kernel)}")
        return
    sizes = (1, *kernel[2:]) if axes == 1 else kernel[2:]
    if 0 in sizes:
        found = f": {' x '.join(map(str, sizes))} (TxHxW)"
        if axes < 3:
            found = f" kernel_height: {sizes[0]} kernel_width: {sizes[1]}"
        raise RuntimeError(f"kernel size should be greater than zero, but got{found}")
    if transposed and not kernel[1]:
        whole = [*kernel[:2], *sizes]
        raise RuntimeError(f"non-empty 2D or 4D weight tensor expected, but got: {whole}")


def check_output_padding(axes: int, more: Any, stride: Any, dilation: Any) -> None:
    """That what is added behind the output is less than a step."""
    if any(extra >= s and extra >= d for extra, s, d in zip(more, stride, dilation, strict=True)):
        names = ("depth", "height", "width")[3 - axes :] if axes > 1 else ("height", "width")
        lone = axes == 1
        parts = []
        for what, values in (("output_padding", more), ("stride", stride), ("dilation", dilation)):
            whole = ((0 if what == "output_padding" else 1), *values) if lone else values
            parts += [f"{what}_{name}: {n}" for name, n in zip(names, whole, strict=True)]
        raise RuntimeError(f"output padding must be smaller than either stride or dilation, but got {' '.join(parts)}")


def no_room(axes: int, shape: Sizes, kernel: Sizes, space: Sequence[int]) -> ShapeError:
    """The error of a transposed convolution whose output would have no elements."""
    row = (1,) if axes == 1 else ()  # PyTorch takes lines as images of one row
    inside, outside = (" x ".join(map(str, (*row, *sizes))) for sizes in (shape[-axes:], space))
    return ShapeError(
        f"Given input size per channel: ({inside}). Calculated output size per channel: ({outside}). Output size is "
        "too small", f"conv_transpose{axes}d", (shape, kernel), (len(shape) - 1, len(kernel) - 1),
    )  # fmt: skip
