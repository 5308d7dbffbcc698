"""TorchScript: scripting and tracing are left out; the marks that scripts put on functions are accepted."""

from __future__ import annotations

import builtins
import typing
import warnings
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

from engine.nn import Module

__all__ = [
    "Attribute", "Final", "Future", "ScriptFunction", "ScriptModule", "annotate", "export", "fork", "ignore",
    "is_scripting", "is_tracing", "isinstance", "script", "script_if_tracing", "trace", "unused", "wait",
]  # fmt: skip

T = TypeVar("T")
_INSTEAD = "Python code runs as it is: call the function or module itself, save its state_dict, and use torch.compile"


def _refused(name: str) -> NoReturn:
    raise NotImplementedError(f"torch.jit.{name} is left out of this engine on purpose. {_INSTEAD}")


def script(obj: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """NotImplementedError, with what to do instead."""
    _refused("script")


def trace(func: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """NotImplementedError, with what to do instead."""
    _refused("trace")


class TracerWarning(Warning):
    """What programs silence round a trace; nothing warns so here."""


class ScriptModule(Module):
    """NotImplementedError: there are no scripted modules. The class is here to be asked about."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refused("ScriptModule")


class ScriptFunction:
    """NotImplementedError: there are no scripted functions. The class is here to be asked about."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refused("ScriptFunction")


def is_scripting() -> bool:
    """False."""
    return False


is_tracing = is_scripting


def export(fn: T) -> T:
    """The function itself."""
    return fn


def unused(fn: T) -> T:
    """The function itself."""
    return fn


def ignore(drop: Any = False, **kwargs: Any) -> Any:
    """The function itself; with an option, a decorator."""
    if callable(drop):
        return drop
    if drop is True:
        warnings.warn(
            "ignore(True) has been deprecated. TorchScript will now drop the function call on compilation. Use "
            "torch.jit.unused now. {}",
            FutureWarning,
            stacklevel=2,
        )
    return export


def script_if_tracing(fn: T) -> T:
    """The function itself: nothing is traced."""
    return fn


def annotate(the_type: Any, the_value: T) -> T:
    """The value."""
    return the_value


class Attribute(typing.NamedTuple):
    """A value with its type."""

    value: Any
    type: Any


def isinstance(obj: Any, target_type: Any) -> bool:
    """Whether a value, with all that it holds, is of a type such as `List[int]`."""
    origin, args = typing.get_origin(target_type), typing.get_args(target_type)
    if builtins.isinstance(target_type, tuple):
        return any(isinstance(obj, each) for each in target_type)
    if target_type in (list, dict, tuple, typing.List, typing.Dict, typing.Tuple, typing.Optional):  # noqa: UP006
        name = getattr(target_type, "__name__", str(target_type)).lower()
        raise RuntimeError(
            f"Attempted to use {name} without a contained type. Please add a contained type, e.g. {name}[int]"
        )
    if origin is None:
        return builtins.isinstance(obj, target_type or type(None))
    if origin is typing.Union or not builtins.isinstance(origin, type):
        return any(isinstance(obj, each) for each in args)
    held: Any = obj
    fits = builtins.isinstance(held, origin)
    if not fits:
        return False
    if origin is tuple:
        return len(held) == len(args) and all(isinstance(each, kind) for each, kind in zip(held, args, strict=True))
    if origin is dict:
        return all(isinstance(key, args[0]) and isinstance(value, args[1]) for key, value in held.items())
    return all(isinstance(each, args[0]) for each in held)


class Future:
    """The result of a call that `fork` has made already."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def wait(self) -> Any:
        """The result."""
        return self._value

    value = wait

    def done(self) -> bool:
        """True."""
        return True


def fork(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Future:
    """Call a function now; its result for `wait`."""
    warnings.warn(
        "`torch.jit.fork` is deprecated. Please use `torch.compile` instead.", DeprecationWarning, stacklevel=2
    )
    return Future(func(*args, **kwargs))


def wait(future: Future) -> Any:
    """The result of a `fork`."""
    warnings.warn(
        "`torch.jit.wait` is deprecated. Please use `torch.compile` instead.", DeprecationWarning, stacklevel=2
    )
    return future.wait()


def __getattr__(name: str) -> NoReturn:
    if name in (
        "CompilationUnit", "freeze", "interface", "load", "optimize_for_inference", "save", "trace_module",
        "enable_onednn_fusion", "onednn_fusion_enabled", "set_fusion_strategy", "strict_fusion", "export_opnames",
    ):  # fmt: skip
        _refused(name)
    raise AttributeError(f"module 'torch.jit' has no attribute '{name}'", name=name)
