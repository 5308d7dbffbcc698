"""The level "off": no sandbox, only limits; for one person's own programs on their own machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playground.sandbox import levels
from playground.sandbox.layout import environment
from playground.sandbox.levels import Command
from playground.sandbox.limits import Limits

_PROJECT = Path(__file__).resolve().parents[2]


class Plain:
    """Starts workers as ordinary children of the server, with its rights and its packages."""

    def __init__(self, extra: tuple[tuple[str, str], ...] = ()) -> None:
        """Prepare the environment, which even here has nothing of the server's own."""
        folders = dict.fromkeys(os.path.dirname(source) for source, _ in extra)
        self._environment = environment((str(_PROJECT), *folders))

    def command(self, module: str, wires: tuple[int, int], limits: Limits) -> Command:
        """The command for one worker: this interpreter, with its own packages."""
        orders = levels.orders("off", wires, limits)
        return Command((sys.executable, *levels.arguments(module, wires, orders)), self._environment, wires)
