"""The CPU, asked about and waited for under PyTorch's names: there is one, and nothing to wait for."""

from __future__ import annotations

import importlib
from typing import Any


def is_available() -> bool:
    """Whether there is a CPU."""
    return True


def is_initialized() -> bool:
    """Whether it is ready."""
    return True


def device_count() -> int:
    """How many there are."""
    return 1


def current_device() -> str:
    """The one."""
    return "cpu"


def set_device(device: Any) -> None:
    """Nothing: there is one."""


def synchronize(device: Any = None) -> None:
    """Nothing: what was asked of it is done."""


def __getattr__(name: str) -> Any:
    if name == "amp":
        return importlib.import_module("engine.cpu.amp")
    raise AttributeError(f"module 'torch.cpu' has no attribute '{name}'", name=name)
