"""The handle that registering a hook returns, and what is said of hooks that a pickle leaves behind."""

from typing import Any

from engine.hooks import RemovableHandle
from engine.hooks import warn_of_hooks as warn_if_has_hooks

__all__ = ["RemovableHandle", "unserializable_hook", "warn_if_has_hooks"]


def unserializable_hook(f: Any) -> Any:
    """A hook that is meant to be left behind: nothing is said of it."""
    f.__torch_unserializable__ = True
    return f
