"""Where a program's time goes: the ops it calls, the slopes on the way back, and ranges that it names itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
from time import perf_counter
from typing import Any

from engine import graph, ops, template
from engine.autograd.profiler_names import names_of
from engine.autograd.profiler_util import EventList, FunctionEvent, FunctionEventAvg
from engine.op import Op, registry

_current: list[profile] = []


def _now() -> float:
    return perf_counter() * 1e6


class profile:
    """The block whose calls are timed; afterwards `key_averages()` and `table()` tell."""

    def __init__(
        self,
        enabled: bool = True,
        *,
        use_cuda: bool = False,
        use_device: str | None = None,
        record_shapes: bool = False,
        with_flops: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_modules: bool = False,
        use_kineto: bool = False,
        use_cpu: bool = True,
        **_: Any,
    ) -> None:
        self.enabled = enabled
        self.record_shapes = record_shapes
        self.profile_memory = profile_memory
        self.with_stack = with_stack
        self.entered = False
        self.function_events: EventList | None = None
        self._events: list[FunctionEvent] = []
        self._open: list[FunctionEvent] = []
        self._kernels: list[tuple[Op, Any, Any]] = []
        self._check: Any = None

    def __enter__(self) -> profile | None:
        if not self.enabled:
            return None
        if self.entered:
            raise RuntimeError("Profiler context manager is not reentrant")
        self.entered = True
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self.enabled:
            self.stop()

    def start(self) -> None:
        """Begin to time."""
        ops.load_all()
        for entry in list(registry.values()):
            if isinstance(entry, Op):
                self._kernels.append((entry, entry.kernel, entry.bare))
                _put_kernel(entry, self._timed(entry, entry.kernel), None)
        self._check, graph.check = graph.check, self
        _current.append(self)

    def stop(self) -> None:
        """End it."""
        for entry, kernel, bare in self._kernels:
            _put_kernel(entry, kernel, bare)
        self._kernels.clear()
        graph.check = self._check
        _current.remove(self)
        self.function_events = EventList(self._events, self.profile_memory, self.record_shapes)

    def begin(self, name: str, shapes: list[Any] | None = None) -> FunctionEvent:
        """Open an event."""
        event = FunctionEvent(name, _now(), shapes or [], self._open[-1] if self._open else None)
        self._events.append(event)
        self._open.append(event)
        return event

    def end(self, event: FunctionEvent) -> None:
        """Close it."""
        event.end = _now()
        if event in self._open:
            while self._open.pop() is not event:
                pass

    def _timed(self, entry: Op, kernel: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            shapes = [list(getattr(arg, "shape", ())) for arg in args] if self.record_shapes else None
            events = [self.begin(name, shapes) for name in names_of(entry.name, args)]
            event = events[0]
            try:
                result = kernel(*args, **kwargs)
            finally:
                for each in reversed(events):
                    self.end(each)
            if self.profile_memory and not entry.view:
                event.self_cpu_memory_usage = getattr(result, "nbytes", 0)
            return result

        return timed

    def pull(self, node: Any, g: Any, create: bool) -> Any:
        """A node's slopes, timed."""
        whole = self.begin(f"autograd::engine::evaluate_function: {node.name()}")
        event = self.begin(node.name())
        try:
            if self._check is not None:
                return self._check.pull(node, g, create)
            return node.pull_tensors(g) if create else node.pull(g)
        finally:
            self.end(event)
            self.end(whole)

    def _finished(self) -> EventList:
        if self.function_events is None:
            raise RuntimeError("Profiler didn't finish running")
        return self.function_events

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """The sums of the events by name."""
        return self._finished().key_averages(group_by_input_shape, group_by_stack_n)

    def table(self, *args: Any, **kwargs: Any) -> str:
        """All events as text."""
        return self._finished().table(*args, **kwargs)

    def total_average(self) -> FunctionEventAvg:
        """The sum of all events."""
        return self._finished().total_average()

    @property
    def self_cpu_time_total(self) -> float:
        """The time of all events, each counted once."""
        return self._finished().self_cpu_time_total

    def export_chrome_trace(self, path: Any) -> None:
        """Write the events for a trace viewer."""
        self._finished().export_chrome_trace(path)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Write what was called within what, for flame graphs."""
        events = self._finished()
        if not self.with_stack:
            raise AssertionError("export_stacks() requires with_stack=True")
        events.export_stacks(path, metric)

    def __str__(self) -> str:
        return "<unfinished torch.autograd.profile>" if self.function_events is None else str(self.function_events)

    __repr__ = __str__


def _profiler_enabled() -> bool:
    """Whether a profile is being taken."""
    return bool(_current)


def _put_kernel(entry: Op, kernel: Any, bare: Any) -> None:
    """Let the op run this kernel, also where its call has been generated already."""
    entry.kernel, entry.bare = kernel, bare
    scope = entry.call.__globals__
    if "kernel" in scope:
        template.functions(entry, scope)  # which lets it compute bfloat16, where that is used


class record_function:
    """The block, or decorated function, that is an event of this name."""

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name = name
        self._events: list[tuple[profile, FunctionEvent]] = []

    def __enter__(self) -> record_function:
        self._events = [(each, each.begin(self.name)) for each in _current]
        return self

    def __exit__(self, *_: Any) -> None:
        for each, event in self._events:
            each.end(event)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def within(*args: Any, **kwargs: Any) -> Any:
            with record_function(self.name):
                return function(*args, **kwargs)

        return within


class emit_nvtx:
    """A block that on a GPU would mark its calls for NVIDIA's tools; here it does nothing."""

    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled = enabled

    def __enter__(self) -> emit_nvtx:
        return self

    def __exit__(self, *_: Any) -> None:
        pass


emit_itt = emit_nvtx

__all__ = ["EventList", "FunctionEvent", "FunctionEventAvg", "emit_itt", "emit_nvtx", "profile", "record_function"]
