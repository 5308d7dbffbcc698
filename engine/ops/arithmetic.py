"""Arithmetic between tensors and numbers, with PyTorch's promotion and broadcasting."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from engine import titles
from engine.array import NUMBERS
from engine.dispatch import cast
from engine.errors import not_implemented, wrong_call
from engine.fitting import fitted
from engine.nodes import function_of
from engine.numeric.choice import where
from engine.op import composite, d, op
from engine.outs import spoken
from engine.tensor import Tensor

PAIR = {"rule": "promote", "steps": True}
FLOAT = {"rule": "float", "steps": True}


def _bool_subtraction(*operands: Any) -> Exception | None:
    masks = [x.__class__ is bool or getattr(x, "dtype", None) == np.bool_ for x in operands]
    if not any(masks):
        return None
    return RuntimeError(
        "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
        "operator instead."
        if all(masks)
        else "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
        "use the `~` or `logical_not()` operator instead."
    )


def _check_alpha(alpha: Any, *operands: Any) -> None:
    """PyTorch's errors for a factor of a higher kind than what it multiplies."""
    kinds = [x.dtype.kind for x in operands if x.__class__ not in NUMBERS]
    if isinstance(alpha, (float, complex)) and not {"f", "c", "V"} & set(kinds):
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    if alpha.__class__ is complex and "c" not in kinds:
        raise RuntimeError("For non-complex input tensors, argument alpha must not be a complex number.")
    if alpha.__class__ is bool and kinds != ["b"] * len(kinds):
        raise RuntimeError("Boolean alpha only supported for Boolean results.")


def _times(alpha: Any, other: Any, beside: Any) -> Any:
    """The product by a factor, which is brought to the dtype of bools and unsigned numbers as PyTorch does."""
    if other.__class__ is bool and getattr(beside, "dtype", None) == np.bool_:
        return bool(alpha) and other
    if getattr(other, "dtype", np.dtype(float)).kind in "bu":
        alpha = fitted(alpha, other.dtype)
    return alpha * other


@op(
    r"y = a + \alpha b",
    said=PAIR | {"bare": lambda input, other: input + other, "rounds": True},
    input=d(r"\bar y", lambda g: g),
    other=d(r"\alpha \bar y", lambda g, alpha: g if alpha == 1 else g * alpha.conjugate()),
)
def add(input, other, *, alpha=1):
    """The sum of two tensors, the second times `alpha`."""
    if alpha.__class__ is int and alpha == 1:
        return input + other
    _check_alpha(alpha, input, other)
    return input + _times(alpha, other, input)


@op(
    r"y = a - \alpha b",
    said=PAIR
    | {
        "bare": lambda input, other: input - other,
        "error": _bool_subtraction,
        "unmixed": _bool_subtraction,
        "rounds": True,
    },
    input=d(r"\bar y", lambda g: g),
    other=d(r"-\alpha \bar y", lambda g, alpha: -g if alpha == 1 else g * -alpha.conjugate()),
)
def sub(input, other, *, alpha=1):
    """The difference of two tensors, the second times `alpha`."""
    if alpha.__class__ is int and alpha == 1:
        return input - other
    if (error := _bool_subtraction(input, other)) is not None:
        raise error
    _check_alpha(alpha, input, other)
    return input - _times(alpha, other, input)


@op(
    r"y = a b",
    said=PAIR | {"bare": lambda input, other: input * other},
    input=d(r"\bar y\,b", lambda g, other: g * other),
    other=d(r"\bar y\,a", lambda g, input: g * input),
)
def mul(input, other):
    """The product, element by element."""
    return input * other


@op(
    r"y = a / b",
    said=FLOAT | {"bare": lambda input, other: input / other, "title": "DivBackward0"},
    input=d(r"\bar y / b", lambda g, other: g / other),
    other=d(r"-\bar y\,a / b^2", lambda g, input, other: -g * ((input / other) / other)),
)
def true_divide(input, other):
    """The quotient, element by element; of integers a float."""
    return input / other


# Powers of floats that PyTorch does not take by logarithms, either.
_POWERS: dict[Any, Any] = {
    0.5: np.sqrt,
    3.0: lambda x: x * x * x,
    -0.5: lambda x: np.reciprocal(np.sqrt(x)),
    -1.0: np.reciprocal,
    -2.0: lambda x: np.reciprocal(x * x),
}


def _power_of_base(g: Any, input: Any, exponent: Any, k: Any) -> Any:
    if not isinstance(exponent, Tensor) and (exponent.__class__ in NUMBERS or not exponent.ndim):
        number: Any = exponent if exponent.__class__ in NUMBERS else exponent.item()
        return k.zeros_like(input) if number == 0 else g * (number * k.pow(input, number - 1))
    return k.where(exponent == 0, 0.0, g * (exponent * k.pow(input, exponent - 1)))


def _power_of_raw_base(g: Any, input: Any, exponent: Any, k: Any) -> Any:
    """The same on arrays, where a square, the most common power, needs no other one."""
    square = (exponent.__class__ in NUMBERS or not exponent.ndim) and exponent == 2
    return g * (input + input) if square else _power_of_base(g, input, exponent, k)


