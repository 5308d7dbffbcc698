"""Paddings as modules."""

from __future__ import annotations

from typing import Any

from engine.nn import functional as F
from engine.nn.module import Module
from engine.tensor import Tensor


class _Pad(Module):
    """Edges around the last axes: `padding` is one width, or (before, behind) of the last axis, the one before..."""

    axes = 0
    mode = "constant"
    value: Any = None

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * (2 * self.axes)

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *space) or (C, *space) to the same with edges."""
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """The widths."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        """The widths and the value."""
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_Pad):
    value = 0.0


class _ReflectionPad(_Pad):
    mode = "reflect"


class _ReplicationPad(_Pad):
    mode = "replicate"


class _CircularPad(_Pad):
    mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *space) or (C, *space) to the same with edges."""
        if input.ndim not in (self.axes + 1, self.axes + 2):
            raise ValueError(f"expected {self.axes + 1}D or {self.axes + 2}D input (got {input.ndim}D input)")
        return super().forward(input)


class ConstantPad1d(_ConstantPad):
    """Edges of one value, on one axis."""

    axes = 1


class ConstantPad2d(_ConstantPad):
    """Edges of one value, on two axes."""

    axes = 2


class ConstantPad3d(_ConstantPad):
    """Edges of one value, on three axes."""

    axes = 3


class ZeroPad1d(_ZeroPad):
    """Edges of zeros, on one axis."""

    axes = 1


class ZeroPad2d(_ZeroPad):
    """Edges of zeros, on two axes."""

    axes = 2


class ZeroPad3d(_ZeroPad):
    """Edges of zeros, on three axes."""

    axes = 3


class ReflectionPad1d(_ReflectionPad):
    """Edges that mirror what is inside, on one axis."""

    axes = 1


class ReflectionPad2d(_ReflectionPad):
    """Edges that mirror what is inside, on two axes."""

    axes = 2


class ReflectionPad3d(_ReflectionPad):
    """Edges that mirror what is inside, on three axes."""

    axes = 3


class ReplicationPad1d(_ReplicationPad):
    """Edges that repeat the border, on one axis."""

    axes = 1


class ReplicationPad2d(_ReplicationPad):
    """Edges that repeat the border, on two axes."""

    axes = 2


class ReplicationPad3d(_ReplicationPad):
    """Edges that repeat the border, on three axes."""

    axes = 3


class CircularPad1d(_CircularPad):
    """Edges that go on at the other side, on one axis."""

    axes = 1


class CircularPad2d(_CircularPad):
    """Edges that go on at the other side, on two axes."""

    axes = 2


class CircularPad3d(_CircularPad):
    """Edges that go on at the other side, on three axes."""

    axes = 3
