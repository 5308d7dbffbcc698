"""Dtypes, promotion and devices on raw arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import array

AXES = {
    kind: np.ones(2, kind) for kind in ("bool", "uint8", "int8", "int64", "float16", "float32", "float64", "complex64")
}
BARE = {kind: np.ones((), kind) for kind in AXES}


@pytest.mark.parametrize(
    ("operands", "expected"),
    [
        ([AXES["int64"], AXES["float16"]], "float16"),  # an integer's width does not count beside a float
        ([AXES["uint8"], AXES["int8"]], "int16"),
        ([AXES["float32"], BARE["float64"]], "float32"),
        ([AXES["int8"], BARE["int64"]], "int8"),
        ([AXES["int64"], BARE["float64"]], "float64"),
        ([BARE["float32"], BARE["float64"]], "float64"),
        ([AXES["int64"], 1.5], "float32"),
        ([AXES["float16"], 1.5], "float16"),
        ([AXES["bool"], 1], "int64"),
        ([AXES["bool"], True], "bool"),
        ([AXES["float64"], 1j], "complex128"),
        ([AXES["float32"], AXES["complex64"]], "complex64"),
        ([AXES["float64"], AXES["complex64"]], "complex128"),
    ],
)
def test_promotion(operands: list[Any], expected: str) -> None:
    assert array.promoted(operands) == expected


def test_integers_become_the_default_float_where_asked() -> None:
    assert array.promoted([AXES["int64"]], to_float=True) == np.float32
    assert array.promoted([AXES["float64"], AXES["int64"]], to_float=True) == np.float64


def test_dtypes_have_pytorchs_names() -> None:
    assert repr(array.float32) == "torch.float32"
    assert array.dtype_of(np.zeros(1, np.int16)) is array.int16
    assert array.float16.is_floating_point and array.complex64.is_complex and not array.uint8.is_signed
    assert array.complex128.to_real() is array.float64 and array.float64.to_complex() is array.complex128
    with pytest.raises(TypeError, match=r"np\.ndarray of type"):
        array.dtype_of(np.array(["a"]))


def test_a_device_that_is_not_there() -> None:
    if array.gpus():
        pytest.skip("this machine has a GPU")
    with pytest.raises((AssertionError, RuntimeError), match=r"CUDA"):
        array.module_for("cuda")
    assert array.moved(AXES["float32"], "cpu") is AXES["float32"]


@pytest.mark.parametrize("shape", [(1_000_000,), (500_000, 2), (2, 500_000), (3, 5000, 2)])
def test_long_sums_keep_six_digits_along_every_axis(shape: tuple[int, ...]) -> None:
    x = np.random.RandomState(0).rand(*shape).astype(np.float32)
    for axis in (None, *range(-len(shape), len(shape))):
        for keep in (False, True):
            exact = np.sum(x, axis=axis, dtype=np.float64, keepdims=keep)
            found = array.summed(x, axis, keep)
            assert found.shape == exact.shape
            assert np.max(np.abs(found / exact - 1)) < 1e-6
