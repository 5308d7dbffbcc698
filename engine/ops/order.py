"""Order: sorting, the largest few, the element of one place."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.array import module
from engine.dispatch import delivered
from engine.errors import axis_of, not_implemented, real_only
from engine.fitting import as_integer
from engine.numeric import selection
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
    return {"returns": returns, "aux": "places", "title": name, "homes": ()}


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
        lambda g, aux, shape, dim, k: _back(g, aux, shape, dim, k),
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
        lambda g, aux, shape, dim, k: _back(g, aux, shape, dim, k),
    ),
)
def topk_along(input, count, dim, largest, ordered):
    """The first few in order along an axis, and where they were."""
    axis = axis_of(dim, input.ndim)
    if not input.ndim or not input.size or not count:
        order = _order(input, axis, largest)
        return _taken(input, order[(slice(None),) * axis + (slice(count),)] if input.ndim else order, axis)
    rows = np.moveaxis(input, axis, -1)
    order = _first_few(rows.reshape(-1, rows.shape[-1]), count, largest, ordered)
    return _taken(input, np.moveaxis(order.reshape(*rows.shape[:-1], count), -1, axis), axis)


def _first_few(rows: Any, count: int, largest: bool, ordered: bool) -> Any:
    """The places of the first few of each row (m, n), (m, count)."""
    n = rows.shape[1]
    if count * 4 > n or rows.__class__ is not np.ndarray:
        found = _order(rows, 1, largest)[:, :count]
    else:
        found = np.argpartition(rows, n - count if largest else count - 1, axis=1)
        found = found[:, n - count :] if largest else found[:, :count]
        found = np.take_along_axis(found, _order(np.take_along_axis(rows, found, 1), 1, largest), 1)
    # Which of equal elements is taken, and in which order, and all of the order of what is not to be sorted.
    unclear = np.ones(len(rows), bool) if not ordered else _any_equal(rows, found)
    if unclear.any():
        if rows.size > selection.MOST or rows.__class__ is not np.ndarray:
            return _order(rows, 1, largest)[:, :count]
        keys = selection.ranks(rows[unclear])
        found = np.array(found)
        found[unclear] = [selection.first_few(row, count, ordered) for row in (-keys if largest else keys).tolist()]
    return found


def _any_equal(rows: Any, found: Any) -> Any:
    """Whether the elements of each row at places in order are equal to each other, or the last to one elsewhere."""
    values = np.take_along_axis(rows, found, 1)
    last = values[:, -1:]
    count = ((rows == last) | ((rows != rows) & (last != last))).sum(1)
    missing = values != values
    beside = (values[:, 1:] == values[:, :-1]) | (missing[:, 1:] & missing[:, :-1])
    return (count > 1) | beside.any(1)


@op(
    r"y = x_{\pi(k)}",
    said=_moved("KthvalueBackward0", KTH),
    input=d(
        r"\bar y \text{ at } \pi(k)",
        lambda g, aux, shape, dim, keepdim, k: _back(
            g if keepdim or not len(shape) else k.unsqueeze(g, dim), aux, shape, dim, k
        ),
    ),
)
def kth_along(input, count, dim, keepdim):
    """The element of one place in the order along an axis, and where it is."""
    axis = axis_of(dim, input.ndim)
    if not input.ndim:
        return _taken(input, _order(input, axis, False), axis)
    rows = np.moveaxis(input, axis, -1)
    places = _kth(rows.reshape(-1, rows.shape[-1]), count - 1)
    found, at = _taken(input, np.moveaxis(places.reshape(*rows.shape[:-1], 1), -1, axis), axis)
    return found if keepdim else (found[0].squeeze(axis), found[1].squeeze(axis)), at


def _kth(rows: Any, k: int) -> Any:
    """The place of the k-th smallest of each row (m, n), (m, 1)."""
    if rows.__class__ is not np.ndarray:
        return _order(rows, 1, False)[:, k : k + 1]
    found = np.argpartition(rows, k, axis=1)[:, k : k + 1]
    unclear = _any_equal(rows, found)
    if unclear.any():
        if rows.size > selection.MOST:
            return _order(rows, 1, False)[:, k : k + 1]
        found[unclear, 0] = [selection.kth(row, k) for row in selection.ranks(rows[unclear]).tolist()]
    return found


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
    axis, k = axis_of(dim, input._array.ndim), as_integer("topk", "k", 2, k)
    if not 0 <= k <= (input._array.shape[axis] if input._array.ndim else 1):
        raise RuntimeError("selected index k out of range")
    return topk_along(input, k, dim, largest, sorted)


@composite()
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The `k`-th smallest element along an axis, and where it is."""
    real_only("kthvalue_cpu", input)
    axis, k = axis_of(dim, input._array.ndim), as_integer("kthvalue", "k", 2, k)
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
