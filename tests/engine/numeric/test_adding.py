"""Values added at places are what NumPy's `add.at` makes of them, whatever the key."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.numeric.adding import add_at

_draw = np.random.RandomState(0)
ROWS = _draw.randint(0, 5, 40)
WHOLE = slice(None)
KEYS: list[tuple[tuple[int, ...], Any]] = [
    ((5, 3), ROWS),
    ((5, 3), (ROWS,)),
    ((5, 3), (ROWS - 5,)),
    ((5, 4), (ROWS, ROWS[::-1] % 4)),
    ((5, 4, 2), (ROWS.reshape(8, 5), np.arange(4)[:, None, None] % 4)),
    ((3, 5, 2), (WHOLE, ROWS)),
    ((3, 2, 5), (WHOLE, WHOLE, ROWS.reshape(4, 10))),
    ((3, 5, 4), (WHOLE, ROWS, WHOLE)),
    ((5, 4), (ROWS, slice(1, 3))),
    ((5, 4), (ROWS, ..., np.array(2))),
    ((5,), np.array([], int)),
    ((5, 0), ROWS),
    ((5, 3), np.array([True, False, True, True, False])),
    ((5, 3), (np.array(2),)),
]


@pytest.mark.parametrize("kind", ["f4", "f8", "f2", "i8", "c8"])
@pytest.mark.parametrize(("shape", "key"), KEYS)
def test_it_is_numpys(shape: tuple[int, ...], key: Any, kind: str) -> None:
    expected = (_draw.randn(*shape) * 8).astype(kind)
    given = expected.copy()
    values = (_draw.randn(*expected[key].shape) * 8).astype(kind)
    for each in (values, values[..., :1], np.array(2, kind)):
        np.add.at(expected, key, each)
        add_at(given, key, each)
        assert given.tobytes() == expected.tobytes()


def test_it_reaches_memory_with_gaps_and_refuses_what_is_outside() -> None:
    whole = np.zeros((5, 6), np.float32)
    add_at(whole[:, ::2], ROWS, 1.0)
    assert whole[:, ::2].sum() == 120
    assert whole[:, 1::2].sum() == 0
    for wrong in (5, -6):
        with pytest.raises(IndexError):
            add_at(whole, np.array([wrong]), 1.0)
