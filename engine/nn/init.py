"""First values of parameters: each function fills a tensor in place, outside the graph, and returns it.

The draws come in PyTorch's order, so a seed gives PyTorch's weights.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import engine
from engine.errors import not_implemented
from engine.modes import no_grad
from engine.random import Generator, default_generator
from engine.tensor import Tensor


@no_grad()
def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniforms in [a, b)."""
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normals."""
    return tensor.normal_(mean, std, generator=generator)


@no_grad()
def trunc_normal_(
    tensor: Any,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Normals within [a, b]: drawn again until all are.

    Where [a, b] holds little of the distribution, uniforms in it are drawn instead, and kept with the chance that the
    density has there in proportion to its peak.
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    mean, std, a, b = float(mean), float(std), float(a), float(b)  # they may be tensors without axes
    source = default_generator if generator is None else generator
    if tensor.is_meta:  # which takes no draws
        return tensor
    shape, kind = tuple(tensor.shape), tensor.dtype.numpy
    if kind.kind in "iub":
        raise not_implemented("normal_kernel_cpu", kind)
    low, high = ((1.0 + math.erf((edge - mean) / std / math.sqrt(2.0))) / 2.0 for edge in (a, b))
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2

    def candidates() -> tuple[np.ndarray, np.ndarray]:
        if high - low > 0.3:
            x = source.normal(shape, mean, std, kind)
            return x, (x >= kind.type(a)) & (x <= kind.type(b))
        x = source.uniform(shape, a, b, kind)
        return x, np.log(source.rand(shape, kind)) <= -0.5 * ((x - mean) / std) ** 2 - peak

    drawn, kept = candidates()
    while not kept.all():
        again, good = candidates()
        drawn = np.where(kept, drawn, again)
        kept |= good
    return tensor.copy_(engine.from_numpy(drawn))


@no_grad()
def constant_(tensor: Any, val: float) -> Tensor:
    """One value everywhere."""
    return tensor.fill_(val)


@no_grad()
def ones_(tensor: Any) -> Tensor:
    """Ones."""
    return tensor.fill_(1.0)


@no_grad()
def zeros_(tensor: Any) -> Tensor:
    """Zeros."""
    return tensor.fill_(0.0)


@no_grad()
def eye_(tensor: Any) -> Tensor:
    """The identity, of a matrix."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return tensor.copy_(engine.eye(*tensor.shape))


@no_grad()
def dirac_(tensor: Any, groups: int = 1) -> Tensor:
    """The kernel of a convolution that passes as many channels through as it can."""
    if tensor.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if tensor.shape[0] % groups:
        raise ValueError("dim 0 must be divisible by groups")
    out = tensor.shape[0] // groups
    centre = tuple(side // 2 for side in tensor.shape[2:])
    tensor.zero_()
    for group in range(groups):
        for channel in range(min(out, tensor.shape[1])):
            tensor[(group * out + channel, channel, *centre)] = 1.0
    return tensor


# These two have no public name, but many programs with layers of their own call them.
def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    """How many inputs an output sums up, and how many outputs an input goes into."""
    if tensor.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    """One of the two: "fan_in" or "fan_out"."""
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which a nonlinearity's weights are to be larger so that the signal keeps its variance."""
    if nonlinearity in ("linear", "sigmoid", "conv1d", "conv2d", "conv3d") or nonlinearity.startswith("conv_transpose"):
        return 1
    if nonlinearity == "leaky_relu":
        if param is not None and (isinstance(param, bool) or not isinstance(param, (int, float))):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    gains = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 0.75}
    if nonlinearity not in gains:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return gains[nonlinearity]


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Uniforms in ±gain·√(6 / (fan_in + fan_out)). Glorot and Bengio, 2010."""
    bound = gain * math.sqrt(6.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Normals of deviation gain·√(2 / (fan_in + fan_out)). Glorot and Bengio, 2010."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor))), generator)


def kaiming_uniform_(
    tensor: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""Uniforms in ±gain·√(3 / fan). He and others, 2015; `a` is the slope of a leaky ReLU."""
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    bound = math.sqrt(3.0) * _kaiming_deviation(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""Normals of deviation gain / √fan. He and others, 2015; `a` is the slope of a leaky ReLU."""
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    return normal_(tensor, 0.0, _kaiming_deviation(tensor, a, mode, nonlinearity), generator)


def _kaiming_deviation(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    return calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))


@no_grad()
def orthogonal_(tensor: Any, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Orthonormal rows or columns, of the tensor seen as a matrix of its first axis. Saxe and others, 2013."""
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if not tensor.numel() or tensor.is_meta:
        return tensor
    rows = tensor.shape[0]
    columns = tensor.numel() // rows
    drawn: Any = engine.empty((rows, columns), dtype=tensor.dtype).normal_(0, 1, generator=generator)
    if tensor.dtype in (engine.float16, engine.bfloat16):
        raise not_implemented("geqrf_cpu", drawn._array.dtype)
    if tensor.is_complex():
        engine.sign(drawn)  # whose error for complex numbers is raised
    wide = rows < columns
    q, r = np.linalg.qr(drawn.numpy().T if wide else drawn.numpy())
    q *= np.sign(np.diagonal(r))  # so that every orthogonal matrix is as likely
    tensor.view((rows, columns)).copy_(engine.from_numpy(q.T if wide else q))
    return tensor.mul_(gain)


@no_grad()
def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Normals with the given part of each column zero. Martens, 2010."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.shape
    tensor.normal_(0, std, generator=generator)
    for column in range(columns):
        tensor[engine.randperm(rows)[: math.ceil(sparsity * rows)], column] = 0
    return tensor


def _former(name: str, function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function under its name of before PyTorch 0.4, which warns."""

    def call(*args: Any, **kwargs: Any) -> Tensor:
        warnings.warn(f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`.", FutureWarning, stacklevel=2)
        return function(*args, **kwargs)

    return call


uniform = _former("uniform", uniform_)
normal = _former("normal", normal_)
constant = _former("constant", constant_)
xavier_uniform = _former("xavier_uniform", xavier_uniform_)
xavier_normal = _former("xavier_normal", xavier_normal_)
kaiming_uniform = _former("kaiming_uniform", kaiming_uniform_)
kaiming_normal = _former("kaiming_normal", kaiming_normal_)
orthogonal = _former("orthogonal", orthogonal_)
eye = _former("eye", eye_)
dirac = _former("dirac", dirac_)
sparse = _former("sparse", sparse_)
