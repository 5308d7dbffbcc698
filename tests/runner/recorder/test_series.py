"""The curves' points."""

from __future__ import annotations

import math
from itertools import pairwise

from playground.runner.recorder import series
from playground.runner.recorder.series import Series


def test_points_are_given_once() -> None:
    curves = Series()
    curves.add("loss", 1, 2.0)
    curves.add("acc", 1, math.inf)
    assert curves.waiting == 2
    assert curves.take() == {"loss": [(1, 2.0)], "acc": [(1, None)]}
    assert curves.take() == {} and curves.waiting == 0


def test_a_long_series_is_thinned_and_keeps_its_end() -> None:
    curves, full = Series(), series.FULL
    for step in range(3 * full):
        curves.add("loss", step, float(step))
    points = curves.last()["loss"]
    assert points[:full] == [(step, float(step)) for step in range(full)]
    assert full < len(points) < 2 * full
    assert points[-1] == (3 * full - 1, 3.0 * full - 1)
    assert all(a[0] < b[0] for a, b in pairwise(points))


def test_the_number_of_series_is_bounded() -> None:
    curves = Series()
    for i in range(1000):
        curves.add(f"s{i}", 1, 1.0)
    assert len(curves.take()) == series.MOST_SERIES
