"""Division that rounds, what it leaves, and sums with a product or a quotient."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import brain
from engine.array import module, promoted
from engine.errors import not_implemented
from engine.fitting import fitted
from engine.op import composite, d, op
from engine.ops.arithmetic import PAIR, add, computed, mul, true_divide


def _refuse_zero(input: Any, other: Any) -> None:
    """PyTorch's error for whole numbers divided by zero."""
    if getattr(input, "dtype", None) is None or input.dtype.kind not in "iu" or not np.any(np.equal(other, 0)):
        return
    if np.broadcast(input, other).size:  # a ValueError where the shapes do not fit, of which PyTorch tells first
        raise RuntimeError("ZeroDivisionError")


def _between_arrays(function: Any) -> Any:
    """A kernel of the narrow types that PyTorch rounds at each step, but not where it divides by a single number."""
    stepping = brain.by_steps(function)

    def narrow(input: Any, other: Any) -> Any:
        if not isinstance(other, np.ndarray) or other.size == 1:
            return NotImplemented
        return stepping(np.asarray(input, other.dtype), other)

    return narrow


@_between_arrays
def _down_by_steps(input: Any, other: Any) -> Any:
    left = np.fmod(input, other)
    quotient = (input - left) / other
    quotient = quotient - ((left != 0) & ((left < 0) != (other < 0)))
    down = np.floor(quotient)
    down = down + (quotient - down > 0.5)
    whole = input / other
    return np.where(other == 0, whole, np.where(quotient == 0, np.copysign(0, whole), down))


@_between_arrays
def _to_zero_by_steps(input: Any, other: Any) -> Any:
    return np.trunc(input / other)


_DOWN = {"real_only": "div_floor_cpu", "refused": "cb", "narrow": _down_by_steps}
_ROUNDED = PAIR | _DOWN | {"title": "DivBackward2", "homes": (), "in_place": False}


@op(
    r"y = \lfloor a / b \rfloor",
    said=_ROUNDED,
    input=d("0", lambda g, k: k.zeros_like(g)),
    other=d("0", lambda g, k: k.zeros_like(g)),
)
def divided_down(input, other):
    """The quotient rounded down, for `div`."""
    _refuse_zero(input, other)
    return np.floor_divide(input, other)


@op(
    r"y = \mathrm{trunc}(a / b)",
    said=_ROUNDED | {"real_only": "div_trunc_cpu", "narrow": _to_zero_by_steps},
    input=d("0", lambda g, k: k.zeros_like(g)),
    other=d("0", lambda g, k: k.zeros_like(g)),
)
def divided_to_zero(input, other):
    """The quotient rounded towards zero, for `div`."""
    _refuse_zero(input, other)
    if all(getattr(x, "dtype", np.dtype(int)).kind in "iu" for x in (input, other)):
        down = np.floor_divide(input, other)
        return down + ((down * other != input) & ((input < 0) != (other < 0)))
    return np.trunc(np.true_divide(input, other))


def _no_slope(g: Any) -> Any:
    raise RuntimeError("derivative for aten::floor_divide is not implemented")


@op(
    r"y = \lfloor a / b \rfloor",
    said=PAIR | {"title": "torch::autograd::NotImplemented"} | _DOWN,
    input=d(r"\text{none}", _no_slope),
    other=d(r"\text{none}", _no_slope),
)
def floor_divide(input, other):
    """The quotient rounded down; PyTorch gives it no derivative, but to `div` with a rounding mode."""
    _refuse_zero(input, other)
    return np.floor_divide(input, other)


@op(
    r"y = a - b \lfloor a / b \rfloor",
    said=PAIR
    | {"real_only": "remainder_cpu", "refused": "cb", "numbers": "either", "rounds": True}
    | {"title": lambda other_number: f"RemainderBackward{int(not other_number)}"},
    input=d(r"\bar y", lambda g: g),
    other=d(r"-\bar y \lfloor a / b \rfloor", lambda g, input, other, k: -g * k.divided_down(input, other)),
)
def remainder(input, other):
    """What division rounded down leaves: the sign is the divisor's."""
    _refuse_zero(input, other)
    y = np.remainder(input, other)
    if y.dtype.kind not in "fV":
        return y
    return module(y).where(y == 0, np.copysign(y, input), y)  # a zero has the dividend's sign, unlike NumPy's


@op(
    r"y = a - b\,\mathrm{trunc}(a / b)",
    said=PAIR
    | {
        "real_only": "fmod_cpu",
        "refused": "cb",
        "numbers": "second",
        "rounds": True,
        "title": lambda other_number: f"FmodBackward{int(not other_number)}",
    },
    input=d(r"\bar y", lambda g: g),
    other=d(r"-\bar y\,\mathrm{trunc}(a / b)", lambda g, input, other, k: -g * k.divided_to_zero(input, other)),
)
def fmod(input, other):
    """What division rounded towards zero leaves: the sign is the dividend's."""
    _refuse_zero(input, other)
    return np.fmod(input, other)


@composite(in_place=True)
def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Any:
    """The quotient; with `rounding_mode` "floor" or "trunc" rounded."""
    if rounding_mode is None:
        return true_divide(input, other, out=out)
    if rounding_mode == "floor":
        return divided_down(input, other, out=out)
    if rounding_mode != "trunc":
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return divided_to_zero(input, other, out=out)


@composite(in_place=True)
def divide(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Any:
    """`div`."""
    return div(input, other, rounding_mode=rounding_mode, out=out)


def _factor(value: Any, *operands: Any) -> Any:
    """The factor of a product, which PyTorch brings to the dtype of the result."""
    if value.__class__ is bool:
        return int(value)
    if value.__class__ is complex:
        return fitted(value, computed(promoted([each._array for each in operands])))
    whole = value.__class__ is float and all(each._array.dtype.kind in "iub" for each in operands)
    return int(value) if whole else value


@composite(in_place=True)
def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1, out: Any = None) -> Any:
    """The tensor plus `value` times the product of two others."""
    if all(each._array.dtype.kind == "b" for each in (input, tensor1, tensor2)):
        raise not_implemented("addcmul_cpu_out", input._array.dtype)
    return add(input, mul(tensor1, tensor2), alpha=_factor(value, input, tensor1, tensor2), out=out)


_WHOLE_DIVISION = (
    "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true "
    "division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * "
    "torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for "
    "float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), "
    "for all dtypes."
)


@composite(in_place=True)
def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1, out: Any = None) -> Any:
    """The tensor plus `value` times the quotient of two others."""
    if tensor1._array.dtype.kind in "iub" and tensor2._array.dtype.kind in "iub":
        raise RuntimeError(_WHOLE_DIVISION)
    return add(input, true_divide(tensor1, tensor2), alpha=_factor(value, input, tensor1, tensor2), out=out)
