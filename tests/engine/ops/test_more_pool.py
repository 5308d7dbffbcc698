"""Adaptive maxima of equal blocks, which are found in one go, are those that the general way finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import nn
from engine.ops.more_pool import _block_places, _largest_places
from engine.tensor import wrap

CASES = [((2, 3, 12), (4,)), ((2, 3, 12), (1,)), ((2, 8, 12), (2, 3)), ((8, 12), (8, 12)), ((3, 2, 4, 6, 8), (2, 3, 1))]


def regions_of(shape: tuple[int, ...], sizes: tuple[int, ...]) -> list[Any]:
    pairs = zip(shape[-len(sizes) :], sizes, strict=True)
    return [(np.arange(size) * n // size, -(-(np.arange(size) + 1) * n // size)) for n, size in pairs]


@pytest.mark.parametrize(("shape", "sizes"), CASES)
def test_blocks_are_regions(shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    x = np.random.RandomState(0).randint(0, 5, shape).astype(np.float32)  # with equals among them
    found = _block_places(x, sizes)
    assert found.dtype == np.int64
    assert np.array_equal(found, _largest_places(x, regions_of(shape, sizes)))


def test_other_sizes_and_nan_go_the_general_way() -> None:
    x = np.ones((1, 2, 6), np.float32)
    assert _block_places(x, (4,)) is None
    x[0, 1, 2:4] = np.nan
    assert _block_places(x, (2,)) is None
    y, places = nn.functional.adaptive_max_pool1d(wrap(x), 2, return_indices=True)
    assert places.tolist() == [[[0, 3], [2, 3]]]
    assert np.isnan(y.numpy()[0, 1]).all()


def test_places_and_gradient_of_a_block() -> None:
    x = wrap(np.arange(16, dtype=np.float32).reshape(1, 4, 4)).requires_grad_()
    y, places = nn.functional.adaptive_max_pool2d(x, 2, return_indices=True)
    assert places.tolist() == [[[5, 7], [13, 15]]]
    y.sum().backward()
    assert x.grad.flatten().nonzero().flatten().tolist() == [5, 7, 13, 15]
