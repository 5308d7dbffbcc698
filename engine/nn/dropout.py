"""Modules that drop elements in training and do nothing outside it."""

from __future__ import annotations

from typing import Any

from engine.nn import functional as F
from engine.nn.module import Module
from engine.tensor import Tensor


class _Dropout(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """The chance."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Each element zero with the chance `p`, the others scaled by 1/(1 − p). Srivastava and others, 2014."""

    def forward(self, input: Any) -> Tensor:
        """Of any shape."""
        return F.dropout(input, self.p, self.training, self.inplace)
