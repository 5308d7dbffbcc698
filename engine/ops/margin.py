"""Losses of margins, rankings and distributions, and the losses that `torch` has too, with numbered reductions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.array import OF_NUMPY, TITLES, Defaults, module, moved
from engine.dispatch import tensors
from engine.errors import ShapeError, broadcast_error, not_implemented, without_slope
from engine.op import composite, d, op
from engine.ops.loss import _LOSS, _each, _total, reduced, reduction_of
from engine.tensor import Tensor, wrap

_NUMBERED = ("none", "mean", "sum")


def numbered(reduction: int) -> str:
    """The reduction that a number stands for in the native functions."""
    if not 0 <= reduction <= 2:
        raise RuntimeError(f"expected a reduction of 0 (none), 1 (mean) or 2 (sum), but got {reduction}")
    return _NUMBERED[reduction]


def _above(x: Any) -> Any:
    return tensors.clamp_min(x, 0)


# ---- one margin


@op(
    r"y = \tfrac1n \sum_i \ln(1 + e^{-t_i x_i})",
    said={"title": "SoftMarginLossBackward0"} | _LOSS,
    input=d(
        r"-\tfrac1n \bar y\,t\,\sigma(-t x)",
        lambda g, input, target, reduction, k: (
            _each(g, input.shape, reduction, k) * (-target * k.sigmoid(-target * input))
        ),
    ),
    target=d(
        r"-\tfrac1n \bar y\,x\,\sigma(-t x)",
        lambda g, input, target, reduction, k: (
            _each(g, input.shape, reduction, k) * (-input * k.sigmoid(-target * input))
        ),
    ),
)
def soft_margin(input, target, reduction):
    """The logistic loss of scores and signs."""
    return _total(np.log(1 + np.exp(-target * input)), reduction)


@composite("functional")
def soft_margin_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """The logistic loss of scores and targets of 1 and -1."""
    reduction = reduction_of(size_average, reduce, reduction)
    if input._array.shape != target._array.shape:
        try:
            input, target = tensors.broadcast_tensors(input, target)
        except ValueError:
            raise broadcast_error("soft_margin_loss", [input._array.shape, target._array.shape]) from None
    without_slope("soft_margin_loss", target=target)
    a, b = input, target
    if a._array.dtype.kind in "iu":
        kind = Defaults.dtype if b._array.dtype.kind in "iub" else b.dtype
        raise RuntimeError(f"result type {TITLES[kind]} can't be cast to the desired output type {TITLES[a.dtype]}")
    return soft_margin(a, b if b._array.dtype == a._array.dtype else b.to(a.dtype), reduction)


@composite("functional")
def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Distances where the target is 1, what they lack of the margin where it is -1."""
    far = tensors.where(target != 1, _above(margin - input), 0.0)
    near = tensors.where(target != -1, input, 0.0)
    return reduced(far + near, reduction_of(size_average, reduce, reduction))


@composite("functional")
def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """What the first score (target 1) or the second (-1) lacks of being above the other by the margin."""
    if not input1._array.ndim == input2._array.ndim == target._array.ndim:
        raise ShapeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape} ", "margin_ranking_loss",
            (input1._array.shape, input2._array.shape, target._array.shape),
        )  # fmt: skip
    return reduced(_above(-target * (input1 - input2) + float(margin)), reduction_of(size_average, reduce, reduction))


@composite("functional")
def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """One less the cosine of two vectors (target 1), or the cosine above the margin (target -1)."""
    a, b, t = input1._array.shape, input2._array.shape, target._array.shape
    if len(t) > 1:
        raise ShapeError("0D or 1D target tensor expected, multi-target not supported",
                         "cosine_embedding_loss", (a, b, t))  # fmt: skip
    if len(a) != len(t) + 1 or len(b) != len(t) + 1:
        raise ShapeError(
            f"{len(t)}D target tensor expects {len(t) + 1}D input tensors, but found inputs with sizes {list(a)} and "
            f"{list(b)}.", "cosine_embedding_loss", (a, b, t),
        )  # fmt: skip
    product = (input1 * input2).sum(-1)
    sizes = ((input1 * input1).sum(-1) + 1e-12) * ((input2 * input2).sum(-1) + 1e-12)
    cosine = product / tensors.sqrt(sizes)
    near = tensors.where(target == 1, 1 - cosine, 0.0)
    far = tensors.where(target == -1, _above(cosine - margin), 0.0)
    return reduced(near + far, reduction_of(size_average, reduce, reduction))


# ---- triplets


def distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6) -> Any:
    """The norm of the difference along the last axis, kept away from zero by `eps`."""
    return tensors.vector_norm(x1 - x2 + eps, p, -1)


