"""The loss of labels without times: over all alignments, with blanks between. Graves and others, 2006."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import OF_NUMPY, TITLES, module, moved
from engine.dispatch import tensors
from engine.op import composite, d, op
from engine.ops.loss import reduced
from engine.ops.margin import numbered
from engine.tensor import wrap


def _states(targets: Any, target_lengths: Any, blank: int) -> tuple[Any, Any]:
    """Each sample's labels with blanks around them (N, 2 L + 1), and where a state can be reached over a blank."""
    n, longest = len(target_lengths), int(max(target_lengths, default=0))
    states = np.full((n, 2 * longest + 1), blank, np.int64)
    begin = 0
    for row, length in enumerate(target_lengths):
        labels = targets[begin : begin + length] if targets.ndim == 1 else targets[row, :length]
        begin += length
        states[row, 1 : 2 * length : 2] = labels
    skips = np.zeros(states.shape, bool)
    skips[:, 2:] = (states[:, 2:] != blank) & (states[:, 2:] != states[:, :-2])
    return states, skips


def _step(before: Any, skips: Any) -> Any:
    """The log-probability of arriving at each state: from itself, the one before, or the one before that."""
    total = before.copy()
    total[:, 1:] = np.logaddexp(total[:, 1:], before[:, :-1])
    total[:, 2:] = np.where(skips[:, 2:], np.logaddexp(total[:, 2:], before[:, :-2]), total[:, 2:])
    return total


def _forward(emitted: Any, skips: Any, input_lengths: Any, target_lengths: Any) -> tuple[Any, Any]:
    """The log-probabilities of all beginnings that end in each state (T, N, S), and each sample's loss."""
    steps, n, size = emitted.shape
    alpha = np.full((steps, n, size), -np.inf)
    if steps:
        alpha[0, :, :2] = emitted[0, :, :2]
        alpha[0, target_lengths == 0, 1:2] = -np.inf
    for t in range(1, steps):
        alpha[t] = _step(alpha[t - 1], skips) + emitted[t]
    rows, last = np.arange(n), np.maximum(input_lengths - 1, 0)
    if not steps:
        return alpha, np.where(target_lengths == 0, 0.0, np.inf)
    ends = alpha[last, rows]
    final = ends[rows, 2 * target_lengths]
    before = np.where(target_lengths > 0, ends[rows, np.maximum(2 * target_lengths - 1, 0)], -np.inf)
    loss = -np.logaddexp(final, before)
    return alpha, np.where(input_lengths > 0, loss, np.where(target_lengths == 0, 0.0, np.inf))


def _emitted(log_probs: Any, states: Any) -> Any:
    return np.take_along_axis(log_probs.astype(np.float64), np.broadcast_to(states, (len(log_probs), *states.shape)), 2)


def _ctc(log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int, zero_infinity: bool) -> Any:
    states, skips = _states(moved(targets, "cpu"), target_lengths, blank)
    _, loss = _forward(_emitted(moved(log_probs, "cpu"), states), skips, input_lengths, target_lengths)
    return module(log_probs).asarray(np.where(np.isinf(loss) & zero_infinity, 0.0, loss), dtype=log_probs.dtype)


def _ctc_slope(
    grad: Any, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int, zero_infinity: bool
) -> Any:
    xp = module(log_probs)
    log_probs, grad = moved(log_probs, "cpu"), moved(grad, "cpu")
    steps, n, _ = log_probs.shape
    states, skips = _states(moved(targets, "cpu"), target_lengths, blank)
    emitted = _emitted(log_probs, states)
    alpha, loss = _forward(emitted, skips, input_lengths, target_lengths)
    rows = np.arange(n)
    forward_skips = np.zeros_like(skips)  # whether the state after next can be reached from each
    forward_skips[:, :-2] = skips[:, 2:]
    beta = np.full(emitted.shape, -np.inf)  # of all endings after each state, its own emission left out
    ending = np.full(skips.shape, -np.inf)
    ending[rows, 2 * target_lengths] = 0.0
    ending[rows[target_lengths > 0], (2 * target_lengths - 1)[target_lengths > 0]] = 0.0
    for t in range(steps - 1, -1, -1):
        if t < steps - 1:
            after = (beta[t + 1] + emitted[t + 1])[:, ::-1]
            beta[t] = _step(after, forward_skips[:, ::-1])[:, ::-1]
        beta[t, input_lengths - 1 == t] = ending[input_lengths - 1 == t]
    share = np.exp(alpha + beta + loss[:, None])
    counted = np.zeros(log_probs.shape)
    np.add.at(counted, (np.arange(steps)[:, None, None], rows[:, None], states), share)
    slope = np.exp(log_probs.astype(np.float64)) - counted
    slope[np.arange(steps)[:, None] >= input_lengths] = 0.0
    if zero_infinity:
        slope[:, np.isinf(loss)] = 0.0
    return xp.asarray(slope * grad[:, None], dtype=log_probs.dtype)


