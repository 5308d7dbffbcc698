"""Order: sorting, the largest few, the middle, what is different."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.errors import axis_of
from engine.op import composite
from engine.ops.pick import gather
from engine.tensor import wrap


class Ordered(NamedTuple):
    """What sorting returns."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return f"torch.return_types.{type(self).__name__}(\nvalues={self.values!r},\nindices={self.indices!r})"


def _order(input: Any, axis: int, descending: bool) -> Any:
    """The stable order along an axis, NaN counted as the largest."""
    if not descending:
        return np.argsort(input, axis=axis, kind="stable")
    turned = np.argsort(np.flip(input, axis), axis=axis, kind="stable")
    return input.shape[axis] - 1 - np.flip(turned, axis)


@composite()
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The elements in order along an axis, and where they were."""
    if not input._array.ndim:
        return type("sort", (Ordered,), {})(input.clone(), wrap(np.zeros((), np.int64)))
    axis = axis_of(dim, input._array.ndim)
    at = wrap(np.ascontiguousarray(_order(input._array, axis, descending)))
    return _SORT(gather(input, axis, at), at)


@composite()
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The indices that sort along an axis."""
    return sort(input, dim, descending).indices


@composite()
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The `k` largest (or smallest) elements along an axis, and where they are."""
    axis = axis_of(dim, input._array.ndim)
    if not 0 <= k <= (input._array.shape[axis] if input._array.ndim else 1):
        raise RuntimeError("selected index k out of range")
    if not input._array.ndim:
        return _TOPK(input.clone(), wrap(np.zeros((), np.int64)))
    order = _order(input._array, axis, largest)
    at = wrap(np.ascontiguousarray(order[(slice(None),) * axis + (slice(k),)]))
    return _TOPK(gather(input, axis, at), at)


@composite()
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The `k`-th smallest element along an axis, and where it is."""
    values, at = topk(input, k, dim, largest=False)
    values, at = values.narrow(dim, k - 1, 1), at.narrow(dim, k - 1, 1)
    return _KTH(values, at) if keepdim else _KTH(values.squeeze(dim), at.squeeze(dim))


_SORT, _TOPK, _KTH = (type(name, (Ordered,), {}) for name in ("sort", "topk", "kthvalue"))


@composite()
def msort(input: Any) -> Any:
    """The elements in order along the first axis."""
    return sort(input, 0).values
