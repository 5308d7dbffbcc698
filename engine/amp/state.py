"""Whether autocast is on, for which device and to which dtype; and the cast of the operands of a call.

The state is the program's, under PyTorch's names: `torch.is_autocast_enabled("cpu")` and so on.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import Any

from engine import array, casting, graph, switches
from engine.tensor import Tensor


class _State(threading.local):
    """What each thread has for itself."""

    def __init__(self) -> None:
        self.enabled = {"cpu": False, "cuda": False}
        self.dtype = {"cpu": array.bfloat16, "cuda": array.float16}
        self.cache: dict[Any, Any] = {}
        self.caching = True
        self.depth = 0  # of the blocks of autocast


_STATE = _State()
_users = 0  # how many threads have it on
_counting = threading.Lock()


def _known(device_type: Any) -> str:
    """The name of a device's type; PyTorch's errors for what is none."""
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    return array.device(device_type).type


def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Whether autocast is on for a device."""
    return _STATE.enabled[_known(device_type)]


def set_autocast_enabled(device_type: Any, enabled: bool | None = None) -> None:
    """Turn autocast on or off for a device (for "cuda" where only the switch is given)."""
    device_type, enabled = ("cuda", device_type) if enabled is None else (device_type, enabled)
    global _users
    _STATE.enabled[_known(device_type)] = bool(enabled)
    on = any(_STATE.enabled.values())
    with _counting:
        _users += on - switches.casting()
        graph.casting = _call if _users else None
    switches.cast(on)


def get_autocast_dtype(device_type: str) -> Any:
    """What autocast lowers to on a device."""
    return _STATE.dtype[_known(device_type)]


def set_autocast_dtype(device_type: str, dtype: Any) -> None:
    """Let autocast lower to another dtype on a device."""
    _STATE.dtype[_known(device_type)] = dtype


def is_autocast_cache_enabled() -> bool:
    """Whether casts of weights are kept until autocast ends."""
    return _STATE.caching


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Keep casts of weights, or do not."""
    _STATE.caching = bool(enabled)


def clear_autocast_cache() -> None:
    """Forget the casts of weights."""
    _STATE.cache.clear()


def autocast_increment_nesting() -> int:
    """One more block of autocast: how many there are."""
    _STATE.depth += 1
    return _STATE.depth


def autocast_decrement_nesting() -> int:
    """One block of autocast less: how many there are."""
    _STATE.depth -= 1
    return _STATE.depth


def _former(name: str, instead: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function under a name that PyTorch is about to drop."""

    def call(*args: Any) -> Any:
        warnings.warn(
            f"torch.{name} is deprecated. Please use torch.{instead} instead.", DeprecationWarning, stacklevel=2
        )
        return function(*args)

    call.__name__ = call.__qualname__ = name.split("(")[0]
    call.__doc__ = f"`{instead}` under its former name."
    return call


is_autocast_cpu_enabled = _former(
    "is_autocast_cpu_enabled()", "is_autocast_enabled('cpu')", lambda: is_autocast_enabled("cpu")
)
set_autocast_cpu_enabled = _former(
    "set_autocast_cpu_enabled(enabled)",
    "set_autocast_enabled('cpu', enabled)",
    lambda enabled: set_autocast_enabled("cpu", enabled),
)
get_autocast_cpu_dtype = _former(
    "get_autocast_cpu_dtype()", "get_autocast_dtype('cpu')", lambda: get_autocast_dtype("cpu")
)
set_autocast_cpu_dtype = _former(
    "set_autocast_cpu_dtype(dtype)",
    "set_autocast_dtype('cpu', dtype)",
    lambda dtype: set_autocast_dtype("cpu", dtype),
)
get_autocast_gpu_dtype = _former(
    "get_autocast_gpu_dtype()", "get_autocast_dtype('cuda')", lambda: get_autocast_dtype("cuda")
)
set_autocast_gpu_dtype = _former(
    "set_autocast_gpu_dtype(dtype)",
    "set_autocast_dtype('cuda', dtype)",
    lambda dtype: set_autocast_dtype("cuda", dtype),
)


# ---- the casts


def _call(name: str, call: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """The call with its operands cast as the table says; what it is made of runs as if autocast were off."""
    tensors = [each for each in (*args, *kwargs.values()) for each in _tensors(each)]
    device = "cuda" if any(each.is_cuda for each in tensors) else "cpu"
    if not _STATE.enabled[device]:
        return call(*args, **kwargs) if not any(_STATE.enabled.values()) else _plainly(call, args, kwargs)
    lower = get_autocast_dtype(device)
    policy = casting.POLICY[name]
    if not isinstance(policy, str):
        policy = policy(args, kwargs)
    if policy == "plain" or kwargs.get("out") is not None:
        return _plainly(call, args, kwargs)
    dtype = lower if policy == "lower" else array.float32
    if policy == "widest":
        kinds = {each.dtype for each in tensors if each.is_floating_point()} - {array.float64}
        if kinds - {lower, array.float32}:
            raise RuntimeError("Unexpected floating ScalarType in at::autocast::prioritize")
        dtype = array.float32 if array.float32 in kinds else lower

    def cast(value: Any) -> Any:
        if isinstance(value, Tensor):
            return _cast(value, dtype)
        if isinstance(value, (list, tuple)) and any(isinstance(each, Tensor) for each in value):
            return type(value)([cast(each) for each in value])
        return value

    return _plainly(call, [cast(each) for each in args], {key: cast(value) for key, value in kwargs.items()})


def _plainly(call: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    switches.cast(False)
    try:
        return call(*args, **kwargs)
    finally:
        switches.cast(True)


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    return [each for each in value if isinstance(each, Tensor)] if isinstance(value, (list, tuple)) else []


def _cast(tensor: Any, dtype: Any) -> Any:
    """The tensor in the dtype, if it is of floats and not float64; a weight's cast is kept until autocast ends."""
    if tensor.dtype is dtype or not tensor.is_floating_point() or tensor.dtype is array.float64:
        return tensor
    weight = tensor.dtype is array.float32 and dtype is not array.float32 and tensor.requires_grad and tensor.is_leaf
    if not (weight and _STATE.caching and _STATE.depth):
        return tensor.to(dtype)
    key = (id(tensor), dtype, graph.recording())
    if key not in _STATE.cache:
        _STATE.cache[key] = (tensor.to(dtype), tensor)  # the tensor stays, so that its number means it
    return _STATE.cache[key][0]
