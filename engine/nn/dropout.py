"""Modules that drop elements in training and do nothing outside it."""

from __future__ import annotations

from typing import Any

from engine.nn import functional as F
from engine.nn.module import Module
from engine.tensor import Tensor


class _DropoutNd(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """The chance."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_DropoutNd):
    """Each element zero with the chance `p`, the others scaled by 1/(1 − p). Srivastava and others, 2014."""

    def forward(self, input: Any) -> Tensor:
        """Of any shape."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_DropoutNd):
    """Channels of lines (N, C, L) zero with the chance `p`. Tompson and others, 2015."""

    def forward(self, input: Any) -> Tensor:
        """To the same shape."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_DropoutNd):
    """Channels of images (N, C, H, W) zero with the chance `p`."""

    def forward(self, input: Any) -> Tensor:
        """To the same shape."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_DropoutNd):
    """Channels of volumes (N, C, D, H, W) zero with the chance `p`."""

    def forward(self, input: Any) -> Tensor:
        """To the same shape."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_DropoutNd):
    """Elements dropped so that mean 0 and variance 1 stay, for `SELU`. Klambauer and others, 2017."""

    def forward(self, input: Any) -> Tensor:
        """To the same shape."""
        return F.alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(_DropoutNd):
    """`AlphaDropout` of whole channels."""

    def forward(self, input: Any) -> Tensor:
        """To the same shape."""
        return F.feature_alpha_dropout(input, self.p, self.training, self.inplace)
