"""The one processor, asked about under the names that `engine.cuda` has for GPUs."""

from __future__ import annotations

from typing import Any


def is_available() -> bool:
    """Whether there is a processor: yes."""
    return True


def is_initialized() -> bool:
    """Whether it can be used: yes."""
    return True


def device_count() -> int:
    """How many there are: one."""
    return 1


def current_device() -> str:
    """The one that is used."""
    return "cpu"


def set_device(device: Any) -> None:
    """Accepted: there is one."""


def synchronize(device: Any = None) -> None:
    """Nothing is to be waited for."""
