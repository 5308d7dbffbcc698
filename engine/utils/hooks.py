"""The handle that registering a hook returns."""

from engine.hooks import RemovableHandle

__all__ = ["RemovableHandle"]
