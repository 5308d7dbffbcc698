"""Timings: how often the statement runs, and the report."""

from __future__ import annotations

from engine.utils.benchmark import Measurement, Timer


def test_the_statement_runs_as_often_as_asked() -> None:
    ran: list[int] = []
    found = Timer("ran.append(1)", globals={"ran": ran}).timeit(200)
    assert len(ran) == 202  # two to warm up
    assert found.number_per_run == 200
    assert found.times == [found.raw_times[0] / 200]


def test_the_report_is_pytorchs() -> None:
    task = Timer("x * 2", globals={"x": 1}, num_threads=2)
    assert repr(Measurement(1000, [2e-3], task)).split("\n")[1:] == [
        "x * 2", "  2.00 us", "  1 measurement, 1000 runs , 2 threads",
    ]  # fmt: skip
    named = Timer("y", "y = 1", label="group", sub_label="one", description="case")
    assert repr(Measurement(10, [1.0, 2.0, 3.0], named)).split("\n")[1:] == [
        "group: one", "case", "setup: y = 1", "  Median: 200.00 ms", "  IQR:    100.00 ms",
        "  3 measurements, 10 runs per measurement, 1 thread",
    ]  # fmt: skip


def test_rounds_go_on_for_the_time_asked() -> None:
    found = Timer("sum(range(100))").blocked_autorange(min_run_time=0.01)
    assert sum(found.raw_times) >= 0.01
    assert found.median > 0
