"""What brackets make of a key that is a sequence, and what may be assigned to elements."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import array, deprecated
from engine.dispatch import tensors
from engine.fitting import fitted, unpacked
from engine.tensor import Tensor, wrap

_INSIDE = (Tensor, slice, type(None), type(Ellipsis), Sequence, np.ndarray)


def parts_of(key: Any) -> list[Any]:
    """The parts of a key; a short list of lists, tensors or slices is one of parts, as in PyTorch, with a warning."""
    if isinstance(key, tuple):
        return list(key)
    if not isinstance(key, Sequence) or len(key) >= 32 or not any(isinstance(each, _INSIDE) for each in key):
        return [key]
    warnings.warn(deprecated.NO_TUPLE, UserWarning, stacklevel=4)
    return list(key)


def assigned(target: Tensor, value: Any) -> Any:
    """A tensor or a number that is put at an index. PyTorch's errors for anything else and for too long an integer."""
    if isinstance(value, Tensor) or value.__class__ in array.NUMBERS:
        return unpacked(value)
    if isinstance(value, (float, complex)):
        return complex(value) if isinstance(value, complex) else float(value)  # of NumPy, or of a subclass
    if isinstance(value, (int, np.integer)):
        return int(value)
    kind = type(value)
    shown = f"{kind.__module__}.{kind.__name__}" if kind.__module__ in ("numpy", "decimal") else kind.__name__
    shown = f"torch.{shown}" if kind in (array.dtype, array.device) or kind.__name__ == "Size" else shown
    raise TypeError(f"can't assign a {shown} to a {target.type()}")


def alike(target: Tensor, key: tuple[Any, ...], value: Any) -> Any:
    """A value of the target's dtype, as PyTorch asks for where index tensors pick; one number at a mask may differ."""
    if not isinstance(value, Tensor) or value._array.dtype == target._array.dtype:
        return value
    picking: list[Any] = [part for part in key if isinstance(part, (np.ndarray, bool))]
    if not picking or (len(key) == 1 and key[0].__class__ is bool):
        return value
    if value._array.size == 1 and len(picking) == 1 and picking[0].dtype == np.bool_:
        fitted(value._array.item(), target._array.dtype)
        return value
    try:
        shape = target._array[key].shape
        if np.broadcast_shapes(value._array.shape, shape) != shape:
            return value
    except (IndexError, ValueError):
        return value  # which fails for that
    mine, other = (array.TITLES[each.dtype] for each in (target, value))
    raise RuntimeError(
        f"Index put requires the source and destination dtypes match, got {mine} for the destination and {other} for "
        "the source."
    )


def unfitting(value: Any, shape: tuple[int, ...]) -> None:
    """PyTorch's error for a value that does not expand to what slices and numbers show."""
    sizes = value.shape
    first = next((i for i, n in enumerate(sizes) if n != 1), len(sizes))
    tensors.expand(wrap(value.reshape(sizes[first:])), shape)
