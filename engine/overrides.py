"""`torch.overrides`: questions about types that bring their own functions (`__torch_function__`)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from engine.overriding import ask, asked_types
from engine.tensor import Tensor

__all__ = [
    "handle_torch_function",
    "has_torch_function",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "resolve_name",
    "wrap_torch_function",
]


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Whether one of the objects is of a type with a `__torch_function__` of its own."""
    return bool(asked_types(relevant_args))


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


def handle_torch_function(
    public_api: Callable[..., Any], relevant_args: Iterable[Any], *args: Any, **kwargs: Any
) -> Any:
    """What the types of `relevant_args` make of a call. TypeError if all decline."""
    return ask(public_api, asked_types(relevant_args), args, kwargs)


def wrap_torch_function(dispatcher: Callable[..., Iterable[Any]]) -> Callable[..., Any]:
    """A decorator for a function of one's own: the types of the arguments that `dispatcher` names are asked first."""

    def decorate(func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def call(*args: Any, **kwargs: Any) -> Any:
            kinds = asked_types(dispatcher(*args, **kwargs))
            return ask(call, kinds, args, kwargs) if kinds else func(*args, **kwargs)

        return call

    return decorate
