"""Activations and the normalized exponentials."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import deprecated
from engine.array import in_order
from engine.dispatch import raw, tensors
from engine.errors import axis_of, not_implemented, refuse
from engine.numeric.logs import log1p
from engine.op import composite, d, op
from engine.overloads import third

_EVERYWHERE = ("method", "engine", "functional")
_FLOAT: dict[str, Any] = {"rule": "float", "homes": _EVERYWHERE}
_ACTIVATION: dict[str, Any] = {"rule": "promote", "homes": ("functional",), "in_place": False}
_ZEROS = {np.dtype(kind): np.zeros((), kind) for kind in "efdbhilqBHILQ"}


@op(
    r"y = \max(0, x)",
    said={
        "rule": "promote",
        "homes": _EVERYWHERE,
        "real_only": NotImplementedError("clamp is not supported for complex types"),
    },
    input=d(
        r"\bar y\,[y > 0]",
        lambda g, y, k: k.straight(k.kept(g, y != 0), y, "Threshold"),
        lambda g, y, k: k.kept(g, y != 0),  # y is not negative; of NaN PyTorch passes it on
    ),
)
def relu(input):
    """Each element, or zero if it is negative."""
    if input.__class__ is np.float32:  # of one number Python's comparison costs a tenth
        return _ZEROS[input.dtype][()] if input < 0 else input
    zero = _ZEROS.get(input.dtype)
    if zero is None:
        raise RuntimeError("Boolean inputs not supported for relu")
    return np.maximum(zero, input)  # of 0 and -0 NumPy takes the second, PyTorch the operand


# The way back of these two is an op itself: where a gradient is differentiated, each costs one node and not three.
_WAY_BACK = {"homes": (), "out": False}


@op(
    r"d = g\,y (1 - y)",
    said=_WAY_BACK | {"title": "SigmoidBackwardBackward0"},
    grad=d(r"\bar d\,y (1 - y)", lambda g, output: g * (output - output * output)),
    output=d(r"\bar d\,g (1 - 2 y)", lambda g, grad, output: g * (grad - 2.0 * grad * output)),
)
def sigmoid_backward(grad, output):
    """The gradient by the operand of `sigmoid`, from that by its result and the result."""
    return grad * (output - output * output)


@op(
    r"d = g\,(1 - y^2)",
    said=_WAY_BACK | {"title": "TanhBackwardBackward0"},
    grad=d(r"\bar d\,(1 - y^2)", lambda g, output: g - g * (output * output)),
    output=d(r"-2\bar d\,g\,y", lambda g, grad, output: g * (grad * (-2.0 * output))),
)
def tanh_backward(grad, output):
    """The gradient by the operand of `tanh`, from that by its result and the result."""
    return grad - grad * (output * output)


@op(
    r"d = g",
    said=_WAY_BACK | {"title": lambda named: f"{named}BackwardBackward0"},
    grad=d(r"\bar d", lambda g: g),
    operand=d("0", lambda g, operand_shape, named, k: k.zeros_of(g, operand_shape)),
)
def straight(grad, operand, named):
    """A gradient that the operand decides by pieces: it depends on the operand, whose gradient is zero, not absent."""
    return grad


@op(r"y = 1 / (1 + e^{-x})", said=_FLOAT, input=d(r"\bar y\,y (1 - y)", lambda g, y, k: k.sigmoid_backward(g, y)))
def sigmoid(input):
    """The logistic function."""
    return np.reciprocal(1 + np.exp(-input))


@op(
    r"y = \tanh x",
    said=_FLOAT | {"kernel": np.tanh},
    input=d(r"\bar y\,(1 - y^2)", lambda g, y, k: k.tanh_backward(g, y), lambda g, y: g - g * (y * y)),
)
def tanh(input):
    """The hyperbolic tangent."""


@op(
    r"y = \ln \sigma(x)",
    said={
        "rule": "promote",
        "homes": ("functional",),
        "in_place": False,
        "title": "LogSigmoidBackward0",
        "real_only": "log_sigmoid_cpu",
        "refused": "ciub",
    },
    input=d(r"\bar y\,\sigma(-x)", lambda g, input, k: g * k.sigmoid(-input)),
)
def logsigmoid(input):
    """The logarithm of the logistic function."""
    return np.minimum(input, 0) - log1p(np.exp(-np.absolute(input)))


@op(
    r"y = x\,\sigma(x)",
    said=_ACTIVATION | {"real_only": "silu_cpu", "refused": "iub"},
    input=d(r"\bar y\,s (1 + x (1 - s)),\ s = \sigma(x)", lambda g, input, k: g * _silu_slope(input, k.sigmoid(input))),
)
def silu(input):
    """Each element times its sigmoid."""
    return input * raw.sigmoid(input)


def _silu_slope(x: Any, s: Any) -> Any:
    return s * (1 + x * (1 - s))


_GELU = math.sqrt(2 / math.pi)


def _gelu_part(x: Any, approximate: str, k: Any) -> Any:
    """What both ways compute: the error function, or the `tanh` that stands for it."""
    if approximate == "tanh":
        return k.tanh(_GELU * (x + 0.044715 * (x * x * x)))
    return k.erf(x * math.sqrt(0.5))


def _gelu_slope(g: Any, input: Any, aux: Any, approximate: str, k: Any) -> Any:
    x = input
    part = _gelu_part(x, approximate, k) if aux is None else aux
    normal = 0.5 * (1 + part)
    if approximate == "tanh":
        return g * (normal + 0.5 * x * (1 - part * part) * (_GELU * (1 + 3 * 0.044715 * (x * x))))
    return g * (normal + x * (k.exp(-0.5 * (x * x)) * (1 / math.sqrt(2 * math.pi))))


@op(
    r"y = x\,\Phi(x)",
    said=_ACTIVATION | {"real_only": "GeluKernelImpl", "refused": "ciub", "aux": True},
    input=d(r"\bar y\,(\Phi(x) + x\,\varphi(x))", _gelu_slope),
)
def gelu(input, approximate="none"):
    """Each element times the normal distribution function of it, or the `tanh` approximation of that."""
    if approximate not in ("tanh", "none"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    part = _gelu_part(input, approximate, raw)
    return 0.5 * input * (1 + part), part


def _bent(g: Any, input: Any, slope: Any, k: Any) -> Any:
    return k.straight(k.where(input > 0, g, g * slope), input, "LeakyRelu")


@op(
    r"y = x > 0\ ?\ x : a x",
    said={
        "rule": "promote",
        "homes": ("functional",),
        "in_place": True,
        "real_only": "leaky_relu_cpu",
        "refused": "ciub",
    },
    input=d(r"\bar y\,(x > 0\ ?\ 1 : a)", lambda g, input, negative_slope, k: _bent(g, input, negative_slope, k)),
)
def leaky_relu(input, negative_slope=0.01):
    """Each element, times a small slope if it is negative."""
    if 0 < negative_slope <= 1:
        return np.maximum(input, input * negative_slope)
    return raw.where(input > 0, input, input * negative_slope)


@op(
    r"y = \tfrac1\beta \ln(1 + e^{\beta x})",
    said=_ACTIVATION | {"real_only": "softplus_cpu", "refused": "ciub"},
    input=d(
        r"\bar y\,\sigma(\beta x)",
        lambda g, input, beta, threshold, k: k.where(input * beta > threshold, g, g * k.sigmoid(input * beta)),
    ),
)
def softplus(input, beta=1, threshold=20):
    """A smooth `relu`; linear where `beta` times the element is over the threshold."""
    scaled = input * beta
    low = (np.maximum(scaled, 0) + log1p(np.exp(-np.absolute(scaled)))) / beta
    return raw.where(scaled > threshold, input, low)


@op(
    r"y = x\,\tanh(\mathrm{softplus}(x))",
    said=_ACTIVATION | {"real_only": "mish_cpu", "refused": "ciub"},
    input=d(
        r"\bar y\,(t + x (1 - t^2)\,\sigma(x)),\ t = \tanh(\mathrm{softplus}(x))",
        lambda g, input, k: g * _mish(input, k),
    ),
)
def mish(input):
    """Each element times the tanh of its softplus."""
    return input * np.tanh(raw.softplus(input))


def _mish(x: Any, k: Any) -> Any:
    t = k.tanh(k.softplus(x))
    return t + x * (1 - t * t) * k.sigmoid(x)


@composite("functional")
def softsign(input: Any) -> Any:
    """x / (1 + |x|)."""
    return input / (1 + tensors.abs(input))


@composite("functional")
def tanhshrink(input: Any) -> Any:
    """Each element less its tanh."""
    return input - tanh(input)


@composite("functional")
def glu(input: Any, dim: int = -1) -> Any:
    """The first half of an axis times the sigmoid of the second."""
    if not input._array.ndim:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    axis = axis_of(dim, input._array.ndim)
    if input._array.shape[axis] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {axis} is size {input._array.shape[axis]}")
    refuse("biuc", "glu_cpu", input)
    value, gate = tensors.chunk(input, 2, dim)
    return value * sigmoid(gate)


def row_total(x: Any, axis: int) -> Any:
    """The sums along an axis, kept; of short rows by a product with ones, which costs a fifth of a reduction."""
    if axis == x.ndim - 1 and x.shape[-1] <= 1024:
        band = band_of_ones(x.shape[-1], x)
        if band is not None:
            return np.dot(x, band[:, None]) if x.ndim == 2 else (x @ band)[..., None]
    return np.add.reduce(x, axis=axis, keepdims=True)


def row_total_beside(x: Any, axis: int) -> Any:
    """The sums along an axis; of few short rows at each of their elements, to compute with which costs half as much."""
    if x.__class__ is np.ndarray and x.ndim == 2 and axis == 1 and x.size <= 256 and x.shape[1] <= 16:
        square = _SQUARES.get((x.shape[1], x.dtype.char))
        if square is not None:
            return np.dot(x, square)
    return row_total(x, axis)


def powers(x: Any, axis: int, dead: bool = False) -> tuple[Any, Any]:
    """The exponentials along an axis, scaled so that none overflows, and their sums, kept.

    With `dead` rows of minus infinities have zeros, else NaN. Of many rows the largest of all is taken off, which a
    tenth of the time finds; each row's own only where one lies so far below that it would lose digits.
    """
    if x.__class__ is np.ndarray and x.dtype.char in "fd":
        if x.size >= 4096:
            power = x - np.maximum.reduce(x, axis=None)
            total = row_total(np.exp(power, power), axis)
            if np.minimum.reduce(total, axis=None) > 1e-4:
                return power, total
        elif np.dot(flat := x.reshape(-1), flat) < _MODEST:  # the sooner known: of a few, none is far from 0
            power = np.exp(x)
            return power, row_total_beside(power, axis)
    top = np.maximum.reduce(x, axis=axis, keepdims=True)
    if dead:
        top = np.where(top == -np.inf, x.dtype.type(0), top)
    power = np.exp(x - top)
    return power, row_total(power, axis)


_MODEST = 400.0  # whose root is 20: exponentials from 2e-9 to 5e8, which float32 adds up
_SQUARES = {(n, kind): np.ones((n, n), kind) for kind in "fd" for n in range(1, 17)}
_BANDS = {kind: np.ones(4096, kind) for kind in "fd"}


def band_of_ones(n: int, x: Any) -> Any:
    """A vector of `n` ones for sums by products with `x`; None where they do not pay: long, of other types, on GPUs."""
    if n > 4096 or x.__class__ is not np.ndarray:
        return None
    band = _BANDS.get(x.dtype.char)
    return None if band is None else band[:n]


def _softmax_slope(g: Any, y: Any, dim: int) -> Any:
    product = g * y
    return y * (g - row_total_beside(product, axis_of(dim, y.ndim))) if y.ndim else product - product


@op(
    r"y_i = e^{x_i} / \sum_j e^{x_j}",
    said={
        "name": "softmax_along",
        "title": "SoftmaxBackward0",
        "homes": (),
        "rule": "float",
        "in_place": False,
        "real_only": "softmax_kernel_impl",
    },
    input=d(
        r"y_i (\bar y_i - \sum_j \bar y_j y_j)",
        lambda g, y, dim, k: y * (g - k.sum(g * y, dim, True)),
        lambda g, y, dim: _softmax_slope(g, y, dim),
    ),
)
def softmax_along(input, dim):
    """The exponentials along an axis, made to add up to one."""
    axis = axis_of(dim, input.ndim)
    if not input.ndim or not input.size:
        return np.exp(input - input)  # one, if it is a number
    power, total = powers(in_order(input), axis)
    return np.divide(power, total, power)


@op(
    r"y_i = x_i - \ln \sum_j e^{x_j}",
    said={
        "name": "log_softmax_along",
        "title": "LogSoftmaxBackward0",
        "homes": (),
        "rule": "float",
        "in_place": False,
        "real_only": "log_softmax_kernel_impl",
    },
    input=d(r"\bar y_i - e^{y_i} \sum_j \bar y_j", lambda g, y, dim, k: g - k.exp(y) * k.sum(g, dim, True)),
)
def log_softmax_along(input, dim):
    """The logarithm of the softmax along an axis."""
    axis = axis_of(dim, input.ndim)
    if not input.ndim or not input.size:
        return input - input  # zero, if it is a number
    input = in_order(input)
    away = input - np.maximum.reduce(input, axis=axis, keepdims=True)
    away -= np.log(row_total(np.exp(away), axis))
    return away


def _default_dim(name: str, ndim: int) -> int:
    """The axis that PyTorch takes, with a warning, when none is named."""
    deprecated.tell(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument."
    )
    return 0 if ndim in (0, 1, 3) else 1


def _inexact(name: str, x: Any, dim: Any) -> None:
    """PyTorch's error for integers, of which it makes no floats here."""
    if x._array.dtype.kind in "iub":
        last = "lastdim_" * (dim is not None and axis_of(dim, x._array.ndim) == max(x._array.ndim, 1) - 1)
        raise not_implemented(f"{name}_{last}kernel_impl", x._array.dtype)


@composite(*_EVERYWHERE)
def softmax(input: Any, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    """The exponentials along an axis, made to add up to one."""
    if dtype is None and _stacklevel.__class__ is int and dim is not None and input._array.dtype.kind == "f":
        return softmax_along(input, dim)
    x = input if (dtype := third("softmax", _stacklevel, dtype)) is None else input.to(dtype)
    _inexact("softmax", x, dim)
    return softmax_along(x, _default_dim("softmax", x._array.ndim) if dim is None else dim)


@composite(*_EVERYWHERE)
def log_softmax(input: Any, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    """The logarithm of the softmax along an axis."""
    if dtype is None and _stacklevel.__class__ is int and dim is not None and input._array.dtype.kind == "f":
        return log_softmax_along(input, dim)
    x = input if (dtype := third("log_softmax", _stacklevel, dtype)) is None else input.to(dtype)
    _inexact("log_softmax", x, dim)
    return log_softmax_along(x, _default_dim("log_softmax", x._array.ndim) if dim is None else dim)


@composite("functional")
def softmin(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """The softmax of the negative."""
    return softmax(-input, _default_dim("softmin", input._array.ndim) if dim is None else dim, dtype=dtype)
