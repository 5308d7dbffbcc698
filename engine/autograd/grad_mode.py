"""The switches of recording, under the name that they have in PyTorch."""

from __future__ import annotations

from typing import Any

from engine.modes import enable_grad, inference_mode, no_grad, set_grad_enabled


class set_multithreading_enabled:
    """Accepted: the way back runs in one thread."""

    def __init__(self, mode: bool) -> None:
        self.mode = mode

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        pass


__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled", "set_multithreading_enabled"]
