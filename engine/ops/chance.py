"""Tensors from chance: PyTorch's CPU numbers for a seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, family, graph, random
from engine.array import Defaults, module_for, numpy_dtype
from engine.dispatch import tensors
from engine.op import composite
from engine.ops.create import _like, made
from engine.ops.shape import sizes_of
from engine.tensor import Tensor

# ---- from chance


def _source(generator: Any) -> Any:
    return random.default_generator if generator is None else generator


def _drawn(host: Any, device: Any, requires_grad: bool = False) -> Tensor:
    """Draws, which are made on the host, on a device."""
    xp = module_for(device)
    return made(host if xp is np else xp.asarray(host), requires_grad)


@composite("engine")
def rand(*size: Any, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """Uniform numbers in [0, 1)."""
    draws = _source(generator).rand(sizes_of(size), numpy_dtype(dtype) or Defaults.numpy)
    return _drawn(draws, device, requires_grad)


@composite("engine")
def randn(*size: Any, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """Standard normal numbers."""
    draws = _source(generator).randn(sizes_of(size), numpy_dtype(dtype) or Defaults.numpy)
    return _drawn(draws, device, requires_grad)


@composite("engine")
def randint(
    low: Any,
    high: Any = None,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """Integers in [low, high)."""
    if size is None:
        low, high, size = 0, low, high
    draws = _source(generator).randint(int(low), int(high), sizes_of((size,)), numpy_dtype(dtype) or np.int64)
    return _drawn(draws, device, requires_grad)


@composite("engine")
def randperm(n: int, *, generator: Any = None, dtype: Any = None, device: Any = None) -> Any:
    """A permutation of 0 to n - 1."""
    return _drawn(_source(generator).randperm(n, numpy_dtype(dtype) or np.int64), device)


@composite("engine")
def rand_like(input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """Uniform numbers of the size of another tensor."""
    return rand(*input._array.shape, requires_grad=requires_grad, **_like(input, dtype, device))


@composite("engine")
def randn_like(input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """Standard normal numbers of the size of another tensor."""
    return randn(*input._array.shape, requires_grad=requires_grad, **_like(input, dtype, device))


@composite("engine")
def randint_like(input: Any, low: int, high: int | None = None, *, dtype: Any = None, device: Any = None) -> Any:
    """Integers of the size of another tensor."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, input._array.shape, **_like(input, dtype, device))


@composite("engine")
def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Any = None, dtype: Any = None, device: Any = None
) -> Any:
    """Normal numbers with given means and deviations, numbers or tensors."""
    if size is not None:
        draws = _source(generator).normal(sizes_of((size,)), mean, std, numpy_dtype(dtype) or Defaults.numpy)
        return _drawn(draws, device)
    shape = np.broadcast_shapes(*(t._array.shape for t in (mean, std) if isinstance(t, Tensor)))
    return randn(*shape, generator=generator) * std + mean


@composite()
def bernoulli(input: Any, p: Any = None, *, generator: Any = None) -> Any:
    """Ones with the chances that the elements are, or with the one chance `p`."""
    if p is not None:
        return tensors.empty_like(input).bernoulli_(p, generator=generator)
    return _drawn(_source(generator).bernoulli(np.asarray(array.moved(input._array, "cpu"))), input.device)


@composite()
def multinomial(input: Any, num_samples: int, replacement: bool = False, *, generator: Any = None) -> Any:
    """Indices drawn in proportion to the elements of a vector, or of each row."""
    return _drawn(
        _source(generator).multinomial(array.moved(input._array, "cpu"), num_samples, replacement), input.device
    )


def _refill(name: str, draw: Any) -> None:
    """Register `Tensor.NAME_`, which fills a tensor in place with what `draw(generator, shape, dtype, *args)` gives."""

    def fill(self: Any, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
        if graph.marks is not None:
            graph.marks.refilled(self)
        family.check_in_place(self)
        memory = family.own(self)
        draws = draw(_source(generator), memory.shape, memory.dtype, *args, **kwargs)
        memory[...] = array.module(memory).asarray(draws, dtype=memory.dtype)
        family.rebase(self, None, f"{name}_")
        return self

    fill.__name__ = fill.__qualname__ = f"{name}_"
    fill.__doc__ = draw.__doc__
    composite("method")(fill)


def _uniform(source: Any, shape: Any, kind: Any, a: float = 0.0, b: float = 1.0) -> Any:
    """Filled with uniform numbers in [a, b)."""
    return source.uniform(shape, a, b, kind)


def _normal(source: Any, shape: Any, kind: Any, mean: float = 0.0, std: float = 1.0) -> Any:
    """Filled with normal numbers."""
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return source.normal(shape, mean, std, kind)


def _bernoulli(source: Any, shape: Any, kind: Any, p: Any = 0.5) -> Any:
    """Filled with ones with the chance `p`, a number or a tensor, and zeros."""
    if isinstance(p, Tensor):
        return source.bernoulli(np.broadcast_to(p._array, shape))
    return source.mask(shape, p)


def _exponential(source: Any, shape: Any, kind: Any, lambd: float = 1.0) -> Any:
    """Filled with exponential numbers."""
    return source.exponential(shape, lambd, kind)


def _random(source: Any, shape: Any, kind: Any, low: int | None = None, high: int | None = None) -> Any:
    """Filled with integers in [low, high), or from all that the dtype holds."""
    if low is None:
        return source.random(shape, kind)
    return source.randint(0, low, shape, kind) if high is None else source.randint(low, high, shape, kind)


for _name, _draw in {
    "uniform": _uniform,
    "normal": _normal,
    "bernoulli": _bernoulli,
    "exponential": _exponential,
    "random": _random,
}.items():
    _refill(_name, _draw)
