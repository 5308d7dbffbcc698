"""What scripts say to PyTorch's compiler by its own name: accepted, and nothing is compiled."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from engine.compiler import allow_in_graph, compile, disable, is_compiling, list_backends, reset

__all__ = ["allow_in_graph", "config", "disable", "is_compiling", "list_backends", "optimize", "reset"]

config = SimpleNamespace(
    suppress_errors=False, verbose=False, cache_size_limit=8, recompile_limit=8, capture_scalar_outputs=False
)


def optimize(backend: Any = "inductor", **options: Any) -> Any:
    """A decorator that gives the function itself."""
    return compile(backend=backend)


def mark_dynamic(t: Any, index: Any, **bounds: Any) -> None:
    """Say that an axis will change its size, which it may in any case."""


def graph_break(msg: str = "") -> None:
    """End a graph: there is none."""
