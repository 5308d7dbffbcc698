"""Losses, fused where a loss is one idea."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array
from engine.array import module
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, ShapeValueError
from engine.op import composite, d, op
from engine.ops.activation import _row_total as row_total
from engine.tensor import Tensor, wrap

_LOSS: dict[str, Any] = {"homes": (), "out": False}


def reduced(loss: Any, reduction: str) -> Any:
    """A loss an element as the `reduction` says: "mean", "sum" or "none"."""
    if reduction == "mean":
        return tensors.mean(loss)
    if reduction == "sum":
        return tensors.sum(loss)
    if reduction != "none":
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return loss


def reduction_of(size_average: Any, reduce: Any, reduction: str) -> str:
    """The reduction that the old two flags mean, if they are given."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def _total(values: Any, reduction: str) -> Any:
    if reduction == "none":
        return values
    total = np.add.reduce(values, axis=None)
    return total / values.size if reduction == "mean" else total


def _warn_shapes(name: str, input: Any, target: Any) -> None:
    if input._array.shape != target._array.shape:
        import warnings

        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will likely "
            "lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=4,
        )


# ---- distances

_SQUARE = (r"y = \tfrac1n \sum_i (x_i - t_i)^2", r"\tfrac2n \bar y\,(x - t)")


def _mse_slope(g: Any, input: Any, target: Any, reduction: str, sign: float) -> Any:
    away = input - target
    scale = 2 * sign / math.prod(away.shape) if reduction == "mean" else 2 * sign
    return away * (g * scale)


@op(
    _SQUARE[0],
    said={"rule": "promote", "name": "square_loss", "title": "MseLossBackward0", "in_place": False} | _LOSS,
    input=d(_SQUARE[1], lambda g, input, target, reduction: _mse_slope(g, input, target, reduction, 1.0)),
    target=d("-" + _SQUARE[1], lambda g, input, target, reduction: _mse_slope(g, input, target, reduction, -1.0)),
)
def square_loss(input, target, reduction="mean"):
    """The mean (or sum, or each) of the squared differences."""
    away = input - target
    if reduction == "none":
        return away * away
    flat = away.reshape(-1)
    return flat @ flat / away.dtype.type(away.size) if reduction == "mean" else flat @ flat


@composite("functional")
def mse_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Any:
    """The mean of the squared differences."""
    _warn_shapes("mse_loss", input, target)
    reduction = reduction_of(size_average, reduce, reduction)
    if weight is not None:
        loss = square_loss(input, target, "none") * weight
        return loss.sum() / weight.expand_as(loss).sum() if reduction == "mean" else reduced(loss, reduction)
    return square_loss(input, target, reduction)


@composite("functional")
def l1_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:
    """The mean of the absolute differences."""
    _warn_shapes("l1_loss", input, target)
    return reduced(tensors.abs(input - target), reduction_of(size_average, reduce, reduction))


def _each(g: Any, shape: Any, reduction: str, k: Any) -> Any:
    """The gradient of each element's loss from that of their mean, sum, or themselves."""
    return g / math.prod(shape) if reduction == "mean" else g


def _bend(input: Any, target: Any, delta: float, k: Any) -> Any:
    return k.clamp_between(input - target, -delta, delta)


def _huber_kernel(input: Any, target: Any, delta: float, scale: float, reduction: str) -> Any:
    size = np.absolute(input - target)
    loss = raw.where(size < delta, 0.5 * (size * size), delta * (size - 0.5 * delta)) * scale
    return _total(loss, reduction)


_HUBER = (r"y = \tfrac1n \sum_i \tfrac12 e_i^2 \text{ or } \delta (|e_i| - \tfrac12 \delta),\ e = x - t",
          r"\tfrac1n \bar y\,\min(\max(e, -\delta), \delta)")  # fmt: skip


def _huber_slopes(sign: float) -> Any:
    def slope(g: Any, input: Any, target: Any, delta: float, scale: float, reduction: str, k: Any) -> Any:
        bent = _bend(input, target, delta, k)
        return _each(g * (sign * scale), bent.shape, reduction, k) * bent

    return slope


