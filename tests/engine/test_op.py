"""Declaring an op in one place, and what follows from it."""

from __future__ import annotations

import inspect
import operator
import subprocess
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
import engine as torch
import engine.nn.functional as F
from engine import bind, graph, op, ops, stubs, template
from engine.op import Op, d, registry
from engine.plan import Plan
from tests.engine import cases

ops.load_all()
DECLARED = [entry for entry in registry.values() if isinstance(entry, Op)]


@op.op(
    r"y = a^2 + c\,b",
    said={"rule": "promote", "homes": (), "name": "a_test_of_ops"},
    input=d(r"2 a \bar y", lambda g, input: g * (input + input)),
    other=d(r"c\,\bar y", lambda g, c: g * c),
)
def a_test_of_ops(input, other, c=2.0):
    """A declaration of this test's own."""
    return input * input + c * other


@pytest.fixture
def declared() -> Any:
    return registry["a_test_of_ops"].call


def test_a_declaration_makes_a_differentiable_function(declared: Any) -> None:
    x, y = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([[3.0], [4.0]], requires_grad=True)
    result = declared(x, y, c=3.0)
    assert result.tolist() == [[10.0, 13.0], [13.0, 16.0]]
    assert result.grad_fn.name() == "ATestOfOpsBackward0"
    result.sum().backward()
    assert x.grad.tolist() == [4.0, 8.0]
    assert y.grad.tolist() == [[6.0], [6.0]]


def test_a_call_is_generated_at_its_first_use_and_stays_the_same_function() -> None:
    entry = Op(a_test_of_ops.op.kernel, "y", {"input": d("g", lambda g: g), "other": None}, name="generated_late")
    call = template.compile_op(entry)
    assert not hasattr(entry, "node")
    assert list(inspect.signature(call).parameters) == ["input", "other", "c"]
    x = torch.tensor([1.0], requires_grad=True)
    assert call(x, torch.ones(1)).grad_fn.op is entry
    assert call.__code__.co_filename == "<engine call of generated_late>"
    assert list(inspect.signature(call).parameters) == ["input", "other", "c", "out"]


@pytest.mark.parametrize("sign", ["add", "sub", "mul", "truediv"])
def test_an_operator_holds_its_kernel_in_line_as_long_as_that_is_the_kernel(sign: str) -> None:
    operate = getattr(operator, sign)
    entry = registry[{"truediv": "true_divide"}.get(sign, sign)]
    a, b = torch.tensor([4.0, 6.0]), torch.tensor([2.0, 8.0])
    expected = operate(np.array([4.0, 6.0], "f"), np.array([2.0, 8.0], "f"))
    calls = []

    def counted(input: Any, other: Any, **options: Any) -> Any:
        calls.append(options)
        return kernel(input, other, **options)

    assert isinstance(entry, Op)
    kernel, bare = entry.kernel, entry.bare
    assert bare is not None
    for put in (kernel, counted, kernel):
        entry.kernel, entry.bare = put, bare if put is kernel else None
        entry.call(a, b)  # generated, at the latest, now
        template.functions(entry, entry.call.__globals__)
        calls.clear()
        for _ in range(2):
            assert np.array_equal(operate(a, b).numpy(), expected)
        assert len(calls) == (0 if put is kernel else 2)
        assert np.array_equal(bare(a.numpy(), b.numpy()), kernel(a.numpy(), b.numpy()))


def test_operators_compute_bfloat16_as_calls_do_once_it_is_asked_for() -> None:
    text = """
import engine as torch
x = torch.tensor([1.1, 2.3, -0.7])
assert (x * x + x / 3 - x).dtype is torch.float32  # the operators are generated now
y = x.to(torch.bfloat16)
for sign, call in (("*", torch.mul), ("+", torch.add), ("-", torch.sub), ("/", torch.true_divide)):
    assert torch.equal(eval(f"y {sign} y.flip(0)"), call(y, y.flip(0)))
    assert torch.equal(eval(f"y {sign} 0.1"), call(y, 0.1))  # 0.1 is rounded to float32 and not to bfloat16
"""
    subprocess.run([sys.executable, "-c", text], check=True, cwd=Path(engine.__file__).parents[1])


def test_a_slope_may_compute_otherwise_on_raw_arrays() -> None:
    slope = d("3 g", lambda g: g * 3, lambda g: g * 5)  # no op has two that differ; here that tells them apart
    call = template.compile_op(Op(lambda input: input * 3, "y", {"input": slope}, name="raw_slope"))
    x = torch.tensor([2.0], requires_grad=True)
    assert torch.autograd.grad(call(x), x)[0].tolist() == [5.0]
    assert torch.autograd.grad(call(x), x, create_graph=True)[0].tolist() == [3.0]
    with pytest.raises(TypeError, match="asks for more"):
        d("3 g", lambda g: g * 3, lambda g, input: g * input)


def test_its_slopes_can_be_differentiated(declared: Any) -> None:
    x = torch.tensor([3.0], requires_grad=True)
    (first,) = torch.autograd.grad(declared(x, 1), x, create_graph=True)
    assert torch.autograd.grad(first, x)[0].tolist() == [2.0]


def test_what_no_slope_asks_for_is_not_kept(declared: Any) -> None:
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    node = declared(x, y).grad_fn
    assert node.input is x
    assert not hasattr(node, "other")
    constant = torch.ones(2)
    assert (constant * x).grad_fn.other is None  # only the constant's slope would ask for x


