"""Tensors over memory from elsewhere, by old names, and filled with a number."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, deprecated, exchange, memory
from engine.array import Defaults, module_for, numpy_dtype
from engine.errors import not_implemented
from engine.family import own
from engine.fitting import as_number, fitted
from engine.op import composite
from engine.ops.create import from_numpy, given, made, tensor
from engine.size import Size
from engine.tensor import Tensor, wrap


@composite("engine")
def scalar_tensor(
    s: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: Any = None,
) -> Any:
    """A number without axes, of the default dtype where none is given."""
    s = as_number("scalar_tensor", "s", 1, s)
    kind = numpy_dtype(dtype) or Defaults.numpy
    return made(module_for(device).asarray(fitted(s, kind, short=False), kind), requires_grad)


def _range(
    start: Any = 0, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, out: Any = None, layout: Any = None,
) -> Any:  # fmt: skip
    """The numbers from `start` on by `step`, up to and with `end`."""
    if end is None:
        raise TypeError('range() missing 1 required positional arguments: "end"')
    named = enumerate((("start", start), ("end", end), ("step", step)), 1)
    start, end, step = (as_number("range", name, i, each) for i, (name, each) in named)
    start, end, step = (fitted(each, np.dtype(np.float64)) for each in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = int((end - start) / step) + 1
    kind = numpy_dtype(dtype) or (Defaults.numpy if out is None else out._array.dtype)
    if kind.kind in "bc":
        raise not_implemented("range_cpu", kind)
    numbers = module_for(device).asarray(start + np.arange(count) * step, dtype=kind)
    return given(numbers, requires_grad, out, dtype)


_range.__name__ = _range.__qualname__ = "range"
composite("engine")(_range)


@composite("engine")
def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Any:
    """A tensor over the memory of an object with Python's buffer protocol."""
    try:
        view = memoryview(buffer)
    except TypeError:
        raise ValueError("object does not implement Python buffer protocol.") from None
    if not isinstance(dtype, array.dtype):
        raise TypeError(f"frombuffer(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    if view.readonly:
        deprecated.tell_once(deprecated.READ_ONLY_BUFFER)
    kind = dtype.numpy
    size, length = kind.itemsize, view.nbytes
    if length == 0 or count == 0:
        raise ValueError(f"both buffer length ({length}) and count ({count}) must not be 0")
    if not 0 <= offset < length:
        raise ValueError(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({length} bytes) minus 1"
        )
    if count < 0 and (length - offset) % size:
        raise ValueError(
            f"buffer length ({length - offset} bytes) after offset ({offset} bytes) must be a multiple of element size "
            f"({size})"
        )
    if count > 0 and offset + count * size > length:
        raise ValueError(
            f"requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than "
            f"actual buffer length ({length} bytes)"
        )
    held = np.frombuffer(view, np.uint8, count * size if count > 0 else -1, offset).view(kind)
    return made(held, requires_grad)


@composite("engine")
def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: Any = None, requires_grad: bool | None = None
) -> Any:
    """A tensor over an object, sharing its memory where that can be, or unless `copy` says that it must or must not."""
    source = _holder(obj, dtype, copy)
    if requires_grad is None:
        requires_grad = source is not None and source._requires_grad
        if requires_grad:
            deprecated.tell_once(_KEEPS_GRAD)
    if source is None:
        if copy is False:
            raise ValueError("can't alias arbitrary sequence into a tensor.")
        return tensor(obj, dtype=dtype, device=device, requires_grad=requires_grad)
    place = array.device(Defaults.device if device is None and source is not obj else device or source.device)
    if copy is False:
        _check_alias(source, dtype, place)
    if copy or source.device != place or dtype not in (None, source.dtype):
        source = source.to(dtype=dtype, device=place, copy=True)
    if not requires_grad and source._requires_grad:
        source = source.detach()
    return source.requires_grad_() if requires_grad and not source._requires_grad else source


