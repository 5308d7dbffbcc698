"""Losses, fused where a loss is one idea."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from engine import deprecated
from engine.array import TITLES
from engine.dispatch import check_cast, raw, tensors
from engine.errors import TWO_BOOLS, ShapeValueError, broadcast_error, not_implemented, refuse
from engine.fitting import plain
from engine.numeric.logs import log1p
from engine.op import Slope, composite, d, op
from engine.titles import retitle

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


REDUCTIONS = ("mean", "sum", "none")


def _checked(reduction: Any) -> str:
    """What an old name of a reduction means. PyTorch's error for what is no name of any."""
    if reduction != "elementwise_mean":
        raise ValueError(f"{reduction} is not a valid value for reduction")
    deprecated.tell("reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.")
    return "mean"


def reduction_of(size_average: Any, reduce: Any, reduction: str) -> str:
    """The reduction that the old two flags mean, if they are given."""
    if size_average is None and reduce is None:
        return reduction if reduction in REDUCTIONS else _checked(reduction)
    meant = "none" if reduce is False else "sum" if size_average is False else "mean"
    deprecated.tell(f"size_average and reduce args will be deprecated, please use reduction='{meant}' instead.")
    return meant


def _total(values: Any, reduction: str) -> Any:
    if reduction == "none":
        return values
    total = np.add.reduce(values, axis=None)
    return total / values.size if reduction == "mean" else total


def _alike(name: str, input: Any, target: Any) -> Any:
    """Both in one shape, which decides what dtype they have in common; with PyTorch's warning where they were not."""
    if input._array.shape == target._array.shape:
        return input, target
    deprecated.tell(
        f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will likely "
        "lead to incorrect results due to broadcasting. Please ensure they have the same size.",
    )
    shapes = input._array.shape, target._array.shape
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise broadcast_error(name, shapes) from None
    return tensors.broadcast_tensors(input, target)


# ---- distances

_SQUARE = (r"y = \tfrac1n \sum_i (x_i - t_i)^2", r"\tfrac2n \bar y\,(x - t)")


def _mse_slope(g: Any, mine: Any, other: Any, reduction: str) -> Any:
    away = mine - other
    return away * (g * (2 / max(math.prod(away.shape), 1) if reduction == "mean" else 2.0))


@op(
    _SQUARE[0],
    said={"rule": "promote", "name": "square_loss", "title": "MseLossBackward0", "in_place": False}
    | {"real_only": "mse_cpu", "refused": "biuc"}
    | _LOSS,
    input=d(_SQUARE[1], lambda g, input, target, reduction: _mse_slope(g, input, target, reduction)),
    target=d("-" + _SQUARE[1], lambda g, input, target, reduction: _mse_slope(g, target, input, reduction)),
)
def square_loss(input, target, reduction="mean"):
    """The mean (or sum, or each) of the squared differences."""
    away = input - target
    if reduction == "none":
        return away * away
    flat = away.reshape(-1)
    # A long product would lose digits that a sum, which is made pairwise, keeps.
    total = flat @ flat if flat.size <= 4096 else np.add.reduce(flat * flat)
    return total / away.dtype.type(away.size) if reduction == "mean" else total


def _check_weight(input: Any, weight: Any) -> None:
    if weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")


@composite("functional")
def mse_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Any:
    """The mean of the squared differences."""
    input, target = _alike("mse_loss", input, target)
    reduction = reduction_of(size_average, reduce, reduction)
    if weight is not None:
        _check_weight(input, weight)
        loss = square_loss(input, target, "none") * weight
        return loss.sum() / weight.expand_as(loss).sum() if reduction == "mean" else reduced(loss, reduction)
    return square_loss(input, target, reduction)


@composite("functional")
def l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Any:
    """The mean of the absolute differences."""
    input, target = _alike("l1_loss", input, target)
    if weight is not None:
        _check_weight(input, weight)
        loss, reduction = tensors.abs(input - target) * weight, reduction_of(size_average, reduce, reduction)
        return loss.sum() / weight.expand_as(loss).sum() if reduction == "mean" else reduced(loss, reduction)
    return reduced(tensors.abs(input - target), reduction_of(size_average, reduce, reduction))


def _each(g: Any, shape: Any, reduction: str, k: Any) -> Any:
    """The gradient of each element's loss from that of their mean, sum, or themselves."""
    return g / math.prod(shape) if reduction == "mean" else g


def _bend(input: Any, target: Any, delta: float, k: Any) -> Any:
    away = input - target
    return k.where(k.abs(away) < delta, away, k.sign(away) * delta)  # flat at delta itself


def _raw_bend(input: Any, target: Any, delta: float, k: Any) -> Any:
    return k.clamp_between(input - target, -delta, delta)


def _huber_kernel(input: Any, target: Any, delta: float, scale: float, reduction: str) -> Any:
    size = np.absolute(input - target)
    loss = raw.where(size < delta, 0.5 * (size * size), delta * (size - 0.5 * delta)) * scale
    return _total(loss, reduction)


_HUBER = (r"y = \tfrac1n \sum_i \tfrac12 e_i^2 \text{ or } \delta (|e_i| - \tfrac12 \delta),\ e = x - t",
          r"\tfrac1n \bar y\,\min(\max(e, -\delta), \delta)")  # fmt: skip


def _huber_slope(of_target: bool) -> Slope:
    def by(bend: Callable[..., Any]) -> Any:
        def slope(g: Any, input: Any, target: Any, delta: float, scale: float, reduction: str, k: Any) -> Any:
            bent = bend(target, input, delta, k) if of_target else bend(input, target, delta, k)
            return _each(g * scale, bent.shape, reduction, k) * bent

        return slope

    return d("-" * of_target + _HUBER[1], by(_bend), by(_raw_bend))


