"""Poolings beyond plain windows as modules."""

from __future__ import annotations

from typing import Any

from engine.nn import functional as F
from engine.nn.module import Module
from engine.tensor import Tensor


def _each(value: Any, axes: int) -> tuple[Any, ...]:
    """A setting as a tuple, one an axis."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes


class _AdaptiveMaxPool(Module):
    axes = 0

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """(N, C, *space) to (N, C, *output_size), with `return_indices` also where the largest were."""
        return getattr(F, f"adaptive_max_pool{self.axes}d")(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """The size."""
        return f"output_size={self.output_size}"


class _MaxUnpool(Module):
    axes = 0

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = _each(kernel_size, self.axes)
        self.stride = _each(kernel_size if stride is None else stride, self.axes)
        self.padding = _each(padding, self.axes)

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Maxima (N, C, *out) and where they were to (N, C, *space)."""
        unpool = getattr(F, f"max_unpool{self.axes}d")
        return unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        """The windows."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _LPPool(Module):
    axes = 0

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *space) to (N, C, *out)."""
        pool = getattr(F, f"lp_pool{self.axes}d")
        return pool(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        """The norm and the windows."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class _FractionalMaxPool(Module):
    axes = 0

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if output_size is None and output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output size, or a pooling ratio")
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        if output_ratio is not None and not all(0 < ratio < 1 for ratio in _each(output_ratio, self.axes)):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")
        self.kernel_size = _each(kernel_size, self.axes)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else _each(output_size, self.axes)
        self.output_ratio = None if output_ratio is None else _each(output_ratio, self.axes)

    def forward(self, input: Tensor) -> Any:
        """(N, C, *space) to (N, C, *out), with `return_indices` also where the largest were."""
        pool = getattr(F, f"fractional_max_pool{self.axes}d")
        sizes = (self.kernel_size, self.output_size, self.output_ratio)
        return pool(input, *sizes, self.return_indices, _random_samples=self._random_samples)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest of even parts of one axis."""

    axes = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest of even parts of two axes."""

    axes = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest of even parts of three axes."""

    axes = 3


class MaxUnpool1d(_MaxUnpool):
    """The largest of windows put back where they were, on one axis."""

    axes = 1


class MaxUnpool2d(_MaxUnpool):
    """The largest of windows put back where they were, on two axes."""

    axes = 2


class MaxUnpool3d(_MaxUnpool):
    """The largest of windows put back where they were, on three axes."""

    axes = 3


class LPPool1d(_LPPool):
    """The norm of each window on one axis."""

    axes = 1


class LPPool2d(_LPPool):
    """The norm of each window on two axes."""

    axes = 2


class LPPool3d(_LPPool):
    """The norm of each window on three axes."""

    axes = 3


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest of windows at pseudo-random steps, on two axes."""

    axes = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """The largest of windows at pseudo-random steps, on three axes."""

    axes = 3