@op(
    _HUBER[0],
    said={"rule": "promote", "in_place": False, "kernel": _huber_kernel, "title": "HuberLossBackward0"} | _LOSS,
    input=d(_HUBER[1], _huber_slopes(1.0)),
    target=d("-" + _HUBER[1], _huber_slopes(-1.0)),
)
def huber(input, target, delta, scale, reduction):
    """Squares near zero, absolute values beyond `delta`, scaled and reduced."""


@op(
    _HUBER[0].replace(r"\delta", r"\beta"),
    said={"rule": "promote", "in_place": False, "kernel": _huber_kernel, "title": "SmoothL1LossBackward0"} | _LOSS,
    input=d(_HUBER[1], _huber_slopes(1.0)),
    target=d("-" + _HUBER[1], _huber_slopes(-1.0)),
)
def smooth_l1(input, target, delta, scale, reduction):
    """`huber` over delta, which makes the slope one far from zero."""


@composite("functional")
def smooth_l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", beta: float = 1.0
) -> Any:
    """Absolute differences, squared and rounded off within `beta` of zero."""
    _warn_shapes("smooth_l1_loss", input, target)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    reduction = reduction_of(size_average, reduce, reduction)
    if beta == 0:
        return reduced(tensors.abs(input - target), reduction)
    return smooth_l1(input, target, beta, 1 / beta, reduction)


@composite("functional")
def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """Squared differences up to `delta`, linear beyond."""
    _warn_shapes("huber_loss", input, target)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    if weight is None:
        return huber(input, target, delta, 1.0, reduction)
    return reduced(huber(input, target, delta, 1.0, "none") * weight, reduction)


# ---- classes


def _class_error(input: Any, target: Any, weight: Any, *_: Any) -> Exception | None:
    classes = input.shape[-1] if input.ndim == 1 else input.shape[1]
    expected = input.shape[:-1] if input.ndim == 1 else (input.shape[0], *input.shape[2:])
    if target.shape != expected:
        if input.ndim > 1 and target.ndim and target.shape[0] != input.shape[0]:
            message = f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0]})."
        else:
            message = f"Expected target size {list(expected)}, got {list(target.shape)}"
        kind = ShapeValueError if message.startswith("Expected input") else ShapeError
        return kind(message, "cross_entropy", (input.shape, target.shape), (0, 0))
    if weight is not None and weight.shape != (classes,):
        return RuntimeError(
            "weight tensor should be defined either for all or no classes, "
            f"but got weight tensor of shape: {list(weight.shape)}"
        )
    return None


def _picks(input: Any, target: Any, ignore_index: int) -> tuple[Any, Any, Any]:
    """Classes as the last of two axes: flat inputs (n, classes), flat targets, and which count (None: all)."""
    classes_last = input if input.ndim <= 2 else np.moveaxis(input, 1, -1)
    flat = classes_last.reshape(-1, classes_last.shape[-1])
    goal = target.reshape(-1)
    if goal.dtype.kind not in "iu":
        raise RuntimeError(f"expected scalar type Long but found {array.TITLES[array.OF_NUMPY[goal.dtype]]}")
    counts = goal != ignore_index
    if counts.all():
        counts = None
    used = goal if counts is None else np.where(counts, goal, 0)
    if used.size and not (used.min() >= 0 and used.max() < flat.shape[1]):
        wrong = used[(used < 0) | (used >= flat.shape[1])].flat[0]
        raise IndexError(f"Target {wrong} is out of bounds.")
    return flat, used, counts


def _class_weights(flat: Any, used: Any, counts: Any, weight: Any) -> tuple[Any, Any]:
    """The weight of each row (None: all one), and their sum."""
    each = None if weight is None else weight[used]
    if counts is not None:
        each = counts.astype(flat.dtype) if each is None else each * counts
    return each, flat.dtype.type(flat.shape[0]) if each is None else np.add.reduce(each)


