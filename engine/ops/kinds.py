"""What PyTorch calls the types of tensors, and its error for those of which a function takes but a few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.array import OF_NUMPY, TITLES

_OLD = frozenset(("Float", "Double", "Half", "Long", "Int", "Short", "Char", "Byte"))  # that have a class of their own


def type_name(x: Any) -> str:
    """What PyTorch calls the type of a raw array's tensor."""
    title = TITLES[OF_NUMPY[x.dtype]]
    return f"torch.{title}Tensor" if title in _OLD else f"CPU{title}Type"


def check_type(x: Any, where: str, argument: str, taken: Sequence[str], position: int = 1) -> None:
    """That a raw array, an argument of the function `where`, has one of the types `taken`."""
    if TITLES[OF_NUMPY[x.dtype]] not in taken:
        raise RuntimeError(
            f"Expected tensor for argument #{position} '{argument}' to have one of the following scalar types: "
            f"{', '.join(taken)}; but got {type_name(x)} instead (while checking arguments for {where})"
        )
