"""`torch.multiprocessing`: programs may say how processes would share tensors; none is started here."""

from __future__ import annotations

from typing import Any, NoReturn

_STRATEGIES = {"file_descriptor", "file_system"}
_REFUSED = [
    "Array",
    "Barrier",
    "BoundedSemaphore",
    "Condition",
    "Event",
    "JoinableQueue",
    "Lock",
    "Manager",
    "Pipe",
    "Pool",
    "Process",
    "ProcessContext",
    "Queue",
    "RLock",
    "Semaphore",
    "SimpleQueue",
    "Value",
    "spawn",
    "start_processes",
]


class _Chosen:
    strategy = "file_descriptor"
    method = "fork"


def get_all_sharing_strategies() -> set[str]:
    """The ways to share memory between processes."""
    return _STRATEGIES


def get_sharing_strategy() -> str:
    """The way that was chosen."""
    return _Chosen.strategy


def set_sharing_strategy(new_strategy: str) -> None:
    """Choose a way: noted, and without effect on one process. AssertionError for an unknown one."""
    assert new_strategy in _STRATEGIES
    _Chosen.strategy = new_strategy


def get_all_start_methods() -> list[str]:
    """The ways to start processes."""
    return ["fork", "spawn", "forkserver"]


def get_start_method(allow_none: bool = False) -> str:
    """The way that was chosen."""
    return _Chosen.method


def set_start_method(method: str, force: bool = False) -> None:
    """Choose a way: noted only. ValueError for an unknown one."""
    if method not in get_all_start_methods():
        raise ValueError(f"cannot find context for {method!r}")
    _Chosen.method = method


def cpu_count() -> int:
    """The processors that a program here may use."""
    return 1


def __getattr__(name: str) -> Any:
    if name not in _REFUSED:
        raise AttributeError(f"module 'torch.multiprocessing' has no attribute '{name}'", name=name)

    def refused(*args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(
            f"torch.multiprocessing.{name} is left out of this engine on purpose: a program here runs in one process"
        )

    return refused
