"""Mixed precision under its former names, `torch.cuda.amp` and `torch.cpu.amp`, which say which the new ones are."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from engine import amp, array


def _warn(device: str, name: str, now: str) -> None:
    warnings.warn(
        f"`torch.{device}.amp.{name}(args...)` is deprecated. Please use `torch.amp.{now}` instead.",
        FutureWarning,
        stacklevel=3,
    )


def classes_of(device: str) -> tuple[type, type]:
    """`autocast` and `GradScaler` for a device, which need not be told which."""

    class autocast(amp.autocast):
        def __init__(self, enabled: bool = True, dtype: Any = None, cache_enabled: bool = True) -> None:
            _warn(device, "autocast", f"autocast('{device}', args...)")
            super().__init__(device, dtype=dtype, enabled=enabled, cache_enabled=cache_enabled)

    class GradScaler(amp.GradScaler):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            _warn(device, "GradScaler", f"GradScaler('{device}', args...)")
            super().__init__(device, *args, **kwargs)

    for each in (autocast, GradScaler):
        each.__qualname__ = each.__name__
        each.__module__ = f"engine.{device}.amp"
        each.__doc__ = f"`torch.amp.{each.__name__}` for {device}, under its former name."
    return autocast, GradScaler


def custom_fwd(fwd: Callable[..., Any] | None = None, *, cast_inputs: Any = None) -> Callable[..., Any]:
    """`torch.amp.custom_fwd` for CUDA, under its former name."""
    _warn("cuda", "custom_fwd", "custom_fwd(args..., device_type='cuda')")
    return functools.partial(amp.custom_fwd, device_type="cuda")(fwd=fwd, cast_inputs=cast_inputs)


def custom_bwd(bwd: Callable[..., Any]) -> Callable[..., Any]:
    """`torch.amp.custom_bwd` for CUDA, under its former name."""
    _warn("cuda", "custom_bwd", "custom_bwd(args..., device_type='cuda')")
    return functools.partial(amp.custom_bwd, device_type="cuda")(bwd)


def amp_definitely_not_available() -> bool:
    """Whether there is no GPU for it."""
    return not array.gpus()
