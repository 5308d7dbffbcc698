"""The last step of a worker before a stranger's program: from here on it can compute, and reach nothing.

The worker calls `enter` once, when everything that it will need is imported, with what its supervisor put into its
command line. Only the standard library is used, and nothing here can be undone.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Sequence

from playground.sandbox import kernel, selftest

_MB = 1 << 20
_ADDRESS_SPACE = 8192 * _MB  # a lid only: the libraries of a worker reserve far more than they use
_STACK = 8 * _MB
_SIGNALS = 64
_GRACE_S = 2
_NICE = 10


def enter(
    level: str,
    memory_mb: int,
    cpu_s: int,
    threads: int,
    files: int,
    keep: Sequence[int] = (),
    readable: Sequence[str] = (),
) -> None:
    """Set the limits and close every door, for this process and all its threads, then try each of them.

    `level` is "A" (bubblewrap has made the file system), "B" (Landlock leaves the files beneath `readable`; it must be
    called before there is a second thread) or "off" (limits alone). `keep` are the descriptors that stay open besides
    the three standard ones. Raises OSError where the kernel refuses a step and `selftest.Open` where a door is still
    open; a worker that meets either must end.
    """
    _close_all_but({0, 1, 2, *keep})
    _limit(level, memory_mb, cpu_s, threads, files)
    if level == "off":
        return
    kernel.die_with_parent()
    kernel.renounce()
    if level == "B":
        kernel.confine_files(readable, writable=[os.devnull])
    kernel.install_filter(2)
    selftest.try_doors()


def _close_all_but(keep: set[int]) -> None:
    """Close what was inherited or left open: an open folder would lead out of the sandbox."""
    start = 0
    for kept in (*sorted(keep), os.sysconf("SC_OPEN_MAX")):
        if start < kept:  # an empty range would be taken for an endless one
            os.closerange(start, kept)
        start = kept + 1


def _limit(level: str, memory_mb: int, cpu_s: int, threads: int, files: int) -> None:
    """Set the limits of this process. One that is lower already stays."""
    wanted = {
        "DATA": memory_mb * _MB,
        "AS": max(_ADDRESS_SPACE, 2 * memory_mb * _MB),
        "STACK": _STACK,
        "CPU": cpu_s,
        "NPROC": threads,
        "NOFILE": files,
        "CORE": 0,
        "FSIZE": 0,
        "MEMLOCK": 0,
        "MSGQUEUE": 0,
        "SIGPENDING": _SIGNALS,
    }
    if level == "off":
        wanted = {name: wanted[name] for name in ("DATA", "CPU", "NOFILE", "CORE")}
    for name, value in wanted.items():
        limit = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(limit)
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # The soft limit on time comes a little earlier than the hard one: its signal tells which limit it was.
        ends = soft + _GRACE_S if name == "CPU" and hard == resource.RLIM_INFINITY else soft
        resource.setrlimit(limit, (soft, ends))
    os.nice(max(0, _NICE - os.getpriority(os.PRIO_PROCESS, 0)))