def _shaped(values: Any, target_shape: tuple[int, ...]) -> Any:
    return values.reshape(target_shape)


def _nll(input: Any, target: Any, weight: Any, ignore_index: int, reduction: str) -> Any:
    flat, used, counts = _picks(input, target, ignore_index)
    each, total = _class_weights(flat, used, counts, weight)
    loss = -flat[np.arange(len(used)), used]
    if each is not None:
        loss = raw.where(each != 0, loss * each, 0.0)
    if reduction == "none":
        return _shaped(loss, target.shape)
    return np.add.reduce(loss) / total if reduction == "mean" else np.add.reduce(loss)


def _checked(kernel: Any) -> Any:
    def run(input: Any, target: Any, weight: Any = None, *options: Any) -> Any:
        wrong = _class_error(input, target, weight)
        if wrong is not None:
            raise wrong
        return kernel(input, target, weight, *options)

    return run


@op(
    r"y = -\tfrac{1}{\sum w} \sum_n w_{t_n} x_{n, t_n}",
    said={"kernel": _checked(_nll), "title": "NllLossBackward0"} | _LOSS,
    input=d(
        r"-\tfrac{w}{\sum w} \bar y \text{ at } t",
        lambda g, shape, target, weight, ignore_index, reduction, k: k.nll_grad(
            g, target, weight, shape, ignore_index, reduction
        ),
    ),
    target=None,
    weight=None,
)
def nll(input, target, weight=None, ignore_index=-100, reduction="mean"):
    """The negative log-probability of the target classes."""


def _nll_grad(g: Any, target: Any, weight: Any, shape: Any, ignore_index: int, reduction: str) -> Any:
    like = module(g).zeros(shape, g.dtype)
    flat, used, counts = _picks(like, target, ignore_index)
    each, total = _class_weights(flat, used, counts, weight)
    scale = -g.reshape(-1) if reduction == "none" else -g / (total if reduction == "mean" else 1)
    grad = np.zeros_like(flat)
    grad[np.arange(len(used)), used] = scale if each is None else scale * each
    if len(shape) <= 2:
        return grad.reshape(shape)
    return np.moveaxis(grad.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


@op(
    r"\bar x = -\tfrac{w}{\sum w} \bar y \text{ at } t",
    said={"kernel": _nll_grad} | _LOSS,
    input=d(
        r"y_{n, t_n}",
        lambda g, target, weight, ignore_index, reduction, k: k.nll(g, target, weight, ignore_index, reduction),
    ),
    target=None,
    weight=None,
)
def nll_grad(input, target, weight=None, shape=(), ignore_index=-100, reduction="mean"):
    """The gradient of `nll`, itself an op, so that it has one."""


@composite("functional")
def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """The negative log-probability of the target classes, from log-probabilities."""
    return nll(input, target, weight, ignore_index, reduction_of(size_average, reduce, reduction))


def _cross_entropy(input: Any, target: Any) -> tuple[Any, Any]:
    """The mean over rows (n, classes), all counting alike, and softmax less one-hot over n."""
    flat, used, _ = _picks(input, target, -(1 << 62))
    n = len(used)
    away = flat - np.maximum.reduce(flat, axis=1, keepdims=True)
    power = np.exp(away)
    total = row_total(power, 1)
    rows = _rows(n)
    loss = (np.add.reduce(np.log(total), axis=None) - np.add.reduce(away[rows, used])) / away.dtype.type(n)
    power /= total
    power[rows, used] -= 1
    power *= power.dtype.type(1 / n)
    return loss, power.reshape(input.shape)


_kept_rows: dict[int, Any] = {}


def _rows(n: int) -> Any:
    if n not in _kept_rows:
        if len(_kept_rows) > 64:
            _kept_rows.clear()
        _kept_rows[n] = np.arange(n)
    return _kept_rows[n]


def _cross_entropy_slope(g: Any, input: Any, target: Any, aux: Any, k: Any) -> Any:
    if aux is not None:
        return g * aux
    return g * ((k.softmax_along(input, 1) - k.one_hot_like(input, target)) / input.shape[0])


tensors.one_hot_like = lambda input, target: wrap(
    (target._array[:, None] == np.arange(input._array.shape[1])).astype(input._array.dtype)
)


@op(
    r"y = -\tfrac1n \sum_n \ln \mathrm{softmax}(x_n)_{t_n}",
    said={
        "aux": True,
        "kernel": _checked(lambda input, target, weight: _cross_entropy(input, target)),
        "title": "NllLossBackward0",
        "name": "class_cross_entropy",
    }
    | _LOSS,
    input=d(r"\tfrac1n \bar y\,(\mathrm{softmax}(x) - \mathrm{onehot}(t))", _cross_entropy_slope),
    target=None,
    weight=None,
)
def class_cross_entropy(input, target, weight=None):
    """The mean cross entropy of rows of logits (n, classes) and target classes (n)."""


@composite("functional")
def cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100, reduce: Any = None,
    reduction: str = "mean", label_smoothing: float = 0.0,
) -> Any:  # fmt: skip
    """The cross entropy of logits and target classes, or target probabilities; classes on axis 1 (0 of a vector)."""
    reduction = reduction_of(size_average, reduce, reduction)
    plain = weight is None and label_smoothing == 0.0 and reduction == "mean"
    if plain and input._array.ndim == 2 and target._array.dtype == np.int64 and input._array.dtype.kind == "f":
        goal = target._array
        if goal.size and not (goal.min() < 0):  # -100 and its like leave rows out
            if not 0 <= ignore_index < input._array.shape[1]:
                return class_cross_entropy(input, target)
    axis = 0 if input._array.ndim == 1 else 1
    logs = tensors.log_softmax_along(input, axis)
    if target._array.dtype.kind == "f":
        return _from_probabilities(logs, target, weight, reduction, label_smoothing, axis)
    loss = nll(logs, target, weight, ignore_index, reduction)
    return (
        loss
        if label_smoothing == 0.0
        else _smoothed(logs, target, loss, weight, ignore_index, reduction, label_smoothing, axis)
    )


