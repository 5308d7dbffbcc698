"""The normal distribution function and its kin, entropies, and products with logarithms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.array import NUMBERS, module
from engine.dispatch import raw
from engine.errors import not_narrow
from engine.numeric import normal
from engine.op import d, op

_FLOAT: dict[str, Any] = {"rule": "float", "steps": True}
_ROOT_PI = math.sqrt(math.pi)


def _special(name: str) -> dict[str, Any]:
    kernel = getattr(normal, name, None)
    said = {"rule": "float", "homes": ("special",), "in_place": False, "name": f"special_{name}"}
    said |= {"narrow": not_narrow(f"{name}_cpu")} if name in ("erfcx", "log_ndtr", "ndtri") else {}
    return said | ({"kernel": kernel} if kernel else {})


@op(
    r"y = \mathrm{erf}^{-1}(x)",
    said=_FLOAT | {"kernel": normal.erfinv},
    input=d(r"\tfrac{\sqrt\pi}{2} \bar y\,e^{y^2}", lambda g, y, k: g * (k.exp(y * y) * (0.5 * _ROOT_PI))),
)
def erfinv(input):
    """The inverse of the error function."""


@op(
    r"y = e^{x^2} \mathrm{erfc}\,x",
    said=_special("erfcx"),
    input=d(r"\bar y\,(2 x y - \tfrac{2}{\sqrt\pi})", lambda g, input, y: g * (2 * input * y - 2 / _ROOT_PI)),
)
def special_erfcx(input):
    """The scaled complementary error function."""


@op(
    r"y = \Phi(x)",
    said=_special("ndtr") | {"title": "MulBackward1"},
    input=d(
        r"\bar y\,\varphi(x)",
        lambda g, input, k: g * (k.exp(-0.5 * (input * input)) * (1 / math.sqrt(2 * math.pi))),
    ),
)
def special_ndtr(input):
    """The normal distribution function."""


@op(
    r"y = \ln \Phi(x)",
    said=_special("log_ndtr"),
    input=d(
        r"\bar y\,\varphi(x) / \Phi(x)",
        lambda g, input, k: g / k.special_erfcx(input * -math.sqrt(0.5)) * math.sqrt(2 / math.pi),
    ),
)
def special_log_ndtr(input):
    """The logarithm of the normal distribution function."""


@op(
    r"y = \Phi^{-1}(x)",
    said=_special("ndtri"),
    input=d(r"\bar y / \varphi(y)", lambda g, y, k: g * (k.exp(0.5 * (y * y)) * math.sqrt(2 * math.pi))),
)
def special_ndtri(input):
    """The inverse of the normal distribution function."""


@op(
    r"y = -x \ln x",
    said=_special("entr") | {"real_only": "entr_cpu"},
    input=d(r"-\bar y\,(1 + \ln x)", lambda g, input, k: g * (-1 - k.log(input))),
)
def special_entr(input):
    """An element's part of the entropy; minus infinity below zero."""
    where = module(input).where
    inside = where(input > 0, input, input.dtype.type(1))
    value = where(input > 0, -input * np.log(inside), -input * 0)
    return where(input < 0, input.dtype.type(-np.inf), where(input == 0, input * 0, value))


def _xlogy_slope(g: Any, input: Any, other: Any, k: Any, log: Any, edge: float) -> Any:
    return g * k.where((input == 0) & (other <= edge), 0.0, log(_whole(other, g)))


def _log(log: Any, other: Any) -> Any:
    """The logarithm; of a number as one, so that it takes the tensor's dtype."""
    return float(log(other)) if other.__class__ in NUMBERS else log(other)


def _whole(value: Any, like: Any) -> Any:
    """A number as what the logarithm takes."""
    return value if hasattr(value, "dtype") else like * 0 + value


@op(
    r"y = x \ln z",
    said=_FLOAT
    | {"homes": ("method", "engine", "special"), "numbers": "either", "real_only": "xlogy_cpu"}
    | {"title": lambda input_number, other_number: f"XlogyBackward{1 if input_number else 2 * other_number}"},
    input=d(r"\bar y \ln z", lambda g, input, other, k: _xlogy_slope(g, input, other, k, k.log, 0.0)),
    other=d(r"\bar y\,x / z", lambda g, input, other: g * (input / other)),
)
def xlogy(input, other):
    """The first times the logarithm of the second, zero where the first is."""
    value = input * _log(np.log, other)
    zero = (np.equal(input, 0)) & ~np.isnan(other)
    return module(value).where(zero, value.dtype.type(0), value)


@op(
    r"y = x \ln(1 + z)",
    said=_special("xlog1py") | {"real_only": "xlog1py_cpu", "numbers": "either", "title": "SpecialXlog1PyBackward0"},
    input=d(r"\bar y \ln(1 + z)", lambda g, input, other, k: _xlogy_slope(g, input, other, k, k.log1p, -1.0)),
    other=d(r"\bar y\,x / (1 + z)", lambda g, input, other: g * (input / (other + 1))),
)
def special_xlog1py(input, other):
    """The first times the logarithm of one plus the second, zero where the first is."""
    value = input * _log(np.log1p, other)
    zero = (np.equal(input, 0)) & ~np.isnan(other)
    return module(value).where(zero, value.dtype.type(0), value)


def _sinc_slope(g: Any, input: Any, k: Any) -> Any:
    angle = input * math.pi
    return g * k.where(input == 0, 0.0, (angle * k.cos(angle) - k.sin(angle)) / (angle * angle) * math.pi)


@op(
    r"y = \sin(\pi x) / (\pi x)",
    said=_FLOAT,
    input=d(r"\bar y\,(\pi x \cos \pi x - \sin \pi x) / (\pi x^2)", _sinc_slope),
)
def sinc(input):
    """The sine of pi x over pi x, one at zero."""
    if input.dtype.itemsize == 2:  # in single precision, as its sine needs
        return raw.sinc(input.astype(np.float32)).astype(input.dtype)
    zero = input == 0
    angle = module(input).where(zero, input.dtype.type(1), input) * input.dtype.type(math.pi)
    return module(input).where(zero, input.dtype.type(1), np.sin(angle) / angle)
