"""Poolings as modules."""

from __future__ import annotations

from typing import Any

from engine.nn import functional as F
from engine.nn.module import Module
from engine.tensor import Tensor


class _MaxPool(Module):
    axes = 0

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        """(N, C, *space) to (N, C, *out), with `return_indices` also where the largest were."""
        pool = getattr(F, f"max_pool{self.axes}d")
        settings = (self.kernel_size, self.stride, self.padding, self.dilation)
        return pool(input, *settings, ceil_mode=self.ceil_mode, return_indices=self.return_indices)

    def extra_repr(self) -> str:
        """The windows."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest of each window on one axis."""

    axes = 1


class MaxPool2d(_MaxPool):
    """The largest of each window on two axes."""

    axes = 2


class MaxPool3d(_MaxPool):
    """The largest of each window on three axes."""

    axes = 3


class _AvgPool(Module):
    axes = 0

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *space) to (N, C, *out)."""
        pool = getattr(F, f"avg_pool{self.axes}d")
        settings = (self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)
        return pool(input, *settings, divisor_override=self.divisor_override)

    def extra_repr(self) -> str:
        """The windows."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """The mean of each window on one axis."""

    axes = 1

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        kernel, step, edge = (
            value if isinstance(value, tuple) else (value,)
            for value in (kernel_size, kernel_size if stride is None else stride, padding)
        )
        super().__init__(kernel, step, edge, ceil_mode, count_include_pad)


class AvgPool2d(_AvgPool):
    """The mean of each window on two axes."""

    axes = 2


class AvgPool3d(_AvgPool):
    """The mean of each window on three axes."""

    axes = 3


class _AdaptiveAvgPool(Module):
    axes = 0

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *space) to (N, C, *output_size)."""
        return getattr(F, f"adaptive_avg_pool{self.axes}d")(input, self.output_size)

    def extra_repr(self) -> str:
        """The size."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The means of even parts of one axis."""

    axes = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The means of even parts of two axes."""

    axes = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The means of even parts of three axes."""

    axes = 3
