"""Many elements are chosen by their bits: what NumPy's `where` gives, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.numeric.choice import where

SIZE = (160, 128)
_draw = np.random.RandomState(0)
MASK = _draw.rand(*SIZE) < 0.5


def numbers(kind: str, *shape: int) -> Any:
    x = (_draw.randn(*shape) * 100).astype(kind)
    if np.dtype(kind).kind in "fc":
        flat = x.reshape(-1)
        flat[::7], flat[1::7], flat[2::7], flat[3::7] = np.nan, np.inf, -0.0, -np.inf
    return x


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i1", "i4", "i8", "c8", "c16"])
def test_it_is_numpys(kind: str) -> None:
    a, b = numbers(kind, *SIZE), numbers(kind, *SIZE)
    row, column = numbers(kind, SIZE[1]), numbers(kind, SIZE[0], 1)
    zero, one = np.dtype(kind).type(0), np.dtype(kind).type(1)
    cases = [(MASK, a, b), (MASK, row, column), (MASK, a, zero), (MASK, zero, a), (MASK, one, zero), (MASK, a, one)]
    cases += [(MASK.T, a.T, b.T), (MASK[:, ::2], a[:, 1::2], b[:, ::2]), (MASK, row, np.array(0, kind))]
    cases += [(np.broadcast_to(MASK, (3, *SIZE)), a, b), (MASK, numbers(kind, 2, *SIZE), b), (MASK[:1], a, b)]
    for condition, first, second in cases:
        given, expected = where(condition, first, second), np.where(condition, first, second)
        assert given.dtype == expected.dtype
        assert given.shape == expected.shape
        assert np.ascontiguousarray(given).tobytes() == np.ascontiguousarray(expected).tobytes()


def test_a_number_takes_the_dtype_of_the_other() -> None:
    x = numbers("f4", *SIZE)
    assert where(MASK, x, 2.5).dtype == np.float32
    assert where(MASK, 1, x).dtype == np.float32
    assert where(MASK, x, 0.0).dtype == np.float32
