"""What a step between two frames leaves behind: its loss and its gradients. Nothing else is done for it."""

from __future__ import annotations

from operator import attrgetter
from types import CodeType
from typing import Any

gradient_of = attrgetter("_grad")


class Between:
    """Notes of the steps since the last one that was more than noted.

    `hooks` writes them in the program's own thread, without a call and without a lock: a small model's whole step takes
    less than 100 µs. Only steps that end before `horizon` are noted, and only those of the `backward()` at the place
    `code`, `at`; it is 0 where something is to be seen or obeyed.
    """

    __slots__ = ("at", "code", "gradients", "horizon", "leaves", "losses")

    def __init__(self) -> None:
        self.horizon = 0.0  # seconds of `monotonic`
        self.code: CodeType | None = None
        self.at = -1
        self.losses: list[float] = []
        self.leaves: list[Any] = []
        self.gradients: list[Any] = []  # of `leaves`, after the last step

    def take(self) -> list[float]:
        """The losses that nobody has taken yet. The writer may go on meanwhile, in another thread."""
        taken = self.losses[:]
        del self.losses[: len(taken)]
        return taken
