"""What slopes ask for, and which of them the way back of complex numbers conjugates."""

from __future__ import annotations

from typing import Any

import pytest

import engine as torch
from engine.op import Op, d
from engine.plan import Plan, conjugates
from engine.template import compile_op


def _turned(x: Any) -> Any:
    return x.conj()


def _through(x: Any) -> Any:
    return _turned(x)


def planned(slope: Any, name: str) -> Plan:
    def kernel(input: Any, shape: Any = None) -> Any:
        """An op of this test's own."""
        return input * 2

    return Plan(Op(kernel, "y", {"input": slope}, name=name))


def test_a_slope_that_conjugates_is_found_through_what_it_calls() -> None:
    assert conjugates(lambda g, input: g * input.conj())
    assert conjugates(lambda g, input: [each.mH for each in (g, input)])
    assert not conjugates(lambda g, input: g * input)
    # Only functions of the engine are looked into: tests stand outside.
    assert not conjugates(lambda g, input: g * _through(input))
    assert conjugates(torch.ops.complex._angle_slope)


def test_only_a_slope_that_asks_for_values_and_does_not_conjugate_is_conjugated() -> None:
    assert planned(d("", lambda g, input: g * input), "one").conjugated == {"input"}
    assert planned(d("", lambda g, y: g * y), "two").conjugated == {"input"}
    assert planned(d("", lambda g, input: g * input.conj()), "three").conjugated == set()
    assert planned(d("", lambda g: g + g), "four").conjugated == set()


def test_an_option_may_not_have_the_name_of_what_slopes_ask_for() -> None:
    with pytest.raises(TypeError, match="'shape', which the slope of input asks for, is an option"):
        planned(d("", lambda g, shape: g.reshape(shape)), "five")


def test_a_slope_written_for_real_numbers_is_right_for_complex_ones() -> None:
    def cubed(input: Any) -> Any:
        """The third power, of this test alone."""
        return input * input * input

    entry = Op(cubed, "y = x^3", {"input": d("", lambda g, input: g * (3 * input * input))}, name="cubed_in_a_test")
    call = compile_op(entry)
    z = torch.tensor([1 + 2j, 0.5 - 1j], requires_grad=True)
    weight = torch.tensor([2 - 1j, 1j])
    for result in (call(z), z * z * z):
        z.grad = None
        (result * weight).sum().real.backward()
        if result.grad_fn.op is entry:
            first = z.grad
    assert torch.allclose(first, z.grad)
