"""What a profile is made of: events with their times, sums of these by name, and tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_GAP = 2
_WIDTH = 12
_LONGEST_NAME = 55


def time_text(us: float) -> str:
    """Microseconds as PyTorch's tables show them."""
    if us >= 1e6:
        return f"{us / 1e6:.3f}s"
    return f"{us / 1e3:.3f}ms" if us >= 1e3 else f"{us:.3f}us"


def memory_text(count: int) -> str:
    """Bytes as PyTorch's tables show them."""
    for size, unit in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")):
        if abs(count) >= size:
            return f"{count / size:.2f} {unit}"
    return f"{count} B"


class Timed:
    """What an event and a sum of events have in common: times in microseconds."""

    key: str
    count: int
    cpu_time_total: float
    self_cpu_time_total: float
    self_cpu_memory_usage: int
    cpu_memory_usage: int
    device_time_total = self_device_time_total = device_memory_usage = self_device_memory_usage = 0
    cuda_time_total = self_cuda_time_total = 0

    @property
    def cpu_time(self) -> float:
        """The mean time of one call."""
        return self.cpu_time_total / self.count if self.count else 0.0

    device_time = cuda_time = 0.0

    @property
    def cpu_time_str(self) -> str:
        """The mean time as text."""
        return time_text(self.cpu_time)

    @property
    def cpu_time_total_str(self) -> str:
        """The whole time as text."""
        return time_text(self.cpu_time_total)

    @property
    def self_cpu_time_total_str(self) -> str:
        """The time outside of what was called as text."""
        return time_text(self.self_cpu_time_total)


class FunctionEvent(Timed):
    """One call of an op, of a node's slopes, or of a range that the program named."""

    count = 1

    def __init__(self, name: str, start: float, shapes: list[Any], parent: FunctionEvent | None) -> None:
        self.name = self.key = name
        self.start = self.end = start
        self.input_shapes = shapes
        self.cpu_parent = parent
        self.cpu_children: list[FunctionEvent] = []
        self.self_cpu_memory_usage = 0
        if parent is not None:
            parent.cpu_children.append(self)

    @property
    def cpu_time_total(self) -> float:  # type: ignore[override]
        """From begin to end."""
        return self.end - self.start

    @property
    def self_cpu_time_total(self) -> float:  # type: ignore[override]
        """The time outside of what was called."""
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    @property
    def cpu_memory_usage(self) -> int:  # type: ignore[override]
        """The bytes of the results made in it."""
        return self.self_cpu_memory_usage + sum(child.cpu_memory_usage for child in self.cpu_children)

    def __repr__(self) -> str:
        return (
            f"<FunctionEvent name={self.name} cpu_time={self.cpu_time_str}  self_cpu_time="
            f"{self.self_cpu_time_total_str} input_shapes={self.input_shapes!s}>"
        )


class FunctionEventAvg(Timed):
    """The sum of the events of one name."""

    def __init__(self, key: str = "Total", shapes: Any = None) -> None:
        self.key = key
        self.input_shapes = [] if shapes is None else shapes
        self.count = 0
        self.cpu_time_total = self.self_cpu_time_total = 0.0
        self.cpu_memory_usage = self.self_cpu_memory_usage = 0

    def add(self, event: Timed) -> FunctionEventAvg:
        """The sum itself, with one more."""
        self.count += event.count
        self.cpu_time_total += event.cpu_time_total
        self.self_cpu_time_total += event.self_cpu_time_total
        self.cpu_memory_usage += event.cpu_memory_usage
        self.self_cpu_memory_usage += event.self_cpu_memory_usage
        return self

    def __repr__(self) -> str:
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} cpu_time="
            f"{self.cpu_time_str}  self_cuda_time=0.000us cuda_time=0.000us input_shapes={self.input_shapes!s} "
            f"cpu_memory_usage={self.cpu_memory_usage} cuda_memory_usage=0>"
        )