_KEEPS_GRAD = (
    "torch.asarray: unspecified requires_grad now defaults to obj.requires_grad instead of False. Pass "
    "requires_grad=False explicitly to get the old behavior and silence this warning."
)


def _holder(obj: Any, dtype: Any, copy: Any) -> Tensor | None:
    """A tensor that shares the memory of an object; None for numbers, lists and what else has none."""
    if isinstance(obj, Tensor):
        return obj
    if type(obj).__name__ == "PyCapsule" or (hasattr(obj, "__dlpack__") and not isinstance(obj, np.ndarray)):
        return from_dlpack(obj)
    if isinstance(obj, np.generic):
        if copy is False:
            raise RuntimeError("can't alias NumPy scalars. Either remove copy=False or transform it in a ndarray. ")
        return tensor(obj)
    if isinstance(obj, np.ndarray):
        return from_numpy(obj)
    try:
        memoryview(obj)
    except TypeError:
        return None
    return frombuffer(obj, dtype=dtype or Defaults.dtype)


def _check_alias(source: Any, dtype: Any, place: Any) -> None:
    if source.device != place:
        raise ValueError(f"can't alias tensor from device '{source.device}' to '{place}'.")
    if dtype not in (None, source.dtype):
        mine, other = array.TITLES[source.dtype], array.TITLES[dtype]
        raise ValueError(f"can't alias tensor with dtype '{mine}' into dtype '{other}'.")


@composite("engine")
def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: Any = None) -> Any:
    """A tensor that shares memory with an object of another library, by the DLPack protocol."""
    if isinstance(ext_tensor, Tensor):
        exchange.check_exported(ext_tensor)
        return ext_tensor.detach().clone() if copy else ext_tensor.detach()
    held = exchange.imported(ext_tensor)
    return wrap(held.copy() if copy else held)


@composite("engine")
def to_dlpack(tensor: Any) -> Any:
    """The tensor's memory as a DLPack capsule."""
    return exchange.capsule(tensor)


@composite("engine")
def from_file(*_: Any, **__: Any) -> Any:
    """Refused: a tensor over a file."""
    raise NotImplementedError(
        "torch.from_file is left out of this engine on purpose; numpy.memmap and from_numpy do it"
    )


@composite("method")
def new(self: Any, *given: Any, size: Any = None, device: Any = None) -> Any:
    """The old constructor, of this tensor's dtype: sizes, or data."""
    from engine.legacy import built

    given = given if size is None else (Size(size),)
    return built(self.dtype, given, self.device if device is None else device)


# ---- one number everywhere


@composite("engine")
def fill(input: Any, value: Any) -> Any:
    """A copy with every element set to a number."""
    return input.clone().fill_(value)


@composite("method")
def fill_diagonal_(self: Any, fill_value: Any, wrap: bool = False) -> Any:
    """The diagonal set to a number: that of equal indices; with `wrap` it begins anew below a square."""
    shape = self._array.shape
    if len(shape) < 2:
        raise RuntimeError("dimensions must larger than 1")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    steps = memory.steps_of(own(self))
    step = sum(steps)
    least = min(shape)
    self.as_strided((least,), (step,), self.storage_offset()).fill_(fill_value)
    if wrap and len(shape) == 2 and shape[0] > shape[1] + 1:
        below = shape[1] + 1
        while below < shape[0]:  # a row is left out between one square and the next
            self[below:].diagonal().fill_(fill_value)
            below += shape[1] + 1
    return self


def _twin(name: str, of: Any, doc: str) -> None:
    def call(self: Any, *args: Any) -> Any:
        return of(self, *args)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = doc
    composite("method", "engine")(call)


_twin("swapaxes_", lambda self, a, b: self.transpose_(a, b), "`swapaxes`, in place.")
_twin("swapdims_", lambda self, a, b: self.transpose_(a, b), "`swapdims`, in place.")
