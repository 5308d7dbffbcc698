"""Hooks that see, and may replace, what any module is given to hold: parameters, buffers, modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.hooks import RemovableHandle

Hook = Callable[..., Any]
tables: dict[str, dict[int, Hook]] = {"parameter": {}, "buffer": {}, "module": {}}


def seen(kind: str, module: Any, name: str, value: Any) -> Any:
    """What is registered, after the hooks."""
    for hook in list(tables[kind].values()):
        replaced = hook(module, name, value)
        value = value if replaced is None else replaced
    return value


def _add(kind: str, hook: Hook) -> RemovableHandle:
    handle = RemovableHandle(tables[kind])
    tables[kind][handle.id] = hook
    return handle


def register_module_parameter_registration_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, name, parameter)` when a module is given a parameter; what it returns replaces that."""
    return _add("parameter", hook)


def register_module_buffer_registration_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, name, buffer)` when a module is given a buffer; what it returns replaces that."""
    return _add("buffer", hook)


def register_module_module_registration_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, name, submodule)` when a module is given a module; what it returns replaces that."""
    return _add("module", hook)
