"""Losses of classes: log-probabilities and logits against class indices or probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array
from engine.array import module
from engine.between import Between
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, ShapeValueError, not_implemented, only_tensors, without_slope
from engine.fitting import as_number, plain
from engine.op import composite, d, op
from engine.ops.activation import band_of_ones
from engine.ops.loss import _LOSS, reduction_of
from engine.tensor import Tensor, wrap
from engine.titles import retitle

# ---- classes


def _class_error(input: Any, target: Any, weight: Any, *_: Any) -> Exception | None:
    if not input.ndim:
        return ShapeValueError("Expected 1 or more dimensions (got 0)", "nll_loss", (input.shape, target.shape), (0, 0))
    classes = input.shape[-1] if input.ndim == 1 else input.shape[1]
    expected = input.shape[:-1] if input.ndim == 1 else (input.shape[0], *input.shape[2:])
    if target.shape != expected:
        if input.ndim > 1 and target.ndim and target.shape[0] != input.shape[0]:
            message = f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0]})."
        elif input.ndim <= 2 and target.ndim > 1:
            message = "0D or 1D target tensor expected, multi-target not supported"
        else:
            message = f"Expected target size {list(expected)}, got {list(target.shape)}"
        kind = ShapeValueError if message.startswith("Expected input") else ShapeError
        return kind(message, "cross_entropy", (input.shape, target.shape), (0, 0))
    if weight is not None and weight.shape != (classes,):
        what, rest = "weight tensor should be defined either for all", ""
        if input.ndim <= 2:
            what, rest = f"{what} {classes} classes", f" but got weight tensor of shape: {list(weight.shape)}"
        return RuntimeError(f"{what} or no classes{rest}")
    if weight is not None and weight.dtype != input.dtype:
        titles = [array.TITLES[array.OF_NUMPY[x.dtype]] for x in (input, weight)]
        return RuntimeError(f"expected scalar type {titles[0]} but found {titles[1]}")
    return None


def _picks(input: Any, target: Any, ignore_index: int) -> tuple[Any, Any, Any]:
    """Classes as the last of two axes: flat inputs (n, classes), flat targets, and which count (None: all)."""
    classes_last = input if input.ndim <= 2 else np.moveaxis(input, 1, -1)
    flat = classes_last.reshape(-1, classes_last.shape[-1])
    goal = target.reshape(-1)
    if goal.dtype not in (np.int64, np.uint8):
        title = array.TITLES[array.OF_NUMPY[goal.dtype]]
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {title}")
    counts = goal != plain(ignore_index)
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
    if input.dtype.kind in "biuc":
        raise not_implemented("nll_loss_out_frame" if input.ndim <= 2 else "nll_loss2d_forward_out_frame", input.dtype)
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


def _nll_title(input_shape: Any, reduction: str) -> str:
    if len(input_shape) <= 2:
        return "NllLossBackward0"
    return "ViewBackward0" if reduction == "none" and len(input_shape) != 4 else "NllLoss2DBackward0"


@op(
    r"y = -\tfrac{1}{\sum w} \sum_n w_{t_n} x_{n, t_n}",
    said={"kernel": _checked(_nll), "error": _class_error, "title": _nll_title, "alike": True} | _LOSS,
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
    if each is not None:
        scale = scale * each if counts is None else raw.where(counts, scale * each, 0.0)
    grad[np.arange(len(used)), used] = scale
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


def _constant_weight(input: Any, weight: Any) -> None:
    """PyTorch's error for class weights that require grad, or are of another type than what they weigh."""
    if weight is not None:
        if weight._array.dtype != input._array.dtype:
            kinds = (array.TITLES[each.dtype] for each in (input, weight))
            raise RuntimeError("expected scalar type {} but found {}".format(*kinds))
        without_slope("nll_loss_forward" if input._array.ndim < 3 else "nll_loss2d_forward", weight=weight)


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
    _constant_weight(input, weight)
    return nll(input, target, weight, ignore_index, reduction_of(size_average, reduce, reduction))


_LONG = np.dtype(np.int64)
# Up to so many classes, rows of a transposed copy are quicker to work on than columns in place.
_FEW = 64