def _power_of_exponent(g: Any, input: Any, exponent: Any, y: Any, k: Any) -> Any:
    # 0 to a real power that is not negative stays 0, whatever the logarithm says.
    in_complex = getattr(y.dtype, "is_complex", getattr(y.dtype, "kind", "") == "c")
    if in_complex and isinstance(input, (int, float, complex)) and input != 0:
        return g * (y * cmath.log(input))
    if isinstance(input, (int, float)) and input != 0:
        return g * (y * (math.log(input) if input > 0 else math.nan))
    base = input if isinstance(input, type(y)) else k.zeros_like(y) + input
    stays = (base == 0) & (exponent.real >= 0)
    if getattr(exponent, "dtype", None) is not None and in_complex:
        stays = stays & (exponent.real == exponent)
    return k.where(stays, 0.0, g * (y * k.log(base)))


def _power_below(node: Any) -> tuple[Any, ...]:
    """The base alone where the exponent is a number, the exponent alone where the base is one."""
    edges = [function_of(edge) for edge in node.parents]
    if node.name() == "PowBackward2":
        return (edges[1],)
    return tuple(edges[: 1 if node.exponent_number else 2])


def _power_title(input_number: bool, exponent_number: bool) -> str:
    """Which of the operands is a number: the exponent, none, or the base."""
    return f"PowBackward{0 if exponent_number else 2 if input_number else 1}"


def _integer_power(*operands: Any) -> Exception | None:
    if all(getattr(x, "dtype", np.dtype(int)).kind in "iu" for x in operands):
        return RuntimeError("Integers to negative integer powers are not allowed.")
    return None


def _power_of_number(input: Any, exponent: Any) -> Exception | None:
    """PyTorch's errors for an integer as the exponent of integers: negative, or one that their dtype does not hold."""
    if exponent.__class__ is not int or input.__class__ in NUMBERS or input.dtype.kind not in "iu":
        return None
    if exponent < 0:
        return _integer_power()
    try:
        fitted(exponent, input.dtype)
    except RuntimeError as error:
        return error
    return None


@op(
    r"y = a^b",
    said=PAIR
    | {
        "rounds": True,
        "error": _integer_power,
        "unmixed": _power_of_number,
        "numbers": "either",
        "real_only": "pow",
        "refused": "b",
        "below": _power_below,
        "title": _power_title,
    },
    input=d(r"\bar y\,b\,a^{b-1}", _power_of_base, _power_of_raw_base),
    exponent=d(r"\bar y\,y \ln a", _power_of_exponent),
)
def pow(input, exponent):
    """The first to the power of the second."""
    if exponent.__class__ in NUMBERS or not exponent.ndim:
        if exponent == 2:
            return input * input
        if input.__class__ not in NUMBERS and input.dtype.kind == "f":
            real = exponent if isinstance(exponent, (int, float)) else exponent.item()
            special = _POWERS.get(real)
            if special is not None:
                return special(input)
    if exponent.__class__ not in NUMBERS and exponent.dtype.kind == "i" and exponent.size and exponent.min() < 0:
        number = exponent.__class__ is np.ndarray and not exponent.flags.writeable and not exponent.ndim
        if not number:  # PyTorch refuses a number alone
            return _whole_power(input, exponent)
    return np.power(input, exponent)


def _whole_power(base: Any, exponent: Any) -> Any:
    """Powers of integers, where a negative exponent leaves something of 1 and -1 alone."""
    sign = np.where(exponent % 2 == 0, np.absolute(base), base)
    left = np.where(np.absolute(base) == 1, sign, 0)
    return np.where(exponent < 0, left, np.power(base, np.maximum(exponent, 0)))


def _larger(g: Any, mine: Any, theirs: Any, k: Any) -> Any:
    """The gradient of the larger of two: half of it to each where they are equal, all to both where one is NaN."""
    return k.where(mine == theirs, 0.5 * g, k.kept(g, ~(mine < theirs)))


@op(
    r"y = \max(a, b)",
    said=PAIR
    | {"numbers": False, "in_place": False, "real_only": RuntimeError("maximum not implemented for complex tensors.")},
    input=d(r"\bar y\,[a > b] + \tfrac12 \bar y\,[a = b]", lambda g, input, other, k: _larger(g, input, other, k)),
    other=d(r"\bar y\,[b > a] + \tfrac12 \bar y\,[a = b]", lambda g, input, other, k: _larger(g, other, input, k)),
)
def maximum(input, other):
    """The larger of two, element by element; NaN if one is."""
    return np.maximum(input, other)


@op(
    r"y = \min(a, b)",
    said=PAIR
    | {"numbers": False, "in_place": False, "real_only": RuntimeError("minimum not implemented for complex tensors.")},
    input=d(r"\bar y\,[a < b] + \tfrac12 \bar y\,[a = b]", lambda g, input, other, k: _larger(g, other, input, k)),
    other=d(r"\bar y\,[b < a] + \tfrac12 \bar y\,[a = b]", lambda g, input, other, k: _larger(g, input, other, k)),
)
def minimum(input, other):
    """The smaller of two, element by element; NaN if one is."""
    return np.minimum(input, other)


