"""Several watchers of the op calls at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.graph import Watcher


_hushed: ContextVar[bool] = ContextVar("hushed", default=False)


class Hushed:
    """A block of whose calls nobody is told, as long as there are several watchers: those of this thread."""

    def __enter__(self) -> None:
        self.before = _hushed.set(True)

    def __exit__(self, *_: Any) -> None:
        _hushed.reset(self.before)


class Several:
    """The engine's own watchers (forward mode, `vmap`, hooks on saved tensors, ...) before the one from outside."""

    __slots__ = ("inner", "outer")

    def __init__(self, inner: tuple[Any, ...], outer: Watcher | None) -> None:
        self.inner = inner
        self.outer = outer

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Told to each."""
        if _hushed.get():
            return
        for each in self.inner:
            each.called(op, args, options, out)
        if self.outer is not None:
            self.outer.called(op, args, options, out)

    def backward(self, root: Any, gradients: dict[Any, Any]) -> None:
        """Told to the one from outside: the engine's own do not ask."""
        if self.outer is not None:
            self.outer.backward(root, gradients)

    def entered(self, module: Any) -> None:
        """Before a module's forward: told to those who ask."""
        for each in self.inner:
            if hasattr(each, "entered"):
                each.entered(module)
        if self.outer is not None:
            self.outer.entered(module)

    def left(self, module: Any) -> None:
        """After a module's forward."""
        for each in self.inner:
            if hasattr(each, "left"):
                each.left(module)
        if self.outer is not None:
            self.outer.left(module)
