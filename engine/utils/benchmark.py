"""Timings of statements, as `timeit` makes them, with PyTorch's report."""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable
from typing import Any


class Measurement:
    """The times of one or several rounds of runs, in seconds."""

    def __init__(self, number_per_run: int, raw_times: list[float], task: Timer) -> None:
        self.number_per_run = number_per_run
        self.raw_times = raw_times
        self.task_spec = task
        self.times = [time / number_per_run for time in raw_times]

    @property
    def mean(self) -> float:
        """The mean time of a run."""
        return statistics.fmean(self.times)

    @property
    def median(self) -> float:
        """The median over the rounds."""
        return statistics.median(self.times)

    @property
    def iqr(self) -> float:
        """The distance between the quartiles of the rounds."""
        if len(self.times) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.times, n=4, method="inclusive")
        return high - low

    def __repr__(self) -> str:
        task = self.task_spec
        head = f"{task.label}: {task.sub_label}" if task.label and task.sub_label else task.label or task.stmt
        lines = [f"<torch.utils.benchmark.utils.common.Measurement object at {id(self):#x}>", head]
        lines += [task.description] if task.description else []
        lines += [f"setup: {task.setup}"] if task.setup != "pass" else []
        several = len(self.times) > 1
        lines.append(f"  {'Median: ' if several else ''}{_in_words(self.median)}")
        if several and self.iqr:
            lines.append(f"  IQR:    {_in_words(self.iqr)}")
        rounds = f"{len(self.times)} measurement{'s' if several else ''}"
        runs = f"{self.number_per_run} runs {'per measurement' if several else ''}"
        threads = f"{task.num_threads} thread{'s' if task.num_threads > 1 else ''}"
        lines.append(f"  {rounds}, {runs}, {threads}")
        return "\n".join(lines)


def _in_words(seconds: float) -> str:
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e9:.2f} ns"


class Timer:
    """A statement to be timed, with what it needs."""

    def __init__(
        self,
        stmt: str = "pass",
        setup: str = "pass",
        global_setup: str = "",
        timer: Callable[[], float] = timeit.default_timer,
        globals: dict[str, Any] | None = None,
        label: str | None = None,
        sub_label: str | None = None,
        description: str | None = None,
        env: str | None = None,
        num_threads: int = 1,
        language: Any = "python",
    ) -> None:
        self.stmt, self.setup = stmt, setup
        self.label, self.sub_label, self.description = label, sub_label, description
        self.num_threads = num_threads
        self._timer = timeit.Timer(stmt, setup, timer, globals)

    def timeit(self, number: int = 1_000_000) -> Measurement:
        """The time of `number` runs."""
        self._timer.timeit(max(number // 100, 2))  # warm
        return Measurement(number, [self._timer.timeit(number)], self)

    def blocked_autorange(self, callback: Any = None, min_run_time: float = 0.2) -> Measurement:
        """As many rounds as take that many seconds, of so many runs that the clock is exact enough."""
        number, took = 1, 0.0
        while True:
            took = self._timer.timeit(number)
            if took > min_run_time / 1000 or number >= 10_000_000:
                break
            number *= 10
        times = [took]
        while sum(times) < min_run_time:
            times.append(self._timer.timeit(number))
        return Measurement(number, times, self)


class Compare:
    """A table of several measurements: a row a statement (its `sub_label`), a column a `description`."""

    def __init__(self, results: list[Measurement]) -> None:
        self._results = list(results)

    def extend_results(self, results: list[Measurement]) -> None:
        """Add measurements."""
        self._results.extend(results)

    def trim_significant_figures(self) -> None:
        """Accepted: the table has no more figures than are significant anyway."""

    def colorize(self, rowwise: bool = False) -> None:
        """Accepted: the table has no colours."""

    def highlight_warnings(self) -> None:
        """Accepted, as colours are."""

    def print(self) -> None:
        """Show the table."""
        print(str(self))

    def __str__(self) -> str:
        tables = []
        for label in dict.fromkeys(each.task_spec.label for each in self._results):
            chosen = [each for each in self._results if each.task_spec.label == label]
            tables.append(_table(label or "", chosen))
        return "\n\n".join(tables) + "\n\nTimes are in microseconds (us).\n"


def _table(label: str, results: list[Measurement]) -> str:
    rows = dict.fromkeys((r.task_spec.num_threads, r.task_spec.sub_label or r.task_spec.stmt) for r in results)
    columns = list(dict.fromkeys(r.task_spec.description or "" for r in results))
    found = {
        (r.task_spec.num_threads, r.task_spec.sub_label or r.task_spec.stmt, r.task_spec.description or ""): r
        for r in results
    }
    first = max(len(name) for _, name in rows) + 6
    widths = [max(len(column), 8) for column in columns]
    lines = [" " * first + "  |  " + "  |  ".join(f"{c:^{w}}" for c, w in zip(columns, widths, strict=True))]
    threads = None
    for row in rows:
        if row[0] != threads:
            threads = row[0]
            lines.append(f"{threads} threads: ".ljust(len(lines[0]), "-"))
        times = [found.get((*row, column)) for column in columns]
        cells = ["" if each is None else f"{each.median * 1e6:.1f}" for each in times]
        shown = "  |  ".join(f"{c:>{w}}" for c, w in zip(cells, widths, strict=True))
        lines.append(f"      {row[1]}".ljust(first) + "  |  " + shown)
    head = f"[{label:-^{max(len(lines[0]) - 2, len(label))}}]"
    return "\n".join([head, *lines])


__all__ = ["Compare", "Measurement", "Timer"]
