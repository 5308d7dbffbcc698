"""Bessel's functions and Airy's. PyTorch differentiates the older ones, whose names are short, and no others."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import module
from engine.errors import not_narrow
from engine.numeric import bessel
from engine.numeric.series import in_double
from engine.op import d, op


def _special(name: str, kernel: Any, title: str | None = None) -> dict[str, Any]:
    said = {"rule": "float", "homes": ("special",), "in_place": False, "name": f"special_{name}", "kernel": kernel}
    said |= {} if name in ("i0e", "i1", "i1e") else {"narrow": not_narrow(f"{name}_cpu")}
    return said | ({"title": title} if title else {})


@op(
    r"y = I_0(x)",
    said={"rule": "float", "kernel": bessel.i0, "homes": ("method", "engine", "special")},
    input=d(r"\bar y\,I_1(x)", lambda g, input, k: g * k.special_i1(input)),
)
def i0(input):
    """The modified Bessel function of the first kind, of order 0."""


def _ratio(input: Any, y: Any, k: Any) -> tuple[Any, Any]:
    """Where x is not too near zero to divide by, and 1 / x there."""
    away = k.abs(input) > 1e-7
    return away, 1 / k.where(away, input, 1.0)


def _i1_slope(g: Any, input: Any, y: Any, k: Any) -> Any:
    away, inverse = _ratio(input, y, k)
    return g * k.where(away, k.i0(input) - y * inverse, 0.5)


@op(r"y = I_1(x)", said=_special("i1", bessel.i1), input=d(r"\bar y\,(I_0(x) - y / x)", _i1_slope))
def special_i1(input):
    """The modified Bessel function of the first kind, of order 1."""


@op(
    r"y = e^{-|x|} I_0(x)",
    said=_special("i0e", bessel.i0e, "SpecialI0EBackward0"),
    input=d(
        r"\bar y\,(e^{-|x|} I_1(x) - y\,\mathrm{sgn}\,x)",
        lambda g, input, y, k: g * (k.special_i1e(input) - k.sgn(input) * y),
    ),
)
def special_i0e(input):
    """`i0` times e to the power of less the size."""


def _i1e_slope(g: Any, input: Any, y: Any, k: Any) -> Any:
    away, inverse = _ratio(input, y, k)
    return g * k.where(away, k.special_i0e(input) - y * (k.sgn(input) + inverse), 0.5)


@op(
    r"y = e^{-|x|} I_1(x)",
    said=_special("i1e", bessel.i1e, "SpecialI1EBackward0"),
    input=d(r"\bar y\,(e^{-|x|} I_0(x) - y\,(\mathrm{sgn}\,x + 1/x))", _i1e_slope),
)
def special_i1e(input):
    """`i1` times e to the power of less the size."""


@op(r"y = I_0(x)", said=_special("modified_bessel_i0", bessel.i0), input=None)
def special_modified_bessel_i0(input):
    """The modified Bessel function of the first kind, of order 0, without a gradient."""


@op(r"y = I_1(x)", said=_special("modified_bessel_i1", bessel.i1), input=None)
def special_modified_bessel_i1(input):
    """The modified Bessel function of the first kind, of order 1, without a gradient."""


@op(r"y = K_0(x)", said=_special("modified_bessel_k0", bessel.k0), input=None)
def special_modified_bessel_k0(input):
    """The modified Bessel function of the second kind, of order 0."""


@op(r"y = K_1(x)", said=_special("modified_bessel_k1", bessel.k1), input=None)
def special_modified_bessel_k1(input):
    """The modified Bessel function of the second kind, of order 1."""


@op(r"y = e^x K_0(x)", said=_special("scaled_modified_bessel_k0", bessel.k0e), input=None)
def special_scaled_modified_bessel_k0(input):
    """`modified_bessel_k0` times e to the power of x."""


@op(r"y = e^x K_1(x)", said=_special("scaled_modified_bessel_k1", bessel.k1e), input=None)
def special_scaled_modified_bessel_k1(input):
    """`modified_bessel_k1` times e to the power of x."""


@op(r"y = J_0(x)", said=_special("bessel_j0", bessel.bessel_j0), input=None)
def special_bessel_j0(input):
    """The Bessel function of the first kind, of order 0."""


@op(r"y = J_1(x)", said=_special("bessel_j1", bessel.bessel_j1), input=None)
def special_bessel_j1(input):
    """The Bessel function of the first kind, of order 1."""


@op(r"y = Y_0(x)", said=_special("bessel_y0", bessel.bessel_y0), input=None)
def special_bessel_y0(input):
    """The Bessel function of the second kind, of order 0."""


@op(r"y = Y_1(x)", said=_special("bessel_y1", bessel.bessel_y1), input=None)
def special_bessel_y1(input):
    """The Bessel function of the second kind, of order 1."""


@in_double
def _spherical(x: Any) -> Any:
    finite = module(x).where(np.isfinite(x) & (x != 0), x, 1.0)
    value = module(x).where(x == 0, 1.0, np.sin(finite) / finite)
    return module(x).where(np.isinf(x), 0.0, module(x).where(np.isnan(x), x, value))


@op(r"y = \sin(x) / x", said=_special("spherical_bessel_j0", _spherical), input=None)
def special_spherical_bessel_j0(input):
    """The spherical Bessel function of the first kind, of order 0."""


@op(r"y = \mathrm{Ai}(x)", said=_special("airy_ai", bessel.airy_ai), input=None)
def special_airy_ai(input):
    """Airy's function."""
