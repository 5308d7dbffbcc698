"""What a dispatcher is asked and what it answers."""

from __future__ import annotations

from typing import Literal

import msgspec

from playground.protocol.values import Value


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One program to run. `visitor` counts the runs at once of one person; times in seconds."""

    run_id: str
    code: str
    device: Literal["cpu", "gpu"] = "cpu"
    seed: int | None = None
    params: dict[str, float] = {}
    time_limit_s: float = 60.0
    frames_per_second: float = 20.0
    visitor: str = ""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """How a dispatcher works: the sandbox asked for, workers kept warm, and the limits of a run and of the queue.

    `may_be_off` is whether the sandbox may be switched off: in debug mode, on a loopback address.
    """

    sandbox: str = "auto"
    may_be_off: bool = False
    warm_workers: int = 2
    time_limit_s: float = 60.0
    memory_mb: int = 512
    queue_limit: int = 64
    runs_at_once: int = 2
    slots: int = 2


class DeviceState(Value, kw_only=True):
    """Whether programs can run on a device now, and if not, why in a sentence."""

    name: str
    available: bool
    reason: str = ""


class WorkerCounts(Value, kw_only=True):
    """The workers of one device."""

    available: bool
    reason: str = ""
    warm: int = 0
    running: int = 0
    slots: int = 0


class DispatchHealth(Value, kw_only=True):
    """How a dispatcher stands. `sandbox` is the level's name, "none" where programs are refused."""

    ready: bool
    sandbox: str
    sandbox_reason: str
    workers: dict[str, WorkerCounts]
    queue_length: int
    queue_limit: int


class DispatchError(Exception):
    """A run that cannot be taken; the message says why, in a sentence."""


class NoWorker(DispatchError):
    """The asked device has no workers here."""


class QueueFull(DispatchError):
    """More runs wait than the queue holds. `retry_after_s` is when to ask again."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooManyRuns(QueueFull):
    """The visitor has as many runs under way as one may have."""