def _triplet(positive: Any, negative: Any, swapped: Any, margin: float, reduction: str) -> Any:
    if swapped is not None:
        negative = tensors.minimum(negative, swapped)
    return reduced(_above(margin + positive - negative), reduction)


def _check_triplet(anchor: Any, positive: Any, negative: Any, margin: float, sentence: str) -> None:
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    a, p, n = (each._array.ndim for each in (anchor, positive, negative))
    if not a == p == n:
        raise RuntimeError(f"{sentence} anchor {a}D, positive {p}D, and negative {n}D inputs")


@composite("functional")
def triplet_margin_loss(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6,
    swap: bool = False, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """By how much the positive is not nearer to the anchor than the negative by the margin. Balntas, 2016."""
    _check_triplet(
        anchor, positive, negative, margin,
        "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got:",
    )  # fmt: skip
    near, far = distance(anchor, positive, p, eps), distance(anchor, negative, p, eps)
    swapped = distance(positive, negative, p, eps) if swap else None
    return _triplet(near, far, swapped, margin, reduction_of(size_average, reduce, reduction))


@composite("functional")
def triplet_margin_with_distance_loss(
    anchor: Any, positive: Any, negative: Any, *, distance_function: Any = None, margin: float = 1.0,
    swap: bool = False, reduction: str = "mean",
) -> Any:  # fmt: skip
    """`triplet_margin_loss` with a distance of one's own."""
    if reduction not in _NUMBERED:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    _check_triplet(
        anchor, positive, negative, margin,
        "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got:",
    )  # fmt: skip
    measure = distance if distance_function is None else distance_function
    near, far = measure(anchor, positive), measure(anchor, negative)
    return _triplet(near, far, measure(positive, negative) if swap else None, margin, reduction)


# ---- several classes


def _known(reduction: str) -> str:
    if reduction not in _NUMBERED:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _check_long(target: Any) -> None:
    if target._array.dtype != np.int64:
        raise RuntimeError(f"expected scalar type Long but found {TITLES[OF_NUMPY[target._array.dtype]]}")


def _rows(name: str, input: Any, target: Any, many: bool) -> tuple[Any, Any]:
    """Scores (n, classes) and whole targets of them, from a batch or one sample."""
    x, t = input._array.shape, target._array.shape
    if not ((0 < len(x) <= 2 and x[-1]) or (len(x) == 0)):
        raise ShapeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(x)}", name, (x, t)
        )
    rows = input.reshape(-1, x[-1] if x else 1) if len(x) < 2 else input
    n = rows._array.shape[0]
    if many and t != x:
        raise ShapeError(f"inconsistent target size: {list(t)} for input of size: {list(x)}", name, (x, t))
    if not many and t != (n,) and not (len(x) < 2 and t == ()):
        raise ShapeError(
            f"{name}: target tensor should be 1-D with size equal to the number of input samples (batch size). "
            f"Expected target size [{n}], but got {list(t)}. Input has shape {list(x)}.", name, (x, t), (0, 0),
        )  # fmt: skip
    return rows, target.reshape(rows._array.shape) if many else target.reshape(n)


def _only_wide(name: str, input: Any) -> None:
    if input._array.dtype.itemsize == 2 or input._array.dtype.kind in "iub":
        raise not_implemented(name, input._array.dtype)


