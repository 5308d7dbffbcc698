"""Covariances and correlations between the rows of a matrix."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from engine.dispatch import tensors
from engine.op import composite
from engine.tensor import Tensor


def _checked_weights(name: str, weights: Any, count: int, whole: bool) -> None:
    x = weights._array
    if x.ndim > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with {x.ndim} dimensions"
        )
    if (x.dtype.kind in "iu") != whole:
        kind = "integral" if whole else "floating point"
        raise RuntimeError(f"cov(): expected {name} to have {kind} dtype but got {name} with {weights.dtype} dtype")
    if x.size != count:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input but got {x.size} != "
            f"{count}"
        )
    if x.size and x.min() < 0:
        raise RuntimeError(f"cov(): {name} cannot be negative")


@composite()
def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """The covariances of the rows, of which the columns are observations, counted or weighted."""
    if input._array.ndim > 2:
        raise RuntimeError(
            "cov(): expected input to have two or fewer dimensions but got an input with "
            f"{input._array.ndim} dimensions"
        )
    if input._array.dtype == np.bool_:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input if input._array.ndim == 2 else input.reshape(1, -1)
    count = x._array.shape[1]
    for name, weights, whole in (("fweights", fweights, True), ("aweights", aweights, False)):
        if weights is not None:
            _checked_weights(name, weights, count, whole)
    given = [each for each in (fweights, aweights) if each is not None]
    weight: Any = given[0] * given[1] if len(given) == 2 else given[0] if given else None
    total: Any = count if weight is None else weight.sum()
    if isinstance(total, Tensor) and count and total.item() == 0:
        raise RuntimeError("cov(): weights sum to zero, can't be normalized")
    mean = (x if weight is None else x * weight).sum(1) / total
    freedom = total - correction
    if aweights is not None and correction:
        freedom = total - correction * (weight * aweights).sum() / total
    if float(freedom) <= 0:
        warnings.warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.",
            stacklevel=2,
        )
        freedom = freedom * 0
    away = x - mean.unsqueeze(1)
    other = away if weight is None else away * weight
    return (tensors.matmul(away, tensors.conj(other.t())) / freedom).squeeze()


@composite()
def corrcoef(input: Any) -> Any:
    """The correlations of the rows: their covariances in units of their deviations."""
    if input._array.ndim > 2:
        raise RuntimeError(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with "
            f"{input._array.ndim} dimensions"
        )
    between = cov(input)
    if not between._array.ndim:
        return between / between
    spread = tensors.sqrt(tensors.diagonal(between))
    scaled = between / spread.unsqueeze(1) / spread.unsqueeze(0)
    return scaled if scaled.is_complex() else tensors.clamp(scaled, -1.0, 1.0)
