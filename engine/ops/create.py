"""Tensors from data, from a rule, and from chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, graph
from engine.array import Defaults, module_for, numpy_dtype
from engine.family import infer
from engine.op import composite
from engine.ops.shape import sizes_of
from engine.tensor import Tensor, wrap


def made(raw: Any, requires_grad: bool = False) -> Tensor:
    """A fresh leaf over a raw array."""
    tensor = wrap(raw)
    if graph.inference:
        infer(tensor)
    if requires_grad:
        if raw.dtype.kind not in "fc":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        tensor.requires_grad = True
    return tensor


def _kind_of(data: Any) -> np.dtype | None:
    """The dtype of nested lists of Python numbers; None where NumPy knows best."""
    if isinstance(data, (np.ndarray, np.generic)):
        return None
    found = np.asarray(data)
    if found.dtype == object:
        raise TypeError(f"can't convert {_odd(data)} to a tensor")
    if found.size == 0 and found.dtype == np.float64:
        return Defaults.numpy
    if found.dtype == np.float64 and not _holds_numpy(data):
        return Defaults.numpy
    if found.dtype == np.complex128 and not _holds_numpy(data):
        return np.dtype(np.complex64) if Defaults.numpy == np.float32 else found.dtype
    return None


def _holds_numpy(data: Any) -> bool:
    while isinstance(data, (list, tuple)) and len(data):
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic))


def _odd(data: Any) -> str:
    while isinstance(data, (list, tuple)) and len(data):
        data = data[0]
    return f"a value of type {type(data).__name__}"


def _plain(data: Any) -> Any:
    """Nested lists with tensors among their elements as lists of numbers."""
    if isinstance(data, Tensor):
        return data._array
    if isinstance(data, (list, tuple)) and any(isinstance(each, (Tensor, list, tuple)) for each in data):
        if graph.marks is not None:
            for each in data:
                graph.marks.looked_at(each)
        return [_plain(each) if isinstance(each, (Tensor, list, tuple)) else each for each in data]
    return data


def _array(data: Any, dtype: Any, device: Any, copy: bool) -> Any:
    xp = np if device is None and Defaults.device == "cpu" else module_for(device)
    kind = numpy_dtype(dtype)
    try:
        data = _plain(data)
        kind = _kind_of(data) if kind is None else kind
        if isinstance(data, (str, bytes)):
            raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
        host = np.array(data, kind) if copy else np.asarray(data, kind)
    except ValueError as error:
        raise _ragged(data) or error from None
    array.dtype_of(host)
    return host if xp is np else xp.asarray(host)


@composite("engine")
def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Any:
    """A leaf that holds a copy of numbers, nested lists or an array."""
    if isinstance(data, Tensor):
        import warnings

        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning, stacklevel=3,
        )  # fmt: skip
        moved = data.detach().to(dtype=dtype, device=device)
        return made(np.array(moved._array) if moved._array is data._array else moved._array, requires_grad)
    held = _array(data, dtype, device, copy=True)
    # One number is held as NumPy's scalar until somebody shares or writes its memory: to compute with it is quicker.
    return made(held if held.ndim or held.__class__ is not np.ndarray else held[()], requires_grad)


@composite("engine")
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """A tensor over the data, sharing memory where dtype and device allow."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    return made(_array(data, dtype, device, copy=False))


@composite("engine")
def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: Any = None, requires_grad: bool = False) -> Any:
    """A tensor over an object, sharing memory unless `copy`."""
    made_of = as_tensor(obj, dtype, device)
    return (made_of.clone() if copy else made_of).requires_grad_(requires_grad or made_of.requires_grad)


@composite("engine")
def from_numpy(ndarray: Any) -> Any:
    """A tensor that shares memory with a NumPy array."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    if any(step < 0 for step in ndarray.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. (You can probably work around this by making a copy of your array with array.copy().)"
        )
    array.dtype_of(ndarray)
    return wrap(ndarray)


def _ragged(data: Any, dim: int = 0) -> ValueError | None:
    """PyTorch's error for nested lists of different lengths, None if they are not that."""
    if not isinstance(data, (list, tuple)):
        return None
    sizes = [len(each) if isinstance(each, (list, tuple)) else None for each in data]
    for size in sizes:
        if size is not None and sizes[0] is not None and size != sizes[0]:
            return ValueError(f"expected sequence of length {sizes[0]} at dim {dim + 1} (got {size})")
        if (size is None) != (sizes[0] is None):
            return ValueError(f"expected sequence of length {sizes[0] or size} at dim {dim + 1} (got a number)")
    return next((error for each in data if (error := _ragged(each, dim + 1)) is not None), None)


def _new(maker: str, shape: tuple[int, ...], dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    for n in shape:
        if n < 0:
            if maker == "zeros":
                raise RuntimeError("zeros: Dimension size must be non-negative.")
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(shape)}")
    return made(getattr(module_for(device), maker)(shape, numpy_dtype(dtype) or Defaults.numpy), requires_grad)


@composite("engine")
def zeros(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None, layout: Any = None
) -> Any:
    """Zeros of a size."""
    return _new("zeros", sizes_of(size), dtype, device, requires_grad)


