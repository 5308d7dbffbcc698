"""The gamma function's logarithm, its derivatives, and what is made of them."""

from __future__ import annotations

import math
from typing import Any

from engine.errors import not_narrow
from engine.numeric import gamma, incomplete
from engine.op import composite, d, op
from engine.tensor import Tensor

_FLOAT: dict[str, Any] = {"rule": "float", "steps": True}
_SPECIAL: dict[str, Any] = {"rule": "float", "homes": ("special",), "in_place": False}


def refused(name: str) -> Any:
    """The slope of an operand by which PyTorch has no derivative either."""

    def refuse(g: Any) -> Any:
        raise NotImplementedError(f"the derivative for '{name}' is not implemented.")

    return d(r"\text{none}", refuse)


@op(
    r"y = \ln |\Gamma(x)|",
    said=_FLOAT | {"kernel": gamma.lgamma},
    input=d(r"\bar y\,\psi(x)", lambda g, input, k: g * k.digamma(input)),
)
def lgamma(input):
    """The logarithm of the gamma function's absolute value."""


@op(
    r"y = \psi(x) = \Gamma'(x) / \Gamma(x)",
    said=_FLOAT | {"kernel": gamma.digamma},
    input=d(r"\bar y\,\psi'(x)", lambda g, input, k: g * k.polygamma_of(input, 1)),
)
def digamma(input):
    """The derivative of the gamma function's logarithm."""


@op(
    r"y = \psi^{(n)}(x)",
    said=_FLOAT | {"name": "polygamma_of", "title": "PolygammaBackward0", "homes": ()},
    input=d(r"\bar y\,\psi^{(n+1)}(x)", lambda g, input, n, k: g * k.polygamma_of(input, n + 1)),
)
def polygamma_of(input, n):
    """The n-th derivative of `digamma`."""
    if n == 0:
        return gamma.digamma(input)
    if n == 1:
        return gamma.trigamma(input)
    return gamma.zeta(float(n + 1), input) * input.dtype.type(math.factorial(n) * (1.0 if n % 2 else -1.0))


@composite(in_place=True)
def polygamma(n: Any, input: Any, *, out: Any = None) -> Any:
    """The n-th derivative of `digamma`; as a method the tensor comes first."""
    if isinstance(input, int) or (isinstance(input, Tensor) and not isinstance(n, int) and not input._array.ndim):
        n, input = input, n
    if not hasattr(n, "__index__"):
        raise TypeError(f"polygamma(): argument 'n' (position 1) must be int, not {type(n).__name__}")
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return polygamma_of(input, int(n), out=out)


@op(
    r"y = \tfrac{p (p-1)}{4} \ln \pi + \sum_{j=0}^{p-1} \ln \Gamma(x - \tfrac j2)",
    said=_FLOAT,
    input=d(r"\bar y \sum_j \psi(x - \tfrac j2)", lambda g, input, p, k: g * _digammas(input, p, k)),
)
def mvlgamma(input, p):
    """The logarithm of the multivariate gamma function of dimension `p`."""
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    return sum((gamma.lgamma(input - 0.5 * j) for j in range(p)), 0.25 * p * (p - 1) * math.log(math.pi))


def _digammas(x: Any, p: int, k: Any) -> Any:
    total = k.digamma(x)
    for j in range(1, p):
        total = total + k.digamma(x - 0.5 * j)
    return total


def _density(input: Any, other: Any, k: Any) -> Any:
    """The slope of P(a, x) by x."""
    return k.exp((input - 1) * k.log(other) - other - k.lgamma(input))


@op(
    r"y = P(a, x) = \tfrac{1}{\Gamma(a)} \int_0^x t^{a-1} e^{-t} dt",
    said={"rule": "promote", "numbers": False, "kernel": incomplete.igamma},
    input=refused("igamma: input"),
    other=d(r"\bar y\,x^{a-1} e^{-x} / \Gamma(a)", lambda g, input, other, k: g * _density(input, other, k)),
)
def igamma(input, other):
    """The regularized lower incomplete gamma function."""


@op(
    r"y = Q(a, x) = \tfrac{1}{\Gamma(a)} \int_x^\infty t^{a-1} e^{-t} dt",
    said={"rule": "promote", "numbers": False, "kernel": incomplete.igammac},
    input=refused("igammac: input"),
    other=d(r"-\bar y\,x^{a-1} e^{-x} / \Gamma(a)", lambda g, input, other, k: -g * _density(input, other, k)),
)
def igammac(input, other):
    """The regularized upper incomplete gamma function."""


@op(
    r"y = \zeta(s, q) = \sum_{k=0}^\infty (q + k)^{-s}",
    said=_SPECIAL | {"kernel": gamma.zeta, "numbers": "either", "narrow": not_narrow("zeta_cpu")},
    input=refused("zeta"),
    other=d(
        r"-s\,\bar y\,\zeta(s + 1, q)", lambda g, input, other, k: g * (-input * k.special_zeta(input + 1.0, other))
    ),
)
def special_zeta(input, other):
    """Hurwitz' zeta function."""