def _cross_entropy(input: Any, target: Any, weight: Any) -> tuple[Any, Any]:
    """The mean over rows (n, classes), all counting alike, and softmax less one-hot; no target is negative."""
    n, classes = input.shape
    if target.shape != (n,):
        raise ValueError
    rows = _rows(n, input)
    few = classes <= _FEW
    if few:
        power = input.T.copy()
        place = target * n
        place += rows
        power -= np.maximum.reduce(power, 0)
    else:
        power = input - np.maximum.reduce(input, axis=1, keepdims=True)
        if n and target.max() >= classes:
            raise IndexError
        place = rows * classes + target
    flat = power.reshape(-1)
    at_target = flat[place]
    np.exp(power, power)
    if few:
        total = _added(power)
        power /= total
    else:
        total = np.add.reduce(power, axis=1)
        power /= total[:, None]
    flat[place] -= _ONES[power.dtype.char] if power.__class__ is np.ndarray else 1
    np.log(total, total)
    total -= at_target
    return _added(total) / n, power.T if few else power


# An array without axes costs a ufunc a third of what a Python number does.
_ONES = {kind: np.ones((), kind) for kind in "efd"}


def _added(x: Any) -> Any:
    """The sum over the first axis: of a short one by a product with ones, which costs half of a reduction."""
    band = band_of_ones(len(x), x) if len(x) <= 1024 else None
    return np.add.reduce(x, 0) if band is None else np.dot(band, x)


def _cross_entropy_error(input: Any, target: Any, weight: Any) -> Exception | None:
    if target.shape == input.shape[:1]:
        return IndexError(f"Target {target[target >= input.shape[1]][0]} is out of bounds.")
    return _class_error(input, target, weight)


_kept_rows: dict[tuple[int, Any], Any] = {}


def _rows(n: int, like: Any) -> Any:
    """0 to n - 1, kept for the next time."""
    key = (n, like.__class__)
    kept = _kept_rows.get(key)
    if kept is None:
        if len(_kept_rows) > 64:
            _kept_rows.clear()
        kept = _kept_rows[key] = module(like).arange(n)
    return kept


def _cross_entropy_slope(g: Any, input: Any, target: Any, aux: Any, k: Any) -> Any:
    if aux is not None:
        return aux * (g / len(aux))
    return g * ((k.softmax_along(input, 1) - k.one_hot_like(input, target)) / input.shape[0])


tensors.one_hot_like = lambda input, target: wrap(
    (target._array[:, None] == np.arange(input._array.shape[1])).astype(input._array.dtype)
)