@composite("engine")
def ones(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None, layout: Any = None
) -> Any:
    """Ones of a size."""
    return _new("ones", sizes_of(size), dtype, device, requires_grad)


@composite("engine")
def empty(
    *size: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Any = None,
    memory_format: Any = None,
    pin_memory: bool = False,
) -> Any:
    """A tensor of a size whose elements are whatever the memory held."""
    return _new("empty", sizes_of(size), dtype, device, requires_grad)


@composite("engine")
def full(
    size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None
) -> Any:
    """A number, a size of times."""
    number = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    kind = numpy_dtype(dtype) or numpy_dtype(number.__class__)
    return made(module_for(device).full(sizes_of((size,)), number, kind), requires_grad)


def _like(input: Any, dtype: Any, device: Any) -> dict[str, Any]:
    return {"dtype": input.dtype if dtype is None else dtype, "device": input.device if device is None else device}


@composite("engine")
def zeros_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Any:
    """Zeros of the size of another tensor."""
    return zeros(*input._array.shape, requires_grad=requires_grad, **_like(input, dtype, device))


@composite("engine")
def ones_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Any:
    """Ones of the size of another tensor."""
    return ones(*input._array.shape, requires_grad=requires_grad, **_like(input, dtype, device))


@composite("engine")
def empty_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Any:
    """Uninitialized, of the size of another tensor."""
    return empty(*input._array.shape, requires_grad=requires_grad, **_like(input, dtype, device))


@composite("engine")
def full_like(
    input: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Any:
    """A number, of the size of another tensor."""
    return full(input._array.shape, fill_value, requires_grad=requires_grad, **_like(input, dtype, device))


@composite("method")
def new_tensor(self: Any, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """A leaf with a copy of the data, in the dtype and on the device of this tensor."""
    return tensor(data, requires_grad=requires_grad, **_like(self, dtype, device))


@composite("method")
def new_zeros(self: Any, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """Zeros in the dtype and on the device of this tensor."""
    return zeros(*size, requires_grad=requires_grad, **_like(self, dtype, device))


@composite("method")
def new_ones(self: Any, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """Ones in the dtype and on the device of this tensor."""
    return ones(*size, requires_grad=requires_grad, **_like(self, dtype, device))


@composite("method")
def new_empty(self: Any, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """Uninitialized, in the dtype and on the device of this tensor."""
    return empty(*size, requires_grad=requires_grad, **_like(self, dtype, device))


@composite("method")
def new_full(
    self: Any, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """A number, in the dtype and on the device of this tensor."""
    return full(size, fill_value, requires_grad=requires_grad, **_like(self, dtype, device))


@composite("engine")
def arange(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """The numbers from `start` on by `step`, below `end`."""
    if end is None:
        start, end = 0, start
    start, end, step = (each.item() if isinstance(each, Tensor) else each for each in (start, end, step))
    asked = numpy_dtype(dtype)
    if asked == np.int64:
        start, end, step = int(start), int(end), int(step)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(each, (int, np.integer)) for each in (start, end, step))
    kind = asked or (np.dtype(np.int64) if whole else Defaults.numpy)
    count = -(-(end - start) // step) if whole else int(np.ceil((end - start) / step))
    if kind.kind in "iu":  # of the narrower integers, too, once their number is known
        start, step = int(start), int(step)
    numbers = start + np.arange(count) * step
    return made(module_for(device).asarray(numbers, dtype=kind), requires_grad)


def _kind_between(ends: list[Any]) -> np.dtype:
    """The dtype of numbers between two ends: the default float, or the complex type of its precision."""
    return Defaults.dtype.to_complex().numpy if complex in map(type, ends) else Defaults.numpy


@composite("engine")
def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """`steps` numbers from `start` to `end`, evenly apart."""
    ends = [each.item() if isinstance(each, Tensor) else each for each in (start, end)]
    kind = numpy_dtype(dtype) or _kind_between(ends)
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    first, last = ends
    real = kind.type if kind.kind in "fc" else np.float64
    step = real((last - first) / (steps - 1)) if steps > 1 else real(0)
    # From both ends towards the middle, so that both are met exactly.
    place = np.arange(steps)
    front = real(first) + step * place.astype(real)
    back = real(last) - step * (steps - 1 - place).astype(real)
    numbers = np.where(place < steps / 2, front, back) if steps > 1 else np.full(steps, real(first))
    return made(module_for(device).asarray(numbers.astype(kind)), requires_grad)


@composite("engine")
def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """Powers of a base with evenly spaced exponents."""
    ends = [each.item() if isinstance(each, Tensor) else each for each in (start, end)]
    kind = numpy_dtype(dtype) or _kind_between([*ends, base])
    exponents = linspace(*ends, steps, dtype=array.complex128 if complex in map(type, ends) else array.float64)._array
    return made(module_for(device).asarray(np.power(base, exponents).astype(kind)), requires_grad)


@composite("engine")
def eye(n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """The identity matrix."""
    return made(
        module_for(device).eye(n, n if m is None else m, dtype=numpy_dtype(dtype) or Defaults.numpy), requires_grad
    )
