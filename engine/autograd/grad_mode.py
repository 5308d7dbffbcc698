"""The switches of recording, under the name that they have in PyTorch."""

from __future__ import annotations

from typing import Any

from engine.modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from engine.places import placed

_allowed = [True]


def is_multithreading_enabled() -> bool:
    """Whether the way back may run in several threads, which here it never does."""
    return _allowed[0]


@placed
class set_multithreading_enabled:
    """Whether the way back may run in several threads, from the call on or within a block: kept to be asked for."""

    def __init__(self, mode: bool) -> None:
        self.prev, self.mode = _allowed[0], mode
        _allowed[0] = bool(mode)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        _allowed[0] = self.prev


__all__ = [
    "enable_grad", "inference_mode", "is_multithreading_enabled", "no_grad", "set_grad_enabled",
    "set_multithreading_enabled",
]  # fmt: skip
