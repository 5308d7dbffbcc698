"""Gradients that are undefined: what a function returned None for, and what is made of nothing else.

Such a gradient goes on, as PyTorch's does: nodes below have their turn, hooks see None, and a function of the program's
own gets zeros in its place. Added to another it changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class _Undefined:
    """The one undefined gradient."""

    __slots__ = ()
    __array_ufunc__ = None  # so that an array leaves the sum to it
    _array = None

    def __add__(self, other: Any) -> Any:
        return other

    __radd__ = __add__


UNDEFINED = _Undefined()


def defined(gradients: dict[Any, Any]) -> dict[Any, Any]:
    """Those that are."""
    return {edge: g for edge, g in gradients.items() if g is not UNDEFINED}


def marked(gradients: Sequence[Any], edges: Sequence[Any]) -> list[Any]:
    """A node's gradients, those that are None undefined where an edge leads on."""
    return [UNDEFINED if g is None and e is not None else g for g, e in zip(gradients, edges, strict=True)]
