"""A tensor that a module learns."""

from __future__ import annotations

from typing import Any

import engine
from engine.printing import tensor_str
from engine.tensor import Tensor


class Parameter(Tensor):
    """A leaf that requires a gradient and that a module, when it is assigned one, counts among its parameters.

    It shares the memory of `data`.
    """

    __slots__ = ()

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            data = engine.empty(0)
        if requires_grad and data._array.dtype.kind not in "fc":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        return Tensor._make_subclass(cls, data, requires_grad)

    def __repr__(self) -> str:
        return "Parameter containing:\n" + tensor_str(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        if id(self) not in memo:
            copied = type(self)(self.data.clone(), self.requires_grad)
            copied.__dict__.update(self.__dict__)
            memo[id(self)] = copied
        return memo[id(self)]

    def __reduce__(self) -> Any:
        return type(self), (self.data, self.requires_grad)


class Buffer(Tensor):
    """A tensor that a module, when it is assigned one, counts among its buffers; `persistent` ones are saved."""

    __slots__ = ("persistent",)

    persistent: bool

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Buffer:
        made = Tensor._make_subclass(cls, engine.empty(0) if data is None else data)
        made.persistent = persistent
        return made


def type_name(value: Any) -> str:
    """The type of a value as PyTorch's error sentences name it."""
    if isinstance(value, Tensor):
        return value.type()
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
