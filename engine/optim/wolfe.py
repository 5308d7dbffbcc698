"""The search along a line for a point that satisfies the strong Wolfe conditions.

It brackets such a point and then closes in on it by cubic interpolation, with the bounds on each try of Mark Schmidt's
minFunc. Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

MOST_TRIES = 25
ENOUGH = 1e-4  # of the decrease that the slope promises
FLAT = 0.9  # of the slope at the beginning


class Point(NamedTuple):
    """A point of the line: how far, the loss there, its gradient, and its slope along the line.

    The slope is a NumPy number of the gradient's type, in which the search then computes, as it does with tensors.
    """

    t: float
    f: float
    g: Any
    slope: Any


def strong_wolfe(
    at: Callable[[float], Point], t: float, start: Point, size: float, tolerance: float, most: int = MOST_TRIES
) -> tuple[Point, int]:
    """A point that satisfies the conditions, or the best found, and how many were looked at.

    `t` is the first try, `size` the largest element of the direction; brackets under `tolerance` are left as they are.
    After the first there are at `most` so many tries.
    """

    def too_high(point: Point) -> bool:
        return point.f > start.f + ENOUGH * point.t * start.slope

    def flat(point: Point) -> bool:
        return abs(point.slope) <= -FLAT * start.slope

    before, now, tries = start, at(t), 0
    calls = 1
    while tries < most:
        if too_high(now) or (tries > 1 and now.f >= before.f):
            break
        if flat(now):
            return now, calls
        if now.slope >= 0:
            break
        t = cubic(before, now, now.t + 0.01 * (now.t - before.t), now.t * 10)
        before, now = now, at(t)
        calls += 1
        tries += 1
    else:
        before = start
    low, high = (before, now) if before.f <= now.f else (now, before)
    stuck = False
    while tries < most and abs(high.t - low.t) * size >= tolerance:
        left, right = (low, high) if low.t < high.t else (high, low)
        t = cubic(left, right, left.t, right.t)
        margin = 0.1 * (right.t - left.t)
        near = min(right.t - t, t - left.t) < margin
        if near and (stuck or t >= right.t or t <= left.t):
            t = right.t - margin if abs(t - right.t) < abs(t - left.t) else left.t + margin
            near = False
        stuck = near
        now = at(t)
        calls += 1
        tries += 1
        if too_high(now) or now.f >= low.f:
            low, high = (low, now) if low.f <= now.f else (now, low)
            continue
        if flat(now):
            return now, calls
        if now.slope * (high.t - low.t) >= 0:
            high = low
        low = now
    return low, calls


def cubic(a: Point, b: Point, least: float, most: float) -> float:
    """Where the cubic through two points and their slopes is smallest, held between the bounds.

    Nocedal and Wright, equation 3.59; the middle where it has no minimum.
    """
    if a.t > b.t:
        a, b = b, a
    gap = a.t - b.t
    one = a.slope + b.slope - (3 * (a.f - b.f) / gap if gap else math.nan)
    square = one * one - a.slope * b.slope
    if not square >= 0:
        return (least + most) / 2
    two = np.sqrt(square)
    with np.errstate(all="ignore"):  # what divides by nothing leads to a bound
        t = b.t - (b.t - a.t) * ((b.slope + two - one) / (b.slope - a.slope + 2 * two))
    return min(max(t, least), most)