class EventList(list[Any]):
    """Events, or sums of them."""

    def __init__(self, events: Sequence[Any] = (), memory: bool = False, shapes: bool = False) -> None:
        super().__init__(events)
        self._memory = memory
        self._shapes = shapes

    @property
    def self_cpu_time_total(self) -> float:
        """The time of all, each counted once."""
        return sum(event.self_cpu_time_total for event in self)

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """The sums of the events by name, or by name and shapes."""
        sums: dict[Any, FunctionEventAvg] = {}
        for event in self:
            shapes = event.input_shapes if group_by_input_shape else []
            key = (event.key, str(shapes))
            sums.setdefault(key, FunctionEventAvg(event.key, shapes)).add(event)
        return EventList(list(sums.values()), self._memory, group_by_input_shape)

    def total_average(self) -> FunctionEventAvg:
        """The sum of all."""
        total = FunctionEventAvg()
        for event in self:
            total.add(event)
            total.cpu_time_total = 0.0
        total.cpu_time_total = self.self_cpu_time_total
        return total

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int = 75,
        max_name_column_width: int = _LONGEST_NAME,
        max_shapes_column_width: int = 80,
        header: str | None = None,
        top_level_events_only: bool = False,
        time_unit: str | None = None,
    ) -> str:
        """The events as text, the largest by `sort_by` first."""
        if not self:
            return ""
        events = list(self)
        if sort_by is not None:
            events.sort(key=lambda event: getattr(event, sort_by), reverse=True)
        if top_level_events_only:
            events = [event for event in events if getattr(event, "cpu_parent", None) is None]
        whole = self.self_cpu_time_total
        names = min(max(len(event.key) for event in self) + 4, max_name_column_width)
        titles = ["Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg"]
        widths = [names] + [_WIDTH] * 5
        if self._memory:
            titles += ["CPU Mem", "Self CPU Mem"]
            widths += [_WIDTH] * 2
        titles.append("# of Calls")
        widths.append(_WIDTH)
        if self._shapes:
            titles.append("Input Shapes")
            longest = max(len(str(event.input_shapes)) for event in self)
            widths.append(min(longest + 4, max_shapes_column_width))
        gap = " " * _GAP
        rule = gap.join("-" * width for width in widths) + gap

        def line(words: Sequence[str]) -> str:
            return gap.join(f"{word:>{width}}" for word, width in zip(words, widths, strict=True)) + gap

        lines = [rule, line(titles), rule]
        if header is not None:
            lines[:0] = ["=" * (len(rule) - _GAP), header]
        for event in events[: len(events) if row_limit < 0 else row_limit]:
            name = event.key
            if len(name) >= max_name_column_width - 3:
                name = name[: max_name_column_width - 3] + "..."
            words = [
                name,
                _share(event.self_cpu_time_total, whole),
                time_text(event.self_cpu_time_total),
                _share(event.cpu_time_total, whole),
                time_text(event.cpu_time_total),
                time_text(event.cpu_time),
            ]
            if self._memory:
                words += [memory_text(event.cpu_memory_usage), memory_text(event.self_cpu_memory_usage)]
            words.append(str(event.count))
            if self._shapes:
                words.append(str(event.input_shapes)[:max_shapes_column_width])
            lines.append(line(words))
        return "\n".join([*lines, rule, f"Self CPU time total: {time_text(whole)}", ""])

    def __str__(self) -> str:
        return self.table()

    def export_chrome_trace(self, path: Any) -> None:
        """Write the events as a JSON file that trace viewers read."""
        events = [
            {"name": e.name, "ph": "X", "ts": e.start, "dur": e.cpu_time_total, "tid": 1, "pid": "CPU functions",
             "args": {}}
            for e in self
        ]  # fmt: skip
        Path(path).write_text(json.dumps({"traceEvents": events}))

    def supported_export_stacks_metrics(self) -> list[str]:
        """What `export_stacks` can count."""
        return ["self_cpu_time_total", "self_cuda_time_total", "self_xpu_time_total", "self_privateuse1_time_total"]

    def export_stacks(self, path: Any, metric: str) -> None:
        """Write a line for each event, `outer;inner microseconds`, as flame graphs are drawn from."""
        if metric not in self.supported_export_stacks_metrics():
            raise ValueError(f"metric should be one of: {self.supported_export_stacks_metrics()}")
        lines = []
        for event in self:
            names, at = [], event
            while at is not None:
                names.append(at.name.translate(_OF_STACKS))
                at = at.cpu_parent
            spent = int(event.self_cpu_time_total) if metric == "self_cpu_time_total" else 0
            if spent > 0:
                lines.append(f"{';'.join(reversed(names))} {spent}\n")
        Path(path).write_text("".join(lines))


_OF_STACKS = str.maketrans(" ;\t\n", "____")


def _share(part: float, whole: float) -> str:
    return f"{part / whole * 100:.2f}%" if whole else "NaN"
