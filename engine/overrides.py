"""`torch.overrides`: questions about types that bring their own functions.

The engine does not ask `__torch_function__` when its functions are called; what would let others in its place says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from engine.tensor import Tensor

__all__ = [
    "handle_torch_function",
    "has_torch_function",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "resolve_name",
]

_NONE = "__torch_function__ is left out of this engine: its functions compute on tensors only"


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Whether one of the objects is of a type with a `__torch_function__` of its own."""
    return any(hasattr(type(each), "__torch_function__") for each in relevant_args)


def is_tensor_like(inp: Any) -> bool:
    """Whether it is a tensor, or of a type with a `__torch_function__`."""
    return isinstance(inp, Tensor) or hasattr(type(inp), "__torch_function__")


def is_tensor_method_or_property(func: Callable[..., Any]) -> bool:
    """Whether it is a method of tensors."""
    return any(value is func for value in vars(Tensor).values())


def resolve_name(f: Callable[..., Any]) -> str | None:
    """The name by which a function of ours is found."""
    name = getattr(f, "__name__", None)
    if name is None:
        return None
    return f"torch.Tensor.{name}" if is_tensor_method_or_property(f) else f"torch.{name}"


def handle_torch_function(public_api: Any, relevant_args: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """NotImplementedError."""
    raise NotImplementedError(_NONE)
