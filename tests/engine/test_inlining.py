"""The text of a lambda's expression is what the lambda computes."""

import pytest

from engine.inlining import expression
from engine.op import Op, registry

SLOPES = {
    f"{name} by {operand}": slope.raw
    for name, op in registry.items()
    if isinstance(op, Op)
    for operand, slope in op.slopes.items()
    if slope is not None
}


@pytest.mark.parametrize("slope", SLOPES)
def test_the_expression_compiles_to_the_same_code(slope):
    function = SLOPES[slope]
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    text = expression(function, {name: name for name in names})
    if text is not None:
        again = eval(f"lambda {', '.join(names)}: {text}")
        assert again.__code__.co_code == function.__code__.co_code
        assert again.__code__.co_consts == function.__code__.co_consts


def test_those_of_arithmetic_have_one():
    names = {"g": "g0", "other": "x", "input": "y.z"}
    assert expression(registry["mul"].slopes["input"].raw, names) == "g0 * x"
    assert expression(registry["true_divide"].slopes["other"].raw, names) == "-g0 * (y.z / x / x)"


def test_what_names_others_is_left_alone():
    outside = 2
    assert expression(lambda g: g * outside, {}) is None
    assert expression(lambda g: len(g), {}) is None
    assert expression(abs_of, {}) is None


def abs_of(g):
    return abs(g)
