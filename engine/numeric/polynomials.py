"""Orthogonal polynomials of degrees given element by element, by their three-term recurrences (DLMF table 18.9.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.array import module
from engine.numeric.series import in_double

_TRIGONOMETRIC = 6  # from the next degree on Chebyshev's polynomials are computed from the angle
_MOST_HERMITE = {np.dtype(np.float16): 128, np.dtype(np.float32): 128}  # beyond it PyTorch gives NaN; of doubles 512


def recurrence(x: Any, n: Any, second: Any, step: Callable[[int, Any, Any], Any]) -> Any:
    """The polynomial of degree n: 1, `second`, then step(k, the last, the one before); 0 below degree 0."""
    where = module(x).where
    before, last = x * 0 + 1, second
    value = where(n == 0, before, where(n == 1, last, 0.0))
    k = 2
    while np.any((n >= k) & ~np.isnan(last)):
        before, last = last, step(k, last, before)
        value = where(n == k, last, value)
        k += 1
    return where(n >= k, np.nan, value)


def _degrees(x: Any, n: Any) -> tuple[Any, Any]:
    n = np.trunc(module(x).where(np.isfinite(n), n, -1.0))
    together = np.broadcast_arrays(x, n)
    return together[0], together[1]


def _chebyshev(kind: str, shifted: bool) -> Callable[..., Any]:
    """One of Chebyshev's four kinds (DLMF 18.5.1 to 18.5.4)."""

    @in_double
    def polynomial(x: Any, n: Any) -> Any:
        where = module(x).where
        x, n = _degrees(x, n)
        x = 2 * x - 1 if shifted else x
        sign = where(n % 2 == 0, 1.0, -1.0)
        right, left = {
            "t": (1.0, sign), "u": (n + 1, sign * (n + 1)), "v": (1.0, sign * (2 * n + 1)), "w": (2 * n + 1, sign),
        }[kind]  # fmt: skip
        inside = (np.absolute(x) < 1) & (n > _TRIGONOMETRIC)
        angle = np.arccos(where(inside, x, 0.0))
        high = {
            "t": lambda: np.cos(n * angle),
            "u": lambda: np.sin((n + 1) * angle) / np.sin(angle),
            "v": lambda: np.cos((n + 0.5) * angle) / np.cos(0.5 * angle),
            "w": lambda: np.sin((n + 0.5) * angle) / np.sin(0.5 * angle),
        }[kind]()
        end = (np.absolute(x) == 1) & (n >= 0)
        second = {"t": x, "u": 2 * x, "v": 2 * x - 1, "w": 2 * x + 1}[kind]
        low = recurrence(x, where(inside | end, -1.0, n), second, lambda k, last, before: 2 * x * last - before)
        return where(end, where(x > 0, right, left), where(inside, high, low))

    return polynomial


chebyshev_t, chebyshev_u, chebyshev_v, chebyshev_w = (_chebyshev(kind, False) for kind in "tuvw")
shifted_chebyshev_t, shifted_chebyshev_u, shifted_chebyshev_v, shifted_chebyshev_w = (
    _chebyshev(kind, True) for kind in "tuvw"
)


def _hermite(x: Any, n: Any, scale: float) -> Any:
    most = _MOST_HERMITE.get(np.result_type(x, n) if hasattr(x, "dtype") else n.dtype, 512)
    return module(x).where(n > most, np.nan, _hermite_to_limit(x, n, scale))


@in_double
def _hermite_to_limit(x: Any, n: Any, scale: Any) -> Any:
    x, n = _degrees(x, np.minimum(n, 600.0))
    return recurrence(x, n, scale * x, lambda k, last, before: scale * (x * last - (k - 1) * before))


def hermite_h(x: Any, n: Any) -> Any:
    """The physicists' Hermite polynomial."""
    return _hermite(x, n, 2.0)


def hermite_he(x: Any, n: Any) -> Any:
    """The probabilists' Hermite polynomial."""
    return _hermite(x, n, 1.0)


@in_double
def laguerre_l(x: Any, n: Any) -> Any:
    """Laguerre's polynomial."""
    x, n = _degrees(x, n)
    return recurrence(x, n, 1 - x, lambda k, last, before: ((2 * k - 1 - x) * last - (k - 1) * before) / k)


@in_double
def legendre_p(x: Any, n: Any) -> Any:
    """Legendre's polynomial."""
    x, n = _degrees(x, n)
    return recurrence(x, n, x, lambda k, last, before: ((2 * k - 1) * x * last - (k - 1) * before) / k)
