"""`torch.testing.make_tensor`: tensors of even chance for tests."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from engine import array
from engine.dispatch import tensors
from engine.limits import finfo, iinfo
from engine.tensor import Tensor

_DEGENERATE = (
    "Passing `low==high` to `torch.testing.make_tensor` for floating or complex types is deprecated since 2.1 and will "
    "be removed in 2.3. Use `torch.full(...)` instead."
)


def make_tensor(
    *shape: Any,
    dtype: array.dtype,
    device: Any,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Numbers drawn evenly from `low` to `high`, without `high` for integers; both parts of complex ones.

    The bounds are those of the dtype where they lie beyond it. With `exclude_zero` what would be 0 is the smallest
    number beside it. ValueError for a range that is none, and for options that do not go together.
    """
    sizes = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], Sequence) else shape
    if noncontiguous and memory_format is not None:
        raise ValueError(
            "The parameters `noncontiguous` and `memory_format` are mutually exclusive, but got "
            f"noncontiguous={noncontiguous!r} and memory_format={memory_format!r}"
        )
    whole = dtype.rank < 2
    if requires_grad and whole:
        raise ValueError(
            f"`requires_grad=True` is not supported for boolean and integral dtypes, but got dtype={dtype!r}"
        )
    spread = noncontiguous and math.prod(sizes) > 1
    if spread:
        sizes = (*sizes[:-1], 2 * sizes[-1])
    made = _drawn(sizes, dtype, device, *_range(dtype, low, high))
    if spread:
        made = made[..., 1::2]
    elif memory_format is not None:
        made = made.clone(memory_format=memory_format)
    if exclude_zero:
        made[made == 0] = 1 if whole else finfo(dtype).tiny
    return made.requires_grad_() if requires_grad else made


def _range(dtype: array.dtype, low: float | None, high: float | None) -> tuple[Any, Any]:
    """The range to draw from: the asked one, or that of the category, within what the dtype holds."""
    least, most = (0, 2) if dtype.rank == 0 else (-9, 10) if dtype.rank == 1 else (-9, 9)
    low, high = (least if low is None else low), (most if high is None else high)
    first, last = _held(dtype)
    if math.isnan(low) or math.isnan(high):
        raise ValueError(f"`low` and `high` cannot be NaN, but got low={low!r} and high={high!r}")
    if low == high and dtype.rank >= 2:
        warnings.warn(_DEGENERATE, FutureWarning, stacklevel=3)
    elif low >= high:
        raise ValueError(f"`low` must be less than `high`, but got {low} >= {high}")
    elif high < first or low >= last:
        raise ValueError(
            f"The value interval specified by `low` and `high` is [{low}, {high}), but {dtype} only supports "
            f"[{first}, {last})"
        )
    low, high = min(max(low, first), last), min(max(high, first), last)
    return (low, high) if dtype.rank >= 2 else (math.ceil(low), math.ceil(high))


def _held(dtype: array.dtype) -> tuple[Any, Any]:
    """The least number that a dtype holds, and the largest, of integers the one after it."""
    if dtype.rank >= 2:
        return finfo(dtype).min, finfo(dtype).max
    if dtype.rank == 0:
        return 0, 2
    return iinfo(dtype).min, iinfo(dtype).max + (dtype is not array.int64)  # which is as far as `randint` draws


def _drawn(sizes: Any, dtype: array.dtype, device: Any, low: Any, high: Any) -> Tensor:
    if dtype.rank < 2:
        return tensors.randint(low, high, sizes, device=device, dtype=dtype)
    made = tensors.empty(sizes, device=device, dtype=dtype)
    parts = tensors.view_as_real(made) if dtype.rank == 3 else made
    if high - low >= finfo(dtype).max:  # wider than `uniform_` takes
        parts.uniform_(low / 2, high / 2).mul_(2)
    else:
        parts.uniform_(low, high)
    return made
