"""The classic sets of points in the plane: functions of the number of points, the noise, the classes and a seed.

Each returns the points (n, 2), float32, and their classes (n,), int64, in a shuffled order. `RandomState` is used
because its numbers stay the same in every version of NumPy.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import RandomState

Points = tuple[np.ndarray, np.ndarray]


def moons(n: int, noise: float, classes: int, draw: RandomState) -> Points:
    """Two half circles that reach into each other."""
    side = _sides(n, 2)
    angle = np.pi * _spread(side)
    outer = np.stack([np.cos(angle), np.sin(angle)], 1)
    return _shuffled(np.where(side[:, None] == 0, outer, [1.0, 0.5] - outer), side, noise, draw)


def circles(n: int, noise: float, classes: int, draw: RandomState) -> Points:
    """Circles around the origin, the outermost (class 0) of radius 1, the others evenly further in."""
    side = _sides(n, classes)
    angle = 2.0 * np.pi * _spread(side)
    radius = 1.0 - side / classes
    return _shuffled(radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), side, noise, draw)


def spiral(n: int, noise: float, classes: int, draw: RandomState) -> Points:
    """Arms that wind around the origin once and a half each, at an even angle to each other."""
    side = _sides(n, classes)
    radius = 0.05 + 0.95 * _spread(side)
    angle = 3.0 * np.pi * radius + 2.0 * np.pi * side / classes
    return _shuffled(radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1), side, noise, draw)


def xor(n: int, noise: float, classes: int, draw: RandomState) -> Points:
    """A square in which the class tells whether the coordinates differ in sign."""
    points = draw.uniform(-1.0, 1.0, (n, 2))
    side = ((points[:, 0] > 0) != (points[:, 1] > 0)).astype(np.int64)
    points += np.sign(points) * 0.05  # a gap along the axes
    return _shuffled(points, side, noise, draw)


def blobs(n: int, noise: float, classes: int, draw: RandomState) -> Points:
    """Round clouds of points whose centres lie evenly on the unit circle."""
    side = _sides(n, classes)
    angle = 2.0 * np.pi * side / classes
    return _shuffled(np.stack([np.cos(angle), np.sin(angle)], 1), side, noise, draw)


# Each set with its usual noise (the standard deviation of what is added to a point), and its number of classes: the
# usual one and the largest.
PLANAR: dict[str, tuple[Callable[[int, float, int, RandomState], Points], float, int, int]] = {
    "moons": (moons, 0.1, 2, 2),
    "circles": (circles, 0.05, 2, 10),
    "spiral": (spiral, 0.02, 2, 10),
    "xor": (xor, 0.0, 2, 2),
    "blobs": (blobs, 0.2, 3, 20),
}


def planar(name: str, n: int, seed: int, train: bool, noise: float | None, classes: int | None) -> Points:
    """`n` points of a set by its name, other ones without `train`. ValueError for an unknown name or a wrong number."""
    if name not in PLANAR:
        raise ValueError(f"there are no points called {name!r}; there are {', '.join(PLANAR)}")
    make, usual_noise, usual_classes, most = PLANAR[name]
    classes = usual_classes if classes is None else classes
    if n < 1:
        raise ValueError(f"dataset({name!r}): n must be at least 1, not {n}")
    if not 2 <= classes <= most:
        raise ValueError(f"dataset({name!r}): classes must be from 2 to {most}, not {classes}")
    draw = np.random.RandomState([seed % 2**32, 0 if train else 1])
    return make(n, usual_noise if noise is None else noise, classes, draw)


def _sides(n: int, classes: int) -> np.ndarray:
    """The class of each of `n` points, as evenly as it goes."""
    return np.arange(n) % classes


def _spread(side: np.ndarray) -> np.ndarray:
    """For each point its place among those of its class, from 0 to 1."""
    place = np.empty(len(side))
    for each in np.unique(side):
        mine = side == each
        place[mine] = np.linspace(0.0, 1.0, int(mine.sum()))
    return place


def _shuffled(points: np.ndarray, side: np.ndarray, noise: float, draw: RandomState) -> Points:
    order = draw.permutation(len(points))
    points = points + noise * draw.standard_normal(points.shape)
    return points[order].astype(np.float32), side[order].astype(np.int64)
