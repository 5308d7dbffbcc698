"""Functions of two elements beyond arithmetic: sums of exponentials, distances, signs and powers of two, divisors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array, errors
from engine.array import NUMBERS, module
from engine.dispatch import raw, tensors
from engine.numeric.logs import complex_log1p
from engine.op import composite, d, op
from engine.return_types import named
from engine.tensor import Tensor, wrap

_FLOAT: dict[str, Any] = {"rule": "float", "steps": True}
_TENSORS: dict[str, Any] = {"rule": "promote", "numbers": False, "steps": True}


def refuse_kinds(name: str, kinds: str, *operands: Any) -> None:
    """PyTorch's error if an operand is of one of these kinds of dtype: "iub" for integers, "fc" for the others."""
    for x in operands:
        if x.__class__ not in NUMBERS and x.dtype.kind in kinds:
            raise NotImplementedError(f"\"{name}\" not implemented for '{array.TITLES[array.OF_NUMPY[x.dtype]]}'")


def log_sum(input: Any, other: Any) -> Any:
    """ln(e^a + e^b) of complex numbers, from the one whose real part is the larger."""
    swap = input.real < other.real
    large, small = np.where(swap, other, input), np.where(swap, input, other)
    y = large + complex_log1p(np.exp(small - large))
    if np.isfinite(y).all():
        return y
    endless = (small.real == large.real) & np.isinf(small.real)
    y = np.where(endless, np.where(small.real < 0, small, np.log(np.exp(small) + np.exp(large))), y)
    return np.where(np.isnan(small) | np.isnan(large), y.dtype.type(complex(np.nan, np.nan)), y)


@op(
    r"y = \ln(e^a + e^b)",
    said=_TENSORS | {"in_place": False},
    input=d(r"\bar y\,\sigma(a - b)", lambda g, input, other, k: g * k.sigmoid(input - other)),
    other=d(r"\bar y\,\sigma(b - a)", lambda g, input, other, k: g * k.sigmoid(other - input)),
)
def logaddexp(input, other):
    """The logarithm of the sum of the exponentials of two."""
    refuse_kinds("logaddexp_cpu", "iub", input, other)
    return log_sum(input, other) if input.dtype.kind == "c" else np.logaddexp(input, other)


_LN2 = math.log(2)


@op(
    r"y = \log_2(2^a + 2^b)",
    said=_TENSORS | {"in_place": False},
    input=d(r"\bar y\,\sigma((a - b) \ln 2)", lambda g, input, other, k: g * k.sigmoid((input - other) * _LN2)),
    other=d(r"\bar y\,\sigma((b - a) \ln 2)", lambda g, input, other, k: g * k.sigmoid((other - input) * _LN2)),
)
def logaddexp2(input, other):
    """The logarithm to base 2 of the sum of the powers of 2."""
    refuse_kinds("logaddexp2_cpu", "iubc", input, other)
    return np.logaddexp2(input, other)


@op(
    r"y = \sqrt{a^2 + b^2}",
    said=_TENSORS,
    input=d(r"\bar y\,a / y", lambda g, input, y: g * (input / y)),
    other=d(r"\bar y\,b / y", lambda g, other, y: g * (other / y)),
)
def hypot(input, other):
    """The length of the hypotenuse over two sides."""
    refuse_kinds("hypot_cpu", "iubc", input, other)
    return np.hypot(input, other)


@op(
    r"y = |a|\,\mathrm{sgn}\,b",
    said=_FLOAT
    | {
        "numbers": "second",
        "kernel": np.copysign,
        "title": lambda other_number: f"CopysignBackward{int(other_number)}",
    },
    input=d(r"\bar y\,y / a", lambda g, input, y, k: g * k.where(input == 0, 0.0, y / input)),
    other=d("0", lambda g, k: k.zeros_like(g)),
)
def copysign(input, other):
    """The size of the first with the sign of the second."""


