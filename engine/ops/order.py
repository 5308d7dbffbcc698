"""Order: sorting, the largest few, the element of one place."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.array import module
from engine.dispatch import delivered
from engine.errors import axis_of, not_implemented, real_only
from engine.op import composite, d, op
from engine.ops.extreme import SHOWN, check_size


class Ordered(NamedTuple):
    """What sorting returns."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return f"torch.return_types.{type(self).__name__}(\nvalues={self.values!r},\nindices={self.indices!r})"


def _order(input: Any, axis: int, descending: bool) -> Any:
    """The stable order along an axis, NaN counted as the largest."""
    if not input.ndim:
        return module(input).zeros((), np.int64)
    if not descending:
        return np.argsort(input, axis=axis, kind="stable")
    turned = np.argsort(np.flip(input, axis), axis=axis, kind="stable")
    return input.shape[axis] - 1 - np.flip(turned, axis)


SORT, TOPK, KTH = (type(name, (Ordered,), SHOWN) for name in ("sort", "topk", "kthvalue"))


def _moved(name: str, returns: Any) -> Any:
    """The words of an op that takes elements along an axis to other places, and returns these as well."""
    return {"returns": returns, "aux": True, "title": name, "homes": ()}


def _back(g: Any, at: Any, shape: Any, dim: int, k: Any) -> Any:
    return k.scatter_zeros(g, shape, dim, at) if len(shape) else g


def _taken(input: Any, order: Any, axis: int) -> tuple[Any, Any]:
    """((values, places), places)."""
    order = np.ascontiguousarray(order) if input.ndim else order
    values = np.take_along_axis(input, order, axis) if input.ndim else input.copy()
    return (values, order), order


@op(
    r"y_i = x_{\pi(i)}",
    said=_moved("SortBackward0", SORT),
    input=d(
        r"\bar y_{\pi^{-1}(i)}",
        lambda g, aux, input, shape, dim, descending, k: _back(
            g, aux if aux is not None else sort_along(input, dim, descending)[1], shape, dim, k
        ),
    ),
)
def sort_along(input, dim, descending):
    """The elements in order along an axis, and where they were."""
    axis = axis_of(dim, input.ndim)
    (values, order), _ = _taken(input, _order(input, axis, descending), axis)
    if input.flags.c_contiguous or not input.ndim:
        return (values, order), order
    values, order = _laid_as(input, values), _laid_as(input, order)
    return (values, order), order


def _laid_as(input: Any, values: Any) -> Any:
    """The values in memory laid out as `input` is."""
    full = module(input).empty_like(input, dtype=values.dtype)
    full[...] = values
    return full


@op(
    r"y_i = x_{\pi(i)},\ i \le k",
    said=_moved("TopkBackward0", TOPK),
    input=d(
        r"\bar y_{\pi^{-1}(i)}",
        lambda g, aux, input, shape, count, dim, largest, k: _back(
            g, aux if aux is not None else topk_along(input, count, dim, largest)[1], shape, dim, k
        ),
    ),
)
def topk_along(input, count, dim, largest):
    """The first few in order along an axis, and where they were."""
    axis = axis_of(dim, input.ndim)
    order = _order(input, axis, largest)
    return _taken(input, order[(slice(None),) * axis + (slice(count),)] if input.ndim else order, axis)


@op(
    r"y = x_{\pi(k)}",
    said=_moved("KthvalueBackward0", KTH),
    input=d(
        r"\bar y \text{ at } \pi(k)",
        lambda g, aux, input, shape, count, dim, keepdim, k: _back(
            g if keepdim or not len(shape) else k.unsqueeze(g, dim),
            aux if aux is not None else kth_along(input, count, dim, True)[1],
            shape,
            dim,
            k,
        ),
    ),
)
def kth_along(input, count, dim, keepdim):
    """The element of one place in the order along an axis, and where it is."""
    axis = axis_of(dim, input.ndim)
    if not input.ndim:
        return _taken(input, _order(input, axis, False), axis)
    found, at = _taken(input, np.take(_order(input, axis, False), [count - 1], axis=axis), axis)
    return found if keepdim else (found[0].squeeze(axis), found[1].squeeze(axis)), at


@composite()
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The elements in order along an axis, and where they were."""
    if input.is_complex():
        raise RuntimeError(" Sort does not support complex dtypes on CPU")
    return sort_along(input, dim, descending)


@composite()
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The indices that sort along an axis."""
    return sort(input, dim, descending).indices


@composite()
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The `k` largest (or smallest) elements along an axis, and where they are."""
    if input.is_complex():
        raise RuntimeError(" topk does not support complex dtypes on CPU")
    if input._array.dtype == np.bool_:
        raise RuntimeError("topk does not support bool dtypes on CPU")
    axis = axis_of(dim, input._array.ndim)
    if not 0 <= k <= (input._array.shape[axis] if input._array.ndim else 1):
        raise RuntimeError("selected index k out of range")
    return topk_along(input, k, dim, largest)


@composite()
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The `k`-th smallest element along an axis, and where it is."""
    real_only("kthvalue_cpu", input)
    axis = axis_of(dim, input._array.ndim)
    check_size("kthvalue()", input._array, dim)
    if not 1 <= k <= (input._array.shape[axis] if input._array.ndim else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {axis}")
    if input._array.dtype == np.bool_:
        raise not_implemented("kthvalue_cpu", input._array.dtype)
    return kth_along(input, k, dim, keepdim)


@composite()
def msort(input: Any, *, out: Any = None) -> Any:
    """The elements in order along the first axis."""
    return delivered("msort", out, sort(input, 0).values)
