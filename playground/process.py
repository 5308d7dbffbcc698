"""Which process a run belongs to, so that runs of one that is gone can be told."""

from __future__ import annotations

import functools
import os
import platform
from pathlib import Path


@functools.cache
def _machine() -> str:
    """This machine since its last start."""
    try:
        return f"{platform.node()}/{Path('/proc/sys/kernel/random/boot_id').read_text().strip()[:8]}"
    except OSError:
        return platform.node()


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks; empty where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def own() -> str:
    """The name of this process: unlike its number, never used again."""
    return f"{_machine()}/{os.getpid()}/{_started(os.getpid())}"


def is_alive(name: str) -> bool:
    """Whether the process of that name still lives on this machine."""
    machine, _, rest = name.rpartition("/")[0].rpartition("/")
    pid, started = rest, name.rpartition("/")[2]
    if machine != _machine() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _started(int(pid)) == started