def _no_slope(g: Any) -> Any:
    raise RuntimeError("derivative for aten::_ctc_loss_backward is not implemented")


_SAID: dict[str, Any] = {"homes": (), "out": False}
_REST = {"targets": None, "input_lengths": None, "target_lengths": None}


@op(
    r"y = -\ln \sum_{a \to t} \prod_\tau e^{x_{\tau, a_\tau}}",
    said=_SAID | {"kernel": _ctc, "title": "CtcLossBackward0"},
    log_probs=d(
        r"\bar y\,(e^x - P(a_\tau = c \mid t))",
        lambda g, log_probs, targets, input_lengths, target_lengths, blank, zero_infinity, k: k.alignment_slope(
            g, log_probs, targets, input_lengths, target_lengths, blank, zero_infinity
        ),
    ),
    **_REST,
)
def alignment_loss(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity):
    """The negative log-probability of each sample's labels under log-probabilities (T, N, C)."""


@op(
    r"\bar x = \bar y\,(e^x - P(a_\tau = c \mid t))",
    said=_SAID | {"kernel": _ctc_slope},
    grad=d(r"\text{none}", _no_slope),
    log_probs=d(r"\text{none}", _no_slope),
    **_REST,
)
def alignment_slope(grad, log_probs, targets, input_lengths, target_lengths, blank, zero_infinity):
    """The gradient of `alignment_loss` as PyTorch gives it: by the scores of which x is the log-softmax."""


def _lengths(name: str, given: Any) -> Any:
    if hasattr(given, "_array"):
        if given._array.dtype.kind not in "iu":
            raise RuntimeError(f"{name} must be integral")
        return np.atleast_1d(np.asarray(given.cpu()._array)).astype(np.int64)
    return np.array([given] if isinstance(given, int) else list(given), np.int64)


def _check(log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int) -> None:
    steps, n, classes = log_probs._array.shape
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    for name, lengths in (("input_lengths", input_lengths), ("target_lengths", target_lengths)):
        if len(lengths) != n:
            raise RuntimeError(f"{name} must be of size batch_size")
    if (target_lengths < 0).any():
        at = int(np.argmax(target_lengths < 0))
        raise RuntimeError(
            f"Expected target_lengths to have value at least 0, but got value {int(target_lengths[at])} (while "
            "checking arguments for ctc_loss_allocate_outputs)"
        )
    if targets._array.ndim == 1:
        wanted = int(target_lengths.sum())
        if targets._array.size != wanted:
            raise RuntimeError(
                f"Expected tensor to have size {wanted} at dimension 0, but got size {targets._array.size} for "
                "argument #2 'targets' (while checking arguments for ctc_loss_allocate_outputs)"
            )
    else:
        longest = int(target_lengths.max(initial=0))
        if targets._array.shape[0] != n or targets._array.shape[1] < longest:
            raise RuntimeError(
                f"Expected tensor to have size at least {longest} at dimension 1, but got size "
                f"{targets._array.shape[1]} for argument #2 'targets' (while checking arguments for "
                "ctc_loss_allocate_outputs)"
            )
    if len(input_lengths) and input_lengths.max() > steps:
        at = int(np.argmax(input_lengths > steps))
        raise RuntimeError(
            f"Expected input_lengths to have value at most {steps}, but got value {int(input_lengths[at])} (while "
            "checking arguments for ctc_loss_allocate_outputs)"
        )


@composite("engine")
def engine_ctc_loss(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: int = 0,
    zero_infinity: bool = False,
) -> Any:  # fmt: skip
    """The negative log-probability of labels over all alignments; the mean is also over the labels of each sample."""
    if log_probs._array.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        title = TITLES[OF_NUMPY[log_probs._array.dtype]]
        raise NotImplementedError(f"\"ctc_loss_cpu\" not implemented for '{title}'")
    batched = log_probs._array.ndim == 3
    x = log_probs if batched else log_probs.unsqueeze(1)
    in_lengths, out_lengths = _lengths("input_lengths", input_lengths), _lengths("target_lengths", target_lengths)
    _check(x, targets, in_lengths, out_lengths, blank)
    loss = alignment_loss(x, targets, wrap(in_lengths), wrap(out_lengths), blank, zero_infinity)
    loss = loss if batched else loss.squeeze(0)
    name = numbered(reduction)
    if name == "mean":
        counts = wrap(module(x._array).asarray(np.maximum(out_lengths, 1), dtype=x._array.dtype))
        return tensors.mean(loss / (counts if batched else counts.squeeze(0)))
    return reduced(loss, name)


@composite("functional")
def ctc_loss(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:  # fmt: skip
    """The negative log-probability of labels over all alignments with log-probabilities (T, N, C)."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    number = ("none", "mean", "sum").index(reduction)
    return engine_ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, number, zero_infinity)
