"""Warnings that come once a process."""

import warnings

import pytest

import engine
from engine import deprecated


@pytest.fixture
def caught(monkeypatch):
    """The warnings of a test, as if nothing had been warned of before."""
    monkeypatch.setattr(deprecated, "_said", set())
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield found


@pytest.mark.parametrize("call", [float, complex, lambda t: engine.tensor([t, t]), lambda t: f"{t:.1f}%.1f" % t])
def test_a_number_made_of_what_requires_grad_is_warned_of_once(caught, call):
    t = engine.ones((), requires_grad=True)
    call(t.detach())
    int(t), bool(t), t.item(), t.tolist(), f"{t:.1f}"
    assert not caught
    call(t)
    call(t * 2)
    assert [str(each.message).split("\n")[0] for each in caught] == [
        "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior."
    ]
    assert caught[0].category is UserWarning


def test_an_imaginary_part_put_into_a_real_tensor_is_warned_of_once(caught):
    x = engine.zeros(2)
    for _ in range(2):
        x[0] = engine.tensor(1 + 2j)
    assert [str(each.message) for each in caught] == [deprecated.IMAGINARY]
    assert caught[0].category is UserWarning
    assert x.tolist() == [1, 0]
