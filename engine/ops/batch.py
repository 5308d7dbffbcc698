"""Normalization of channels over a batch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import graph
from engine.dispatch import tensors
from engine.errors import ShapeError, check_kinds, refuse, without_slope
from engine.family import family_of
from engine.op import composite, d, op
from engine.titles import retitle


def _rest(ndim: int) -> tuple[int, ...]:
    """All axes but that of the channels."""
    return (0, *range(2, ndim))


def _along(vector: Any, ndim: int) -> Any:
    """A vector (C) laid along the channels of an array."""
    return vector.reshape(-1, *(1,) * (ndim - 2))


def _normal(x: Any, eps: float, k: Any) -> tuple[Any, Any]:
    """The channels at mean 0 and variance 1, and by what they were scaled; on arrays and on tensors."""
    axes = _rest(len(x.shape))
    away = x - k.mean(x, axes, True)
    scale = k.rsqrt(k.mean(away * away, axes, True) + eps)
    return away * scale, scale


def _kernel(input: Any, weight: Any, bias: Any, eps: float) -> tuple[Any, Any]:
    axes = _rest(input.ndim)
    away = input - np.mean(input, axis=axes, keepdims=True, dtype=input.dtype)
    variance = np.mean(away * away, axis=axes, keepdims=True, dtype=input.dtype)
    scale = np.reciprocal(np.sqrt(variance + input.dtype.type(eps)))
    normal = away * scale
    y = normal if weight is None else normal * _along(weight, input.ndim)
    return (y if bias is None else y + _along(bias, input.ndim)), (normal, scale)


def _input_slope(g: Any, input: Any, weight: Any, aux: Any, eps: float, k: Any) -> Any:
    normal, scale = _normal(input, eps, k) if aux is None else aux
    axes = _rest(len(g.shape))
    up = g if weight is None else g * _along(weight, len(g.shape))
    return scale * (up - k.mean(up, axes, True) - normal * k.mean(up * normal, axes, True))


def _weight_slope(g: Any, input: Any, aux: Any, eps: float, k: Any) -> Any:
    normal, _ = _normal(input, eps, k) if aux is None else aux
    return k.sum(g * normal, _rest(len(g.shape)))


@op(
    r"y = \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}} w_c + b_c",
    said={"kernel": _kernel, "title": "NativeBatchNormBackward0", "homes": (), "out": False, "aux": True},
    input=d(
        r"\tfrac{1}{\sigma_c} (\hat g - \overline{\hat g} - \hat x\,\overline{\hat g \hat x}),\ \hat g = \bar y\,w_c",
        _input_slope,
    ),
    weight=d(r"\sum \bar y\,\hat x", _weight_slope),
    bias=d(r"\sum \bar y", lambda g, k: k.sum(g, _rest(len(g.shape)))),
)
def normalize_channels(input, weight=None, bias=None, eps=1e-5):
    """Each channel (axis 1) brought to mean 0 and variance 1 over all other axes, then scaled and shifted."""


@composite("functional")
def batch_norm(
    input: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None, training: bool = False,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """Channels normalized by the batch (in training, which the running mean and variance then follow) or by those."""
    if eps <= 0:
        if eps < 0 and not training:
            raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")
        if training:
            raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    return normed(input, running_mean, running_var, weight, bias, training, momentum, eps)


def normed(
    input: Any, running_mean: Any, running_var: Any, weight: Any, bias: Any, training: bool, momentum: float, eps: float
) -> Any:
    """What `batch_norm` is of; only that asks for an `eps` above zero."""
    shape = input._array.shape
    channels = shape[1] if len(shape) > 1 else math.prod(shape)
    for name, given in (
        ("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias),
    ):  # fmt: skip
        if given is None and not training and name.startswith("running"):
            raise RuntimeError(f"{name} must be defined in evaluation mode")
        if given is not None and given._array.shape != (channels,):
            raise ShapeError(
                f"{name} should contain {channels} elements not {given._array.size}",
                "batch_norm", (shape, given._array.shape), (1, 0),
            )  # fmt: skip
    without_slope("native_batch_norm", running_mean=running_mean, running_var=running_var)
    if not input._array.size:
        y = input.clone()  # which depends on the weights, as PyTorch has it
        y = y if weight is None else y * weight[0]
        return y if bias is None else y + bias[0]
    refuse("biuc", "batch_norm", input)
    check_kinds(input, weight, bias, running_mean, running_var)
    if not training:
        scale = tensors.rsqrt(running_var + eps)
        scale = scale if weight is None else scale * weight
        shift = -running_mean * scale if bias is None else bias - running_mean * scale
        y = (input * _along(scale, len(shape)) + _along(shift, len(shape))).to(input.dtype)
        given = [each for each in (input, weight, bias) if each is not None]
        return retitle(y, "NativeBatchNormBackward0", tuple(given)) if y._requires_grad else y
    count = math.prod(shape) // max(shape[1], 1)
    if count <= 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    if running_mean is not None:
        if graph.marks is not None:
            graph.marks.follows(running_mean, input)
        x, axes = input._array, _rest(len(shape))
        for kept, seen in (
            (running_mean, np.mean(x, axis=axes)),
            (running_var, np.var(x, axis=axes) * (count / (count - 1))),
        ):
            kept._array[...] = (1 - momentum) * kept._array + momentum * seen
            family_of(kept).stamp("batch_norm")
    return normalize_channels(input, weight, bias, eps).to(input.dtype)
