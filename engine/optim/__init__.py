"""Optimizers and learning-rate schedulers."""

from __future__ import annotations

import importlib
from typing import Any

from engine.optim.adam import Adam
from engine.optim.optimizer import Optimizer
from engine.optim.sgd import SGD
from engine.spaces import without_parts as _without_parts

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "SparseAdam",
    "lr_scheduler",
    "swa_utils",
    "swap_in_optimizer_params_and_state",
]

# Imported when first asked for: where each of these names stands.
_LATER = {
    "ASGD": "asgd", "Adadelta": "adadelta", "Adafactor": "_adafactor", "Adagrad": "adagrad", "AdamW": "adamw",
    "Adamax": "adamax",
    "LBFGS": "lbfgs", "Muon": "_muon", "NAdam": "nadam", "RAdam": "radam", "RMSprop": "rmsprop", "Rprop": "rprop",
    "SparseAdam": "sparse_adam", "swap_in_optimizer_params_and_state": "saved",
}  # fmt: skip
_PARTS = ("lr_scheduler", "swa_utils", "_adafactor", "_muon")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    if name in _LATER:
        value = globals()[name] = getattr(importlib.import_module(f"engine.optim.{_LATER[name]}"), name)
        return value
    if name in _PARTS:
        return importlib.import_module(f"engine.optim.{name}")
    raise AttributeError(f"module 'torch.optim' has no attribute '{name}'", name=name)


_PUBLIC = _PARTS
_without_parts(globals())
