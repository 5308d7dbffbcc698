"""The meta device: arrays that have a shape and a dtype and whose numbers mean nothing.

They are zeros that no one has looked at, which take up memory only where something is written. Functions of NumPy give
such an array where they were given one, or a plain one, which `Marks` then makes one of these after each op.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

NO_DATA = "Cannot copy out of meta tensor; no data!"


class MetaArray(np.ndarray):
    """An array on the meta device. While there is one, `Marks` watches."""

    def __array_finalize__(self, of: Any) -> None:
        Marks.alive += 1
        if Marks.alive == 1:
            _graph().also(_marks)

    def __del__(self) -> None:
        Marks.alive -= 1
        if not Marks.alive:
            _graph().no_longer(_marks)


def on_meta(values: Any) -> MetaArray:
    """An array of the shape and dtype of another, on the meta device."""
    return np.zeros(values.shape, values.dtype).view(MetaArray)


class _Maker:
    """NumPy, each array that it makes being on the meta device."""

    def __getattr__(self, name: str) -> Any:
        function = getattr(np, name)

        def make(*args: Any, **kwargs: Any) -> Any:
            made = function(*args, **kwargs)
            return made.view(MetaArray) if isinstance(made, np.ndarray) else made

        return make if callable(function) else function


maker = _Maker()


class Marks:
    """A watcher of op calls: results of operands on the meta device are there, too."""

    alive = 0  # arrays

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Move the results."""
        if any(getattr(arg, "_array", None).__class__ is MetaArray for arg in _flat(args)):
            for result in out if isinstance(out, tuple) else (out,):
                raw = getattr(result, "_array", None)
                if raw is not None and raw.__class__ is not MetaArray:
                    result._array = np.asarray(raw).view(MetaArray)


def _flat(args: Sequence[Any]) -> Any:
    for arg in args:
        if isinstance(arg, (list, tuple)):
            yield from arg
        else:
            yield arg


def _graph() -> Any:
    from engine import graph

    return graph


_marks = Marks()
