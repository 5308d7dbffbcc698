"""The data that the engine can give by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.data.digits import digits, mnist
from engine.data.planar import PLANAR

if TYPE_CHECKING:
    from engine.tensor import Tensor

IMAGES = {"mnist": mnist, "digits": digits}
NAMES = (*PLANAR, *IMAGES)


def dataset(
    name: str,
    n: int | None = None,
    seed: int = 0,
    *,
    train: bool = True,
    noise: float | None = None,
    classes: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Data to learn from: the inputs X, float32, and the classes y (n,), int64.

    "moons", "circles", "spiral", "xor" and "blobs" are points in the plane, X (n, 2), 200 unless told; "mnist" is real
    handwritten digits, X (n, 1, 28, 28) from 0 to 1, 9,000 with `train` and 1,000 held out without it; "digits" is the
    same at 8x8, X (n, 64). Of real data `n` rows are picked at random by the seed; without `n` all come, in order.
    With `train=False` the planar sets give other points of the same kind. `noise` and `classes` change the planar sets.
    """
    if name not in NAMES:
        raise ValueError(f"there is no dataset {name!r}; there are {', '.join(NAMES)}")
    if n is not None and n < 1:
        raise ValueError(f"dataset({name!r}): n must be at least 1, not {n}")
    x, y = _planar(name, n, seed, train, noise, classes) if name in PLANAR else _images(name, n, seed, train)
    from engine.tensor import wrap

    return wrap(x), wrap(y)


def _planar(
    name: str, n: int | None, seed: int, train: bool, noise: float | None, classes: int | None
) -> tuple[np.ndarray, np.ndarray]:
    make, usual_noise, usual_classes, most = PLANAR[name]
    classes = usual_classes if classes is None else classes
    if not 2 <= classes <= most:
        raise ValueError(f"dataset({name!r}): classes must be from 2 to {most}, not {classes}")
    draw = np.random.RandomState([seed % 2**32, 0 if train else 1])
    return make(200 if n is None else n, usual_noise if noise is None else noise, classes, draw)


def _images(name: str, n: int | None, seed: int, train: bool) -> tuple[np.ndarray, np.ndarray]:
    x, y = IMAGES[name](train)
    if n is None:
        return x, y
    if n > len(y):
        raise ValueError(f"dataset({name!r}): there are {len(y):,} to choose from, fewer than n={n:,}")
    rows = np.random.RandomState(seed % 2**32).permutation(len(y))[:n]
    return x[rows], y[rows]