@op(
    r"y = a\,2^b",
    said=_FLOAT | {"numbers": False},
    input=d(r"\bar y\,2^b", lambda g, other, k: g * k.exp2(other)),
    other=d(r"\bar y\,y \ln 2", lambda g, y: g * y * _LN2),
)
def ldexp(input, other):
    """The first times 2 to the power of the second."""
    return input * np.exp2(other)


raw.exponent_of = lambda input: np.frexp(input)[1].astype(input.dtype)
tensors.exponent_of = lambda input: wrap(raw.exponent_of(input._array))


@op(
    r"x = y\,2^n,\ \tfrac12 \le |y| < 1",
    said={"returns": named("frexp", "mantissa exponent")},
    input=d(r"\bar y / 2^n", lambda g, input, k: g / k.exp2(k.exponent_of(input))),
)
def frexp(input):
    """The mantissa, from a half to one, and the exponent to base 2."""
    if input.dtype.kind != "f":
        raise RuntimeError("torch.frexp() only supports floating-point dtypes")
    mantissa, exponent = np.frexp(input)
    return mantissa, module(input).where(np.isfinite(input), exponent, exponent.dtype.type(0))


@op(
    r"y = a \pm \varepsilon",
    said=_TENSORS | {"moves": True},  # which steps in the type itself
    input=d(r"\bar y\,[a \ne b]", lambda g, input, other: g * (input != other)),
    other=d("0", lambda g, k: k.zeros_like(g)),
)
def nextafter(input, other):
    """The next number after the first in the direction of the second."""
    refuse_kinds("nextafter_cpu", "iubc", input, other)
    return np.nextafter(input, other)


@op(r"y = \gcd(a, b)", said=_TENSORS, input=None, other=None)
def gcd(input, other):
    """The greatest common divisor."""
    refuse_kinds("gcd_cpu", "fcb", input, other)
    return np.gcd(input, other)


@op(r"y = \mathrm{lcm}(a, b)", said=_TENSORS, input=None, other=None)
def lcm(input, other):
    """The least common multiple."""
    refuse_kinds("lcm_cpu", "fcb", input, other)
    return np.lcm(input, other)


def _no_derivative(g: Any) -> Any:
    raise RuntimeError("derivative for aten::heaviside is not implemented")


@op(
    r"y = [x > 0] + v\,[x = 0]",
    said={"title": "torch::autograd::NotImplemented", "in_place": True, "moves": True},
    input=d(r"\text{none}", _no_derivative),
    values=d(r"\text{none}", _no_derivative),
)
def heaviside(input, values):
    """One above zero, `values` at zero, zero below."""
    if "c" in (input.dtype.kind, values.dtype.kind):
        raise RuntimeError("heaviside is not yet implemented for complex tensors.")
    if input.dtype != values.dtype:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")
    try:
        np.broadcast_shapes(input.shape, values.shape)
    except ValueError:
        raise errors.broadcast_error("heaviside", (input.shape, values.shape)) from None
    return module(input).where(input == 0, values, (input > 0).astype(input.dtype))


def _ordered(name: str, pick: Any, input: Any, other: Any) -> Any:
    picked = pick(other, input)  # of 0 and -0 NumPy takes the second, PyTorch the first
    if picked.dtype.kind == "c":
        raise RuntimeError(f"{name} not implemented for complex tensors.")
    return picked


def _first_kept(input: Any, other: Any, larger: bool) -> Any:
    """Where `fmax` or `fmin` takes the first."""
    ahead = input >= other if larger else input <= other
    return ahead | (other != other)


@op(
    r"y = \max(a, b)",
    said=_TENSORS | {"in_place": False},
    input=d(r"\bar y\,[a \ge b]", lambda g, input, other, k: k.kept(g, _first_kept(input, other, True))),
    other=d(r"\bar y\,[b > a]", lambda g, input, other, k: k.kept(g, ~_first_kept(input, other, True))),
)
def fmax(input, other):
    """The larger of two; a number rather than NaN."""
    return _ordered("fmax", np.fmax, input, other)