def _inverse_square(input: Any, other: Any, k: Any) -> Any:
    inverse = k.reciprocal(input * input + other * other)
    return k.where(inverse == math.inf, 0.0, inverse)  # both are 0: the derivative is no number, but for its first


@op(
    r"y = \mathrm{atan2}(a, b)",
    said=FLOAT | {"real_only": "atan2_cpu", "numbers": False},
    input=d(r"\bar y\,b / (a^2 + b^2)", lambda g, input, other, k: (g * other) * _inverse_square(input, other, k)),
    other=d(r"-\bar y\,a / (a^2 + b^2)", lambda g, input, other, k: (g * -input) * _inverse_square(input, other, k)),
)
def atan2(input, other):
    """The angle of the point (other, input)."""
    return np.arctan2(input, other)


def computed(kind: np.dtype) -> np.dtype:
    """The dtype in which PyTorch computes with a factor: of the narrow types float32."""
    return np.dtype(np.float32) if kind.kind in "fV" and kind.itemsize == 2 else kind


@op(
    r"y = a + w (b - a)",
    said={
        "rule": "promote",
        "homes": (),
        "name": "between",
        "title": lambda parents: f"LerpBackward{int(parents[2] is not None)}",
        "below": lambda node: tuple(map(function_of, node.parents))[: 2 if node.name() == "LerpBackward0" else 3],
        "in_place": False,
    },
    input=d(r"\bar y (1 - w)", lambda g, weight: g * (1 - weight)),
    end=d(r"\bar y\,w", lambda g, weight: g * weight),
    weight=d(r"\bar y (b - a)", lambda g, input, end: g * (end - input)),
)
def between(input, end, weight):
    """The point the fraction `weight` of the way from `input` to `end`."""
    if not hasattr(weight, "ndim"):
        small = abs(weight) < 0.5
        return input + weight * (end - input) if small else end - (end - input) * (1 - weight)
    return where(abs(weight) < 0.5, input + weight * (end - input), end - (end - input) * (1 - weight))


@composite(in_place=True)
def lerp(input: Any, end: Any, weight: Any, *, out: Any = None) -> Any:
    """The point the fraction `weight` of the way from `input` to `end`."""
    if end.__class__ in NUMBERS:
        ways = (f"(Tensor input, Tensor end, {each} weight, *, Tensor out = None)" for each in ("Tensor", "Number"))
        raise wrong_call("lerp", (input, end, weight), *ways)
    kind = input._array.dtype
    for name, each in (("end", end), ("weight", weight)):
        if isinstance(each, Tensor) and each._array.dtype != kind:
            if name == "weight" and not each._array.ndim and each._array.dtype.kind != "c":
                weight = cast(each, kind)
                continue
            raise RuntimeError(f"expected dtype {spoken(kind)} for `{name}` but got dtype {spoken(each._array.dtype)}")
    if kind.kind in "iub":
        raise not_implemented(f"lerp_kernel_{'tensor' if isinstance(weight, Tensor) else 'scalar'}", kind)
    result = between(input, end, fitted(weight, computed(kind)), out=out)
    return titles.retitle(result, "LerpBackward1") if isinstance(weight, Tensor) else result


@op(r"y = -x", said={"rule": "promote"}, input=d(r"-\bar y", lambda g: -g))
def neg(input):
    """The tensor with its sign changed."""
    if input.dtype == np.bool_:
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
            "the "
            "`~` or `logical_not()` operator instead."
        )
    return -input


@composite(in_place=True)
def multiply(input: Any, other: Any, *, out: Any = None) -> Any:
    """`mul`."""
    return mul(input, other, out=out)


@composite(in_place=True)
def subtract(input: Any, other: Any, *, alpha: float = 1, out: Any = None) -> Any:
    """`sub`."""
    return sub(input, other, alpha=alpha, out=out)


@op(
    r"y = b - \alpha a",
    said=PAIR
    | {
        "title": "RsubBackward1",
        "in_place": False,
        "numbers": "second",
        "rounds": True,
        "error": _bool_subtraction,
        "unmixed": _bool_subtraction,
    },
    input=d(r"-\alpha \bar y", lambda g, alpha: -g if alpha == 1 else g * -alpha.conjugate()),
    other=d(r"\bar y", lambda g: g),
)
def rsub(input, other, *, alpha=1):
    """`other` less the tensor times `alpha`."""
    if alpha.__class__ is int and alpha == 1:
        return other - input
    if (error := _bool_subtraction(input, other)) is not None:
        raise error
    _check_alpha(alpha, input, other)
    return other - _times(alpha, input, other)


@composite(in_place=True)
def negative(input: Any, *, out: Any = None) -> Any:
    """`neg`."""
    return neg(input, out=out)


@composite()
def positive(input: Any) -> Any:
    """The tensor itself."""
    if input._array.dtype.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input
