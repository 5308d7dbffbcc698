"""Control flow and arithmetic that PyTorch's tracers understand; nothing is traced here, so they just run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine.tensor import Tensor


def cond(pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any], operands: Any = ()) -> Any:
    """What one of two functions makes of the operands, chosen by a bool or a tensor of one element."""
    if not isinstance(pred, bool) and not (isinstance(pred, Tensor) and pred.numel() == 1):
        raise RuntimeError(f"Expected pred to be bool or single-element tensor, but got {pred}.")
    for name, function in (("true", true_fn), ("false", false_fn)):
        if not callable(function):
            raise RuntimeError(f"Expect both branches to be callable, but got {function} as the {name} one.")
    return (true_fn if pred else false_fn)(*operands)


def while_loop(cond_fn: Callable[..., Any], body_fn: Callable[..., Any], carried_inputs: Any) -> Any:
    """What is left of the inputs when `body_fn` has been applied to them for as long as `cond_fn` holds."""
    carried = carried_inputs
    while cond_fn(*carried):
        carried = body_fn(*carried)
    return tuple(carried)


def sym_int(a: Any) -> int:
    """The whole part of a number."""
    return math.trunc(a)


def sym_float(a: Any) -> float:
    """A number as a float."""
    return float(a)


def sym_not(a: Any) -> bool:
    """Whether something does not hold."""
    return not a


def sym_ite(b: Any, t: Any, f: Any) -> Any:
    """One of two values, chosen by a bool."""
    return t if b else f


def sym_max(a: Any, b: Any) -> Any:
    """The larger of two numbers, as a float if one of them is."""
    return _like_both(max(a, b), a, b)


def sym_min(a: Any, b: Any) -> Any:
    """The smaller of two numbers, as a float if one of them is."""
    return _like_both(min(a, b), a, b)


def _like_both(chosen: Any, a: Any, b: Any) -> Any:
    return float(chosen) if float in (type(a), type(b)) else chosen


def sym_sum(args: Sequence[Any]) -> Any:
    """The sum of numbers."""
    return sum(args)


def sym_sqrt(a: Any) -> float:
    """The square root of a number."""
    return math.sqrt(a)
