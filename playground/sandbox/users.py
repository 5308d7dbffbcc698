"""The user ids of workers where the server runs as root: limits on a user are then limits on one worker."""

from __future__ import annotations

import os
import random

_IDS = range(60001, 65000)
_chance = random.SystemRandom()


def draw() -> int:
    """A user id for one worker. Two servers on one machine seldom draw the same, and bear it when they do."""
    return _chance.choice(_IDS)


def running(user: int) -> int:
    """How many threads a user has on this machine, as RLIMIT_NPROC counts them."""
    total = 0
    for entry in os.scandir("/proc"):
        try:
            if entry.name.isdecimal() and entry.stat().st_uid == user:
                total += len(os.listdir(f"/proc/{entry.name}/task"))
        except OSError:
            continue  # it ended meanwhile
    return total
