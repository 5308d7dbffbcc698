"""Orthogonal polynomials, the degree given element by element; PyTorch has no derivatives of them."""

from __future__ import annotations

from typing import Any

from engine.errors import not_narrow
from engine.numeric import polynomials
from engine.op import op


def _polynomial(name: str, kernel: Any) -> dict[str, Any]:
    return {
        "rule": "float",
        "numbers": "either",
        "homes": ("special",),
        "in_place": False,
        "name": f"special_{name}",
        "kernel": kernel,
        "narrow": not_narrow(f"{name}_cpu"),
        "real_only": f"{name}_cpu",
    }


@op(
    r"y = T_n(x) = \cos(n \arccos x)",
    said=_polynomial("chebyshev_polynomial_t", polynomials.chebyshev_t),
    input=None,
    n=None,
)
def special_chebyshev_polynomial_t(input, n):
    """The Chebyshev polynomial of the first kind."""


@op(
    r"y = U_n(x) = 2x\,U_{n-1}(x) - U_{n-2}(x),\ U_1 = 2x",
    said=_polynomial("chebyshev_polynomial_u", polynomials.chebyshev_u),
    input=None,
    n=None,
)
def special_chebyshev_polynomial_u(input, n):
    """The Chebyshev polynomial of the second kind."""


@op(
    r"y = V_n(x) = 2x\,V_{n-1}(x) - V_{n-2}(x),\ V_1 = 2x - 1",
    said=_polynomial("chebyshev_polynomial_v", polynomials.chebyshev_v),
    input=None,
    n=None,
)
def special_chebyshev_polynomial_v(input, n):
    """The Chebyshev polynomial of the third kind."""


@op(
    r"y = W_n(x) = 2x\,W_{n-1}(x) - W_{n-2}(x),\ W_1 = 2x + 1",
    said=_polynomial("chebyshev_polynomial_w", polynomials.chebyshev_w),
    input=None,
    n=None,
)
def special_chebyshev_polynomial_w(input, n):
    """The Chebyshev polynomial of the fourth kind."""


@op(
    r"y = T_n(2x - 1)",
    said=_polynomial("shifted_chebyshev_polynomial_t", polynomials.shifted_chebyshev_t),
    input=None,
    n=None,
)
def special_shifted_chebyshev_polynomial_t(input, n):
    """The Chebyshev polynomial of the first kind, moved to the interval from 0 to 1."""


@op(
    r"y = U_n(2x - 1)",
    said=_polynomial("shifted_chebyshev_polynomial_u", polynomials.shifted_chebyshev_u),
    input=None,
    n=None,
)
def special_shifted_chebyshev_polynomial_u(input, n):
    """The Chebyshev polynomial of the second kind, moved to the interval from 0 to 1."""


@op(
    r"y = V_n(2x - 1)",
    said=_polynomial("shifted_chebyshev_polynomial_v", polynomials.shifted_chebyshev_v),
    input=None,
    n=None,
)
def special_shifted_chebyshev_polynomial_v(input, n):
    """The Chebyshev polynomial of the third kind, moved to the interval from 0 to 1."""


@op(
    r"y = W_n(2x - 1)",
    said=_polynomial("shifted_chebyshev_polynomial_w", polynomials.shifted_chebyshev_w),
    input=None,
    n=None,
)
def special_shifted_chebyshev_polynomial_w(input, n):
    """The Chebyshev polynomial of the fourth kind, moved to the interval from 0 to 1."""


@op(
    r"y = H_n(x) = 2x\,H_{n-1}(x) - 2(n-1)\,H_{n-2}(x)",
    said=_polynomial("hermite_polynomial_h", polynomials.hermite_h),
    input=None,
    n=None,
)
def special_hermite_polynomial_h(input, n):
    """The physicists' Hermite polynomial."""


@op(
    r"y = \mathrm{He}_n(x) = x\,\mathrm{He}_{n-1}(x) - (n-1)\,\mathrm{He}_{n-2}(x)",
    said=_polynomial("hermite_polynomial_he", polynomials.hermite_he),
    input=None,
    n=None,
)
def special_hermite_polynomial_he(input, n):
    """The probabilists' Hermite polynomial."""


@op(
    r"n\,y = n L_n(x) = (2n - 1 - x)\,L_{n-1}(x) - (n-1)\,L_{n-2}(x)",
    said=_polynomial("laguerre_polynomial_l", polynomials.laguerre_l),
    input=None,
    n=None,
)
def special_laguerre_polynomial_l(input, n):
    """The Laguerre polynomial."""


@op(
    r"n\,y = n P_n(x) = (2n - 1)\,x\,P_{n-1}(x) - (n-1)\,P_{n-2}(x)",
    said=_polynomial("legendre_polynomial_p", polynomials.legendre_p),
    input=None,
    n=None,
)
def special_legendre_polynomial_p(input, n):
    """The Legendre polynomial."""
