"""A tensor's numbers at a glance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.runner.recorder.numbers import cut, finite_list, histogram, parse_slice, picture, row


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i8", "u1", "?"])
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 4), (80, 70)])
def test_a_row_is_what_numpy_says(dtype: str, shape: tuple[int, ...]) -> None:
    array = (np.random.default_rng(0).normal(size=shape) * 3 + 5).astype(dtype)
    wide = array.astype("f8")
    expected = [wide.mean(), wide.std(), wide.min(), wide.max(), np.linalg.norm(wide.reshape(-1)), 0, 0]
    assert row(array) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_row_counts_what_is_not_finite_and_leaves_it_out() -> None:
    array = np.array([1.0, np.nan, 3.0, np.inf, -np.inf], "f4")
    assert row(array) == pytest.approx((2, 1, 1, 3, 10**0.5, 1, 2))
    assert row(np.array([np.nan], "f4"))[5:] == (1, 0)
    assert all(math.isnan(figure) for figure in row(np.zeros(0))[:4])


def test_a_row_stands_numbers_whose_squares_overflow() -> None:
    assert row(np.full(3, 1e30, "f4"))[4:] == pytest.approx((3**0.5 * 1e30, 0, 0))


def test_a_constant_has_no_spread() -> None:
    assert row(np.full(1000, 1e6, "f4"))[1] == pytest.approx(0, abs=0.5)


def test_histogram_and_picture() -> None:
    array = np.arange(100 * 64, dtype="f4").reshape(100, 64)
    assert sum(histogram(array).counts) == array.size
    small = picture(array)
    assert (small.rows, small.columns) == (32, 32)
    assert small.values[0] == pytest.approx(array[:3, :2].mean())
    assert np.mean(picture(np.ones((2, 5, 5))).values) == 1
    assert picture(np.float32(3)).values == [3]
    assert histogram(np.array([np.nan])) is None


def test_lists_have_null_for_what_is_not_finite() -> None:
    assert finite_list(np.array([[1.0, np.nan], [np.inf, 2.0]])) == [[1, None], [None, 2]]
    assert finite_list(np.array(np.nan)) is None
    assert finite_list(np.array(2)) == 2


@pytest.mark.parametrize("text", ["0", "-1", "0, 1", ":", "::2", "1:3, ..., 0", "..., 1:", ""])
def test_slices_are_pythons(text: str) -> None:
    array = np.arange(60).reshape(3, 4, 5)
    assert np.array_equal(cut(array, text), eval(f"array[{text}]") if text else array)


@pytest.mark.parametrize("text", ["a", "f()", "0]+[0", "1.5", "'x'", "[0,1]", "None", "x:=1", "(1", "9" * 300, "True"])
def test_what_is_no_slice_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_slice(text)


def test_a_slice_has_a_limit() -> None:
    with pytest.raises(ValueError, match="more than 4096"):
        cut(np.zeros(5000), ":")
