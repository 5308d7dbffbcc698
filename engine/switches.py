"""The switches that each thread has for itself, as PyTorch's threads do: what is recorded, and which walk is going on.

They are context variables, whose getter costs a compiled op no more than a module's attribute. A new thread records,
whatever goes on in the one that started it.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any

_recording: ContextVar[bool] = ContextVar("recording", default=True)
_inferring: ContextVar[bool] = ContextVar("inferring", default=False)

recording = _recording.get  # whether ops are recorded
record = _recording.set
inferring = _inferring.get  # whether inference mode is on
infer = _inferring.set

_transforms: ContextVar[int] = ContextVar("transforms", default=0)
_casting: ContextVar[bool] = ContextVar("casting", default=False)

transforms = _transforms.get  # how many transforms of `engine.func` run the user's function now
transform = _transforms.set
casting = _casting.get  # whether autocast has a say in what is called now
cast = _casting.set

Callbacks = list[Callable[[], None]]
# Where a walk began, the edges that it follows, the nodes that it pulls (None: all), the edges that are asked for.
Way = tuple[Any, Any, Any, Any]
_walk: ContextVar[tuple[str, Callbacks, Way]] = ContextVar("walk", default=("", [], ((), None, None, ())))

walk_now = _walk.get
walk_on = _walk.set


def under_way() -> str:
    """What the walk back that is going on is for: "leaves", "some" edges only, "" while there is none."""
    return _walk.get()[0]


def way_now() -> Way:
    """Where the walk that is going on leads."""
    return _walk.get()[2]


def at_end(callback: Callable[[], None]) -> None:
    """Call `callback` at the end of the walk that is going on."""
    _walk.get()[1].append(callback)


_held: deque[Context] = deque(maxlen=6)  # no more collections begin while one variable is set


def _hold(phase: str, info: dict[str, int]) -> None:
    """Keep what the variables were when a collection began, until some others have begun.

    Before Python 3.12 a collection may begin inside `ContextVar.set`; if a finalizer then sets one, what the outer call
    still reads is freed, and the interpreter crashes (https://github.com/python/cpython/issues/148891).
    """
    if phase == "start":
        _held.append(copy_context())


if sys.version_info < (3, 12):
    gc.callbacks.append(_hold)