@op(
    r"y = -\tfrac1n \sum_n \ln \mathrm{softmax}(x_n)_{t_n}",
    said={
        "aux": True,
        "kernel": _cross_entropy,
        "error": _cross_entropy_error,
        "title": "NllLossBackward0",
        "below": lambda node: ((Between("LogSoftmaxBackward0", node.parents[0]), 0),),
        "apart": lambda input, target, weight: nll_loss(tensors.log_softmax(input, 1), target),
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
    if target.__class__ is not Tensor:
        only_tensors("cross_entropy_loss", input=input, target=target)
    if reduction != "mean" or size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce, reduction)
    if weight is None and label_smoothing == 0.0 and reduction == "mean":
        scores, goal = input._array, target._array
        fused = scores.ndim == 2 and scores.dtype.kind == "f" and (goal.dtype is _LONG or goal.dtype == _LONG)
        # A class that is ignored leaves rows out, wherever it lies; the usual one, -100, is no class.
        if fused and goal.ndim == 1 and goal.size and ignore_index < 0 and np.minimum.reduce(goal) >= 0:
            return class_cross_entropy(input, target)
    label_smoothing = as_number("cross_entropy_loss", "label_smoothing", 6, label_smoothing, "float")
    if label_smoothing > 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    label_smoothing = max(label_smoothing, 0.0)
    axis = 0 if input._array.ndim == 1 else 1
    if target._array.shape == input._array.shape and target._array.dtype.kind not in "fV" and target.ndim > 1:
        title = array.TITLES[array.OF_NUMPY[target._array.dtype]]
        raise RuntimeError(f"Expected floating point type for target with class probabilities, got {title}")
    logs = tensors.log_softmax(input, axis)
    if target._array.dtype.kind in "fV":
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        return _from_probabilities(logs, target, weight, reduction, label_smoothing, axis)
    _constant_weight(input, weight)
    loss = nll(logs, target, weight, ignore_index, reduction)
    return (
        loss
        if label_smoothing <= 0.0
        else _smoothed(logs, target, loss, weight, ignore_index, reduction, label_smoothing, axis)
    )


def _from_probabilities(logs: Any, target: Any, weight: Any, reduction: str, smoothing: float, axis: int) -> Any:
    if logs._array.shape != target._array.shape:
        wrong = _class_error(logs, target, weight)
        if wrong is not None:
            raise wrong
        title = array.TITLES[array.OF_NUMPY[target._array.dtype]]
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {title}")
    classes = logs._array.shape[axis]
    if smoothing > 0.0:
        target = target * (1 - smoothing) + smoothing / classes
    if weight is not None:
        target = target * weight.view(-1, *(1,) * (logs._array.ndim - axis - 1))
    if reduction == "none":
        return -(logs * target).sum(axis)
    total = -(logs * target).sum()
    count = logs._array.size // classes if classes else 0
    return retitle(total / count, "DivBackward1") if reduction == "mean" else total


def _smoothed(
    logs: Any, target: Any, loss: Any, weight: Any, ignore_index: int, reduction: str, smoothing: float, axis: int
) -> Any:
    """The loss mixed with the mean over all classes, as if each had a share of the target."""
    ignored = wrap(target._array == ignore_index)
    counts = (~ignored).to(logs.dtype)
    weights = None if weight is None else weight.view(-1, *(1,) * (logs._array.ndim - axis - 1))
    smooth = -(logs if weights is None else logs * weights).sum(axis)
    smooth = smooth.masked_fill(ignored, 0.0)  # where all are, the mean is no number, but its gradient is zero
    if reduction == "sum":
        smooth = smooth.sum()
    elif reduction == "mean":
        total = counts if weight is None else weight[target.masked_fill(target == ignore_index, 0)] * counts
        smooth = smooth.sum() / total.sum()
    return loss * (1 - smoothing) + smooth * (smoothing / logs._array.shape[axis])


@composite("functional")
def linear_cross_entropy(
    input: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None,
    reduction: str = "mean", ignore_index: int | None = None, label_smoothing: float = 0.0, options: Any = None,
) -> Any:  # fmt: skip
    """The cross entropy of the scores that a linear layer gives."""
    x, w = input._array.shape, linear_weight._array.shape
    if len(x) not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {len(x)}")
    if len(w) < 2:
        raise RuntimeError(f"expected linear_weight with dimensionality at least 2, got {len(w)}")
    if x[-1] != w[-1]:
        raise ShapeError(
            "expected equal input and linear_weight last dimensions (in_features), "
            f"got {x[-1]} and {w[-1]}, respectively", "linear_cross_entropy", (x, w), (len(x) - 1, len(w) - 1),
        )  # fmt: skip
    if linear_bias is not None and linear_bias._array.shape != w[:-1]:
        raise ShapeError(
            f"expected linear_bias shape {w[:-1]}, got {linear_bias._array.shape}", "linear_cross_entropy",
            (w, linear_bias._array.shape),
        )  # fmt: skip
    if len(w) > 2 and len(x) == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {w} requires batched input, (N, {x[-1]}), got "
            f"unbatched input with shape {x}"
        )
    shape = (*x[:-1], *w[:-1])
    if target._array.shape == shape and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    flat_bias = None if linear_bias is None else linear_bias.reshape(-1)
    scores = tensors.linear(input, linear_weight.reshape(-1, w[-1]), flat_bias).reshape(shape)
    ignored = -100 if ignore_index is None else ignore_index
    return tensors.cross_entropy(scores, target, weight, None, ignored, None, reduction, label_smoothing)
