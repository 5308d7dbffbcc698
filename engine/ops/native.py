"""Functions with the results and arguments that PyTorch's native ones have, and products of groups."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.array import module
from engine.dispatch import tensors
from engine.errors import ShapeError
from engine.modes import no_grad
from engine.op import composite
from engine.tensor import wrap


def _statistics(rows: Any, eps: float) -> tuple[Any, Any]:
    """The means of rows, and one over their deviations."""
    mean = rows.mean(-1, True)
    away = rows - mean
    return mean, tensors.rsqrt((away * away).mean(-1, True) + eps)


@composite("engine")
def native_layer_norm(input: Any, normalized_shape: Any, weight: Any, bias: Any, eps: float) -> Any:
    """`layer_norm`, the means, and one over the deviations."""
    y = tensors.layer_norm(input, normalized_shape, weight, bias, eps)
    lead = input._array.shape[: input._array.ndim - len(tuple(normalized_shape))]
    shape = (*lead, *(1,) * len(tuple(normalized_shape)))
    with no_grad():
        width = math.prod(tuple(normalized_shape))
        mean, scale = _statistics(input.detach().reshape(math.prod(lead), width), eps)
        return y, mean.reshape(shape), scale.reshape(shape)


@composite("engine")
def native_group_norm(input: Any, weight: Any, bias: Any, N: int, C: int, HxW: int, group: int, eps: float) -> Any:
    """`group_norm`, the means, and one over the deviations."""
    y = tensors.group_norm(input, group, weight, bias, eps)
    mean, scale = _statistics(input.reshape(N, group, C // group * HxW), eps)
    return y, mean.squeeze(-1), scale.squeeze(-1)


@composite("engine")
def native_batch_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: float, eps: float
) -> Any:
    """`batch_norm`, and in training the means and one over the deviations."""
    y = tensors.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)
    if not training:
        nothing = module(input._array).zeros(0, input._array.dtype)
        return y, wrap(nothing), wrap(nothing.copy())
    with no_grad():
        channels = input._array.shape[1]
        rows = input.detach().transpose(0, 1).reshape(channels, input._array.size // max(channels, 1))
        mean, scale = _statistics(rows, eps)
        return y, mean.squeeze(-1), scale.squeeze(-1)


@composite("engine", "functional")
def conv_tbc(input: Any, weight: Any, bias: Any, pad: int = 0) -> Any:
    """A convolution of lines (time, batch, channels) by weights (places, channels in, channels out)."""
    x, w = input._array.shape, weight._array.shape
    for name, shape in (("Input", x), ("Weight", w)):
        if len(shape) != 3:
            raise ShapeError(f"{name} must have 3 dims: time, batch, in_channel" if name == "Input" else
                             "Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.",
                             "conv_tbc", (x, w))  # fmt: skip
    if x[2] != w[1]:
        raise ShapeError(
            "Input dim 2 (input channels) is not == dim 1 in the weight tensor", "conv_tbc", (x, w), (2, 1)
        )
    return tensors.conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad).permute(2, 0, 1)


@composite("functional")
def grouped_mm(mat_a: Any, mat_b: Any, *, offs: Any = None, bias: Any = None, out_dtype: Any = None) -> Any:
    """The products of groups of matrices; `offs` says where the groups of rows, columns or inner places end."""
    a, b = mat_a._array.ndim, mat_b._array.ndim
    if bias is not None:
        raise RuntimeError("Bias not supported yet")
    if a == b == 3:
        y = tensors.bmm(mat_a, mat_b)
        return y if out_dtype is None else y.to(out_dtype)
    if offs is None:
        raise RuntimeError("Have to provide offsets if there is a 2d matrix, or no offset if both matrices are 3d")
    ends = [int(n) for n in np.asarray(offs.cpu()._array)]
    spans = [slice(begin, end) for begin, end in zip([0, *ends[:-1]], ends, strict=True)]
    if a == b == 2:
        y = tensors.stack([mat_a[:, span] @ mat_b[span] for span in spans])
    elif a == 2:
        y = tensors.cat([mat_a[span] @ mat_b[number] for number, span in enumerate(spans)])
    else:
        y = tensors.cat([mat_a[number] @ mat_b[:, span] for number, span in enumerate(spans)], 1)
    return y if out_dtype is None else y.to(out_dtype)


def _refused(name: str) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(f"nn.functional.{name} is left out of this engine on purpose: products of float8")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "Left out: products of float8."
    composite("functional")(refuse)


_refused("scaled_mm")
_refused("scaled_grouped_mm")
