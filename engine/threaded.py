"""Modes that each thread has for itself: they cost nothing while no thread is in them."""

from __future__ import annotations

from _thread import _local, allocate_lock
from typing import ClassVar

from engine import graph

_counting = allocate_lock()


class Mode(_local):
    """A watcher of the op calls while at least one thread is in the mode; what it holds is each thread's own.

    `place` is the name in `engine.graph` under which it is found then; the name stands for None else. A thread that is
    not in the mode finds it too, as `__init__` makes it.
    """

    place: ClassVar[str]
    _threads: ClassVar[int] = 0

    def enter(self) -> None:
        """Let this thread be in the mode, which it was not."""
        with _counting:
            type(self)._threads += 1
            if self._threads == 1:
                graph.also(self)
                setattr(graph, self.place, self)

    def leave(self) -> None:
        """The end of `enter`."""
        with _counting:
            type(self)._threads -= 1
            if self._threads == 0:
                graph.no_longer(self)
                setattr(graph, self.place, None)
