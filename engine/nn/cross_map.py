"""Local response normalization over neighbouring channels of images, as Torch's layer of that name computes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import module as module_of
from engine.autograd import Function
from engine.nn.module import Module
from engine.tensor import Tensor, wrap


class _CrossMap(Function):
    r"""y_c = x_c · s_c^-β, s = k + α/size · W x².

    The windows are PyTorch's to the letter: those of an even `size` are one channel narrower, the first channel never
    leaves them, and the way back has windows of its own that end `size // 2 - 1` channels after the channel.
    """

    @staticmethod
    def forward(ctx: Any, input: Any, size: int, alpha: float, beta: float, k: float) -> Any:
        x = input._array
        scale = k + alpha / size * _summed(_windows(x.shape[1], (size + 1) // 2), x * x)
        y = x * scale**-beta
        ctx.settings = size, alpha, beta
        ctx.kept = x, scale, y
        return wrap(y)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        size, alpha, beta = ctx.settings
        x, scale, y = ctx.kept
        last = size // 2 - 1
        if last < 0:
            raise RuntimeError("CrossMapLRN2d has no gradient for windows of one channel")
        rows, columns = np.indices((x.shape[1], x.shape[1]))
        windows = (columns <= rows + last) & (columns > rows + last - size)
        spread = _summed(windows, g._array * y / scale)
        pulled = g._array * scale**-beta - 2 * alpha * beta / size * x * spread
        return wrap(pulled), None, None, None, None


def _windows(channels: int, reach: int) -> np.ndarray:
    rows, columns = np.indices((channels, channels))
    return (np.abs(rows - columns) < reach) | (columns == 0)


def _summed(windows: np.ndarray, values: Any) -> Any:
    """For each channel the sum over its window."""
    xp = module_of(values)
    return xp.moveaxis(xp.tensordot(xp.asarray(windows, values.dtype), values, (1, 1)), 0, 1)


_CrossMap.__name__ = "CrossMapLRN2d"  # what its node is called


class CrossMapLRN2d(Module):
    """Each channel divided by a power of the energy of those around it. Krizhevsky and others, 2012."""

    size: int
    alpha: float
    beta: float
    k: float

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        if input.ndim != 4:
            raise ValueError(f"CrossMapLRN2d: Expected input to be 4D, got {input.ndim}D instead.")
        return _CrossMap.apply(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """All settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
