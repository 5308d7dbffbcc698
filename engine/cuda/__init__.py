"""The GPUs that CuPy can use, asked about and waited for under PyTorch's names; without one, none is reported."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

from engine import array, errors, random


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


def is_initialized() -> bool:
    """Whether a GPU is in use."""
    return is_available()


def init() -> None:
    """Begin to use the GPU; it begins by itself."""
    _needed()


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether the GPU computes with bfloat16, if through float32."""
    return is_available()


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """The version of what the GPU can do, as NVIDIA counts it."""
    index = 0 if device is None else array.device(device).index or 0
    number = str(_needed().cuda.Device(index).compute_capability)
    return int(number[:-1]), int(number[-1])


def memory_reserved(device: Any = None) -> int:
    """The bytes held on the GPU, in use or not; 0 without one."""
    return int(array.cupy.get_default_memory_pool().total_bytes()) if is_available() else 0


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes that were held on the GPU, which CuPy keeps until they are given back; 0 without one."""
    return memory_reserved(device)


max_memory_reserved = max_memory_allocated


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """The free bytes and all bytes of the GPU."""
    free, total = _needed().cuda.Device().mem_info
    return int(free), int(total)


def seed_all() -> None:
    """Begin the draws anew from a seed that differs each time; ignored without a GPU."""
    if is_available():
        random.seed()


seed = seed_all


def get_rng_state_all() -> list[Any]:
    """The states of the draws, one a GPU: they are the host's."""
    return [random.get_rng_state() for _ in range(device_count())]


def get_rng_state(device: Any = "cuda") -> Any:
    """The state of the draws, which is the host's; PyTorch's error without a GPU."""
    _needed()
    return random.get_rng_state()


def set_rng_state(new_state: Any, device: Any = "cuda") -> None:
    """Put back a state of the draws; ignored without a GPU."""
    if is_available():
        random.set_rng_state(new_state)


def set_rng_state_all(new_states: Any) -> None:
    """Put back what `get_rng_state_all` gave."""
    for state in new_states:
        set_rng_state(state)


def initial_seed() -> int:
    """The seed of the draws; PyTorch's error without a GPU."""
    _needed()
    return random.initial_seed()


def get_device_properties(device: Any = None) -> Any:
    """What the driver tells of the GPU, as attributes: name, total_memory, major, minor, multi_processor_count."""
    index = 0 if device is None else array.device(device).index or 0
    told = _needed().cuda.runtime.getDeviceProperties(index)
    return SimpleNamespace(
        name=told["name"].decode(), total_memory=told["totalGlobalMem"], major=told["major"], minor=told["minor"],
        multi_processor_count=told["multiProcessorCount"],
    )  # fmt: skip


def reset_peak_memory_stats(device: Any = None) -> None:
    """Forget the most bytes that were held: CuPy counts what is held now."""


def memory_stats(device: Any = None) -> dict[str, int]:
    """The bytes in use and held on the GPU, by PyTorch's names; nothing without one."""
    if not is_available():
        return {}
    names = {"allocated_bytes.all": memory_allocated(), "reserved_bytes.all": memory_reserved()}
    return {f"{name}.{when}": value for name, value in names.items() for when in ("current", "peak")}


def ipc_collect() -> None:
    """Nothing: no memory is shared with other processes."""
    _needed()


def get_arch_list() -> list[str]:
    """The kinds of GPU that kernels were built for: they are built when they are needed."""
    return []


class device:
    """A context in which a GPU is the one that new arrays are made on; None for no change."""

    def __init__(self, device: Any) -> None:
        self.target = None if device is None else array.device(device).index

    def __enter__(self) -> None:
        if self.target is not None:
            if not is_available():
                raise RuntimeError("PyTorch was compiled without CUDA support")
            self.before = current_device()
            set_device(self.target)

    def __exit__(self, *_: Any) -> None:
        if self.target is not None:
            set_device(self.before)


def __getattr__(name: str) -> Any:
    if name in ("OutOfMemoryError", "AcceleratorError"):
        return getattr(errors, name)
    if name == "amp":
        return importlib.import_module("engine.cuda.amp")
    if name in ("Event", "Stream", "stream", "current_stream", "default_stream", "StreamContext"):
        return getattr(importlib.import_module("engine.cuda.streams"), name)
    raise AttributeError(f"module 'torch.cuda' has no attribute '{name}'", name=name)