def _from_probabilities(logs: Any, target: Any, weight: Any, reduction: str, smoothing: float, axis: int) -> Any:
    if logs._array.shape != target._array.shape:
        raise ShapeError(
            "Expected floating point type for target with class probabilities, and the shape of the input: got "
            f"{list(logs.shape)} and {list(target.shape)}", "cross_entropy", (logs._array.shape, target._array.shape),
        )  # fmt: skip
    classes = logs._array.shape[axis]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    if weight is not None:
        target = target * weight.view(-1, *(1,) * (logs._array.ndim - axis - 1))
    loss = -(logs * target)
    if reduction == "none":
        return loss.sum(axis)
    return loss.sum() / (logs._array.size // classes) if reduction == "mean" else loss.sum()


def _smoothed(
    logs: Any, target: Any, loss: Any, weight: Any, ignore_index: int, reduction: str, smoothing: float, axis: int
) -> Any:
    """The loss mixed with the mean over all classes, as if each had a share of the target."""
    counts = wrap((target._array != ignore_index).astype(logs._array.dtype))
    weights = None if weight is None else weight.view(-1, *(1,) * (logs._array.ndim - axis - 1))
    smooth = -(logs if weights is None else logs * weights).sum(axis) * counts
    if reduction == "sum":
        smooth = smooth.sum()
    elif reduction == "mean":
        total = counts if weight is None else weight[target.clamp(min=0)] * counts
        smooth = smooth.sum() / total.sum()
    return loss * (1 - smoothing) + smooth * (smoothing / logs._array.shape[axis])


# ---- probabilities


def _same_shape(name: str, input: Any, target: Any) -> None:
    a, b = input._array.shape, target._array.shape
    if a == b:
        return
    if name == "binary_cross_entropy":
        raise ShapeValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. "
            "Please ensure they have the same size.", name, (a, b),
        )  # fmt: skip
    raise ShapeValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})", name, (a, b))


