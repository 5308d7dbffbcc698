"""A tensor that a module learns."""

from __future__ import annotations

from _thread import allocate_lock
from typing import Any

import numpy as np

import engine
from engine.memory import Strip
from engine.places import built, key_of, placed
from engine.tensor import Tensor

_OTHER = (
    "Creating a Parameter from an instance of type {} requires that detach() returns an instance of the same type, but "
    "return type {} was found instead. To use the type as a Parameter, please correct the detach() semantics defined "
    "by its __torch_dispatch__() implementation."
)
_STRIP = 16_384  # elements
_strips: dict[Any, Strip] = {}  # dtype -> memory for small parameters
_lock = allocate_lock()


class _Marked(type):
    """The class of `Parameter` and `Buffer`, of which tensors of any class are some that bear their mark."""

    mark: str

    def __instancecheck__(cls, instance: Any) -> bool:
        if type.__instancecheck__(cls, instance):
            return True
        return "mark" in cls.__dict__ and isinstance(instance, Tensor) and getattr(instance, cls.mark, False)


@placed
class Parameter(Tensor, metaclass=_Marked):
    """A leaf that requires a gradient and that a module, when it is assigned one, counts among its parameters.

    It shares the memory of `data`, and is of its class where that is a program's own.
    """

    __slots__ = ()

    mark = "_is_param"

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            data = engine.empty(0)
        kind = type(data)
        if not issubclass(kind, Tensor):
            data.detach()  # which fails as PyTorch does
        if requires_grad and data._array.dtype.kind not in "fcV":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        if kind is Tensor or issubclass(kind, Parameter):
            return Tensor._make_subclass(cls, data, requires_grad)
        made = data.detach().requires_grad_(requires_grad)
        if type(made) is not kind:
            raise RuntimeError(_OTHER.format(kind.__name__, type(made).__name__))
        made._is_param = True
        return made

    def __repr__(self) -> str:
        from engine.printing import tensor_str

        return "Parameter containing:\n" + tensor_str(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        if id(self) not in memo:
            copied = type(self)(self.data.clone(), self.requires_grad)
            memo[id(self)] = copied
        return memo[id(self)]

    def __reduce__(self) -> Any:
        return built, (key_of(type(self)), self.data, self.requires_grad)


def new_parameter(shape: Any, device: Any = None, dtype: Any = None, requires_grad: bool = True) -> Parameter:
    """A parameter of a size or shape, its elements not set yet.

    Small ones made one after the other lie next to each other, so that an optimizer may move them as one array.
    """
    made = Parameter(engine.empty(shape, device=device, dtype=dtype), requires_grad)
    memory = made._array
    n = memory.size
    if memory.__class__ is np.ndarray and 0 < n <= _STRIP // 4:
        with _lock:
            strip = _strips.get(memory.dtype)
            if strip is None or n > strip.room():
                strip = _strips[memory.dtype] = Strip(_STRIP, memory.dtype)
            made._array = strip.take(n).reshape(memory.shape)
    return made


@placed
class Buffer(Tensor, metaclass=_Marked):
    """A tensor that a module, when it is assigned one, counts among its buffers; `persistent` ones are saved.

    What is made is a tensor like any other, with a mark.
    """

    __slots__ = ()

    mark = "_is_buffer"
    persistent: bool

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        made: Any = engine.empty(0) if data is None else data.detach().requires_grad_(data.requires_grad)
        made._is_buffer = True
        made.persistent = persistent
        return made


def type_name(value: Any) -> str:
    """The type of a value as PyTorch's error sentences name it."""
    return engine.typename(value)


def __getattr__(name: str) -> Any:
    if name in ("UninitializedBuffer", "UninitializedParameter", "UninitializedTensorMixin", "is_lazy"):
        from engine.nn import uninitialized

        return getattr(uninitialized, name)
    raise AttributeError(f"module 'torch.nn.parameter' has no attribute '{name}'", name=name)
