"""`Function` as users write it."""

from __future__ import annotations

from typing import Any

import pytest

import engine as torch
from engine.autograd import Function, once_differentiable


class Cube(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


class Exp(Function):
    """Saves its own result."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * ctx.saved_tensors[0]


def leaf(*values: float) -> Any:
    return torch.tensor(values, requires_grad=True)


def test_value_and_gradient() -> None:
    x = leaf(1.0, 2.0)
    y = Cube.apply(x)
    assert y.tolist() == [1.0, 8.0]
    assert y.grad_fn.name() == "CubeBackward"
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 12.0]


def test_a_derivative_made_of_ops_has_a_derivative() -> None:
    x = leaf(2.0)
    (first,) = torch.autograd.grad(Cube.apply(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    assert second.tolist() == [12.0]
    (first,) = torch.autograd.grad(Exp.apply(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    assert second.item() == pytest.approx(7.389056, rel=1e-6)


def test_needs_input_grad_and_arguments_that_are_no_tensors() -> None:
    seen: list[Any] = []

    class Scale(Function):
        @staticmethod
        def forward(ctx: Any, x: Any, w: Any, by: float) -> Any:
            ctx.by = by
            return x * w * by

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            seen.append(ctx.needs_input_grad)
            return g * ctx.by, None, None

    x = leaf(1.0)
    Scale.apply(x, torch.ones(1), 4.0).backward()
    assert seen == [(True, False, False)]
    assert x.grad.tolist() == [4.0]


def test_several_results_missing_gradients_are_zeros() -> None:
    class Both(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, g: Any, h: Any) -> Any:
            assert g is not None
            return g * 2 + h * 3

    x = leaf(1.0, 1.0)
    first, second = Both.apply(x)
    second.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    assert first.requires_grad


def test_unmaterialized_gradients_are_none() -> None:
    class Both(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, g: Any, h: Any) -> Any:
            assert g is None
            return h * 3

    x = leaf(1.0)
    Both.apply(x)[1].backward()
    assert x.grad.tolist() == [3.0]


def test_setup_context() -> None:
    class Double(Function):
        @staticmethod
        def forward(x: Any) -> Any:
            return x * 2

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    x = leaf(1.0)
    Double.apply(x).backward()
    assert x.grad.tolist() == [2.0]


def test_non_differentiable_and_dirty() -> None:
    class Sign(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            positive = x > 0
            ctx.mark_non_differentiable(positive)
            return x * 1, positive

        @staticmethod
        def backward(ctx: Any, g: Any, _: Any) -> Any:
            return g

    value, positive = Sign.apply(leaf(-1.0, 1.0))
    assert value.requires_grad and not positive.requires_grad

    class AddOne(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            x.add_(1)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    x = leaf(1.0)
    y = x * 2
    z = AddOne.apply(y)
    assert z is y and z.tolist() == [3.0]
    (z * z).backward()
    assert x.grad.tolist() == [12.0]


def test_a_wrong_number_of_gradients_is_refused() -> None:
    class Wrong(Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            return x + y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    with pytest.raises(RuntimeError, match=r"incorrect number of gradients \(expected 2, got 1\)"):
        Wrong.apply(leaf(1.0), leaf(2.0)).backward()


def test_a_gradient_of_the_wrong_shape_is_refused() -> None:
    class Wrong(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return torch.ones(5)

    with pytest.raises(RuntimeError, match="returned an invalid gradient at index 0"):
        Wrong.apply(leaf(1.0, 2.0)).sum().backward()


def test_saved_tensors_are_freed_and_checked() -> None:
    x = leaf(2.0)
    y = Cube.apply(x)
    y.backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        y.backward()
    inner = x * 1
    z = Cube.apply(inner)
    inner.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


def test_a_function_may_be_walked_twice_that_saves_nothing() -> None:
    class Double(Function):
        @staticmethod
        def forward(ctx: Any, x: Any, save: bool) -> Any:
            if save:
                ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2, None

    x = leaf(3.0)
    for save in (False, True):  # what was saved matters only to a backward that asks for it
        y = Double.apply(x, save)
        y.backward()
        y.backward()
    assert x.grad == 8
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        y.grad_fn.saved_tensors  # noqa: B018


def test_once_differentiable() -> None:
    class Once(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx: Any, g: Any) -> Any:
            return 2 * g * ctx.saved_tensors[0]

    x = leaf(3.0)
    (g,) = torch.autograd.grad(Once.apply(x), x, create_graph=True)
    assert g.item() == 6.0 and not g.requires_grad
