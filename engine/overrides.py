"""`torch.overrides`: questions about types that bring their own functions (`__torch_function__`)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from engine.overriding import ask, asked_types, install, is_asking, modes, tell_of_properties
from engine.overriding_names import found_as, method_name
from engine.tensor import Tensor

__all__ = [
    "BaseTorchFunctionMode",
    "TorchFunctionMode",
    "handle_torch_function",
    "has_torch_function",
    "has_torch_function_unary",
    "has_torch_function_variadic",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "resolve_name",
    "wrap_torch_function",
]


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Whether one of the objects is of a type with a `__torch_function__` of its own."""
    return is_asking() and bool(asked_types(relevant_args))


def is_tensor_like(inp: Any) -> bool:
    """Whether it is a tensor, or of a type with a `__torch_function__`."""
    return isinstance(inp, Tensor) or hasattr(type(inp), "__torch_function__")


def is_tensor_method_or_property(func: Callable[..., Any]) -> bool:
    """Whether it is a method of tensors."""
    return method_name(func) is not None


def resolve_name(f: Callable[..., Any]) -> str | None:
    """The name by which a function of ours is found."""
    name, home = getattr(f, "__name__", None), getattr(f, "__module__", None) or ""
    method = method_name(f)
    if method is not None:
        return f"torch.Tensor.{method}"
    if name is None or not home.startswith("engine"):
        return None
    space = home.removeprefix("engine").removeprefix(".")
    return f"torch.{space}.{name}" if space in _SPACES else found_as(f)[0]


_SPACES = ("nn.functional", "linalg", "fft", "special", "signal.windows")


def has_torch_function_unary(obj: Any) -> bool:
    """Whether it is of a type with a `__torch_function__` of its own."""
    return has_torch_function((obj,))


def has_torch_function_variadic(*args: Any) -> bool:
    """Whether one of them is."""
    return has_torch_function(args)


class TorchFunctionMode:
    """The block in which each call of a public function goes to `__torch_function__(func, types, args, kwargs)`."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """What becomes of a call; to be overridden."""
        raise NotImplementedError

    def __enter__(self) -> TorchFunctionMode:
        install()
        if not modes.get():
            tell_of_properties(True)
        modes.set((*modes.get(), self))
        return self

    def __exit__(self, *_: Any) -> None:
        modes.set(modes.get()[:-1])
        if not modes.get():
            tell_of_properties(False)


class BaseTorchFunctionMode(TorchFunctionMode):
    """A mode that lets all calls be what they are."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """The call."""
        return func(*args, **(kwargs or {}))


def _get_current_function_mode() -> TorchFunctionMode | None:
    return modes.get()[-1] if modes.get() else None


def _get_current_function_mode_stack() -> list[TorchFunctionMode]:
    return list(modes.get())


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
