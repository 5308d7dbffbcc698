"""The curves: every step's loss and what the program logs, kept until the next frame, thinned when they grow long."""

from __future__ import annotations

import math
import threading

Points = dict[str, list[tuple[int, float | None]]]

FULL = 100_000  # points of one series before it is thinned
MOST_SERIES = 50


class Series:
    """Points by series, in the order of their steps."""

    def __init__(self) -> None:
        self.waiting = 0
        self._lock = threading.Lock()  # the reader of commands takes points, too
        self._points: Points = {}
        self._counts: dict[str, int] = {}
        self._last: dict[str, tuple[int, float | None]] = {}  # the newest point of each, where it was thinned out

    def add(self, name: str, step: int, value: float) -> None:
        """Add a point; past `FULL` only every second one is kept, past twice as many every third, and so on."""
        with self._lock:
            count = self._counts.get(name, 0)
            if not count and len(self._counts) >= MOST_SERIES:
                return
            self._counts[name] = count + 1
            point = (step, value if math.isfinite(value) else None)
            if count >= FULL and count % (count // FULL + 1):
                self._last[name] = point
                return
            self._last.pop(name, None)
            try:
                self._points[name].append(point)
            except KeyError:
                self._points[name] = [point]
            self.waiting += 1

    def count(self, name: str) -> int:
        """How many points a series has been given."""
        return self._counts.get(name, 0)

    def take(self) -> Points:
        """The points since the last call."""
        with self._lock:
            points, self._points, self.waiting = self._points, {}, 0
        return points

    def last(self) -> Points:
        """The points since the last call, with the newest of each series even where it was thinned out."""
        points = self.take()
        for name, point in self._last.items():
            points.setdefault(name, []).append(point)
        self._last = {}
        return points
