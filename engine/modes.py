"""The switches of recording, as calls, contexts and decorators; each thread has its own (`graph.record`)."""

from __future__ import annotations

import functools
import inspect
import warnings
from _thread import allocate_lock
from collections.abc import Callable
from typing import Any, ClassVar

from engine import graph
from engine.family import InferenceFamily, infer
from engine.modified import unsaved
from engine.places import placed

_CLASSES = (
    "Decorating classes is deprecated and will be disabled in future versions. You should only decorate functions or "
    "methods. To preserve the current behavior of class decoration, you can directly decorate the `__init__` method "
    "and nothing else."
)


@placed
class set_grad_enabled:
    """Whether ops are recorded, from the call on or within a `with` block or a decorated function."""

    def __init__(self, mode: bool) -> None:
        self.before = graph.recording()
        self.mode = bool(mode)
        graph.record(self.mode)

    def __enter__(self) -> None:
        graph.record(self.mode)

    def __exit__(self, *_: Any) -> None:
        graph.record(self.before)

    def __repr__(self) -> str:
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.mode})"

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        graph.record(self.before)
        return _within(lambda: set_grad_enabled(self.mode), function)


@placed
class no_grad:
    """Nothing is recorded within the block or the decorated function."""

    mode: ClassVar[bool] = False

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """A context, or, used as a bare decorator, the wrapped function."""
        context = object.__new__(cls)
        context.before = []
        return context if function is None else context(function)

    before: list[bool]

    def __enter__(self) -> None:
        self.before.append(graph.recording())
        graph.record(self.mode and not graph.inferring())

    def __exit__(self, *_: Any) -> None:
        graph.record(self.before.pop())

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return _within(type(self), function)


@placed
class enable_grad(no_grad):
    """Ops are recorded within the block or the decorated function."""

    mode = True


@placed
class inference_mode:
    """Nothing is recorded within the block, and what is made in it cannot be part of a graph later.

    `inference_mode(False)` is the end of it, within such a block, and records.
    """

    def __new__(cls, mode: Any = True) -> Any:
        """A context, or, used as a bare decorator, the wrapped function."""
        context = object.__new__(cls)
        context.before = []
        context.mode = True if callable(mode) else bool(mode)
        return context(mode) if callable(mode) else context

    before: list[tuple[bool, bool]]
    mode: bool

    def __enter__(self) -> None:
        self.before.append((graph.recording(), graph.inferring()))
        graph.record(not self.mode)
        _set_inference(self.mode)

    def __exit__(self, *_: Any) -> None:
        enabled, inference = self.before.pop()
        graph.record(enabled)
        _set_inference(inference)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return _within(lambda: type(self)(self.mode), function)


class _Inferring:
    """The watcher that marks what ops make in inference mode."""

    def called(self, op: Any, args: Any, options: Any, out: Any) -> None:
        """Views belong to what they are views of; the rest is new."""
        if not graph.inferring():  # another thread's
            return
        for tensor in out if isinstance(out, tuple) else (out,):
            if hasattr(tensor, "_family") and tensor._family is None:
                infer(tensor)


class _Later:
    """The watcher that lets no recorded op save what inference mode made, as long as there is any of it."""

    def __init__(self) -> None:
        self.watching = False
        self.lock = allocate_lock()

    def called(self, op: Any, args: Any, options: Any, out: Any) -> None:
        """PyTorch's error, where the op has saved such a tensor."""
        if not InferenceFamily.living:
            self.look()
            return
        first = out[0] if isinstance(out, tuple) else out
        if not getattr(first, "_requires_grad", False):
            return
        node: Any = graph.function_of(first._node)[0]
        if hasattr(op, "operands"):
            kept = [getattr(node, name, None) for name in op.operands]
        else:  # a Function
            kept = [getattr(each, "tensor", each) for each in getattr(node, "_kept", ())]
        if any(isinstance(getattr(each, "_family", None), InferenceFamily) for each in kept):
            raise unsaved()

    def look(self) -> None:
        """Watch from now on, or no longer."""
        with self.lock:
            if bool(InferenceFamily.living) != self.watching:
                self.watching = not self.watching
                (graph.also if self.watching else graph.no_longer)(self)


_INFERRING = _Inferring()
_LATER = _Later()


def _set_inference(on: bool) -> None:
    if on and not graph.inferring():
        graph.also(_INFERRING)
    elif graph.inferring() and not on:
        graph.no_longer(_INFERRING)
        _LATER.look()
    graph.infer(on)


def is_inference_mode_enabled() -> bool:
    """Whether inference mode is on."""
    return graph.inferring()


def is_grad_enabled() -> bool:
    """Whether ops are recorded now."""
    return graph.recording()


def _within(context: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """The function run in a fresh context a call; a generator in one for each of its steps."""
    if inspect.isclass(function):
        warnings.warn(_CLASSES, FutureWarning, stacklevel=3)
    elif inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def steps(*args: Any, **kwargs: Any) -> Any:
            return (yield from _each_within(context, function(*args, **kwargs)))

        return steps

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with context():
            return function(*args, **kwargs)

    return call


def _each_within(context: Callable[[], Any], generator: Any) -> Any:
    """A generator whose every step is in a context, also one at which something is thrown into it."""
    step: Callable[[], Any] = functools.partial(next, generator)
    while True:
        try:
            with context():
                value = step()
        except StopIteration as end:
            return end.value
        try:
            sent = yield value
        except GeneratorExit:
            with context():
                generator.close()
            raise
        except BaseException as error:
            step = functools.partial(generator.throw, error)
        else:
            step = functools.partial(generator.send, sent)
