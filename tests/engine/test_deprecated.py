"""Warnings are given at the line of the program, and some the first time only, as PyTorch does."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine as torch
from engine import deprecated

ASKS: dict[str, Callable[[], Any]] = {
    "Converting a tensor with requires_grad=True": lambda: float(torch.ones(1, requires_grad=True) * 2),
    "Converting a tensor": lambda: math.sqrt(torch.ones((), requires_grad=True)),
    "Converting": lambda: torch.tensor([torch.ones((), requires_grad=True), 2.0]),
    deprecated.IMAGINARY: lambda: torch.ones(2, dtype=torch.complex64).float(),
    "A window was not provided": lambda: torch.stft(torch.ones(16), 8, return_complex=True),
    "stft with return_complex=False": lambda: torch.stft(torch.ones(16), 8, window=torch.ones(8), return_complex=False),
    "Creating a tensor from a list of numpy": lambda: torch.tensor([np.ones(2), np.ones(2)]),
}


@pytest.fixture(autouse=True)
def nothing_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecated, "_told", set())


@pytest.mark.parametrize("text", ASKS)
def test_it_warns_the_first_time_only(text: str) -> None:
    with pytest.warns(UserWarning, match=text) as found:
        ASKS[text]()
    assert found[0].filename == __file__
    ASKS[text]()


def test_item_and_int_warn_of_nothing_nor_does_what_is_not_recorded() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = torch.ones((), requires_grad=True)
        assert (loss.item(), int(loss), f"{loss:.1f}", float(loss.detach())) == (1.0, 1, "1.0", 1.0)
        with torch.no_grad():
            assert float(loss) == 1.0


def test_an_imaginary_part_put_into_a_real_tensor_is_told_of_once() -> None:
    x = torch.zeros(2)
    with pytest.warns(UserWarning, match="discards the imaginary part") as found:
        for _ in range(2):
            x[0] = torch.tensor(1 + 2j)
    assert len(found) == 1
    assert x.tolist() == [1, 0]
