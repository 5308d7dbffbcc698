"""Selections: what is found is in order, also where the quick way gives up; recorded ties are in `scripts/ties.py`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.numeric import selection


class Undecided:
    """A key that is decided while an algorithm compares, so that each cut leaves as much as it can (McIlroy 1999)."""

    decided: int
    candidate: Any

    def __init__(self) -> None:
        self.value: int | None = None

    def __lt__(self, other: Undecided) -> bool:
        if self.value is None and other.value is None:
            (self if self is Undecided.candidate else other).value = Undecided.decided
            Undecided.decided += 1
        if self.value is None:
            Undecided.candidate = self
        elif other.value is None:
            Undecided.candidate = other
        return (self.value if self.value is not None else 1 << 30) < (
            other.value if other.value is not None else 1 << 30
        )

    def __gt__(self, other: Undecided) -> bool:
        return other < self


def worst(count: int, run: Any) -> list[int]:
    """Keys on which `run` takes its longest way."""
    Undecided.decided, Undecided.candidate = 0, None
    keys = [Undecided() for _ in range(count)]
    run(keys)
    return [count if key.value is None else key.value for key in keys]


@pytest.mark.parametrize("run", [selection.sorted_places, lambda keys: selection.first_few(keys, 300, False)])
def test_falls_back_to_the_heap(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = worst(600, run)
    heaps = []
    whole = selection._select_by_heap
    monkeypatch.setattr(selection, "_select_by_heap", lambda *given: (heaps.append(given[2:]), whole(*given)))
    places = selection.sorted_places(keys)
    first = selection.first_few(keys, 300, False)
    assert heaps
    assert sorted(places) == list(range(600))
    assert [keys[at] for at in places] == sorted(keys)
    assert sorted(keys[at] for at in first) == sorted(keys)[:300]


@pytest.mark.parametrize("count", [1, 2, 3, 17, 64, 65, 200])
def test_finds_the_first_few_and_the_kth(count: int) -> None:
    draw = np.random.RandomState(count)
    for high in (2, 7, 1000):
        rows = draw.randint(0, high, (5, count)).astype(float)
        rows[rows == 1] = np.nan
        keys = selection.ranks(rows)
        for row, known in zip(rows, keys, strict=True):
            expected = np.unique(row, return_inverse=True)[1]  # which takes NaN for one number, the largest
            assert known.tolist() == expected.tolist()
        for row in keys.tolist():
            for k in {1, count // 2, count} - {0}:
                found = selection.first_few(row, k, True)
                assert len(set(found)) == k
                assert [row[at] for at in found] == sorted(row)[:k]
                assert row[selection.kth(row, k - 1)] == sorted(row)[k - 1]
