"""Sliding blocks as columns, and columns added up to an image: `unfold` and `fold`, each the other's slope."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from engine.array import module
from engine.errors import ShapeError, dim_error, refuse
from engine.op import composite, d, op
from engine.ops.windows import Sizes, out_sizes, padded, places, reach, sliding, unpadded

Blocks = tuple[Sizes, Sizes, Sizes, Sizes]  # kernel, dilation, padding, stride


@op(
    r"y_{n, c p, l} = x_{n c, l s + p}",
    said={"homes": (), "out": False, "title": "Im2ColBackward0"},
    input=d(
        r"\sum_{l s + p = i} \bar y_{n, c p, l}", lambda g, shape, blocks, k: k.col2im(g, tuple(shape)[2:], blocks)
    ),
)
def im2col(input, blocks):
    """The blocks of images (N, C, H, W) as columns (N, C times places, blocks)."""
    kernel, dilation, padding, stride = blocks
    out = out_sizes(input.shape[2:], kernel, stride, padding, dilation)
    x = padded(input, padding, (0, 0))
    windows = np.moveaxis(sliding(x, out, kernel, stride, dilation), 3, 1)  # N, C, the place, the block
    return windows.reshape(len(x), x.shape[1] * math.prod(kernel), math.prod(out)).copy()


@op(
    r"y_{n c, i} = \sum_{l s + p = i} x_{n, c p, l}",
    said={"homes": (), "out": False, "title": "Col2ImBackward0"},
    input=d(r"\bar y_{n c, l s + p}", lambda g, blocks, k: k.im2col(g, blocks)),
)
def col2im(input, size, blocks):
    """Columns (N, C times places, blocks) added up to images of a size (N, C, *size)."""
    kernel, dilation, padding, stride = blocks
    out = out_sizes(size, kernel, stride, padding, dilation)
    channels = input.shape[1] // math.prod(kernel)
    columns = input.reshape(len(input), channels, *kernel, *out)
    whole = module(input).zeros((len(input), channels, *size), input.dtype)
    images = padded(whole, padding, reach(out, kernel, stride, dilation))
    for place, cut in places(out, kernel, stride, dilation):
        images[cut] += columns[(slice(None), slice(None), *place)]
    return unpadded(images, padding, size).copy()


def _pair(value: Any) -> Sizes:
    return (value, value) if isinstance(value, int) else tuple(map(operator.index, value)) * (3 - len(value))


def _blocks(kernel: Any, dilation: Any, padding: Any, stride: Any) -> Blocks:
    sizes, steps, pads, strides = _pair(kernel), _pair(dilation), _pair(padding), _pair(stride)
    for what, (height, width) in (("kernel size", sizes), ("dilation", steps), ("stride", strides)):
        if height <= 0 or width <= 0:
            name = what.removesuffix(" size")
            raise RuntimeError(f"{what} should be greater than zero, but got {name}_height: {height} {name}_width: "
                               f"{width}")  # fmt: skip
    if pads[0] < 0 or pads[1] < 0:
        raise RuntimeError(f"padding should be non-negative, but got pad_height: {pads[0]} pad_width: {pads[1]}")
    return sizes, steps, pads, strides


def _listed(sizes: Sizes) -> str:
    return f"({', '.join(map(str, sizes))})"


@composite("functional")
def functional_unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The sliding blocks of images (N, C, H, W) or (C, H, W) as the columns of a matrix each."""
    shape = input._array.shape
    blocks = _blocks(kernel_size, dilation, padding, stride)
    if len(shape) < 3:
        raise dim_error(len(shape) or 1, len(shape))
    if len(shape) > 4 or not all(shape[-3:]):
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
            f"but got: {list(shape)}"
        )
    refuse("iu", "im2col_out_cpu", input)
    sizes, steps, pads, strides = blocks
    out = out_sizes(shape[-2:], sizes, strides, pads, steps)
    if min(out) < 1:
        raise ShapeError(
            f"Given input with spatial size {_listed(shape[-2:])}, kernel_size={_listed(sizes)}, dilation="
            f"{_listed(steps)}, padding={_listed(pads)}, calculated shape of the array of "
            f"sliding blocks as {_listed(out)}, but its components must be at least one.",
            "unfold", (shape, sizes), (len(shape) - 2, 0),
        )  # fmt: skip
    return im2col(input, blocks) if len(shape) == 4 else im2col(input.unsqueeze(0), blocks).squeeze(0)


@composite("functional")
def fold(
    input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:  # fmt: skip
    """Columns of blocks (N, C times places, blocks) added up to images of `output_size`."""
    shape, size = input._array.shape, _pair(output_size)
    blocks = _blocks(kernel_size, dilation, padding, stride)
    if len(shape) not in (2, 3) or not all(shape[-2:]):
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {list(shape)}"
        )
    sizes, steps, pads, strides = blocks
    if shape[-2] % math.prod(sizes):
        raise ShapeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)="
            f"{shape[-2]} and kernel_size={_listed(sizes)}.", "fold", (shape, sizes), (len(shape) - 2, 0),
        )  # fmt: skip
    out = out_sizes(size, sizes, strides, pads, steps)
    if shape[-1] != math.prod(out):
        raise ShapeError(
            f"Given output_size={_listed(size)}, kernel_size={_listed(sizes)}, dilation={_listed(steps)}, padding="
            f"{_listed(pads)}, stride={_listed(strides)}, expected size of input's dimension 2 to match the calculated "
            f"number of sliding blocks {out[0]} * {out[1]} = {math.prod(out)}, but got input.size(2)={shape[-1]}.",
            "fold", (shape, size), (len(shape) - 1, 0),
        )  # fmt: skip
    if min(out) < 1:
        raise ShapeError(
            f"Given output_size={_listed(size)}, kernel_size={_listed(sizes)}, dilation={_listed(steps)}, padding="
            f"{_listed(pads)}, stride={_listed(strides)}, calculated shape of the array of sliding blocks as "
            f"{_listed(out)}, which is too small (non-positive)", "fold", (shape, size), (len(shape) - 1, 0),
        )  # fmt: skip
    refuse("iu", "col2im_out_cpu", input)
    return col2im(input, size, blocks) if len(shape) == 3 else col2im(input.unsqueeze(0), size, blocks).squeeze(0)