def _log_at_least(x: Any, k: Any) -> Any:
    return k.clamp_between(k.log(x), -100.0, None)


def _bce_slope(g: Any, input: Any, target: Any, reduction: str, k: Any) -> Any:
    away = (input - target) / k.clamp_between(input * (1 - input), 1e-12, None)
    return _each(g, input.shape, reduction, k) * away


@op(
    r"y = -\tfrac1n \sum_i t_i \ln x_i + (1 - t_i) \ln(1 - x_i)",
    said={"title": "BinaryCrossEntropyBackward0"} | _LOSS,
    input=d(r"\tfrac1n \bar y\,\frac{x - t}{x (1 - x)}", _bce_slope),
    target=d(
        r"\tfrac1n \bar y\,\ln\tfrac{1 - x}{x}",
        lambda g, input, reduction, k: (
            _each(g, input.shape, reduction, k) * (_log_at_least(1 - input, k) - _log_at_least(input, k))
        ),
    ),
)
def bce(input, target, reduction):
    """The cross entropy of probabilities; logarithms are at least -100."""
    loss = (target - 1) * np.maximum(np.log1p(-input), -100.0) - target * np.maximum(np.log(input), -100.0)
    return _total(loss, reduction)


@op(
    r"y = \tfrac1n \sum_i \ln(1 + e^{x_i}) - t_i x_i",
    said={"title": "BinaryCrossEntropyWithLogitsBackward0"} | _LOSS,
    input=d(
        r"\tfrac1n \bar y\,(\sigma(x) - t)",
        lambda g, input, target, reduction, k: _each(g, input.shape, reduction, k) * (k.sigmoid(input) - target),
    ),
    target=d(r"-\tfrac1n \bar y\,x", lambda g, input, reduction, k: -_each(g, input.shape, reduction, k) * input),
)
def bce_logits(input, target, reduction):
    """The cross entropy of the sigmoids of logits."""
    loss = np.maximum(input, 0) - input * target + np.log1p(np.exp(-np.absolute(input)))
    return _total(loss, reduction)


@composite("functional")
def binary_cross_entropy(input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:  # fmt: skip
    """The cross entropy of probabilities and targets in [0, 1]."""
    _same_shape("binary_cross_entropy", input, target)
    if input._array.size and not (input._array.min() >= 0 and input._array.max() <= 1):
        raise RuntimeError("all elements of input should be between 0 and 1")
    reduction = reduction_of(size_average, reduce, reduction)
    return bce(input, target, reduction) if weight is None else reduced(bce(input, target, "none") * weight, reduction)


@composite("functional")
def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:  # fmt: skip
    """The cross entropy of the sigmoid of logits, and targets in [0, 1]."""
    _same_shape("binary_cross_entropy_with_logits", input, target)
    reduction = reduction_of(size_average, reduce, reduction)
    if weight is None and pos_weight is None:
        return bce_logits(input, target, reduction)
    if pos_weight is None:
        loss = bce_logits(input, target, "none")
    else:
        loss = (1 - target) * input - (1 + (pos_weight - 1) * target) * tensors.logsigmoid(input)
    return reduced(loss if weight is None else loss * weight, reduction)


@composite("functional")
def kl_div(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """The divergence of target probabilities (or their logarithms) from log-probabilities."""
    if log_target:
        loss = tensors.exp(target) * (target - input)
    else:
        loss = tensors.xlogy(target, target) - target * input
    if reduction == "batchmean":
        return loss.sum() / input._array.shape[0]
    return reduced(loss, reduction_of(size_average, reduce, reduction))


@composite()
def xlogy(input: Any, other: Any) -> Any:
    """x ln y, zero where x is."""
    inside = input == 0 if isinstance(input, Tensor) else wrap(np.asarray(input == 0))
    return tensors.where(inside, input * 0.0, input * tensors.log(tensors.where(inside, other * 0.0 + 1.0, other)))
