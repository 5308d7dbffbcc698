"""What is neither a layer nor an optimizer: data in batches, checkpoints."""

from __future__ import annotations

import importlib
from typing import Any

from engine.utils import data

__all__ = ["data"]


def __getattr__(name: str) -> Any:
    if name in ("_pytree", "benchmark", "checkpoint", "hooks"):
        return importlib.import_module(f"engine.utils.{name}")
    raise AttributeError(f"module 'torch.utils' has no attribute '{name}'", name=name)
