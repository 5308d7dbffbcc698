"""A layer and the batch normalization behind it made one layer, for use after training."""

from __future__ import annotations

import copy
from typing import Any

import engine
from engine.nn.parameter import Parameter


def _scale(mean: Any, var: Any, eps: float, weight: Any, bias: Any) -> tuple[Any, Any]:
    """By what the normalization multiplies, and what it adds after that and its mean are taken in."""
    weight = engine.ones_like(mean) if weight is None else weight
    bias = engine.zeros_like(mean) if bias is None else bias
    return weight * engine.rsqrt(var + eps), bias


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """A copy of a convolution that does what it and the normalization behind it do. Both must be in `eval`."""
    if conv.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    fused = copy.deepcopy(conv)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, transpose
    )
    return fused


def fuse_conv_bn_weights(
    conv_w: Any,
    conv_b: Any,
    bn_rm: Any,
    bn_rv: Any,
    bn_eps: float,
    bn_w: Any,
    bn_b: Any,
    transpose: bool = False,
) -> tuple[Any, Any]:
    """Weight and bias of the convolution that takes the place of the two; of the transposed one with `transpose`."""
    before = engine.zeros_like(bn_rm) if conv_b is None else conv_b
    scale, bias = _scale(bn_rm, bn_rv, bn_eps, bn_w, bn_b)
    shape = [1] * conv_w.ndim
    shape[1 if transpose else 0] = -1
    weight = (conv_w * scale.reshape(shape)).to(conv_w.dtype)
    return _parameters(weight, (before - bn_rm) * scale + bias, conv_w, conv_b)


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """A copy of a linear layer that does what it and the normalization behind it do. Both must be in `eval`."""
    if linear.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    if bn.num_features not in (linear.out_features, 1):
        raise AssertionError(
            "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
            f"linear.out_features={linear.out_features} and bn.num_features={bn.num_features}"
        )
    fused = copy.deepcopy(linear)
    fused.weight, fused.bias = fuse_linear_bn_weights(
        linear.weight, linear.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    )
    return fused


def fuse_linear_bn_weights(
    linear_w: Any, linear_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any
) -> tuple[Any, Any]:
    """Weight and bias of the linear layer that takes the place of the two."""
    before = engine.zeros_like(bn_rm) if linear_b is None else linear_b
    scale, bias = _scale(bn_rm, bn_rv, bn_eps, bn_w, bn_b)
    weight = linear_w * scale.unsqueeze(-1).to(linear_w.dtype)
    return _parameters(weight, (before - bn_rm) * scale + bias, linear_w, linear_b)


def _parameters(weight: Any, bias: Any, former: Any, former_bias: Any) -> tuple[Any, Any]:
    learns = former_bias is not None and former_bias.requires_grad
    bias = bias.to((former if former_bias is None else former_bias).dtype)
    return Parameter(weight.detach(), former.requires_grad), Parameter(bias.detach(), learns)
