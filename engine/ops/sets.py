"""What elements there are: different ones, counts of each, membership, places in a sorted vector."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, deprecated, graph
from engine.array import NUMBERS, module
from engine.dispatch import delivered
from engine.errors import axis_of, not_implemented, real_only, wrong_call
from engine.op import composite, d, op
from engine.ops.pairs import refuse_kinds
from engine.tensor import Tensor, wrap


def _no_derivative(which: str) -> Any:
    name = {"Unique2": "_unique2", "UniqueDim": "unique_dim", "UniqueConsecutive": "unique_consecutive"}[which]
    raise NotImplementedError(f"the derivative for '{name}' is not implemented.")


@op(
    r"y = x \text{ without repetitions}",
    said={"homes": (), "out": False, "title": lambda which: f"{which}Backward0"},
    input=d(r"\text{none}", lambda g, which: _no_derivative(which)),
)
def different_ones(input, found, which):
    """The elements that were found to be different."""
    return found


def _answer(input: Any, which: str, found: list[Any]) -> Any:
    first = different_ones(input, found[0], which)
    return first if len(found) == 1 else (first, *[wrap(each) for each in found[1:]])


@composite()
def unique(
    input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """The different elements (or slices along `dim`) in order, each NaN one of its own."""
    if graph.marks is not None:
        graph.marks.sized_by("_unique2" if dim is None else "unique_dim", input)
    real_only("unique", input)
    x = input._array
    if dim is not None and not x.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    axis = None if dim is None else axis_of(dim, x.ndim)
    if axis is not None:
        _check_others(x, axis)
    if axis is not None and not x.shape[axis]:
        found = [x.copy(), np.zeros(0, np.int64), np.zeros(0, np.int64)]
    else:
        unique_of: Any = np.unique  # its overloads want literal switches
        flat = x.reshape(-1) if axis is None else x
        found = list(
            unique_of(
                flat,
                return_inverse=True,
                return_counts=True,
                axis=axis,
                equal_nan=False,
            )
        )
        found[1] = found[1].reshape(x.shape if axis is None else (-1,))
    which = "Unique2" if dim is None else "UniqueDim"
    return _answer(input, which, [found[0], *[found[1]] * return_inverse, *[found[2]] * return_counts])


def _check_others(x: Any, axis: int) -> None:
    """PyTorch's error for slices without elements."""
    if 0 in x.shape[:axis] + x.shape[axis + 1 :]:
        raise RuntimeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")


@composite()
def unique_consecutive(input: Any, return_inverse: bool = False, return_counts: bool = False, dim: Any = None) -> Any:
    """The elements (or slices along `dim`) without those that equal the one before."""
    if graph.marks is not None:
        graph.marks.sized_by("unique_consecutive", input)
    x = input._array
    axis = 0 if dim is None else axis_of(dim, x.ndim)
    if dim is not None and not x.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    refuse_kinds("unique" if dim is None else "unique_dim", "c", x)
    if dim is not None:
        _check_others(x, axis)
    line = x.reshape(-1) if dim is None else np.moveaxis(x, axis, 0)
    size = len(line)
    new = module(x).ones(size, np.bool_)
    if size > 1:
        new[1:] = (line[1:] != line[:-1]).reshape(size - 1, -1).any(axis=1)
    (starts,) = np.nonzero(new)
    inverse = np.cumsum(new) - 1
    counts = np.diff(starts, append=size) if size else starts
    kept = np.moveaxis(line[starts], 0, axis)
    return _answer(
        input,
        "UniqueConsecutive",
        [kept, *[inverse.reshape(x.shape) if dim is None else inverse] * return_inverse, *[counts] * return_counts],
    )


