"""Profiles step by step: `profile` with a schedule, over `engine.autograd.profiler`."""

from __future__ import annotations

import enum
import functools
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from engine.autograd import profiler as _inner
from engine.autograd.profiler import record_function
from engine.autograd.profiler_util import EventList


class ProfilerActivity(enum.Enum):
    """What can be timed; what is not there is left out."""

    CPU = 0
    XPU = 1
    CUDA = 2


class ProfilerAction(enum.Enum):
    """What to do in a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def supported_activities() -> set[ProfilerActivity]:
    """What can be timed here."""
    return {ProfilerActivity.CPU}


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Callable[[int], ProfilerAction]:
    """From a step's number to what is done in it: cycles of waiting, warming up and recording."""
    if min(wait, warmup, repeat, skip_first) < 0 or active <= 0:
        raise AssertionError(
            f"Invalid profiler schedule arguments. Got wait={wait} (need >= 0), warmup={warmup} (need >= 0), "
            f"active={active} (need > 0), repeat={repeat} (need >= 0), skip_first={skip_first} (need >= 0)."
        )
    if warmup == 0:
        warnings.warn("Profiler won't be using warmup, this can skew profiler results", stacklevel=2)

    def action(step: int) -> ProfilerAction:
        if step < 0:
            raise AssertionError(f"Step must be non-negative. Got {step}.")
        if step < skip_first:
            return ProfilerAction.NONE
        step -= skip_first
        if skip_first_wait:
            step += wait
        cycle = wait + warmup + active
        if repeat > 0 and step // cycle >= repeat:
            return ProfilerAction.NONE
        place = step % cycle
        if place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if place < cycle - 1 else ProfilerAction.RECORD_AND_SAVE

    return action


def tensorboard_trace_handler(
    dir_name: str, worker_name: str | None = None, use_gzip: bool = False
) -> Callable[[profile], None]:
    """What writes a finished profile into a folder, as `on_trace_ready`."""

    def write(finished: profile) -> None:
        folder = Path(dir_name)
        folder.mkdir(parents=True, exist_ok=True)
        finished.export_chrome_trace(str(folder / f"{worker_name or 'worker'}.{time.time_ns()}.pt.trace.json"))

    return write


@functools.cache
def _tell_of_cycles() -> None:
    """Say once that a profile of several cycles holds the last."""
    warnings.warn(
        "Warning: Profiler clears events at the end of each cycle. Only events from the current cycle will be "
        "reported. To keep events across cycles, set acc_events=True.",
        stacklevel=4,
    )


class profile:
    """The block whose calls are timed; with a `schedule`, in the steps that `step()` ends."""

    def __init__(
        self,
        *,
        activities: Iterable[ProfilerActivity] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[[profile], Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_flops: bool = False,
        with_modules: bool = False,
        acc_events: bool = False,
        use_cuda: bool | None = None,
        **_: Any,
    ) -> None:
        self.activities = supported_activities() if activities is None else set(activities)
        if not self.activities:
            raise AssertionError("No valid profiler activities found")
        self.schedule = schedule or (lambda _: ProfilerAction.RECORD)
        self.on_trace_ready = on_trace_ready
        self.record_shapes = record_shapes
        self.profile_memory = profile_memory
        self.with_stack = with_stack
        self.step_num = 0
        self.current_action = self.schedule(0)
        self.profiler: _inner.profile | None = None
        self._running: _inner.profile | None = None

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()

    def start(self) -> None:
        """Begin."""
        self._follow()

    def stop(self) -> None:
        """End, and hand what was recorded to `on_trace_ready`."""
        recorded = self._running is not None
        self._end()
        if recorded and self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def step(self) -> None:
        """The end of a step."""
        done = self.current_action
        self.step_num += 1
        self.current_action = self.schedule(self.step_num)
        if done is ProfilerAction.RECORD_AND_SAVE:
            self._end()
            if self.on_trace_ready is not None:
                self.on_trace_ready(self)
        self._follow()

    def _follow(self) -> None:
        wanted = self.current_action in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)
        if wanted and self._running is None:
            if self.profiler is not None:
                _tell_of_cycles()
            self._running = _inner.profile(
                record_shapes=self.record_shapes, profile_memory=self.profile_memory, with_stack=self.with_stack
            )
            self._running.start()
        elif not wanted:
            self._end()

    def _end(self) -> None:
        if self._running is not None:
            self._running.stop()
            self.profiler, self._running = self._running, None

    def _finished(self) -> _inner.profile:
        if self.profiler is None:
            raise AssertionError("Profiler must be initialized before getting key averages")
        return self.profiler

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """The sums of the events by name."""
        return self._finished().key_averages(group_by_input_shape, group_by_stack_n)

    def events(self) -> EventList:
        """The events."""
        return self._finished()._finished()

    def export_chrome_trace(self, path: str) -> None:
        """Write the events for a trace viewer."""
        self._finished().export_chrome_trace(path)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Write what was called within what, for flame graphs."""
        self._finished().export_stacks(path, metric)

    def add_metadata(self, key: str, value: str) -> None:
        """Accepted; a profile here has no place for it."""

    add_metadata_json = add_metadata


__all__ = [
    "ProfilerAction", "ProfilerActivity", "profile", "record_function", "schedule", "supported_activities",
    "tensorboard_trace_handler",
]  # fmt: skip
