"""Dtypes of results: PyTorch's table, for every pair of dtypes, tensors with and without axes, and Python numbers."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

import engine as torch
from engine import array, deprecated
from tests.engine import promotion

ANSWERS: dict[str, list[str]] = json.loads((pathlib.Path(__file__).parent / "answers" / "promotion.json").read_text())


@pytest.fixture(scope="module")
def ours() -> dict[str, list[str]]:
    return promotion.table(torch)


@pytest.mark.parametrize("row", ANSWERS)
def test_two_dtypes_become_what_pytorch_makes_of_them(row: str, ours: dict[str, list[str]]) -> None:
    # There is no complex32 here: the complex type of float16 is complex64.
    assert ours[row] == [each.replace("complex32", "complex64") for each in ANSWERS[row]]


def test_all_are_recorded(ours: dict[str, list[str]]) -> None:
    assert list(ours) == list(ANSWERS)


@pytest.mark.parametrize("name", promotion.NAMES)
def test_facts_of_a_dtype(name: str) -> None:
    dtype: Any = getattr(torch, name)
    assert repr(dtype) == f"torch.{name}" and torch.zeros(1, dtype=dtype).dtype is dtype
    assert dtype.itemsize == torch.zeros(1, dtype=dtype).itemsize
    assert dtype.is_floating_point == ("float" in name) and dtype.is_complex == ("complex" in name)
    assert dtype.is_signed == (name not in ("bool", "uint8", "uint16", "uint32", "uint64"))
    assert torch.zeros(2, dtype=dtype).type() in (f"torch.{title}Tensor" for title in array.TITLES.values())


def test_the_default_dtype_and_device() -> None:
    try:
        torch.set_default_dtype(torch.float64)
        assert torch.get_default_dtype() is torch.float64
        assert torch.tensor(1.5).dtype is torch.float64 and torch.tensor(1j).dtype is torch.complex128
        assert torch.zeros(1).dtype is torch.float64 and torch.Tensor([1]).dtype is torch.float64
        with pytest.warns(UserWarning, match="set_default_tensor_type\\(\\) is deprecated"):
            deprecated._told.discard(deprecated.DEFAULT_TYPE)
            torch.set_default_tensor_type(torch.HalfTensor)
        assert torch.tensor(1.5).dtype is torch.float16
        torch.set_default_tensor_type("torch.FloatTensor")
        assert torch.tensor(1.5).dtype is torch.float32
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.get_default_device() == torch.device("cpu")
    with torch.device("cpu"):
        assert torch.zeros(1).device.type == "cpu"
    torch.set_default_device("cpu")
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        torch.set_default_tensor_type(torch.LongTensor)


LIMITS = {
    "finfo float16": "finfo(resolution=0.001, min=-65504, max=65504, eps=0.000976562, smallest_normal=6.10352e-05, "
    "tiny=6.10352e-05, dtype=float16)",
    "finfo bfloat16": "finfo(resolution=0.01, min=-3.38953e+38, max=3.38953e+38, eps=0.0078125, "
    "smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=bfloat16)",
    "finfo float32": "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, "
    "smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)",
    "finfo complex128": "finfo(resolution=1e-15, min=-1.79769e+308, max=1.79769e+308, eps=2.22045e-16, "
    "smallest_normal=2.22507e-308, tiny=2.22507e-308, dtype=float64)",
    "iinfo uint8": "iinfo(min=0, max=255, dtype=uint8)",
    "iinfo int64": "iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)",
    "iinfo uint64": "iinfo(min=0, max=1.84467e+19, dtype=uint64)",
}


@pytest.mark.parametrize("which", LIMITS)
def test_limits(which: str) -> None:
    function, name = which.split()
    info = getattr(torch, function)(getattr(torch, name))
    assert repr(info) == LIMITS[which]
    assert info == getattr(torch, function)(getattr(torch, name))
    if function == "finfo":
        assert (
            info.eps > 0
            and info.tiny == info.smallest_normal
            and info.bits == 8 * torch.zeros(1, dtype=getattr(torch, info.dtype)).itemsize
        )
    else:
        assert info.max == 2 ** (info.bits - (name[0] == "i")) - 1


def test_the_old_constructors_are_types() -> None:
    assert isinstance(torch.zeros(1), torch.FloatTensor) and not isinstance(torch.zeros(1), torch.LongTensor)
    assert torch.LongTensor([2**40 + 1]).tolist() == [2**40 + 1]
    assert torch.FloatTensor(2, 3).shape == (2, 3) and torch.IntTensor([[1]]).dtype is torch.int32
    assert torch.zeros(1).type(torch.LongTensor).dtype is torch.int64
    assert repr(torch.FloatTensor) == "<class 'torch.FloatTensor'>"