@composite()
def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each number from 0 on occurs, or the weights of each summed up."""
    x = input._array
    refuse_kinds("bincount_cpu", "fcb", x)
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if x.ndim != 1 or (x.size and x.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is None:
        return wrap(np.bincount(x.astype(np.int64), None, minlength).astype(np.int64))
    if weights._array.shape != x.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    kind: Any = np.float32 if weights._array.dtype == np.float32 else np.float64
    if not x.size:
        kind = np.int64
    return wrap(np.bincount(x.astype(np.int64), weights._array.astype(np.float64), minlength).astype(kind))


def _places(line: Any, values: Any, side: Any, kind: Any) -> Any:
    """Where values would be put into sorted rows; NaN behind all."""
    xp = module(line)
    if not values.size:
        return wrap(xp.zeros(values.shape, kind))
    if line.ndim == 1:
        found = np.searchsorted(line, values, side)
    else:
        rows = line.reshape(-1, line.shape[-1])
        wanted = values.reshape(len(rows), values.shape[-1])
        pairs = zip(rows, wanted, strict=True)
        found = xp.stack([np.searchsorted(row, each, side) for row, each in pairs]).reshape(values.shape)
    return wrap(xp.where(values != values, line.shape[-1], found).astype(kind))


def _looked_up(values: Any, like: Any) -> Any:
    return values._array if isinstance(values, Tensor) else module(like).asarray(values)


@composite("engine")
def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
    out: Any = None,
) -> Any:
    """Where elements would be put into sorted rows so that these stay sorted."""
    if side is not None and side not in ("left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if right and side == "left":
        raise RuntimeError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True"
        )
    kind = np.int32 if out_int32 else np.int64
    if out is not None and out._array.dtype != kind:
        raise RuntimeError(
            "torch.searchsorted(): output tensor's dtype is wrong, it can only be Int(int32) or Long(int64) depending "
            f"on whether out_int32 flag is True, but we got output tensor's dtype {array.TITLES[out.dtype]} and "
            f"out_int32 flag is {out_int32}"
        )
    line = sorted_sequence._array
    values = _looked_up(input, line)
    if values.dtype.kind in "bc":
        raise not_implemented("searchsorted_out_cpu", values.dtype)
    if not line.ndim:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension"
        )
    if line.ndim > 1 and not values.ndim:
        raise RuntimeError(
            "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got "
            f"boundaries tensor dim({line.ndim}) and input value's dim(0) numel(1)"
        )
    if line.ndim > 1 and line.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries "
            f"tensor and input value tensor must match, but we got boundaries tensor {list(line.shape)} and input "
            f"value tensor {list(values.shape)}"
        )
    if sorter is not None:
        if sorter._array.shape != line.shape:
            raise RuntimeError(
                "torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor "
                f"{list(line.shape)} and got sorter tensor {list(sorter._array.shape)}"
            )
        order = sorter._array
        if order.dtype != np.int64:
            raise RuntimeError(
                "torch.searchsorted(): sorter must be a tensor of long dtype but got dtype "
                f"{array.TITLES[sorter.dtype]}"
            )
        if order.size and (order.min() < 0 or order.max() >= line.shape[-1]):
            raise RuntimeError("torch.searchsorted(): sorter index out of range")
        line = np.take_along_axis(line, order, -1)
    for what, held in (("input value", values), ("boundary", line)):
        if not held.flags.c_contiguous:
            deprecated.tell_once(deprecated.NO_ORDER.format(what))
    found = _places(line, values, "right" if right or side == "right" else "left", kind)
    return delivered("searchsorted", out, found)


@composite("engine")
def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False, out: Any = None) -> Any:
    """The number of the bucket between sorted boundaries that each element falls into."""
    if boundaries._array.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries._array.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right, out=out)


@composite("engine")
def isin(
    elements: Any = None,
    test_elements: Any = None,
    *,
    assume_unique: bool = False,
    invert: bool = False,
    element: Any = None,
    test_element: Any = None,
    out: Any = None,
) -> Any:
    """Whether each element is among others."""
    elements = element if elements is None else elements
    test_elements = test_element if test_elements is None else test_elements
    if not isinstance(elements, Tensor) and not isinstance(test_elements, Tensor):
        kinds = ("Tensor elements, Tensor test", "Number element, Tensor test", "Tensor elements, Number test")
        raise wrong_call("isin", (elements, test_elements), *(f"({each}_elements)" for each in kinds))
    x, among = (t._array if isinstance(t, Tensor) else t for t in (elements, test_elements))
    for each in (elements, test_elements):
        if isinstance(each, Tensor) and each._array.dtype.kind in "cb":
            raise RuntimeError(f"Unsupported input type encountered for isin(): {array.TITLES[each.dtype]}")
    kind = array.promoted([x, among])
    xp = module(among if x.__class__ in NUMBERS else x)
    found = wrap(np.isin(xp.asarray(x, kind), xp.asarray(among, kind).reshape(-1), invert=invert))
    return delivered("isin", out, found)
