"""Tensors of a size: zeros, ones, one number, uninitialized; of the size or of the kind of another tensor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array, graph
from engine.array import Defaults, module_for, numpy_dtype
from engine.errors import only_tensors
from engine.fitting import as_number, fitted
from engine.formats import preserve_format, steps_in
from engine.given_sizes import missing, sizes_of
from engine.memory import laid_over, plain_steps, too_large
from engine.op import composite
from engine.ops.create import check_out, made, strided_only, tensor
from engine.repeatable import Wish, marked
from engine.tensor import Tensor

_OF_NO_EFFECT = ("layout", "pin_memory", "memory_format")


def _shape(name: str, size: Any, options: dict[str, Any]) -> tuple[int, ...]:
    """The size, given plainly or by name; what changes nothing here is taken from the options."""
    if not size and "size" in options:
        size = (options.pop("size"),)
    if not size:
        raise missing(name, "size")
    strided_only(options.get("layout"))
    for each in _OF_NO_EFFECT:
        options.pop(each, None)
    if options:
        raise TypeError(f"{name}() got an unexpected keyword argument '{next(iter(options))}'")
    shape = sizes_of(size, name)
    for n in shape:
        if n < 0:
            if name == "zeros":
                raise RuntimeError("zeros: Dimension size must be non-negative.")
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(shape)}")
    return shape


def _made(name: str, shape: tuple[int, ...], dtype: Any, device: Any, requires_grad: bool, out: Any) -> Tensor:
    if out is not None:
        check_out(out, dtype)
        out.resize_(shape)
        return out if name == "empty" else out.fill_(int(name == "ones"))
    try:
        blank = getattr(module_for(device), name)(shape, numpy_dtype(dtype) or Defaults.numpy)
    except ValueError as error:
        raise too_large(shape, error) from None
    return made(marked(blank) if Wish.on and name == "empty" else blank, requires_grad)


@composite("engine")
def zeros(
    *size: Any, out: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False, **options: Any
) -> Any:
    """Zeros of a size."""
    return _made("zeros", _shape("zeros", size, options), dtype, device, requires_grad, out)


@composite("engine")
def ones(
    *size: Any, out: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False, **options: Any
) -> Any:
    """Ones of a size."""
    return _made("ones", _shape("ones", size, options), dtype, device, requires_grad, out)


@composite("engine")
def empty(
    *size: Any, out: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False, **options: Any
) -> Any:
    """A tensor of a size whose elements are whatever the memory held."""
    format = options.get("memory_format")
    shape = _shape("empty", size, options)
    blank = _made("empty", shape, dtype, device, requires_grad, out)
    steps = steps_in(format, shape)
    if steps != plain_steps(shape):
        blank._array = laid_over(blank._array.reshape(-1), shape, steps, 0)
    return blank


@composite("engine")
def full(
    size: Any, fill_value: Any, *, out: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    **options: Any,
) -> Any:  # fmt: skip
    """A number, a size of times."""
    number = as_number("full", "fill_value", 2, fill_value)
    if isinstance(number, np.generic):
        number = number.item()
    if isinstance(size, int):
        raise TypeError("full(): argument 'size' (position 1) must be tuple of ints, not int")
    shape = _shape("full", (size,), options)
    if out is not None:
        check_out(out, dtype)
        return out.resize_(shape).fill_(number)
    kind = numpy_dtype(dtype) or array.number_dtype(number.__class__)
    number = fitted(number, kind, short=math.prod(shape) != 1)
    try:
        filled = module_for(device).full(shape, number, kind)
    except ValueError as error:
        raise too_large(shape, error) from None
    return made(filled, requires_grad)


# ---- of the size of another


def _like(input: Any, dtype: Any, device: Any) -> dict[str, Any]:
    return {"dtype": input.dtype if dtype is None else dtype, "device": input.device if device is None else device}


def blank_like(input: Any, dtype: Any, device: Any, memory_format: Any) -> Tensor:
    """Uninitialized, of the size of another tensor: laid out as that is if it is without gaps, or in a format."""
    blank = _laid_like(input, dtype, device, memory_format)
    if graph.marks is not None:
        graph.marks.copy(input, blank)
    return blank


def _laid_like(input: Any, dtype: Any, device: Any, memory_format: Any) -> Tensor:
    given = _like(input, dtype, device)
    shape, steps = input._array.shape, input.stride()
    if memory_format not in (None, preserve_format):
        return empty(shape, memory_format=memory_format, **given)
    if input.is_contiguous() or 0 in steps:
        return empty(shape, **given)
    order = sorted(range(len(shape)), key=lambda axis: -steps[axis])
    dense, step = [0] * len(shape), 1
    for axis in reversed(order):
        dense[axis] = step
        step *= max(shape[axis], 1)
    blank = empty(shape, **given)
    blank._array = laid_over(blank._array.reshape(-1), shape, dense, 0)
    return blank


@composite("engine")
def zeros_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None,
    layout: Any = None, pin_memory: bool = False,
) -> Any:  # fmt: skip
    """Zeros of the size of another tensor."""
    only_tensors("zeros_like", input=input)
    strided_only(layout)
    return full_like(input, 0, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)


@composite("engine")
def ones_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None,
    layout: Any = None, pin_memory: bool = False,
) -> Any:  # fmt: skip
    """Ones of the size of another tensor."""
    only_tensors("ones_like", input=input)
    strided_only(layout)
    return full_like(input, 1, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)


@composite("engine")
def empty_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None,
    layout: Any = None, pin_memory: bool = False,
) -> Any:  # fmt: skip
    """Uninitialized, of the size of another tensor."""
    only_tensors("empty_like", input=input)
    strided_only(layout)
    return made(blank_like(input, dtype, device, memory_format)._array, requires_grad)


@composite("engine")
def full_like(
    input: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    memory_format: Any = None, layout: Any = None, pin_memory: bool = False,
) -> Any:  # fmt: skip
    """A number, of the size of another tensor."""
    only_tensors("full_like", input=input)
    strided_only(layout)
    if memory_format is None and not isinstance(fill_value, Tensor) and input.is_contiguous():
        given = _like(input, dtype, device)
        return full(input._array.shape, fill_value, requires_grad=requires_grad, **given)
    raw = blank_like(input, dtype, device, memory_format)._array
    number = as_number("full_like", "fill_value", 2, fill_value)
    raw[...] = fitted(number, raw.dtype, short=raw.size != 1)
    return made(raw, requires_grad)


# ---- of the kind of another


@composite("method")
def new_tensor(self: Any, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """A leaf with a copy of the data, in the dtype and on the device of this tensor."""
    return tensor(data, requires_grad=requires_grad, **_like(self, dtype, device))


@composite("method")
def new_zeros(
    self: Any, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **options: Any
) -> Any:
    """Zeros in the dtype and on the device of this tensor."""
    shape = _shape("new_zeros", size, options)
    return zeros(shape, requires_grad=requires_grad, **_like(self, dtype, device))


@composite("method")
def new_ones(
    self: Any, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **options: Any
) -> Any:
    """Ones in the dtype and on the device of this tensor."""
    shape = _shape("new_ones", size, options)
    return ones(shape, requires_grad=requires_grad, **_like(self, dtype, device))


@composite("method")
def new_empty(
    self: Any, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **options: Any
) -> Any:
    """Uninitialized, in the dtype and on the device of this tensor."""
    shape = _shape("new_empty", size, options)
    return empty(shape, requires_grad=requires_grad, **_like(self, dtype, device))


@composite("method")
def new_full(
    self: Any, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """A number, in the dtype and on the device of this tensor."""
    return full(size, fill_value, requires_grad=requires_grad, **_like(self, dtype, device))