@op(
    r"y = \min(a, b)",
    said=_TENSORS | {"in_place": False},
    input=d(r"\bar y\,[a \le b]", lambda g, input, other, k: k.kept(g, _first_kept(input, other, False))),
    other=d(r"\bar y\,[b < a]", lambda g, input, other, k: k.kept(g, ~_first_kept(input, other, False))),
)
def fmin(input, other):
    """The smaller of two; a number rather than NaN."""
    return _ordered("fmin", np.fmin, input, other)


def _in_double(value: Any, kind: Any) -> Any:
    return value.to(kind) if isinstance(value, Tensor) else value


def _widest(*values: Any) -> Any:
    """complex128 if a value is complex, else float64."""
    complex_there = any(v.is_complex() if isinstance(v, Tensor) else isinstance(v, complex) for v in values)
    return array.complex128 if complex_there else array.float64


@composite()
def float_power(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """The power in double precision."""
    if input.__class__ in NUMBERS and exponent.__class__ in NUMBERS:
        raise errors.wrong_pair("float_power", ("input", "exponent"), (input, exponent), "either")
    kind = _widest(input, exponent)
    if out is not None and out.dtype != kind:
        raise _not_wide("the output given to float_power", out, kind)
    return tensors.pow(_in_double(input, kind), _in_double(exponent, kind), out=out)


@composite("method")
def float_power_(input: Any, exponent: Any) -> Any:
    """`float_power`, in place, which needs a tensor of double precision."""
    kind = _widest(input, exponent)
    if input.dtype != kind:
        raise _not_wide("the base given to float_power_", input, kind)
    return input.pow_(exponent)


def _not_wide(what: str, given: Any, kind: Any) -> RuntimeError:
    title, wanted = array.TITLES[given.dtype], array.TITLES[kind]
    return RuntimeError(f"{what} has dtype {title} but the operation's result requires dtype {wanted}")


# ---- signs and angles


@op(r"y = [x < 0 \vee x = -0]", input=None)
def signbit(input):
    """Whether the sign is minus, of zeros and NaN too."""
    if input.dtype.kind == "c":
        raise NotImplementedError("signbit is not implemented for complex tensors.")
    return np.signbit(input) if input.dtype.kind == "f" else input < 0


def _infinity(name: str, input: Any, which: float) -> Any:
    if input.dtype.kind == "c":
        raise RuntimeError(f"{name} does not support complex inputs.")
    return np.equal(input, which)


@op(r"y = [x = \infty]", input=None)
def isposinf(input):
    """Whether each element is plus infinity."""
    return _infinity("isposinf", input, math.inf)


@op(r"y = [x = -\infty]", input=None)
def isneginf(input):
    """Whether each element is minus infinity."""
    return _infinity("isneginf", input, -math.inf)


def _scaled(name: str, input: Any, factor: float) -> Any:
    if input.dtype.kind == "c":
        raise RuntimeError(f"{name} is not supported for complex tensors.")
    return input * factor


@op(
    r"y = \tfrac{\pi}{180} x",
    said=_FLOAT | {"title": "Deg2RadBackward0"},
    input=d(r"\tfrac{\pi}{180} \bar y", lambda g: g * (math.pi / 180)),
)
def deg2rad(input):
    """Degrees as radians."""
    return _scaled("deg2rad", input, math.pi / 180)


@op(
    r"y = \tfrac{180}{\pi} x",
    said=_FLOAT | {"title": "Rad2DegBackward0"},
    input=d(r"\tfrac{180}{\pi} \bar y", lambda g: g * (180 / math.pi)),
)
def rad2deg(input):
    """Radians as degrees."""
    return _scaled("rad2deg", input, 180 / math.pi)
