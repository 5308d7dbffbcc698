"""Python numbers brought to the dtype of a tensor, as PyTorch converts them: cut, wrapped round, or refused."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np

from engine import outs
from engine.array import NUMBERS
from engine.errors import name_of

_LARGEST = {"e": 65504.0, "f": float(np.finfo(np.float32).max), "d": float(np.finfo(np.float64).max)}
_OF_BFLOAT16 = 3.3895313892515355e38


def word(kind: np.dtype) -> str:
    """What PyTorch's sentences about numbers call a NumPy dtype."""
    return f"{kind.name}_t" if kind.kind in "iu" and kind != np.int32 else outs.spoken(kind)


def refused(name: str) -> RuntimeError:
    """PyTorch's error for a number that a dtype has no room for."""
    return RuntimeError(f"value cannot be converted to type {name} without overflow")


def as_number(op: str, name: str, position: int | None, value: Any, what: str = "Number") -> Any:
    """An argument that has to be a number: a tensor without axes and without history gives its own.

    TypeError, in PyTorch's words, for what is none; `position` counts from 1, None for a keyword.
    """
    if hasattr(value, "_array"):
        if not value._array.ndim and not value._requires_grad:
            return value.item()
    elif isinstance(value, (int, float, complex, np.number, np.bool_)):
        return value
    where = "" if position is None else f" (position {position})"
    raise TypeError(f"{op}(): argument '{name}'{where} must be {what}, not {type(value).__name__}")


_FLOATS = frozenset(("eps", "delta", "margin", "p", "momentum"))  # which PyTorch calls so, and not numbers


def option_of(op: Any, name: str, value: Any) -> Any:
    """The number that an op's option is, where a tensor was given."""
    names = list(op.signature.parameters)
    by_name = op.signature.parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
    what = "float" if name in _FLOATS or op.name.endswith("_loss") else "Number"
    return as_number(name_of(op.name), name, None if by_name else names.index(name) + 1, value, what)


def fitted(value: Any, kind: np.dtype, short: bool = True) -> Any:
    """A Python number as one of a NumPy dtype. RuntimeError, in PyTorch's words, where it does not fit.

    A float becomes an integer by dropping its fraction, a negative integer an unsigned one by wrapping round once, a
    complex number without an imaginary part a real one. Without `short` what is too large for a short float is
    infinite. What is no Python number is given back as it is.
    """
    if value.__class__ not in NUMBERS:
        return value
    if kind.kind == "c":
        return value
    if kind.kind == "b":
        return np.bool_(value != 0)
    if isinstance(value, complex):
        if value.imag:
            raise refused(word(kind) if short or kind.itemsize > 2 or kind.kind in "iu" else "double")
        value = value.real
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        least = -int(limits.max) if kind.kind == "u" and not isinstance(value, float) else int(limits.min)
        if not least <= value <= limits.max or value == math.inf:
            raise refused(word(kind))
        whole = int(value)
        return kind.type(whole if whole >= limits.min else whole + int(limits.max) + 1)
    largest = _LARGEST.get(kind.char, _OF_BFLOAT16)
    if -largest <= value <= largest or not math.isfinite(value):
        return value
    if short or kind.itemsize > 2:
        raise refused(word(kind))
    return math.copysign(math.inf, value) if abs(value) >= largest * (1 + 2.0**-12) else value


def unpacked(value: Any) -> Any:
    """A number that is put at an index. PyTorch's error for an integer longer than 64 bits."""
    if value.__class__ is int and not -(1 << 63) <= value < 1 << 63:
        raise ValueError("Overflow when unpacking long long")
    return value
