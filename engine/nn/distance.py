"""The distance of two batches of vectors as a module."""

from __future__ import annotations

from typing import Any

from engine.nn import functional as F
from engine.nn.module import Module
from engine.tensor import Tensor


class PairwiseDistance(Module):
    r"""‖x₁ − x₂ + ε‖_p over the last axis."""

    norm: float
    eps: float
    keepdim: bool

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Any, x2: Any) -> Tensor:
        """(N, D) and (N, D) to (N)."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
