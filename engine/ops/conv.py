"""Convolutions over one, two or three axes, and transposed ones: three products that are each other's slopes.

Each is one matrix product: the windows of the input are laid out as columns (channels and places in a window by images
and places), so that all images share one product.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import formats
from engine.dispatch import tensors
from engine.errors import ShapeError, refuse
from engine.op import composite, d, op
from engine.ops.conv_checks import (
    check_kernel,
    check_output_padding,
    check_rank,
    check_same,
    check_settings,
    check_weights,
    no_room,
)
from engine.ops.windows import (
    Sizes,
    out_sizes,
    padded,
    padded_turned,
    per_axis,
    places,
    reach,
    sliding,
    sliding_turned,
    turned,
    unpadded,
)
from engine.titles import retitle

# Columns of more bytes than this are made again on the way back instead of being kept.
_KEEP = 64 << 20


def _out(space: Sizes, weight_shape: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Sizes:
    return out_sizes(space, weight_shape[2:], stride, padding, dilation)


# What moves elements costs by the runs that lie next to each other in memory. Where many images stand beside short
# rows, the images are the last axis ("turned"): a run is then a row of all of them.


def _is_turned(images: int, out: Sizes, stride: Sizes) -> bool:
    """Whether columns are laid out with the images last; of a batch whose rows are short."""
    row = out[-1] if out else 1
    return images * (row if stride[-1] == 1 else 1) >= 2 * row


def _columns(x: Any, weight_shape: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    """The windows of x (N, C, *space) as (groups, C/groups · places, N · windows), or windows · N where turned."""
    kernel = weight_shape[2:]
    out = _out(x.shape[2:], weight_shape, stride, padding, dilation)
    rows = weight_shape[1] * math.prod(kernel)
    if _is_turned(x.shape[0], out, stride):
        windows = sliding_turned(padded_turned(turned(x), padding, (0,) * len(kernel)), out, kernel, stride, dilation)
    else:
        windows = sliding(padded(x.swapaxes(0, 1), padding, (0,) * len(kernel)), out, kernel, stride, dilation)
    return windows.reshape(groups, rows, x.shape[0] * math.prod(out))


def _by_channel(g: Any, groups: int, stride: Sizes) -> Any:
    """(N, O, *out) as (groups, O/groups, places), its last axis in the order of the columns'."""
    g_first = turned(g) if _is_turned(g.shape[0], g.shape[2:], stride) else g.swapaxes(0, 1)
    return g_first.reshape(groups, g.shape[1] // groups, -1)


def _times(a: Any, b: Any) -> Any:
    """The products of the groups' matrices: of one group by `dot`, which copies no transposed matrix."""
    return np.dot(a[0], b[0])[None] if len(a) == 1 else np.matmul(a, b)


def _follows(y: Any) -> bool:
    """Whether a result is laid in memory as the operands are: images, and several volumes of PyTorch's usual type."""
    return y.ndim == 4 or (y.ndim == 5 and y.dtype == np.float32 and len(y) > 1)


def _conv(
    input: Any, weight: Any, bias: Any, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int
) -> tuple[Any, Any]:
    columns = _columns(input, weight.shape, stride, padding, dilation, groups)
    out = _out(input.shape[2:], weight.shape, stride, padding, dilation)
    images, channels = input.shape[0], weight.shape[0]
    y = _times(weight.reshape(groups, channels // groups, -1), columns)
    # The way forward needs the order of memory that the axes say; adding the bias makes the copy anyway.
    if _is_turned(images, out, stride):
        y = np.moveaxis(y.reshape(channels, *out, images), -1, 0)
    else:
        y = y.reshape(channels, images, *out).swapaxes(0, 1)
    y = np.ascontiguousarray(y) if bias is None else np.add(y, bias.reshape(-1, *(1,) * len(out)), order="C")
    if images == 1:  # NumPy gives an axis of one any stride
        y = y.reshape(-1).reshape(y.shape)
    y = formats.followed(y, input, weight) if _follows(y) else y
    return y, columns if columns.nbytes <= _KEEP else None


def _of_weight(columns: Any, g: Any, weight_shape: Sizes, stride: Sizes, groups: int) -> Any:
    return _times(_by_channel(g, groups, stride), columns.swapaxes(1, 2)).reshape(weight_shape)


def _weight_slope(
    g: Any, input: Any, aux: Any, weight_shape: Sizes, stride: Any, padding: Any, dilation: Any, groups: int, k: Any
) -> Any:
    if aux is None:
        return k.conv_weight(g, input, tuple(weight_shape), stride, padding, dilation, groups)
    return _of_weight(aux, g, weight_shape, stride, groups)


def _over_channels(g: Any, k: Any) -> Any:
    return k.sum(g, tuple(axis for axis in range(len(g.shape)) if axis != 1))


@op(
    r"y_{n o} = \sum_c x_{n c} \star W_{o c} + b_o",
    said={"kernel": _conv, "title": "ConvolutionBackward0", "homes": (), "out": False, "aux": True},
    input=d(
        r"\sum_o \bar y_{n o} * W_{o c}",
        lambda g, weight, shape, stride, padding, dilation, groups, k: k.conv_input(
            g, weight, tuple(shape), stride, padding, dilation, groups
        ),
    ),
    weight=d(r"\sum_n x_{n c} \star \bar y_{n o}", _weight_slope),
    bias=d(r"\sum_n \bar y_{n o}", _over_channels),
)
def conv(input, weight, bias=None, stride=(), padding=(), dilation=(), groups=1):
    """Windows of x (N, C, *space) by weights (O, C/groups, *kernel), as (N, O, *out)."""


def _flipped(weight: Any, groups: int) -> Any:
    """The weights with which a convolution of steps of one goes back: (C, O/groups, *kernel), each axis from behind."""
    parts = weight.reshape(groups, weight.shape[0] // groups, *weight.shape[1:]).swapaxes(1, 2)
    behind = (slice(None), slice(None), *[slice(None, None, -1)] * (weight.ndim - 2))
    return np.ascontiguousarray(parts.reshape(-1, parts.shape[2], *weight.shape[2:])[behind])


@op(
    r"x_{n c} = \sum_o y_{n o} * W_{o c}",
    said={"title": "ConvolutionBackward0", "homes": (), "out": False},
    grad=d(
        r"\sum_c \bar x_{n c} \star W_{o c}",
        lambda g, weight, stride, padding, dilation, groups, k: k.conv(
            g, weight, None, stride, padding, dilation, groups
        ),
    ),
    weight=d(
        r"\sum_n \bar x_{n c} \star y_{n o}",
        lambda g, grad, weight_shape, stride, padding, dilation, groups, k: k.conv_weight(
            grad, g, tuple(weight_shape), stride, padding, dilation, groups
        ),
    ),
)
def conv_input(grad, weight, size, stride, padding, dilation, groups):
    """What `conv` gives back to its input of the given size: each output spread over its window."""
    around = tuple(step * (n - 1) - pad for n, step, pad in zip(weight.shape[2:], dilation, padding, strict=True))
    taken, spread = weight.shape[0] * math.prod(size[2:]), weight.shape[1] * groups * math.prod(grad.shape[2:])
    # To gather windows takes about half as long as to spread as many.
    if taken <= 2 * spread and all(step == 1 for step in stride) and min(around) >= 0:
        return _conv(grad, _flipped(weight, groups), None, stride, around, dilation, groups)[0]
    out, kernel, images = grad.shape[2:], weight.shape[2:], grad.shape[0]
    by_weight = weight.reshape(groups, weight.shape[0] // groups, -1).swapaxes(1, 2)
    mixed = _times(by_weight, _by_channel(grad, groups, stride))
    channels, space = weight.shape[1] * groups, tuple(size[2:])
    length = reach(out, kernel, stride, dilation)
    last = _is_turned(images, out, stride)
    mixed = mixed.reshape(channels, *kernel, *((*out, images) if last else (images, *out)))
    shape = (channels, *space, images) if last else (channels, images, *space)
    grown = (padded_turned if last else padded)(np.zeros_like(mixed, shape=shape), padding, length)
    for place, cut in places(out, kernel, stride, dilation):
        grown[(slice(None), *cut[1:]) if last else cut] += mixed[(slice(None), *place)]
    if last:
        within = grown[(slice(None), *(slice(p, p + n) for n, p in zip(space, padding, strict=True)))]
        return np.ascontiguousarray(np.moveaxis(within, -1, 0))
    return np.ascontiguousarray(unpadded(grown, padding, space).swapaxes(0, 1))


@op(
    r"W_{o c} = \sum_n x_{n c} \star y_{n o}",
    said={"title": "ConvolutionBackward0", "homes": (), "out": False},
    grad=d(
        r"\sum_c x_{n c} \star \bar W_{o c}",
        lambda g, input, stride, padding, dilation, groups, k: k.conv(
            input, g, None, stride, padding, dilation, groups
        ),
    ),
    input=d(
        r"\sum_o y_{n o} * \bar W_{o c}",
        lambda g, grad, input_shape, stride, padding, dilation, groups, k: k.conv_input(
            grad, g, tuple(input_shape), stride, padding, dilation, groups
        ),
    ),
)
def conv_weight(grad, input, size, stride, padding, dilation, groups):
    """What `conv` gives back to its weights of the given size."""
    return _of_weight(_columns(input, size, stride, padding, dilation, groups), grad, size, stride, groups)


def _same(kernel: Sizes, dilation: Sizes) -> list[tuple[int, int]]:
    """The padding before and behind that keeps the size."""
    totals = [step * (n - 1) for n, step in zip(kernel, dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


def _convolution(
    axes: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    name = f"conv{axes}d"
    if padding == "same":
        check_same(axes, input, weight)
    check_settings(axes, weight, {"stride": stride, "padding": padding, "dilation": dilation}, groups)
    shape, kernel = input._array.shape, weight._array.shape
    check_rank(name, axes, shape)
    batch = input if len(shape) == axes + 2 else input.unsqueeze(0)
    if weight._array.ndim != axes + 2:
        check_weights(axes, batch, weight, bias, groups, False)
    if batch._array.shape[1] != kernel[1] * groups:
        raise ShapeError(
            f"Given groups={groups}, weight of size {list(kernel)}, expected input{list(batch._array.shape)} to have "
            f"{kernel[1] * groups} channels, but got {batch._array.shape[1]} channels instead",
            name, (shape, kernel), (len(shape) - axes - 1, 1),
        )  # fmt: skip
    check_weights(axes, batch, weight, bias, groups, False)
    strides, steps = per_axis(stride, axes), per_axis(dilation, axes)
    if padding == "same":
        if any(n != 1 for n in strides):
            raise RuntimeError("padding='same' is not supported for strided convolutions")
        both = _same(kernel[2:], steps)
        if any(before != behind for before, behind in both):
            flat = [n for pair in reversed(both) for n in pair]
            batch, both = tensors.pad(batch, flat), [(0, 0)] * axes
        pads = tuple(before for before, _ in both)
    else:
        pads = (0,) * axes if padding == "valid" else per_axis(padding, axes)
    room = [n + 2 * p for n, p in zip(batch._array.shape[2:], pads, strict=True)]
    spans = [step * (n - 1) + 1 for n, step in zip(kernel[2:], steps, strict=True)]
    if any(n < span for n, span in zip(room, spans, strict=True)):
        raise ShapeError(
            f"Calculated padded input size per channel: ({' x '.join(map(str, room))}). Kernel size: "
            f"({' x '.join(map(str, spans))}). Kernel size can't be greater than actual input size",
            name, (shape, kernel), (len(shape) - 1, axes + 1),
        )  # fmt: skip
    check_kernel(axes, kernel, False)
    refuse("b", "compute_columns3d" if axes == 3 else "slow_conv2d_cpu", input)
    y = conv(batch, weight, bias, strides, pads, steps, groups)
    if not kernel[1]:  # of no channels none are made
        y = retitle(y.narrow(1, 0, 0), "ConvolutionBackward0", (batch, weight, bias))
    return y if len(shape) == axes + 2 else y.squeeze(0)


def _transposed(
    axes: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, more: Any, groups: int, dilation: Any
) -> Any:
    given = {"stride": stride, "padding": padding, "output_padding": more, "dilation": dilation}
    check_settings(axes, weight, given, groups)
    shape, kernel = input._array.shape, weight._array.shape
    check_rank(f"conv_transpose{axes}d", axes, shape)
    batch = input if len(shape) == axes + 2 else input.unsqueeze(0)
    if batch._array.shape[1] != kernel[0]:
        raise ShapeError(
            f"Given transposed=1, weight of size {list(kernel)}, expected input{list(batch._array.shape)} to have "
            f"{kernel[0]} channels, but got {batch._array.shape[1]} channels instead",
            f"conv_transpose{axes}d", (shape, kernel), (len(shape) - axes - 1, 0),
        )  # fmt: skip
    check_weights(axes, batch, weight, bias, groups, True)
    check_kernel(axes, kernel, True)
    if input._array.dtype != np.int64:  # the one kind of integers that it takes
        refuse("biu", f"slow_conv_transpose{max(axes, 2)}d_out_cpu", input)
    settings = [per_axis(value, axes) for value in (stride, padding, more, dilation)]
    check_output_padding(axes, settings[2], settings[0], settings[3])
    steps = [extra // s for extra, s in zip(settings[2], settings[0], strict=True)]
    if any(steps):  # room for whole steps more is what zeros behind the input make
        batch = tensors.constant_pad_nd(batch, [n for step in reversed(steps) for n in (0, step)])
        settings[2] = tuple(extra % s for extra, s in zip(settings[2], settings[0], strict=True))
    space = [
        (n - 1) * s - 2 * p + step * (k - 1) + extra + 1
        for n, k, s, p, extra, step in zip(batch._array.shape[2:], kernel[2:], *settings, strict=True)
    ]
    if min(space) < 1:
        raise no_room(axes, shape, kernel, space)
    windows = out_sizes(tuple(space), kernel[2:], settings[0], settings[1], settings[3])
    lacking = [m - n for m, n in zip(windows, batch._array.shape[2:], strict=True)]
    if any(n > 0 for n in lacking):  # an output padding of a stride or more leaves room for windows that hold nothing
        batch = tensors.constant_pad_nd(batch, [n for each in reversed(lacking) for n in (0, each)], 0)
    size = (batch._array.shape[0], kernel[1] * groups, *space)
    y = conv_input(batch, weight, size, settings[0], settings[1], settings[3], groups)
    if bias is not None:
        y = retitle(y + bias.reshape(-1, *(1,) * axes), "ConvolutionBackward0", (input, weight, bias))
    forms = [formats.suggested(each._array) for each in (weight, batch)] if _follows(y._array) else []
    if any(form is not formats.contiguous_format for form in forms):
        y = y.contiguous(formats.channels_last if axes == 2 else formats.channels_last_3d)
    return y if len(shape) == axes + 2 else y.squeeze(0)


def _declare(axes: int) -> None:
    """`conv1d`, `conv_transpose1d` and so on, for a number of axes."""

    def plain(
        input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
    ) -> Any:
        return _convolution(axes, input, weight, bias, stride, padding, dilation, groups)

    def transposed(
        input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
        groups: int = 1, dilation: Any = 1,
    ) -> Any:  # fmt: skip
        return _transposed(axes, input, weight, bias, stride, padding, output_padding, groups, dilation)

    plain.__name__ = plain.__qualname__ = f"conv{axes}d"
    plain.__doc__ = f"A convolution over {axes} axes: (N, C, *space) by (O, C/groups, *kernel), as (N, O, *out)."
    transposed.__name__ = transposed.__qualname__ = f"conv_transpose{axes}d"
    transposed.__doc__ = f"The transposed convolution over {axes} axes: (N, C, *space) by (C, O/groups, *kernel)."
    for call in (plain, transposed):
        composite("functional", "engine")(call)


for _axes in (1, 2, 3):
    _declare(_axes)
