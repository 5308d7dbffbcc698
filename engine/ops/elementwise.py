"""Functions of each element by itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.array import OF_NUMPY
from engine.dispatch import ready
from engine.errors import not_implemented
from engine.numeric import erf as erf_of
from engine.numeric import erfc as erfc_of
from engine.numeric.choice import kept, where
from engine.numeric.logs import complex_log1p
from engine.op import d, op

_FLOAT = {"rule": "float", "steps": True}
_SAME = {"rule": "promote", "steps": True}


def _float(kernel: Any) -> dict[str, Any]:
    """The words for a function that NumPy has, of floats."""
    return _FLOAT | {"kernel": kernel}


@op(r"y = e^x", said=_float(np.exp), input=d(r"\bar y\,y", lambda g, y: g * y))
def exp(input):
    """e to the power of each element."""


@op(r"y = 2^x", said=_float(np.exp2), input=d(r"\bar y\,y \ln 2", lambda g, y: g * y * math.log(2)))
def exp2(input):
    """2 to the power of each element."""


@op(r"y = e^x - 1", said=_float(np.expm1), input=d(r"\bar y\,(y + 1)", lambda g, y: g * (y + 1)))
def expm1(input):
    """e to the power of each element, less one, exact near zero."""


@op(r"y = \ln x", said=_float(np.log), input=d(r"\bar y / x", lambda g, input: g / input))
def log(input):
    """The natural logarithm."""


@op(r"y = \log_2 x", said=_float(np.log2), input=d(r"\bar y / (x \ln 2)", lambda g, input: g / (input * math.log(2))))
def log2(input):
    """The logarithm to base 2."""


@op(
    r"y = \log_{10} x",
    said=_float(np.log10),
    input=d(r"\bar y / (x \ln 10)", lambda g, input: g / (input * math.log(10))),
)
def log10(input):
    """The logarithm to base 10."""


@op(
    r"y = \ln(1 + x)",
    said=_FLOAT | {"title": "Log1PBackward0"},
    input=d(r"\bar y / (1 + x)", lambda g, input: g / (input + 1)),
)
def log1p(input):
    """The natural logarithm of one plus each element, exact near zero."""
    return complex_log1p(input) if input.dtype.kind == "c" else np.log1p(input)


@op(r"y = \sqrt x", said=_float(np.sqrt), input=d(r"\bar y / (2 y)", lambda g, y: g / (y + y)))
def sqrt(input):
    """The square root."""


@op(r"y = 1 / \sqrt x", said=_FLOAT, input=d(r"-\tfrac12 \bar y\,y^3", lambda g, y: -0.5 * g * (y * y * y)))
def rsqrt(input):
    """One over the square root."""
    return np.reciprocal(np.sqrt(input))


@op(r"y = 1 / x", said=_float(np.reciprocal), input=d(r"-\bar y\,y^2", lambda g, y: -g * (y * y)))
def reciprocal(input):
    """One over each element."""


@op(r"y = \sin x", said=_float(np.sin), input=d(r"\bar y \cos x", lambda g, input, k: g * k.cos(input)))
def sin(input):
    """The sine."""


@op(r"y = \cos x", said=_float(np.cos), input=d(r"-\bar y \sin x", lambda g, input, k: -g * k.sin(input)))
def cos(input):
    """The cosine."""


@op(r"y = \tan x", said=_float(np.tan), input=d(r"\bar y\,(1 + y^2)", lambda g, y: g * (y * y + 1)))
def tan(input):
    """The tangent."""


@op(
    r"y = \arcsin x",
    said=_float(np.arcsin),
    input=d(r"\bar y / \sqrt{1 - x^2}", lambda g, input, k: g * k.rsqrt(1 - input * input)),
)
def asin(input):
    """The angle whose sine is each element."""


@op(
    r"y = \arccos x",
    said=_float(np.arccos),
    input=d(r"-\bar y / \sqrt{1 - x^2}", lambda g, input, k: -g * k.rsqrt(1 - input * input)),
)
def acos(input):
    """The angle whose cosine is each element."""


@op(r"y = \arctan x", said=_float(np.arctan), input=d(r"\bar y / (1 + x^2)", lambda g, input: g / (input * input + 1)))
def atan(input):
    """The angle whose tangent is each element."""


@op(r"y = \sinh x", said=_float(np.sinh), input=d(r"\bar y \cosh x", lambda g, input, k: g * k.cosh(input)))
def sinh(input):
    """The hyperbolic sine."""


@op(r"y = \cosh x", said=_float(np.cosh), input=d(r"\bar y \sinh x", lambda g, input, k: g * k.sinh(input)))
def cosh(input):
    """The hyperbolic cosine."""


@op(
    r"y = \mathrm{arsinh}\,x",
    said=_float(np.arcsinh),
    input=d(r"\bar y / \sqrt{x^2 + 1}", lambda g, input, k: g * k.rsqrt(input * input + 1)),
)
def asinh(input):
    """The inverse of the hyperbolic sine."""


@op(
    r"y = \mathrm{arcosh}\,x",
    said=_float(np.arccosh),
    input=d(
        r"\bar y / \sqrt{x^2 - 1}",
        # The root of the product would have a cut where this function has none.
        lambda g, input, k: (
            g * (k.rsqrt(input - 1) * k.rsqrt(input + 1) if k.is_complex(input) else k.rsqrt(input * input - 1))
        ),
    ),
)
def acosh(input):
    """The inverse of the hyperbolic cosine."""


@op(
    r"y = \mathrm{artanh}\,x",
    said=_float(np.arctanh),
    input=d(r"\bar y / (1 - x^2)", lambda g, input: g / (1 - input * input)),
)
def atanh(input):
    """The inverse of the hyperbolic tangent."""


@op(
    r"y = |x|",
    said={"rule": "promote", "kernel": np.absolute, "real_only": "abs_cpu", "refused": "b"},
    input=d(r"\bar y\,\mathrm{sgn}\,x", lambda g, input, k: g * k.sgn(input)),
)
def abs(input):
    """The absolute value."""


@op(
    r"y = \mathrm{sgn}\,x",
    said=_SAME
    | {
        "real_only": NotImplementedError(
            "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead."
        )
    },
    input=d("0", lambda g, k: k.zeros_like(g)),
)
def sign(input):
    """The sign: -1, 0 or 1."""
    if input.dtype.kind == "f":  # of NaN zero
        return (input > 0).astype(input.dtype) - (input < 0)
    return input.copy() if input.dtype == np.bool_ else np.sign(input)


@op(
    r"y = x^2",
    said={"rule": "promote", "title": "PowBackward0"},
    input=d(r"2 x \bar y", lambda g, input, k: g * (2 * k.pow(input, 1)), lambda g, input: g * (input + input)),
)
def square(input):
    """Each element times itself."""
    return input * input if input.dtype.kind != "b" else input.astype(np.int64)


def _rounded(function: Any, input: Any) -> Any:
    if input.dtype.kind == "b":
        raise not_implemented(f"{function.__name__}_vml_cpu", input.dtype)
    return input.copy() if input.dtype.kind in "iu" else function(input)


def _rounding(function: Any) -> dict[str, Any]:
    """The words for a rounding, which leaves integers as they are."""
    return {
        "rule": "promote",
        "kernel": lambda input: _rounded(function, input),
        "real_only": NotImplementedError(f"{function.__name__} is not supported for complex inputs"),
    }


@op(
    r"y = \lfloor x \rfloor",
    said=_rounding(np.floor),
    input=d("0", lambda g, k: k.zeros_like(g)),
)
def floor(input):
    """Each element rounded down."""


@op(
    r"y = \lceil x \rceil",
    said=_rounding(np.ceil),
    input=d("0", lambda g, k: k.zeros_like(g)),
)
def ceil(input):
    """Each element rounded up."""


@op(
    r"y = \mathrm{trunc}(x)",
    said=_rounding(np.trunc),
    input=d("0", lambda g, k: k.zeros_like(g)),
)
def trunc(input):
    """Each element rounded towards zero."""


@op(
    r"y = x - \mathrm{trunc}(x)",
    said=_SAME | {"real_only": "frac_cpu", "refused": "ciub"},
    input=d(r"\bar y", lambda g: g),
)
def frac(input):
    """The part behind the point."""
    return input - np.trunc(input)


@op(
    r"y = \mathrm{round}(x)",
    said=_SAME
    | {"real_only": "round_vml_cpu", "refused": "cb", "title": lambda decimals: f"RoundBackward{int(decimals != 0)}"},
    input=d("0", lambda g, decimals, k: k.zeros_like(g)),
)
def round(input, *, decimals=0):
    """Each element rounded to the nearest, halves to the even one."""
    if input.dtype.kind in "iub":
        if decimals:
            raise not_implemented("round_cpu", input.dtype)
        return input.copy()
    return np.rint(input) if not decimals else np.round(input, decimals)


@op(
    r"y = \mathrm{erf}\,x",
    said=_float(erf_of) | {"real_only": "erf_vml_cpu"},
    input=d(
        r"\tfrac{2}{\sqrt\pi} \bar y\,e^{-x^2}",
        lambda g, input, k: g * (k.exp(-(input * input)) * (2 / math.sqrt(math.pi))),
    ),
)
def erf(input):
    """The error function."""


@op(
    r"y = 1 - \mathrm{erf}\,x",
    said=_float(erfc_of) | {"real_only": "erfc_vml_cpu"},
    input=d(
        r"-\tfrac{2}{\sqrt\pi} \bar y\,e^{-x^2}",
        lambda g, input, k: g * (k.exp(-(input * input)) * (-2 / math.sqrt(math.pi))),
    ),
)
def erfc(input):
    """One less the error function, exact where that is near one."""


def _logit_slope(g: Any, input: Any, eps: float | None, k: Any) -> Any:
    low, outside = (0.0, math.nan) if eps is None else (eps, 0.0)
    inside = (input >= low) & (input <= 1 - low)
    return k.where(inside, g / (input * (1 - input)), outside)


@op(
    r"y = \ln \frac{x}{1 - x}",
    said=_FLOAT | {"real_only": "logit_cpu"},
    input=d(r"\bar y / (x (1 - x))", _logit_slope),
)
def logit(input, eps=None):
    """The inverse of the sigmoid, of the element kept at least `eps` away from 0 and 1."""
    if eps is not None:
        over = np.where(input > 1 - eps, np.asarray(1 - eps, input.dtype), input)
        input = np.where(input < eps, np.asarray(eps, input.dtype), over)  # which counts where both hold
    return np.log(input / (1 - input))


def _within(input: Any, min: Any, max: Any, strictly_over: bool = False) -> Any:
    """Where a value was left as it is."""
    inside = None if min is None else input >= min
    if max is not None:
        inside = input <= max if inside is None else inside & (input <= max)
    return inside


def _kept_within(g: Any, input: Any, min: Any, max: Any) -> Any:
    low, high = (None if each is None else ready(each, input) for each in (min, max))
    return kept(g, _within(input, low, high))


@op(
    r"y = \min(\max(x, \mathit{min}), \mathit{max})",
    said={
        "rule": "promote",
        "title": "ClampBackward1",
        "promoted": ["input"],
        "in_place": True,
        "name": "clamp_between",
        "real_only": NotImplementedError("clamp is not supported for complex types"),
    },
    input=d(
        r"\bar y\,[\mathit{min} \le x \le \mathit{max}]",
        lambda g, input, min, max, k: k.where(_within(input, min, max), g, 0.0),
        raw=lambda g, input, min, max: _kept_within(g, input, min, max),
    ),
)
def clamp_between(input, min=None, max=None):
    """Each element brought between two numbers."""
    y = input if min is None else np.maximum(ready(min, input), input)  # of 0 and -0 the second
    return y if max is None else np.minimum(ready(max, input), y)


def _narrow_to_num(input: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    from engine.limits import finfo

    # The largest numbers of the narrow type, not of the float32 in which the others compute.
    most = float(finfo(OF_NUMPY[input.dtype]).max)
    ends = most if posinf is None else posinf, -most if neginf is None else neginf
    return np.nan_to_num(input.astype(np.float32), nan=nan or 0.0, posinf=ends[0], neginf=ends[1]).astype(input.dtype)


@op(
    r"y = \mathrm{nan\_to\_num}(x)",
    said=_SAME | {"narrow": _narrow_to_num},
    input=d(r"\bar y\,[x\ \text{finite}]", lambda g, input, k: g * k.isfinite(input)),
)
def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    """NaN and the infinities replaced by numbers."""
    return np.nan_to_num(input, nan=nan or 0.0, posinf=posinf, neginf=neginf)


@op(r"y = [x\ \text{finite}]", said={"kernel": np.isfinite}, input=None)
def isfinite(input):
    """Whether each element is neither infinite nor NaN."""


@op(r"y = [x = \mathrm{NaN}]", said={"kernel": np.isnan}, input=None)
def isnan(input):
    """Whether each element is NaN."""


@op(r"y = [|x| = \infty]", said={"kernel": np.isinf}, input=None)
def isinf(input):
    """Whether each element is infinite."""


@op(
    r"y = c\ ?\ a : b",
    said={
        "rule": "promote",
        "promoted": ["input", "other"],
        "name": "select_where",
        "title": "WhereBackward0",
        "in_place": False,
        "homes": (),
    },
    condition=None,
    input=d(r"\bar y\,[c]", lambda g, condition, k: k.kept(g, condition)),
    other=d(r"\bar y\,[\neg c]", lambda g, condition, k: k.kept(g, ~condition)),
)
def select_where(condition, input, other):
    """`input` where the condition holds, `other` elsewhere."""
    return where(condition, input, other)
