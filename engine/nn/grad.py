"""The gradients of convolutions, asked for one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engine
from engine.nn import functional as F

__all__ = ["conv1d_input", "conv1d_weight", "conv2d_input", "conv2d_weight", "conv3d_input", "conv3d_weight"]


def _pull(axes: int, x: Any, w: Any, g: Any, settings: tuple[Any, ...], wanted: int) -> Any:
    """The gradient of a convolution with respect to its input (0) or weight (1)."""
    leaves = [t.detach().requires_grad_() for t in (x, w)]
    with engine.enable_grad():
        stride, padding, dilation, groups = settings
        y = getattr(F, f"conv{axes}d")(*leaves, None, stride, padding, dilation, groups)
        return engine.autograd.grad(y, leaves[wanted], g)[0]


def _of_input(axes: int) -> Callable[..., Any]:
    def pulled(
        input_size: Any,
        weight: Any,
        grad_output: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        x = engine.zeros(tuple(input_size), dtype=grad_output.dtype, device=grad_output.device)
        return _pull(axes, x, weight, grad_output, (stride, padding, dilation, groups), 0)

    return _named(pulled, f"conv{axes}d_input", "The gradient of a convolution with respect to its input.")


def _of_weight(axes: int) -> Callable[..., Any]:
    def pulled(
        input: Any,
        weight_size: Any,
        grad_output: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        w = engine.zeros(tuple(weight_size), dtype=grad_output.dtype, device=grad_output.device)
        return _pull(axes, input, w, grad_output, (stride, padding, dilation, groups), 1)

    return _named(pulled, f"conv{axes}d_weight", "The gradient of a convolution with respect to its weight.")


def _named(function: Callable[..., Any], name: str, text: str) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = text
    return function


conv1d_input, conv2d_input, conv3d_input = (_of_input(axes) for axes in (1, 2, 3))
conv1d_weight, conv2d_weight, conv3d_weight = (_of_weight(axes) for axes in (1, 2, 3))