def test_a_traceback_shows_the_generated_lines() -> None:
    try:
        torch.ones(2) @ torch.ones(3)
    except RuntimeError as error:
        text = "".join(traceback.format_tb(error.__traceback__))
    assert "<engine call of matmul>" in text
    assert "raise explain(op, (x0, x1,), error)" in text


def test_a_slope_that_asks_for_what_it_cannot_have_is_refused() -> None:
    with pytest.raises(TypeError, match="asks for 'nonsense'"):
        op.op("y = x", said={"name": "refused", "homes": ()}, input=d("", lambda g, nonsense: g))(lambda input: input)


def test_a_slope_for_no_parameter_is_refused() -> None:
    with pytest.raises(TypeError, match="no parameters"):
        op.op("y = x", said={"name": "refused", "homes": ()}, other=d("", lambda g: g))(lambda input: input)


@pytest.mark.parametrize("entry", DECLARED, ids=lambda entry: entry.name)
def test_every_op_has_a_formula_and_a_sentence(entry: Op) -> None:
    assert entry.formula
    assert entry.doc.endswith((".", ")"))
    assert all(slope is None or slope.tex for slope in entry.slopes.values())


def test_there_are_many() -> None:
    assert len(DECLARED) >= 90
    assert len(bind.names) >= 250


@pytest.mark.parametrize("path", stubs.files(), ids=lambda path: path.name)
def test_the_stubs_are_current(path: Any) -> None:
    assert path.read_text() == stubs.files()[path], "run python -m engine.stubs"


def test_second_names_and_in_place_twins() -> None:
    x = torch.tensor([-1.0, 2.0])
    assert torch.absolute(x).tolist() == x.absolute().tolist() == [1.0, 2.0]
    assert x.abs_() is x
    assert torch.relu_(x) is x
    assert "in place" in inspect.getdoc(torch.Tensor.relu_)


def test_out_takes_the_result() -> None:
    out = torch.zeros(2)
    assert torch.exp(torch.zeros(2), out=out) is out
    assert out.tolist() == [1.0, 1.0]
    with pytest.warns(UserWarning, match=r"resized since it had shape \[2\], .* required output shape \[3\]"):
        torch.add(torch.ones(3), 1, out=out)
    assert out.tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
        torch.exp(torch.zeros(2, requires_grad=True), out=out)
    with pytest.raises(RuntimeError, match="result type Float can't be cast"):
        torch.exp(torch.zeros(2), out=torch.zeros(2, dtype=torch.int64))


def test_errors_carry_shapes_and_axes() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.ones(2, 3) + torch.ones(4)
    assert caught.value.shapes == ((2, 3), (4,))
    assert caught.value.axes == (1, 0)
    with pytest.raises(RuntimeError) as caught:
        torch.ones(2, 3) @ torch.ones(4, 5)
    assert (caught.value.shapes, caught.value.axes, caught.value.op) == (((2, 3), (4, 5)), (1, 0), "matmul")


def test_unknown_and_left_out_names() -> None:
    with pytest.raises(AttributeError, match="Did you mean: 'softmax'"):
        torch.sofmax  # noqa: B018
    with pytest.raises(NotImplementedError, match="left out of this engine on purpose"):
        torch.sparse  # noqa: B018
    with pytest.raises(NotImplementedError, match="sparse"):
        torch.ones(2).to_sparse()
    with pytest.raises(AttributeError):
        torch.ones(2).sofmax  # noqa: B018


def test_a_number_is_a_constant_of_the_right_dtype() -> None:
    x = torch.ones(3)
    for number in (0.0, -0.0, 1e-50, float("inf"), float("nan"), 2, True):
        result = x * number
        assert result.dtype == torch.float32
        np.testing.assert_array_equal(result.numpy(), np.ones(3, np.float32) * np.float32(number))
    assert np.signbit((x * -0.0).numpy()).all()
    assert not np.signbit((x * 0.0).numpy()).any()


def test_every_op_is_compared_with_pytorch() -> None:
    called: set[str] = set()

    class Names:
        def called(self, entry: Any, args: Any, options: Any, out: Any) -> None:
            called.add(entry.name)

        def backward(self, root: Any, gradients: Any) -> None:
            """Slopes are not told apart here."""

    before = graph.observe(Names())  # type: ignore[arg-type]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for expression in [*cases.VALUES, *cases.IN_PLACE]:
                cases.evaluate(torch, F, expression)
    finally:
        graph.observe(before)
    slopes = {"nll_grad", "product_of_others", "put_at", "put_slice", "put_index", "embedding_grad", "scatter_zeros"}
    # Ops that only slopes of slopes, or GPUs, come to.
    slopes |= {"adjugate", "affine_grid_maps", "fold_back", "index_zeros", "inner_doubled", "on_device"}
    slopes |= {"sigmoid_backward", "straight", "tanh_backward", "times_turned", "turned_times"}
    slopes |= {"put_flat", "put_points", "match_points", "resample_back", "sum_of_neighbours", "alignment_slope"}
    elsewhere = ("batch", "conv", "pad", "pool", "windows", "test_op")  # layers, compared as modules in tests/engine/nn
    declared = {entry.name for entry in DECLARED if entry.module.rsplit(".", 1)[-1] not in elsewhere}
    assert declared - called - slopes == set()


@pytest.mark.parametrize("entry", DECLARED, ids=lambda entry: entry.name)
def test_no_field_of_a_node_hides_what_every_node_has(entry: Op) -> None:
    hidden = set(Plan(entry).fields()) & (set(dir(graph.Node)) | set(graph.Node.__slots__))
    assert not hidden
