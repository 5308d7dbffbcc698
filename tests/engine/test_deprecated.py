"""Warnings are given at the line of the program, and some of them once."""

import warnings

import engine as torch
from engine import deprecated


def test_a_number_made_of_what_needs_a_gradient_is_told_of_once(monkeypatch):
    monkeypatch.setattr(deprecated, "_told", set())
    x = torch.ones(1, requires_grad=True)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        with torch.no_grad():
            assert float(x) == 1.0
        assert float(x.detach()) == x.item() == 1.0
        assert not found
        assert float(x) == complex(x) == 1.0
    assert [each.filename for each in found] == [__file__]
    assert "requires_grad=True to a scalar may lead to unexpected" in str(found[0].message)
