"""The ops, a family a file. Importing this package declares those that every program uses, and the operators.

The others are declared when one of their names is first asked for (`engine/lazy.py`): most programs use few of them,
and declaring all takes as long as importing NumPy.
"""

from __future__ import annotations

import importlib
from typing import Any

EAGER = (
    "activation", "arithmetic", "compare", "convert", "create", "division", "elementwise", "facts", "fresh", "layer",
    "linalg", "reduce", "shape",
)  # fmt: skip

for _module in EAGER:
    importlib.import_module(f"engine.ops.{_module}")


def families() -> list[str]:
    """The names of all modules of ops."""
    import pkgutil  # which takes as long as declaring a family

    return sorted(each.name for each in pkgutil.iter_modules(__path__))


def load_all() -> None:
    """Declare every op there is, for who wants to go through all of them."""
    from engine import lazy

    for family in families():
        lazy.load(family)


def __getattr__(name: str) -> Any:
    if name == "aten":  # PyTorch's own names of operators
        return importlib.import_module("engine.aten").SPACE
    raise AttributeError(f"module 'torch.ops' has no attribute '{name}'", name=name)
