"""The device beside the CPU: a GPU where CuPy has one. `torch.accelerator`, and the kinds that are not here."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from engine import array, cuda
from engine.array import device as _device


def is_available() -> bool:
    """Whether there is one."""
    return array.gpus() > 0


def device_count() -> int:
    """How many there are."""
    return array.gpus()


def current_accelerator(check_available: bool = False) -> Any:
    """Its device without an index; None where there is none."""
    return _device("cuda") if is_available() else None


def current_device_index() -> int:
    """The index of the current one."""
    return cuda.current_device()


current_device_idx = current_device_index


def set_device_index(device: Any) -> None:
    """Choose the current one."""
    cuda.set_device(device)


set_device_idx = set_device_index


def synchronize(device: Any = None) -> None:
    """Wait until all that was asked of it is done."""
    cuda.synchronize(device)


def absent(name: str) -> ModuleType:
    """The module of a kind of device that this engine has not."""
    made = ModuleType(f"engine.{name}", f"Devices of the kind {name}, which this engine has not.")
    made.is_available = lambda: False  # type: ignore[attr-defined]
    made.device_count = lambda: 0  # type: ignore[attr-defined]
    made.empty_cache = made.synchronize = lambda *args: None  # type: ignore[attr-defined]
    made.manual_seed = made.manual_seed_all = lambda seed: None  # type: ignore[attr-defined]
    return made
