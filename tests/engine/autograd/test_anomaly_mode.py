"""Anomaly mode: the line of the forward call, and no trace of it afterwards."""

from __future__ import annotations

import pytest

import engine as torch
from engine import graph


def test_the_warning_shows_the_line_of_the_forward_call() -> None:
    x = torch.zeros(2, requires_grad=True)
    with torch.autograd.set_detect_anomaly(True):
        y = torch.sqrt(x)  # the line to be found
        with pytest.warns(UserWarning) as caught, pytest.raises(RuntimeError, match="SqrtBackward0"):
            (y * 0).sum().backward()
    text = str(caught[0].message)
    assert text.startswith("Error detected in SqrtBackward0. Traceback of forward call that caused the error:")
    assert text.rstrip().endswith("y = torch.sqrt(x)  # the line to be found")


def test_outside_of_the_mode_nobody_watches() -> None:
    before = graph.watch, graph.check
    with torch.autograd.set_detect_anomaly(True):
        assert graph.check is not None
    assert (graph.watch, graph.check) == before
    x = torch.zeros(2, requires_grad=True)
    (torch.sqrt(x) * 0).sum().backward()
    assert torch.isnan(x.grad).all()


def test_a_call_from_before_the_mode_has_no_line() -> None:
    y = torch.sqrt(torch.zeros(1, requires_grad=True)) * 0
    with (
        torch.autograd.set_detect_anomaly(True),
        pytest.warns(UserWarning, match="No forward pass information available"),
        pytest.raises(RuntimeError, match="returned nan values in its 0th output"),
    ):
        y.sum().backward()
