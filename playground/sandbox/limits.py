"""Limits: what one run may use at most; the supervisor states them and the worker sets them on itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may use. The wall clock is not here: the supervisor holds it, from outside.

    `memory_mb` is RLIMIT_DATA: what NumPy allocates counts, the shared pages of the libraries do not. `cpu_s` is for
    the whole life of the worker, warm-up included, and is only the lid over the supervisor's clock. `threads` counts
    the worker's own user id, so it includes the threads of the interpreter itself.
    """

    memory_mb: int = 512
    cpu_s: int = 65
    threads: int = 32
    files: int = 64

    def __post_init__(self) -> None:
        """Refuse a limit that no worker could start under."""
        for name, least in (("memory_mb", 64), ("cpu_s", 1), ("threads", 4), ("files", 16)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")