@op(
    _HUBER[0],
    said={"rule": "promote", "in_place": False, "kernel": _huber_kernel, "title": "HuberLossBackward0"}
    | {"real_only": "huber_cpu", "refused": "biuc"}
    | _LOSS,
    input=_huber_slope(False),
    target=_huber_slope(True),
)
def huber(input, target, delta, scale, reduction):
    """Squares near zero, absolute values beyond `delta`, scaled and reduced."""


@op(
    _HUBER[0].replace(r"\delta", r"\beta"),
    said={"rule": "promote", "in_place": False, "kernel": _huber_kernel, "title": "SmoothL1LossBackward0"}
    | {"real_only": "smooth_l1_cpu", "refused": "biuc"}
    | _LOSS,
    input=_huber_slope(False),
    target=_huber_slope(True),
)
def smooth_l1(input, target, delta, scale, reduction):
    """`huber` over delta, which makes the slope one far from zero."""


@composite("functional")
def smooth_l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", beta: float = 1.0
) -> Any:
    """Absolute differences, squared and rounded off within `beta` of zero."""
    input, target = _alike("smooth_l1_loss", input, target)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    reduction = reduction_of(size_average, reduce, reduction)
    if beta == 0:
        return reduced(tensors.abs(input - target), reduction)
    return smooth_l1(input, target, beta, 1 / plain(beta), reduction)


@composite("functional")
def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """Squared differences up to `delta`, linear beyond."""
    input, target = _alike("huber_loss", input, target)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    reduction = reduction_of(None, None, reduction)
    if weight is not None:
        _check_weight(input, weight)
        return reduced(huber(input, target, delta, 1.0, "none") * weight, reduction)
    loss = huber(input, target, delta, 1.0, reduction)
    if loss.dtype != input.dtype:
        check_cast(loss._array.dtype, input._array.dtype)
        loss = retitle(loss.to(input.dtype), "HuberLossBackward0", (input, target))
    return loss


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


_LEAST = float(np.float32(1e-12))  # as PyTorch has it, in double precision too


def _bce_slope(g: Any, input: Any, target: Any, reduction: str, k: Any) -> Any:
    away = (input - target) / k.clamp_between(input * (1 - input), _LEAST, None)
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
    loss = (target - 1) * np.maximum(log1p(-input), -100.0) - target * np.maximum(np.log(input), -100.0)
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
    loss = np.maximum(input, 0) - input * target + log1p(np.exp(-np.absolute(input)))
    return _total(loss, reduction)


@composite("functional")
def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """The cross entropy of probabilities and targets in [0, 1]."""
    _same_shape("binary_cross_entropy", input, target)
    if input._array.dtype != target._array.dtype:
        raise RuntimeError(f"Found dtype {TITLES[target.dtype]} but expected {TITLES[input.dtype]}")
    refuse("biuc", "binary_cross_entropy", input)
    if input._array.size and not (input._array.min() >= 0 and input._array.max() <= 1):
        raise RuntimeError("all elements of input should be between 0 and 1")
    if target._array.size and not (target._array.min() >= 0 and target._array.max() <= 1):
        raise RuntimeError("all elements of target should be between 0 and 1")
    reduction = reduction_of(size_average, reduce, reduction)
    if weight is None:
        return bce(input, target, reduction)
    loss = reduced(bce(input, target, "none") * weight, reduction)
    return retitle(loss, "BinaryCrossEntropyBackward0", (input, target))


@composite("functional")
def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:  # fmt: skip
    """The cross entropy of the sigmoid of logits, and targets in [0, 1]."""
    _same_shape("binary_cross_entropy_with_logits", input, target)
    refuse("c", "log_sigmoid_cpu", input)
    reduction = reduction_of(size_average, reduce, reduction)
    _check_logits(input, target)
    alike = input._array.dtype == target._array.dtype
    if alike and weight is None and pos_weight is None:
        return bce_logits(input, target, reduction)
    kind = target.dtype  # the loss is computed in the place of what is made of the target
    if alike and pos_weight is None:
        loss = bce_logits(input, target, "none")
    else:
        logs = tensors.logsigmoid(input)
        if pos_weight is not None:
            logs = (logs * ((pos_weight - 1) * target + 1)).to(input.dtype)
        loss = (((1 - target) * input).to(kind) - logs).to(kind)
    if weight is not None:
        loss = (loss * weight).to(kind)
    return reduced(loss, reduction)


def _check_logits(input: Any, target: Any) -> None:
    """PyTorch's errors for logits or targets that are no floats."""
    given, wanted = input._array.dtype, target._array.dtype
    if given.kind in "biu":
        raise not_implemented("log_sigmoid_cpu", given)
    if wanted.kind == "b":
        raise RuntimeError(TWO_BOOLS)
    if wanted.kind in "iu":
        kinds = (TITLES[input.dtype], TITLES[target.dtype])
        raise RuntimeError("result type {} can't be cast to the desired output type {}".format(*kinds))


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
    if reduction == "mean" and size_average is None and reduce is None:
        deprecated.tell(
            "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides "
            "only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the "
            "same as 'batchmean' in the next major release.",
        )
    if target._array.dtype.kind in "iub" or input._array.dtype.kind in "iub":
        raise RuntimeError("kl_div: Integral inputs not supported.")
    loss = tensors.exp(target) * (target - input) if log_target else tensors.xlogy(target, target) - target * input
    if reduction == "batchmean":
        return loss.sum() / input._array.shape[0] if input._array.ndim else loss.sum()
    return reduced(loss, reduction_of(size_average, reduce, reduction))
