"""Gradients: `backward`, `grad`, and functions with a gradient of one's own."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, ClassVar

from engine.autograd.backward import backward, grad
from engine.autograd.function import Function, once_differentiable
from engine.modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from engine.switches import at_end, under_way
from engine.tensor import Tensor

# Imported when first asked for.
_LAZY = ("anomaly_mode", "forward_ad", "functional", "grad_mode", "gradient_check", "graph", "profiler")
_FROM = {
    "gradcheck": ("gradient_check", "gradcheck"), "gradgradcheck": ("gradient_check", "gradgradcheck"),
    "_profiler_enabled": ("profiler", "_profiler_enabled"),
    "set_multithreading_enabled": ("grad_mode", "set_multithreading_enabled"),
    "is_multithreading_enabled": ("grad_mode", "is_multithreading_enabled"),
    "detect_anomaly": ("anomaly_mode", "detect_anomaly"), "set_detect_anomaly": ("anomaly_mode", "set_detect_anomaly"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _FROM:
        module, attribute = _FROM[name]
        value = getattr(importlib.import_module(f"engine.autograd.{module}"), attribute)
        globals()[name] = value
        return value
    if name in _LAZY:
        return importlib.import_module(f"engine.autograd.{name}")
    if name == "SavedTensor":
        from engine.autograd.saved_tensor import SavedTensor

        return SavedTensor
    raise AttributeError(f"module 'torch.autograd' has no attribute '{name}'", name=name)


class _Engine:
    """What programs find as `Variable._execution_engine`."""

    def queue_callback(self, callback: Callable[[], Any]) -> None:
        """Call `callback` at the end of the walk back that is going on."""
        if not under_way():
            raise RuntimeError("Final callbacks can only be installed during backward pass.")
        at_end(callback)


class _OfTensors(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_OfTensors):
    """The old name of a tensor: `Variable(t, requires_grad=True)` is `t`, detached, and every tensor is one."""

    def __new__(cls, data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Tensor:  # type: ignore[misc]
        """The tensor."""
        return data.detach().requires_grad_(requires_grad)

    _execution_engine: ClassVar[_Engine]


Variable._execution_engine = _Engine()

__all__ = [
    "Function", "Variable", "backward", "enable_grad", "grad", "inference_mode", "no_grad", "once_differentiable",
    "set_grad_enabled",
]  # fmt: skip
