"""The CPU under the names that other devices have: `torch.cpu`."""

from __future__ import annotations

import importlib
from contextlib import nullcontext
from typing import Any


def is_available() -> bool:
    """True."""
    return True


def is_initialized() -> bool:
    """True."""
    return True


def device_count() -> int:
    """1."""
    return 1


def current_device() -> str:
    """Its name."""
    return "cpu"


def synchronize(device: Any = None) -> None:
    """Wait for what is under way: nothing is."""


def set_device(device: Any) -> None:
    """Choose it; there is no other."""


class Stream:
    """An order of work: there is one."""

    def __init__(self, priority: int = -1) -> None:
        pass

    def wait_stream(self, stream: Any) -> None:
        """Wait for another: nothing is under way."""


def current_stream(device: Any = None) -> Stream:
    """The one that there is."""
    return Stream()


def stream(stream: Any) -> Any:
    """A context in which work goes to a stream."""
    return nullcontext(stream)


def __getattr__(name: str) -> Any:
    if name == "amp":
        return importlib.import_module("engine.cpu.amp")
    raise AttributeError(f"module 'torch.cpu' has no attribute '{name}'", name=name)
