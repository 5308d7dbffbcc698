"""Order: sorting, the largest few, the middle, what is different."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.errors import axis_of, real_only
from engine.op import composite
from engine.ops.pick import gather
from engine.tensor import Tensor, wrap


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
    if input.is_complex():
        raise RuntimeError(" Sort does not support complex dtypes on CPU")
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
    if input.is_complex():
        raise RuntimeError(" topk does not support complex dtypes on CPU")
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
    real_only("kthvalue_cpu", input)
    values, at = topk(input, k, dim, largest=False)
    values, at = values.narrow(dim, k - 1, 1), at.narrow(dim, k - 1, 1)
    return _KTH(values, at) if keepdim else _KTH(values.squeeze(dim), at.squeeze(dim))


@composite()
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The lower of the middle elements; along an axis with the indices."""
    real_only("median_cpu" if dim is None else "median_out", input)
    if dim is None:
        flat = input.reshape(-1)
        order = _order(flat._array, 0, False)
        return flat[int(order[(flat._array.size - 1) // 2])]
    found = kthvalue(input, (input._array.shape[dim] - 1) // 2 + 1, dim, keepdim)
    return _MEDIAN(found.values, found.indices)


_SORT, _TOPK, _KTH, _MEDIAN = (type(name, (Ordered,), {}) for name in ("sort", "topk", "kthvalue", "median"))


@composite()
def unique(
    input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """The different elements (or slices along `dim`) in order."""
    real_only("unique", input)
    unique_of: Any = np.unique  # its overloads want literal switches
    found = unique_of(input._array, return_inverse=return_inverse, return_counts=return_counts, axis=dim)
    return tuple(wrap(each) for each in found) if isinstance(found, tuple) else wrap(found)


@composite()
def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each number from 0 on occurs."""
    return wrap(np.bincount(input._array, None if weights is None else weights._array, minlength))


@composite("engine")
def searchsorted(sorted_sequence: Any, input: Any, *, right: bool = False) -> Any:
    """Where elements would be put into a sorted vector."""
    values = input._array if isinstance(input, Tensor) else input
    return wrap(np.searchsorted(sorted_sequence._array, values, "right" if right else "left"))