@composite("functional")
def multi_margin_loss(
    input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """By how much each other class comes too near to the target's score, to the power `p`, over the classes."""
    reduction = _known(reduction_of(size_average, reduce, reduction))
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    _only_wide("multi_margin_loss_cpu_kernel", input)
    if weight is not None and weight._array.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    rows, goal = _rows("multi_margin_loss", input, target, False)
    classes = rows._array.shape[1]
    if weight is not None and weight._array.shape != (classes,):
        raise RuntimeError(f"inconsistent weight size, expected {classes} but got {list(weight._array.shape)}")
    _check_long(target)
    if goal._array.size and not (goal._array.min() >= 0 and goal._array.max() < classes):
        raise RuntimeError("target out of range")
    other = wrap((goal._array[:, None] != module(goal._array).arange(classes)).astype(rows._array.dtype))
    short = _above(margin - rows.gather(1, goal.unsqueeze(1)) + rows) * other
    short = short if p == 1 else short * short
    if weight is not None:
        short = short * weight[goal].unsqueeze(1)
    loss = short.sum(1) / classes
    loss = loss if input._array.ndim > 1 or target._array.ndim else loss.squeeze(0)
    return reduced(loss, reduction)


@composite("functional")
def multilabel_margin_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """By how much classes that are no targets come near to those that are: each row lists its targets, then -1."""
    reduction = _known(reduction_of(size_average, reduce, reduction))
    _only_wide("multilabel_margin_loss_forward_out_frame", input)
    rows, goal = _rows("multilabel_margin_loss", input, target, True)
    _check_long(target)
    classes = rows._array.shape[1]
    xp, places = module(goal._array), moved(goal._array, "cpu")
    if places.size and not (places.min() >= -1 and places.max() < classes):
        raise RuntimeError("argument #2 'target' is out of range")
    listed = np.logical_and.accumulate(places >= 0, axis=1)
    used = np.where(listed, places, 0)
    is_goal = np.zeros(rows._array.shape, bool)
    np.logical_or.at(is_goal, (np.arange(len(places))[:, None], used), listed)
    counts = wrap(xp.asarray(listed[:, :, None] & ~is_goal[:, None, :], dtype=rows._array.dtype))
    at_goal = rows.gather(1, wrap(xp.asarray(used))).unsqueeze(2)
    loss = (_above(1 - at_goal + rows.unsqueeze(1)) * counts).sum((1, 2)) / classes
    loss = loss if input._array.ndim > 1 else loss.squeeze(0)
    return reduced(loss, reduction)


@composite("functional")
def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """The mean over classes of the cross entropy of each class's sigmoid."""
    if not input._array.ndim:
        raise IndexError("Dimension specified as -1 but tensor has no dimensions")
    loss = -(target * tensors.logsigmoid(input) + (1 - target) * tensors.logsigmoid(-input))
    loss = (loss if weight is None else loss * weight).sum(-1) / (input._array.shape[-1] if input._array.ndim else 1)
    if reduction not in _NUMBERED:
        raise ValueError(f"{reduction} is not valid")
    return reduced(loss, reduction_of(size_average, reduce, reduction))


# ---- distributions


@composite("functional")
def poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False, size_average: Any = None, eps: float = 1e-8,
    reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The negative log-likelihood of counts under rates, or under the logarithms of rates."""
    loss = tensors.exp(input) - target * input if log_input else input - target * tensors.log(input + eps)
    if full:  # Stirling's formula for ln t!
        rest = target * tensors.log(target) - target + 0.5 * tensors.log(2 * math.pi * target)
        loss = loss + tensors.where(target <= 1, 0.0, rest)
    return reduced(loss, reduction_of(size_average, reduce, reduction))


@composite("functional")
def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """The negative log-likelihood of targets under normal distributions; variances are at least `eps`."""
    if not isinstance(var, Tensor):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = var * tensors.ones_like(input)
    elif (var._array < 0).any():
        raise ValueError("var has negative entry/entries")
    x, v = input._array.shape, var._array.shape
    if v != x:
        if x[:-1] == v:
            var = var.unsqueeze(-1)
        elif len(x) != len(v) or sum(m for n, m in zip(x, v, strict=True) if n != m) != 1:
            raise ValueError("var is of incorrect size")
    if reduction not in _NUMBERED:
        raise ValueError(f"{reduction} is not valid")
    # The bound changes the value, not the gradient.
    bounded = var + wrap((np.maximum(var._array, eps) - var._array).astype(var._array.dtype))
    loss = 0.5 * (tensors.log(bounded) + (input - target) ** 2 / bounded)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)


# ---- with numbered reductions, as `torch` has them


@composite("engine")
def engine_hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, reduction: int = 0) -> Any:
    """`nn.functional.hinge_embedding_loss`."""
    return hinge_embedding_loss(input, target, margin, reduction=numbered(reduction))


@composite("engine")
def engine_margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0) -> Any:
    """`nn.functional.margin_ranking_loss`."""
    return reduced(_above(-target * (input1 - input2) + float(margin)), numbered(reduction))


@composite("engine")
def engine_cosine_embedding_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0) -> Any:
    """`nn.functional.cosine_embedding_loss`."""
    return cosine_embedding_loss(input1, input2, target, margin, reduction=numbered(reduction))


@composite("engine")
def engine_triplet_margin_loss(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6,
    swap: bool = False, reduction: int = 0,
) -> Any:  # fmt: skip
    """`nn.functional.triplet_margin_loss`."""
    return triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction=numbered(reduction))


@composite("engine")
def engine_poisson_nll_loss(input: Any, target: Any, log_input: bool, full: bool, eps: float, reduction: int) -> Any:
    """`nn.functional.poisson_nll_loss`."""
    return poisson_nll_loss(input, target, log_input, full, None, eps, reduction=numbered(reduction))


@composite("engine")
def engine_kl_div(input: Any, target: Any, reduction: int = 0, *, log_target: bool = False) -> Any:
    """`nn.functional.kl_div`."""
    return reduced(tensors.kl_div(input, target, None, None, "none", log_target), numbered(reduction))


@composite("engine")
def engine_binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, pos_weight: Any = None, reduction: int = 0
) -> Any:
    """`nn.functional.binary_cross_entropy_with_logits`."""
    call = tensors.binary_cross_entropy_with_logits
    return call(input, target, weight, None, None, numbered(reduction), pos_weight)
