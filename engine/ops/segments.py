"""Reductions of the runs of elements, one behind the other, that an axis is cut into."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.array import TITLES, module
from engine.dispatch import tensors
from engine.errors import axis_of, not_implemented
from engine.op import composite
from engine.tensor import wrap

# What a run without elements gives.
_EMPTY = {"sum": 0.0, "mean": 0.0, "prod": 1.0, "amax": -math.inf, "amin": math.inf}
_SHORT = {"max": "amax", "min": "amin"}


def _check(data: Any, kind: str, lengths: Any, axis: int, unsafe: bool) -> None:
    name = "lengths" if kind == "lengths" else "offsets"
    if lengths.ndim - 1 != axis:
        raise RuntimeError(f"segment_reduce(): Expected axis to be the last dimension of {name} but got {axis}.")
    if data.dtype.kind not in "fV":
        raise not_implemented("_segment_reduce_cpu", data.dtype)
    if lengths.dtype.kind not in "iu":
        raise NotImplementedError(
            f"\"_segment_reduce_{name}_cpu_kernel1\" not implemented for '{TITLES[wrap(lengths).dtype]}'"
        )
    if unsafe or kind != "lengths":
        return
    if (lengths < 0).any():
        raise RuntimeError("lengths contains negative value!")
    if (lengths.sum(-1) != data.shape[axis]).any():
        raise RuntimeError(
            "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when "
            "!unsafe."
        )


def _runs(starts: Any, total: int) -> Any:
    """For each place of the axis the run that it is in, the number of runs where it is in none."""
    xp, count = module(starts), starts.shape[-1] - 1
    rows = starts.reshape(-1, count + 1)
    places = xp.arange(total)
    found = xp.stack([xp.searchsorted(row, places, side="right") - 1 for row in rows]) if len(rows) else rows[:, :0]
    found = xp.where((found < 0) | (found >= count), count, found)
    return found.reshape((*starts.shape[:-1], total)).astype(np.int64)


@composite("engine")
def segment_reduce(
    data: Any, reduce: str, *, lengths: Any = None, indices: Any = None, offsets: Any = None, axis: int = 0,
    unsafe: bool = False, initial: Any = None,
) -> Any:  # fmt: skip
    """Each run's sum, mean, max, min or prod; the runs are given by their `lengths` or by where they start and end.

    Before the axis that is cut, `lengths` (..., runs) or `offsets` (..., runs + 1) has the axes of the data.
    """
    name = _SHORT.get(reduce, reduce)
    if name not in _EMPTY:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    axis = axis_of(axis, data._array.ndim)
    if indices is not None:
        raise RuntimeError("segment_reduce(): indices based reduction is not supported yet.")
    if lengths is None and offsets is None:
        raise RuntimeError("segment_reduce(): Either lengths or offsets must be defined.")
    given = (lengths if lengths is not None else offsets)._array
    _check(data._array, "lengths" if lengths is not None else "offsets", given, axis, unsafe)
    xp = module(given)
    if lengths is not None:
        starts = xp.concatenate([xp.zeros((*given.shape[:-1], 1), np.int64), xp.cumsum(given, -1)], -1)
    else:
        starts = given
    shape, count = data._array.shape, starts.shape[-1] - 1
    run = _runs(starts, shape[axis])
    behind = (1,) * (len(shape) - axis - 1)
    index = wrap(xp.broadcast_to(run.reshape(run.shape + behind), shape).copy())
    first = _EMPTY[name] if initial is None else initial
    base = tensors.full((*shape[:axis], count + 1, *shape[axis + 1 :]), first, dtype=data.dtype, device=data.device)
    how = "sum" if name == "mean" else name
    total = base.scatter_reduce(axis, index, data, how).narrow(axis, 0, count)
    if name != "mean":
        return total
    sizes = xp.diff(starts, axis=-1).reshape((*starts.shape[:-1], count, *behind)).astype(data._array.dtype)
    divided = total / wrap(sizes)
    empty = wrap(xp.broadcast_to(sizes == 0, divided._array.shape))
    return tensors.where(empty, math.nan if initial is None else first, divided)
