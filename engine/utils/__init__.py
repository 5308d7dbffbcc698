"""What is neither a layer nor an optimizer: data in batches, checkpoints."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["data"]
_LATER = (
    "_pytree", "benchmark", "checkpoint", "data", "deterministic", "dlpack", "flop_counter", "hooks", "model_zoo",
    "tensorboard",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return importlib.import_module(f"engine.utils.{name}")
    raise AttributeError(f"module 'torch.utils' has no attribute '{name}'", name=name)


def set_module(obj: Any, mod: str) -> None:
    """Let an object say that it is from another module."""
    if not isinstance(mod, str):
        raise TypeError("The mod argument should be a string")
    obj.__module__ = mod


def swap_tensors(t1: Any, t2: Any) -> None:
    """Let two tensors change places: each name is the other's tensor afterwards."""
    if t1.grad_fn is not None or t2.grad_fn is not None:
        raise RuntimeError("swap_tensors only works on leaves: the graph of others would be torn")
    t1.__class__, t2.__class__ = t2.__class__, t1.__class__
    t1.__dict__, t2.__dict__ = t2.__dict__, t1.__dict__
    for slot in ("_array", "_family", "_grad", "_hooks", "_node", "_requires_grad", "_view"):
        held = [(t, getattr(t, slot)) for t in (t1, t2) if hasattr(t, slot)]
        for t, _ in held:
            delattr(t, slot)
        for t, value in held:
            setattr(t2 if t is t1 else t1, slot, value)
