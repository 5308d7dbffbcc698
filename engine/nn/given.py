"""What containers are filled from, found sound: PyTorch's errors for what is no row and no pairs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.tensor import Tensor


def row_of(who: str, values: Any) -> list[Any]:
    """The values of an iterable, which `who` is extended by."""
    if not isinstance(values, Iterable) or isinstance(values, Tensor):
        raise TypeError(f"{who}.extend should be called with an iterable, but got {type(values).__name__}")
    return list(values)


def pairs_of(who: str, values: Any, caller: str = "") -> list[tuple[str, Any]]:
    """Pairs of a name and a value, which `who` is updated by."""
    if not isinstance(values, Iterable):
        raise TypeError(
            f"{caller or who}.update should be called with an iterable of key/value pairs, but got "
            f"{type(values).__name__}"
        )
    pairs = []
    for i, pair in enumerate(values):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{who} update sequence element #{i} should be Iterable; is{type(pair).__name__}")
        parts = tuple(pair)
        if len(parts) != 2:
            raise ValueError(f"{who} update sequence element #{i} has length {len(parts)}; 2 is required")
        pairs.append(parts)
    return pairs
