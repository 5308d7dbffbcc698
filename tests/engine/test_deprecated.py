"""Warnings that PyTorch gives once: the first time, and not again."""

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
    "A window was not provided": lambda: torch.stft(torch.ones(16), 8, return_complex=True),
    "stft with return_complex=False": lambda: torch.stft(torch.ones(16), 8, window=torch.ones(8), return_complex=False),
    "Creating a tensor from a list of numpy": lambda: torch.tensor([np.ones(2), np.ones(2)]),
}


@pytest.fixture(autouse=True)
def nothing_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecated, "_said", set())


@pytest.mark.parametrize("text", ASKS)
def test_it_warns_the_first_time_only(text: str) -> None:
    with pytest.warns(UserWarning, match=text):
        ASKS[text]()
    ASKS[text]()


def test_item_and_int_warn_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = torch.ones((), requires_grad=True)
        assert (loss.item(), int(loss), f"{loss:.1f}", float(loss.detach())) == (1.0, 1, "1.0", 1.0)
