"""The data that the engine can give by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.data.digits import digits, mnist
from engine.data.planar import PLANAR, planar
from engine.data.reviews import reviews
from engine.data.tensors import tensor

if TYPE_CHECKING:
    from engine.tensor import Tensor

REAL = {"mnist": mnist, "digits": digits, "reviews": reviews}
NAMES = (*PLANAR, *REAL)


def dataset(
    name: str,
    n: int | None = None,
    seed: int = 0,
    *,
    train: bool = True,
    noise: float | None = None,
    classes: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Data to learn from: the inputs X, float32 but for words, and the classes y (n,), int64.

    "moons", "circles", "spiral", "xor" and "blobs" are points in the plane, X (n, 2), 200 unless told; "mnist" is real
    handwritten digits, X (n, 1, 28, 28) from 0 to 1, 9,000 with `train` and 1,000 held out without it; "digits" is the
    same at 8x8, X (n, 64); "reviews" is sentences from film reviews, 9,544 and 1,061, in five classes from very
    negative to very positive, X (n, 51) the numbers of the words, int64, see `Reviews`.

    Of real data `n` rows are picked at random by the seed; without `n` all come, in order. With `train=False` the
    planar sets give other points of the same kind. `noise` and `classes` change the planar sets.
    """
    if name not in NAMES:
        raise ValueError(f"there is no dataset {name!r}; there are {', '.join(NAMES)}")
    if n is not None and n < 1:
        raise ValueError(f"dataset({name!r}): n must be at least 1, not {n}")
    if name in PLANAR:
        x, y = planar(name, 200 if n is None else n, seed, train, noise, classes)
    else:
        x, y = _real(name, n, seed, train)
    return tensor(x), tensor(y)


def _real(name: str, n: int | None, seed: int, train: bool) -> tuple[np.ndarray, np.ndarray]:
    x, y = REAL[name](train)
    if n is None:
        return x, y
    if n > len(y):
        raise ValueError(f"dataset({name!r}): there are {len(y):,} to choose from, fewer than n={n:,}")
    rows = np.random.RandomState(seed % 2**32).permutation(len(y))[:n]
    return x[rows], y[rows]
