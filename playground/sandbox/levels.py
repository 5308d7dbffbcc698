"""The levels of the sandbox, and what starting a worker at one of them takes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal, Protocol

from playground.sandbox.limits import Limits

SETTINGS = ("auto", "bubblewrap", "landlock", "off")
Name = Literal["A", "B", "off"]


class Refused(Exception):
    """No worker may be started here; the message says why, in sentences for whoever runs the server."""


@dataclass(frozen=True, slots=True)
class Command:
    """One way to start a worker: what to execute, with which environment and descriptors, and as whom.

    The worker inherits `descriptors` besides its wires; those in `temporary` are closed here once it runs. A `user`
    is one to become before anything is executed; None stays who the server is.
    """

    argv: tuple[str, ...]
    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
    temporary: tuple[int, ...] = ()
    user: int | None = None


class Starter(Protocol):
    """How workers of one level are started; one is kept for the life of the server."""

    def command(self, module: str, wires: tuple[int, int], limits: Limits) -> Command:
        """The command for one worker, which runs `module` with the descriptors `wires` (events, commands)."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level that was tried on this machine and held: its name, and in words what it is and why it was taken."""

    name: Name
    reason: str
    starter: Starter = field(repr=False, compare=False)


def arguments(module: str, wires: tuple[int, int], orders: dict[str, object]) -> list[str]:
    """What follows the interpreter's name: the module, its wires, and as JSON what it gives to `lockdown.enter`."""
    return ["-s", "-P", "-m", module, *(str(wire) for wire in wires), json.dumps(orders)]


def orders(name: Name, kept: tuple[int, ...], limits: Limits) -> dict[str, object]:
    """The keyword arguments of `lockdown.enter` that every level gives; `kept` are the descriptors to keep open."""
    return {
        "level": name,
        "memory_mb": limits.memory_mb,
        "cpu_s": limits.cpu_s,
        "threads": limits.threads,
        "files": limits.files,
        "keep": list(kept),
    }
