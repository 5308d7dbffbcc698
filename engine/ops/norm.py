"""Normalizations of groups, of samples, by size, and over neighbouring channels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import formats
from engine.array import OF_NUMPY, Defaults
from engine.dispatch import tensors
from engine.errors import ShapeError, check_kinds, refuse
from engine.fitting import listed, plain, whole
from engine.op import composite, d, op
from engine.ops.batch import _along, normed
from engine.ops.layer import _normalized, check_normalized, in_single
from engine.titles import retitle

# ---- groups of channels


def _normal(input: Any, aux: Any, groups: int, eps: float, k: Any) -> tuple[Any, Any]:
    """The groups of each sample as rows of mean 0 and variance 1, and by what each was scaled."""
    if aux is not None:
        return aux
    rows = input.reshape(input.shape[0] * groups, math.prod(input.shape[1:]) // groups)
    away = rows - k.mean(rows, -1, True)
    scale = k.rsqrt(k.mean(away * away, -1, True) + eps)
    return away * scale, scale


def _channels(x: Any, shape: Any) -> Any:
    """As (samples, channels, all other axes as one)."""
    return x.reshape(shape[0], shape[1], math.prod(shape[2:]))


def _group_input(g: Any, input: Any, weight: Any, aux: Any, groups: int, eps: float, k: Any) -> Any:
    normal, scale = _normal(input, aux, groups, eps, k)
    up = g if weight is None else _channels(g, input.shape) * weight.reshape(-1, 1)
    up = up.reshape(normal.shape)
    grad = scale * (up - k.mean(up, -1, True) - normal * k.mean(up * normal, -1, True))
    return grad.reshape(input.shape)


def _group_weight(g: Any, input: Any, aux: Any, groups: int, eps: float, k: Any) -> Any:
    normal, _ = _normal(input, aux, groups, eps, k)
    return k.sum(_channels(g, input.shape) * _channels(normal, input.shape), (0, 2))


@op(
    r"y = \frac{x - \mu_{n G}}{\sqrt{\sigma_{n G}^2 + \varepsilon}} w_c + b_c",
    said={"homes": (), "aux": True, "title": "NativeGroupNormBackward0", "out": False},
    input=d(
        r"\tfrac1\sigma (\hat g - \overline{\hat g} - \hat x\,\overline{\hat g \hat x}),\ \hat g = \bar y\,w",
        _group_input,
    ),
    weight=d(r"\sum \bar y\,\hat x", _group_weight),
    bias=d(r"\sum \bar y", lambda g, k: k.sum(_channels(g, g.shape), (0, 2))),
)
def normalize_groups(input, weight=None, bias=None, groups=1, eps=1e-5):
    """Each group of channels (axis 1) of each sample brought to mean 0 and variance 1, then scaled and shifted."""
    width = math.prod(input.shape[1:]) // groups
    if not input.size:
        return input.copy(), (input.reshape(input.shape[0] * groups, width), input.reshape(-1, 1)[:1])
    normal, scale = _normalized(input, width, eps)
    y = normal if weight is None and bias is None else _channels(normal, input.shape)
    if weight is not None:
        y = y * weight.reshape(-1, 1)
    if bias is not None:
        y = y + bias.reshape(-1, 1)
    return formats.followed(y.reshape(input.shape), input), (normal, scale)


@composite("engine", "functional")
def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5,
               cudnn_enabled: bool = True) -> Any:  # fmt: skip
    """Groups of channels of each sample normalized, then scaled and shifted a channel. Wu and He, 2018."""
    shape, num_groups = input._array.shape, whole(num_groups)
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    rows = shape[0] * shape[1] // num_groups
    if rows * math.prod(shape[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {[rows, num_groups, *shape[2:]]}"
        )
    if shape[1] % num_groups:
        raise ShapeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(shape)} and num_groups={num_groups}", "group_norm", (shape,), (1,),
        )  # fmt: skip
    for name, given in (("weight", weight), ("bias", bias)):
        if given is not None and given._array.shape != (shape[1],):
            raise ShapeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of "
                f"shape {list(given._array.shape)} and input of shape {list(shape)}",
                "group_norm", (shape, given._array.shape), (1, 0),
            )  # fmt: skip
    check_kinds(input, weight, bias)
    refuse("biuc", "GroupNormKernelImpl", input)
    return in_single(normalize_groups, input, weight, bias, num_groups, eps)


# ---- samples


@composite("functional")
def instance_norm(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """Each channel of each sample normalized, then scaled and shifted a channel. Ulyanov and others, 2016."""
    shape = input._array.shape
    if use_input_stats and math.prod(shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError("Expected running_mean and running_var to be defined when use_input_stats is false")
    samples, channels = shape[0], shape[1]
    for name, given in (
        ("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias),
    ):  # fmt: skip
        if given is not None and given._array.shape != (channels,):
            raise ShapeError(
                f"{name} should contain {channels * samples} elements not {given._array.size * samples}",
                "instance_norm", (shape, given._array.shape), (1, 0),
            )  # fmt: skip
    refuse("biuc", "batch_norm", input)
    check_kinds(input, weight, bias)
    if not input._array.size:
        return input.clone()
    if input._array.dtype == np.float16:
        wide = [t if t is None else t.float() for t in (input, running_mean, running_var, weight, bias)]
        return instance_norm(*wide, use_input_stats, momentum, eps).half()
    each = input.reshape(1, samples * channels, *shape[2:])
    lone = len(shape) == 2
    each = each.unsqueeze(-1) if lone else each
    stats = (running_mean, running_var)
    copies = [None if kept is None else kept.detach().to(input.dtype).repeat(samples) for kept in stats]
    y = normed(each, copies[0], copies[1], None, None, use_input_stats, momentum, eps).reshape(shape)
    if use_input_stats:
        for kept, seen in zip((running_mean, running_var), copies, strict=True):
            if kept is not None and seen is not None:
                kept.detach().copy_(seen.reshape(samples, channels).mean(0))
    if weight is not None:
        y = y * _along(weight, len(shape))
    y = (y if bias is None else y + _along(bias, len(shape))).to(input.dtype)
    return y if weight is None and bias is None else retitle(y, "ViewBackward0")


@composite("engine")
def engine_instance_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, use_input_stats: bool, momentum: float,
    eps: float, cudnn_enabled: bool = True,
) -> Any:  # fmt: skip
    """`nn.functional.instance_norm`, its arguments in the order of the native function."""
    return instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


# ---- by size


def _size_input(g: Any, input: Any, weight: Any, width: int, eps: float, k: Any) -> Any:
    rows = input.reshape(-1, width)
    scale = k.rsqrt(k.mean(rows * rows, -1, True) + eps)
    up = g.reshape(-1, width)
    if weight is not None:
        up = up * weight.reshape(-1)
    return (scale * up - rows * (scale * scale * scale * k.mean(up * rows, -1, True))).reshape(input.shape)


def _size_weight(g: Any, input: Any, weight_shape: Any, width: int, eps: float, k: Any) -> Any:
    rows = input.reshape(-1, width)
    scale = k.rsqrt(k.mean(rows * rows, -1, True) + eps)
    return k.column_sums(g.reshape(-1, width) * (rows * scale)).reshape(weight_shape)


@op(
    r"y = \frac{x}{\sqrt{\overline{x^2} + \varepsilon}} \odot w",
    said={"homes": (), "title": "MulBackward0", "out": False},
    input=d(r"\tfrac1r \hat g - \tfrac{x}{r^3} \overline{\hat g x},\ \hat g = \bar y\,w", _size_input),
    weight=d(r"\sum \bar y\,\tfrac xr", _size_weight),
)
def divide_by_size(input, weight=None, width=1, eps=1e-5):
    """Rows of `width` elements divided by their root mean square, then scaled."""
    rows = input.reshape(-1, width)
    squares = np.add.reduce(rows * rows, axis=-1, keepdims=True)
    y = rows * np.reciprocal(np.sqrt(squares / rows.dtype.type(width) + rows.dtype.type(eps)))
    y = (y if weight is None else y * weight.reshape(-1)).reshape(input.shape)
    return formats.followed(y, input)


@composite("engine", "functional")
def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """The last axes divided by their root mean square, then scaled. Zhang and Sennrich, 2019."""
    shape = listed(normalized_shape)
    check_normalized("rms_norm", input, shape, weight=weight)
    refuse("biu", "rms_norm", input)
    kind = input._array.dtype
    # A half is computed with as a single, and has its smallest step.
    least = float(np.finfo(np.float32 if kind.itemsize == 2 else kind).eps) if eps is None else plain(eps)
    if kind.kind == "c":  # the square, not the size of each number: what the formula says
        y = input * tensors.rsqrt(tensors.mean(input * input, tuple(range(-len(shape), 0)), True) + least)
        return y if weight is None else y * weight
    if not input._array.size:  # the scale has a gradient all the same, of zeros
        return input.clone() if weight is None else input * weight
    return in_single(divide_by_size, input, weight, math.prod(shape), least)


# ---- over neighbouring channels


def _neighbours(x: Any, before: int, behind: int) -> Any:
    """The sum over axis 1 of each element and its neighbours."""
    size = x.shape[1]
    total = np.zeros_like(x)
    for step in range(-before, behind + 1):
        to, source = slice(max(-step, 0), size - max(step, 0)), slice(max(step, 0), size - max(-step, 0))
        if abs(step) < size:
            total[:, to] += x[:, source]
    return total


@op(
    r"y_c = \sum_{i = c - b}^{c + a} x_i",
    said={"homes": (), "out": False},
    input=d(
        r"\sum_{i = c - a}^{c + b} \bar y_i",
        lambda g, before, behind, k: k.sum_of_neighbours(g, behind, before),
    ),
)
def sum_of_neighbours(input, before, behind):
    """The sums of each channel (axis 1) and the channels beside it."""
    return _neighbours(input, before, behind)


def _local_slope(g: Any, input: Any, size: int, alpha: float, beta: float, offset: float, k: Any) -> Any:
    before, behind = size // 2, (size - 1) // 2
    base = k.sum_of_neighbours(input * input, before, behind) * (alpha / size) + offset
    shared = k.sum_of_neighbours(g * input * base ** (-beta - 1), behind, before)
    return g * base**-beta - input * shared * (2 * alpha * beta / size)


@op(
    r"y_c = x_c \left(k + \tfrac\alpha n \sum_{i \approx c} x_i^2\right)^{-\beta}",
    said={"homes": (), "out": False, "title": "DivBackward0"},
    input=d(r"\bar y s^{-\beta} - \tfrac{2 \alpha \beta}{n} x \sum \bar y\,x\,s^{-\beta - 1}", _local_slope),
)
def divide_by_neighbours(input, size, alpha, beta, offset):
    """Channels damped by the squares of those beside them."""
    return input / (_neighbours(input * input, size // 2, (size - 1) // 2) * (alpha / size) + offset) ** beta


@composite("functional")
def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """Channels damped by the squares of the `size` channels around them. Krizhevsky and others, 2012."""
    ndim = input._array.ndim
    if ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality{' ' * 25} input (got {ndim} dimensions)")
    if not input._array.size:
        return input
    x = input if input._array.dtype.kind in "fV" else input.to(OF_NUMPY[Defaults.numpy])
    return in_single(divide_by_neighbours, x, whole(size), alpha, beta, plain(k))


# ---- the native functions' order of arguments


@composite("engine")
def engine_batch_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: float,
    eps: float, cudnn_enabled: bool = True,
) -> Any:  # fmt: skip
    """`nn.functional.batch_norm`, its arguments in the order of the native function."""
    return normed(input, running_mean, running_var, weight, bias, training, momentum, eps)
