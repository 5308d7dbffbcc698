"""Python numbers brought to the dtype of a tensor, as PyTorch converts them: cut, wrapped round, or refused."""

from __future__ import annotations

import math
import re
from operator import index
from typing import Any

import numpy as np

from engine import outs
from engine.array import NUMBERS
from engine.errors import class_name

_LARGEST = {"e": 65504.0, "f": float(np.finfo(np.float32).max), "d": float(np.finfo(np.float64).max)}
_CAPITAL = re.compile("(?<!^)(?=[A-Z])")
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
    raise TypeError(f"{op}(): argument '{name}'{where} must be {what}, not {class_name(value)}")


def as_integer(op: str, name: str, position: int, value: Any) -> int:
    """An argument that has to be an integer: a tensor gives its one. TypeError, in PyTorch's words, for others."""
    number = whole(value)
    if isinstance(number, (bool, np.bool_)) or not hasattr(number, "__index__") or hasattr(number, "_array"):
        raise TypeError(f"{op}(): argument '{name}' (position {position}) must be int, not {class_name(value)}")
    return index(number)


_FLOATS = frozenset(("eps", "delta", "margin", "p", "momentum"))  # which PyTorch calls so, and not numbers


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


def plain(value: Any) -> Any:
    """A number that was given as a tensor without axes, as PyTorch takes one in a number's place; else what was given.

    A tensor that needs a gradient is none: the number would have none.
    """
    held = getattr(value, "_array", None)
    return value if held is None or held.ndim or value._requires_grad else value.item()


def whole(value: Any) -> Any:
    """The same where an integer is asked for: only a tensor of integers is one."""
    held = getattr(value, "_array", None)
    return value if held is None or held.dtype.kind not in "iu" else plain(value)


def listed(values: Any) -> tuple[Any, ...]:
    """One integer or several as a tuple; those that are tensors without axes, as numbers."""
    if isinstance(values, (int, np.integer)):
        return (values,)
    values = whole(values)
    return (values,) if isinstance(values, int) else tuple([n if n.__class__ is int else index(n) for n in values])


def option(op: Any, name: str, value: Any) -> Any:
    """A tensor that was given as an option of an op, as the number that it holds; PyTorch's error where it is none."""
    number = plain(value)
    if number is value:
        raise _not_taken(op, name, "float" if name in _FLOATS or op.name.endswith("_loss") else "Number", value)
    return number


def no_integer(op: Any, options: dict[str, Any]) -> TypeError | None:
    """PyTorch's error for the first option of an op that is a float, or a tensor of floats, in an integer's place."""
    for name, value in options.items():
        held = getattr(value, "_array", None)
        wrong = value.__class__ is float if held is None else held.dtype.kind not in "iu" or held.size != 1
        wrong = wrong or (value.__class__ is bool and name == "dim")
        if wrong and op.signature.parameters[name].default.__class__ is not float:
            return _not_taken(op, name, "int", value)
    return None


def _not_taken(op: Any, name: str, kind: str, value: Any) -> TypeError:
    """The error, under the name that PyTorch has for the op."""
    parameter = op.signature.parameters[name]
    place = f" (position {list(op.signature.parameters).index(name) + 1})"
    place = "" if parameter.kind is parameter.KEYWORD_ONLY else place
    node = op.title if isinstance(op.title, str) else op.name
    public = _CAPITAL.sub("_", node.removesuffix("Backward0").removeprefix("Native")).lower()
    return TypeError(f"{public}(): argument '{name}'{place} must be {kind}, not {class_name(value)}")


def unpacked(value: Any) -> Any:
    """A number that is put at an index. PyTorch's error for an integer longer than 64 bits."""
    if value.__class__ is int and not -(1 << 63) <= value < 1 << 63:
        raise ValueError("Overflow when unpacking long long")
    return value
