"""Convolutions as modules."""

from __future__ import annotations

import math
from types import FunctionType
from typing import Any

from engine.formats import contiguous_format
from engine.modes import no_grad
from engine.nn import functional as F
from engine.nn import init
from engine.nn.module import Module
from engine.nn.parameter import new_parameter
from engine.ops.windows import per_axis
from engine.tensor import Tensor

Setting = int | tuple[int, ...]


class _Conv(Module):
    """What all convolutions have: `weight` and `bias`, uniform in ±1/√fan_in at first."""

    axes = 0
    transposed = False
    output_padding: tuple[int, ...]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Setting,
        stride: Setting = 1,
        padding: Setting | str = 0,
        dilation: Setting = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(
                "padding_mode must be one of ['zeros', 'reflect', 'replicate', 'circular'], but got "
                f"padding_mode='{padding_mode}'"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = per_axis(kernel_size, self.axes)
        self.stride = per_axis(stride, self.axes)
        self.padding: Any = padding if isinstance(padding, str) else per_axis(padding, self.axes)
        self.dilation = per_axis(dilation, self.axes)
        self.groups = groups
        self.padding_mode = padding_mode
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}")
            if padding == "same" and any(n != 1 for n in self.stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        channels = (in_channels, out_channels // groups) if self.transposed else (out_channels, in_channels // groups)
        self.weight = new_parameter((*channels, *self.kernel_size), device, dtype)
        made = new_parameter(out_channels, device, dtype) if bias else None
        self.register_parameter("bias", made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        plain = self.weight.is_contiguous()  # else what is drawn must not follow the order in memory
        drawn = self.weight if plain else self.weight.detach().clone(memory_format=contiguous_format)
        init.kaiming_uniform_(drawn, a=math.sqrt(5))
        if not plain:
            with no_grad():
                self.weight.copy_(drawn)
        if self.bias is not None:
            fan_in = self.weight.shape[1] * math.prod(self.kernel_size)
            bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
            init.uniform_(self.bias, -bound, bound)

    def _edges(self) -> list[int]:
        """The padding as `F.pad` takes it."""
        if self.padding == "valid":
            return [0] * (2 * self.axes)
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            pairs = [(total // 2, total - total // 2) for total in totals]
        else:
            pairs = [(n, n) for n in self.padding]
        return [n for pair in reversed(pairs) for n in pair]

    def forward(self, input: Any) -> Tensor:
        """(N, in_channels, *space) to (N, out_channels, *out); also without N."""
        convolve = getattr(F, f"conv{self.axes}d")
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._edges(), mode=self.padding_mode), 0
        return convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """The channels, the kernel, and the options that are not as usual."""
        ones, zeros = (1,) * self.axes, (0,) * self.axes
        parts = [f"{self.in_channels}, {self.out_channels}"]
        parts.append(f"kernel_size={self.kernel_size}, stride={self.stride}")
        if self.padding != zeros:
            parts.append(f"padding={self.padding}")
        if self.dilation != ones:
            parts.append(f"dilation={self.dilation}")
        if self.transposed and self.output_padding != zeros:
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


class Conv1d(_Conv):
    """Weights (O, C/groups, K) slid over one axis."""

    axes = 1


class Conv2d(_Conv):
    """Weights (O, C/groups, K, K) slid over two axes."""

    axes = 2


class Conv3d(_Conv):
    """Weights (O, C/groups, K, K, K) slid over three axes."""

    axes = 3


class _Transposed(_Conv):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Setting,
        stride: Setting = 1,
        padding: Setting = 0,
        output_padding: Setting = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Setting = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            device=device,
            dtype=dtype,
        )
        self.output_padding = per_axis(output_padding, self.axes)

    def forward(self, input: Any, output_size: Any = None) -> Tensor:
        """(N, in_channels, *space) to (N, out_channels, *out); `output_size` picks among the sizes that fit."""
        more = self.output_padding if output_size is None else self._more(input, output_size)
        convolve = getattr(F, f"conv_transpose{self.axes}d")
        return convolve(input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation)

    def _more(self, input: Any, wanted: Any) -> tuple[int, ...]:
        """The output padding that leads to a size."""
        if len(wanted) == input.dim():
            wanted = wanted[-self.axes :]
        elif len(wanted) != self.axes:
            raise ValueError(
                f"ConvTranspose{self.axes}D: for {input.dim()}D input, output_size must have {self.axes} or "
                f"{input.dim()} elements (got {len(wanted)})"
            )
        settings = zip(self.stride, self.padding, self.dilation, self.kernel_size, strict=True)
        least = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, (s, p, d, k) in zip(input.shape[-self.axes :], settings, strict=True)
        ]
        more = tuple(n - low for n, low in zip(wanted, least, strict=True))
        if any(not 0 <= n < s for n, s in zip(more, self.stride, strict=True)):
            most = [low + s - 1 for low, s in zip(least, self.stride, strict=True)]
            raise ValueError(
                f"requested an output size of {wanted}, but valid sizes range from {least} to {most} (for an "
                f"input of {input.shape[2:]})"
            )
        return more


class ConvTranspose1d(_Transposed):
    """Each input spread by weights (C, O/groups, K) over one axis."""

    axes = 1


class ConvTranspose2d(_Transposed):
    """Each input spread by weights (C, O/groups, K, K) over two axes."""

    axes = 2


class ConvTranspose3d(_Transposed):
    """Each input spread by weights (C, O/groups, K, K, K) over three axes."""

    axes = 3


def _naming(kind: type[Module]) -> Any:
    """The `__init__` that a class inherits, under the name of the class, which Python tells where arguments lack."""
    inherited: Any = kind.__init__
    space, defaults = inherited.__globals__, inherited.__defaults__
    own = FunctionType(inherited.__code__, space, "__init__", defaults, inherited.__closure__)
    own.__qualname__, own.__annotations__ = f"{kind.__name__}.__init__", inherited.__annotations__
    return own


for _kind in (Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d):
    _kind.__init__ = _naming(_kind)  # type: ignore[method-assign]
