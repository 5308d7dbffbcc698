"""Activations of straight pieces with learned, drawn or given bends, and the bilinear form."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import outs, random
from engine.array import OF_NUMPY, TITLES, module
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, not_implemented, refuse
from engine.family import in_place
from engine.op import composite, d, op
from engine.tensor import wrap
from engine.titles import changing

_BOTH = ("engine", "functional")


def _placed(input: Any, call: Any, inplace: bool, name: str) -> Any:
    return in_place(input, changing(call, name), name) if inplace else call(input)


# ---- exponentials below zero


def _elu_slope(g: Any, input: Any, alpha: float, scale: float, k: Any) -> Any:
    low = k.exp(k.kept(input, input < 0)) * (alpha * scale)  # which is flat at zero itself
    return g * k.where(input <= 0, low, scale)


def _raw_elu_slope(g: Any, input: Any, alpha: float, scale: float, k: Any) -> Any:
    low = np.exp(np.fmin(input, 0))
    if alpha == 1:
        return g * low if scale == 1 else g * (low * scale)
    return g * k.where(input <= 0, low * (alpha * scale), scale)


def _below(x: Any) -> Any:
    """e^x - 1 of what is not positive: in single precision by tanh, which NumPy computes several at a time."""
    if x.dtype != np.float32:
        return np.expm1(x)
    t = np.tanh(x * np.float32(0.5))
    return (t + t) / (np.float32(1) - t)


@op(
    r"y = s\,(x > 0\ ?\ x : \alpha (e^x - 1))",
    said={"rule": "promote", "homes": (), "in_place": False, "name": "scaled_elu", "title": "EluBackward0"}
    | {"real_only": "elu_cpu", "refused": "ciub"},
    input=d(r"\bar y\,s\,(x > 0\ ?\ 1 : \alpha e^x)", _elu_slope, _raw_elu_slope),
)
def scaled_elu(input, alpha=1.0, scale=1.0):
    """Each element, or an exponential that tends to -alpha if it is negative, scaled."""
    low, high = _below(np.minimum(input, 0)), np.maximum(input, 0)
    if alpha * scale != 1:
        low = low * (alpha * scale)
    return low + (high if scale == 1 else high * scale)


@composite("functional")
def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """Each element, or an exponential that tends to -alpha if it is negative."""
    return _placed(input, lambda x: scaled_elu(x, alpha, 1.0), inplace, "elu_")


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@composite("functional", "engine")
def selu(input: Any, inplace: bool = False) -> Any:
    """The scaled `elu` that keeps mean 0 and variance 1."""
    return _placed(input, lambda x: scaled_elu(x, _SELU_ALPHA, _SELU_SCALE), inplace, "selu_")


@composite("functional", "engine")
def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """The `elu` whose slope is smooth at zero."""
    if input._array.dtype.kind in "iub":
        raise not_implemented("elu_cpu", input._array.dtype)
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _placed(input, lambda x: scaled_elu(x / alpha, 1.0, alpha), inplace, "celu_")


# ---- straight pieces


def _outside(g: Any, input: Any, lambd: float, kind: str, k: Any) -> Any:
    return k.straight(k.kept(g, ~(k.abs(input) <= lambd)), input, kind)


def _between(g: Any, input: Any, low: float, high: float, k: Any) -> Any:
    return k.straight(k.kept(g, ~((input <= low) | (input >= high))), input, "Hardtanh")


@op(
    r"y = x > \theta\ ?\ x : v",
    said={"homes": (), "title": "ThresholdBackward0", "real_only": "threshold_cpu"},
    input=d(
        r"\bar y\,[x > \theta]",
        lambda g, input, threshold, k: k.straight(k.kept(g, ~(input <= threshold)), input, "Threshold"),
    ),
)
def above_threshold(input, threshold, value):
    """Each element that is over a threshold, a value in the place of the others."""
    low = input.dtype.type(value) if input.dtype.kind in "iu" else value
    return module(input).where(input <= threshold, low, input).astype(input.dtype, copy=False)


@composite(*_BOTH)
def threshold(input: Any, threshold: float, value: float, inplace: bool = False, *, out: Any = None) -> Any:
    """x where it is over `threshold`, else `value`."""
    refuse("bc", "threshold_cpu", input)
    return _placed(input, lambda x: above_threshold(x, threshold, value, out=out), inplace, "threshold_")


@op(
    r"y = |x| > \lambda\ ?\ x : 0",
    said={
        "homes": (*_BOTH, "method"),
        "rule": "promote",
        "in_place": False,
        "real_only": "hardshrink_cpu",
        "refused": "ciub",
    },
    input=d(r"\bar y\,[|x| > \lambda]", lambda g, input, lambd, k: _outside(g, input, lambd, "Hardshrink", k)),
)
def hardshrink(input, lambd=0.5):
    """x where it is further than `lambd` from 0, else 0."""
    return raw.where(np.absolute(input) <= lambd, 0, input)


@op(
    r"y = \mathrm{sign}(x) \max(|x| - \lambda, 0)",
    said={
        "homes": ("functional",),
        "rule": "promote",
        "in_place": False,
        "real_only": "softshrink_check",
        "refused": "ciub",
    },
    input=d(r"\bar y\,[|x| > \lambda]", lambda g, input, lambd, k: _outside(g, input, lambd, "Softshrink", k)),
)
def softshrink(input, lambd=0.5):
    """x moved towards 0 by `lambd`."""
    if lambd < 0:
        largest, title = np.finfo(input.dtype).max, TITLES[OF_NUMPY[input.dtype]]
        raise RuntimeError(f"lambda must be in range [0, {largest:.6g}] for input dtype {title}, but found {lambd:g}")
    return raw.where(input > lambd, input - lambd, raw.where(input < -lambd, input + lambd, input * 0))


# ---- three straight pieces


def _piece(input: Any, low: float, high: float) -> Any:
    return (input > low) & (input < high)


@op(
    r"y = \min(\max(x, l), h)",
    said={"homes": (), "title": "HardtanhBackward0", "out": False},
    input=d(r"\bar y\,[l < x < h]", lambda g, input, low, high, k: _between(g, input, low, high, k)),
)
def hold_between(input, low, high):
    """Each element brought between two numbers."""
    real = input.dtype.type
    return np.minimum(real(high), np.maximum(real(low), input))


@composite("functional")
def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """Each element brought between two numbers."""
    kind = input._array.dtype
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    if kind.kind == "b":
        raise RuntimeError("Bool inputs not supported for hardtanh")
    if kind.kind == "c":
        raise NotImplementedError("clamp is not supported for complex types")
    if kind.kind == "u" and (min_val < 0 or max_val < 0):
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    return _placed(input, lambda x: hold_between(x, min_val, max_val), inplace, "hardtanh_")


@composite("functional")
def relu6(input: Any, inplace: bool = False) -> Any:
    """Each element brought between 0 and 6."""
    return (
        hardtanh(input, 0, 6, inplace)
        if input._array.dtype.kind in "bc"
        else _placed(input, lambda x: hold_between(x, 0, 6), inplace, "relu6_")
    )


def _sixth(g: Any, input: Any, k: Any) -> Any:
    return k.straight(k.kept(g, _piece(input, -3, 3)) / 6, input, "Hardsigmoid")


@op(
    r"y = \min(\max(x / 6 + \tfrac12, 0), 1)",
    said={
        "homes": (),
        "title": "HardsigmoidBackward0",
        "out": False,
        "real_only": "hardsigmoid_cpu",
        "refused": "ciub",
    },
    input=d(r"\tfrac16 \bar y\,[|x| < 3]", lambda g, input, k: _sixth(g, input, k)),
)
def line_sigmoid(input):
    """A sigmoid of three straight pieces."""
    return np.minimum(np.maximum(input + 3, 0), 6) / 6


@composite("functional")
def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """A sigmoid of three straight pieces. Courbariaux and others, 2015."""
    return _placed(input, line_sigmoid, inplace, "hardsigmoid_")


@op(
    r"y = \tfrac16 x \min(\max(x + 3, 0), 6)",
    said={
        "homes": (),
        "title": "HardswishBackward0",
        "out": False,
        "real_only": "hardswish_cpu",
        "refused": "ciub",
    },
    input=d(
        r"\bar y\,(|x| < 3\ ?\ \tfrac13 x + \tfrac12 : [x \ge 3])",
        lambda g, input, k: k.where(_piece(input, -3, 3), g * (input / 3 + 0.5), g * ~(input <= -3)),
    ),
)
def line_swish(input):
    """Each element times its `hardsigmoid`."""
    return input * np.minimum(np.maximum(input + 3, 0), 6) / 6


@composite("functional")
def hardswish(input: Any, inplace: bool = False) -> Any:
    """Each element times its `hardsigmoid`. Howard and others, 2019."""
    return _placed(input, line_swish, inplace, "hardswish_")


def _along_channels(weight: Any, ndim: int) -> Any:
    return weight.reshape((1, -1, *(1,) * (ndim - 2)) if ndim > 1 else (-1,) * ndim)


def _prelu_weight(g: Any, input: Any, weight_shape: Any, k: Any) -> Any:
    each = g * input * (input <= 0)
    ndim = len(input.shape)
    if not weight_shape or weight_shape[0] == 1:
        return k.sum(each, tuple(range(ndim)), False).reshape(weight_shape)
    return k.sum(each, tuple(axis for axis in range(ndim) if axis != 1), False).reshape(weight_shape)


@op(
    r"y = x > 0\ ?\ x : w_c x",
    said={"homes": (), "title": "PreluKernelBackward0", "out": False},
    input=d(
        r"\bar y\,(x > 0\ ?\ 1 : w_c)",
        lambda g, input, weight, k: k.straight(
            k.where(input > 0, g, g * _along_channels(weight, len(input.shape))), input, "PreluKernel"
        ),
    ),
    weight=d(r"\sum \bar y\,x\,[x \le 0]", _prelu_weight),
)
def bend_at_zero(input, weight):
    """Each element, times a learned slope (one, or one a channel) if it is negative."""
    low = input * _along_channels(weight, input.ndim)
    return raw.where(input > 0, input, low.reshape(input.shape))


@composite("functional", "engine", "method")
def prelu(input: Any, weight: Any) -> Any:
    """`leaky_relu` with a learned slope, one or one a channel (axis 1)."""
    x, w = input._array, weight._array
    if x.dtype != w.dtype:
        raise RuntimeError(f"prelu: Type promoting not supported. Got {TITLES[input.dtype]} and {TITLES[weight.dtype]}")
    if w.size != 1:
        if not x.ndim:
            raise ShapeError("Not allow zero-dim input tensor.", "prelu", (x.shape, w.shape))
        channels = x.shape[1] if x.ndim > 1 else 1
        if w.size != channels:
            raise ShapeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {w.size} and channel "
                f"size = {channels}.", "prelu", (x.shape, w.shape), (1, 0),
            )  # fmt: skip
    if w.ndim > 1:
        raise ShapeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {w.ndim}",
                         "prelu", (x.shape, w.shape))  # fmt: skip
    refuse("biuc", "prelu_cpu", input)
    return bend_at_zero(input, weight)


@composite("functional")
def rrelu(
    input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Any:
    """x where positive, else x times a slope: drawn for each element in training, else the mean of the bounds."""
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    if not training:
        return _placed(input, lambda x: tensors.leaky_relu(x, (lower + upper) / 2), inplace, "rrelu_")
    if input._array.dtype == np.float16 or input._array.dtype.kind in "biuc":
        raise not_implemented("rrelu_with_noise_out_cpu", input._array.dtype)
    negative = np.asarray((input <= 0).cpu()._array)
    drawn = np.ones(negative.shape, input._array.dtype)
    drawn[negative] = random.default_generator.uniform(int(negative.sum()), lower, upper, np.float64)
    slopes = wrap(module(input._array).asarray(drawn))
    return _placed(input, lambda x: tensors.mul(x, slopes), inplace, "rrelu_")


@composite("engine")
def engine_rrelu(
    input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, generator: Any = None
) -> Any:
    """`nn.functional.rrelu`."""
    return rrelu(input, lower, upper, training)


@composite("engine", "functional")
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """x₁ᵀ A_k x₂ + b_k for each k, on the last axes."""
    named = {"input1": input1, "input2": input2, "weight": weight} | ({} if bias is None else {"bias": bias})
    if len({each._array.dtype for each in named.values()}) > 1:
        kinds = ", ".join(f"{name}: {outs.spoken(each._array.dtype)}" for name, each in named.items())
        raise RuntimeError(f"All tensors must have the same dtype, got {kinds}")
    a, b, w = input1._array.shape, input2._array.shape, weight._array.shape
    if len(a) != len(b):
        raise ShapeError(f"bilinear(): input dimensions do not match: got {len(a)} and {len(b)}", "bilinear", (a, b, w))
    for axis, (n, m) in enumerate(zip(a[:-1], b[:-1], strict=True)):
        if n != m:
            raise ShapeError(
                f"bilinear(): input batch dimensions do not match at dim {axis}: got {n} and {m}", "bilinear", (a, b)
            )
    for number, (shape, axis) in enumerate(((a, 1), (b, 2)), 1):
        if shape[-1] != w[axis]:
            raise ShapeError(
                f"bilinear(): input{number} size does not match weight size: got {shape[-1]} but expected {w[axis]}",
                "bilinear", (a, b, w), (len(a) - 1, len(b) - 1, axis),
            )  # fmt: skip
    if bias is not None and bias._array.shape[0] != w[0]:
        raise ShapeError(
            f"bilinear(): bias size does not match weight size: got {bias._array.shape[0]} but expected {w[0]}",
            "bilinear", (bias._array.shape, w), (0, 0),
        )  # fmt: skip
    refuse("b", "bmm", input1)
    y = tensors.einsum("...i,kij,...j->...k", input1, weight, input2)
    return y if bias is None else y + bias
