"""Python numbers brought to dtypes; what PyTorch says of them is in `cases/numbers.txt`."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.fitting import fitted, unpacked, word


@pytest.mark.parametrize("kind", [np.dtype(name) for name in ("u1", "i1", "i2", "i4", "i8")])
def test_an_integer_keeps_what_its_dtype_holds(kind: np.dtype) -> None:
    limits = np.iinfo(kind)
    for value in (int(limits.min), int(limits.max), 7.9, True):
        assert fitted(value, kind) == int(value)
        assert fitted(value, kind).dtype == kind
    for value in (int(limits.max) + 1, 2.0 * limits.max + 2, math.inf, math.nan, 1j):
        with pytest.raises(RuntimeError, match=f"type {word(kind)} without overflow"):
            fitted(value, kind)


def test_a_negative_integer_wraps_round_once_where_there_is_no_sign() -> None:
    kind = np.dtype(np.uint8)
    assert [fitted(value, kind) for value in (-1, -255)] == [255, 1]
    for value in (-256, -0.5):
        with pytest.raises(RuntimeError, match="uint8_t"):
            fitted(value, kind)


def test_a_short_float_that_is_too_large_is_refused_or_infinite() -> None:
    kind = np.dtype(np.float16)
    assert fitted(65519.0, kind, short=False) == 65519.0  # rounds to the largest
    assert fitted(-7e4, kind, short=False) == -math.inf
    with pytest.raises(RuntimeError, match="c10::Half"):
        fitted(7e4, kind)
    with pytest.raises(RuntimeError, match="double"):
        fitted(1j, kind, short=False)


def test_what_is_no_number_stays() -> None:
    array = np.ones(2)
    assert fitted(array, np.dtype(np.uint8)) is array
    assert unpacked(array) is array


def test_an_index_takes_no_longer_integers_than_64_bits() -> None:
    assert unpacked((1 << 63) - 1) == (1 << 63) - 1
    with pytest.raises(ValueError, match="unpacking long long"):
        unpacked(1 << 63)
