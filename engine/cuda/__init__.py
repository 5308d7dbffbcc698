"""The GPUs that CuPy can use, asked about and waited for under PyTorch's names; without one, none is reported."""

from __future__ import annotations

import importlib
from typing import Any

from engine import array, random


def is_available() -> bool:
    """Whether a GPU can be used."""
    return array.gpus() > 0


def device_count() -> int:
    """How many GPUs can be used."""
    return array.gpus()


def _needed() -> Any:
    """CuPy, on the current GPU; PyTorch's error where there is none."""
    return array.module_for("cuda")


def current_device() -> int:
    """The index of the GPU that new arrays are made on."""
    return int(_needed().cuda.Device().id)


def set_device(device: Any) -> None:
    """Make new arrays on this GPU."""
    target = array.device(device)
    _needed().cuda.Device(target.index or 0).use()


def get_device_name(device: Any = None) -> str:
    """What the maker calls the GPU."""
    index = 0 if device is None else array.device(device).index or 0
    return str(_needed().cuda.runtime.getDeviceProperties(index)["name"].decode())


def synchronize(device: Any = None) -> None:
    """Wait until everything asked of the GPU is done."""
    _needed().cuda.Device().synchronize()


def memory_allocated(device: Any = None) -> int:
    """The bytes in use on the GPU; 0 without one."""
    return int(array.cupy.get_default_memory_pool().used_bytes()) if is_available() else 0


def empty_cache() -> None:
    """Give memory that is held but not used back to the GPU; nothing without one."""
    if is_available():
        array.cupy.get_default_memory_pool().free_all_blocks()


def manual_seed(seed: int) -> None:
    """Begin the draws anew from a seed: they are the host's, the same on every device; ignored without a GPU."""
    if is_available():
        random.manual_seed(seed)


manual_seed_all = manual_seed


def __getattr__(name: str) -> Any:
    if name == "amp":
        return importlib.import_module("engine.cuda.amp")
    raise AttributeError(f"module 'torch.cuda' has no attribute '{name}'", name=name)
