"""Benchmarks: each module `bench_*.py` here has `bench() -> list[Row]`; nothing asserts a time."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One figure: what was measured, the figure with its unit ("1.62 x", "4.1 ms"), the goal in words."""

    what: str
    figure: str
    goal: str = ""
