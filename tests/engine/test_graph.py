"""The walk back: accumulation, freeing, hooks, partial walks, depth, and who may watch."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import numpy as np
import pytest

import engine as torch
from engine import graph


def leaf(*values: float) -> Any:
    return torch.tensor(values, requires_grad=True)


def test_gradients_accumulate_in_the_same_memory() -> None:
    x = leaf(1.0, 2.0)
    (x * 3).sum().backward()
    first = x.grad
    (x * x).sum().backward()
    assert x.grad is first
    assert first.tolist() == [5.0, 7.0]


def test_gradients_of_two_leaves_share_no_memory() -> None:
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    weights = torch.tensor([1.0, 1.0])
    (x + y).backward(weights)
    x.grad.add_(1)
    assert y.grad.tolist() == [1.0, 1.0]
    assert weights.tolist() == [1.0, 1.0]


def test_an_unused_branch_does_not_matter() -> None:
    x = leaf(2.0)
    y = x * 3
    unused = y.exp() * y
    (y * 2).backward()
    assert x.grad.tolist() == [6.0]
    assert unused.requires_grad


def test_a_value_used_many_times_gets_the_sum() -> None:
    x = leaf(1.0)
    y = x * 2
    total = y + y * y + y * 3
    total.backward()
    assert x.grad.tolist() == [2 * (1 + 2 * 2 + 3)]


def test_backward_twice_raises_where_values_were_saved() -> None:
    x = leaf(1.0)
    y = x.exp()
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()
    z = (x + 1).sum()
    z.backward()
    z.backward()
    assert x.grad.item() == pytest.approx(np.e + 2)


def test_retain_graph_keeps_them() -> None:
    x = leaf(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [12.0]


def test_reading_grad_of_a_non_leaf_warns_unless_it_is_retained() -> None:
    x = leaf(1.0, 2.0)
    y = x * 2
    with pytest.warns(UserWarning, match="not a leaf Tensor is being accessed"):
        assert y.grad is None
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [4.0, 8.0]
    assert y.retains_grad


def test_hooks_see_and_replace_gradients() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    seen: list[Any] = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    handle = y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    (y * y).sum().backward(retain_graph=True)
    assert seen == [[6.0, 12.0]]
    assert x.grad.tolist() == [181.0, 361.0]
    handle.remove()
    x.grad = None
    (y * 1).sum().backward()
    assert x.grad.tolist() == [4.0, 4.0]


def test_hooks_on_leaves_and_nodes() -> None:
    x = leaf(2.0)
    called: list[str] = []
    x.register_post_accumulate_grad_hook(lambda t: called.append(f"leaf {t.grad.item()}"))
    y = x * 5
    y.grad_fn.register_hook(lambda gi, go: called.append(f"node {gi[0].item()} {go[0].item()}"))
    y.backward()
    assert called == ["node 5.0 1.0", "leaf 5.0"]


def test_next_functions_lead_to_the_leaves() -> None:
    x = leaf(1.0)
    y = (x * 2 + 1).sum()
    assert y.grad_fn.name() == "SumBackward0"
    add = y.grad_fn.next_functions[0][0]
    mul = add.next_functions[0][0]
    assert (add.name(), mul.name()) == ("AddBackward0", "MulBackward0")
    assert mul.next_functions[0][0].variable is x


def test_only_a_node_that_a_program_has_seen_looks_for_unknown_attributes() -> None:
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    y = x.exp()
    node: Any = y._node
    assert not hasattr(type(node), "__getattr__")  # which would make each attribute several times slower
    seen = y.grad_fn
    assert seen is node and y.grad_fn is seen and type(seen).__name__ == "ExpBackward0"
    assert torch.equal(seen._saved_result, y)
    with pytest.raises(AttributeError, match="'ExpBackward0' object has no attribute 'nothing'"):
        seen.nothing  # noqa: B018
    y.sum().backward()
    assert torch.equal(x.grad, y)


def test_grad_by_a_middle_value_stops_there() -> None:
    x = leaf(3.0)
    y = x * x
    z = y * y
    by_y, by_x = torch.autograd.grad(z, [y, x])
    assert (by_y.item(), by_x.item()) == (18.0, 108.0)
    assert x.grad is None


def test_grad_of_something_unused() -> None:
    x, other = leaf(1.0), leaf(1.0)
    with pytest.raises(RuntimeError, match="appears to not have been used in the graph"):
        torch.autograd.grad(x * 2, other)
    assert torch.autograd.grad(x * 2, other, allow_unused=True) == (None,)
    assert torch.autograd.grad(x * 2, other, materialize_grads=True)[0].tolist() == [0.0]


def test_backward_into_some_inputs_only() -> None:
    x, w = leaf(2.0), leaf(5.0)
    (x * w).backward(inputs=[w])
    assert x.grad is None
    assert w.grad.tolist() == [2.0]


def test_batched_weights() -> None:
    x = leaf(1.0, 2.0, 3.0)
    (rows,) = torch.autograd.grad(x * x, x, torch.eye(3), is_grads_batched=True)
    assert rows.tolist() == [[2.0, 0, 0], [0, 4.0, 0], [0, 0, 6.0]]


def test_only_one_piece_of_several_is_used() -> None:
    x = leaf(1.0, 2.0, 3.0, 4.0)
    first, second = x.split(2)
    second.register_hook(lambda g: None if g is None else g * 2)
    (second * torch.tensor([1.0, 10.0])).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 2.0, 20.0]
    (middle,) = torch.autograd.grad((first * first).sum(), first)
    assert middle.tolist() == [2.0, 4.0]


def test_third_derivative() -> None:
    x = leaf(2.0)
    y = x**4
    for expected in (32.0, 48.0, 48.0):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        assert y.item() == expected


def test_recording_can_be_switched() -> None:
    x = leaf(1.0)
    with torch.no_grad():
        assert not (x * 2).requires_grad
        with torch.enable_grad():
            assert (x * 2).requires_grad
    assert (x * 2).requires_grad

    @torch.no_grad()
    def plain(t: Any) -> Any:
        return t * 2

    @torch.no_grad
    def bare(t: Any) -> Any:
        return t * 2

    assert not plain(x).requires_grad
    assert not bare(x).requires_grad
    with torch.set_grad_enabled(False):
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    assert not torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    with torch.inference_mode():
        assert not (x * 2).requires_grad


def test_a_switch_is_put_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="inside"), torch.no_grad():
        raise ValueError("inside")
    assert torch.is_grad_enabled()


def test_a_deep_chain_neither_overflows_nor_leaks() -> None:
    x = leaf(1.0)
    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        y = x
        for _ in range(100_000):
            y = y + 1
        y.backward()
        del y
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert x.grad.tolist() == [1.0]
    assert after - before < 1_000_000  # bytes; the chain took tens of millions


class Recorder:
    """A watcher that notes what it is told."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.walks: list[Any] = []
        self.modules: list[Any] = []

    def called(self, op: Any, args: Any, options: Any, out: Any) -> None:
        self.calls.append((op.name, args, options, out))

    def backward(self, root: Any, gradients: Any) -> None:
        self.walks.append((root, gradients))

    def entered(self, module: Any) -> None:
        self.modules.append(("in", module))

    def left(self, module: Any) -> None:
        self.modules.append(("out", module))


def test_a_watcher_sees_calls_and_gradients() -> None:
    x = leaf(1.0, 2.0)
    recorder = Recorder()
    before = graph.observe(recorder)
    try:
        y = x * 3
        loss = y.sum(0)
        loss.backward()
        with torch.no_grad():
            torch.relu(x)
    finally:
        assert graph.observe(before) is recorder
    assert [call[0] for call in recorder.calls] == ["mul", "sum", "relu"]
    _, args, options, out = recorder.calls[1]
    assert args[0] is y and options["dim"] == 0 and out is loss
    assert recorder.calls[0][1] == (x, 3) or recorder.calls[0][1][1] == 3
    root, gradients = recorder.walks[0]
    assert root is loss
    assert gradients[y._node].tolist() == [1.0, 1.0]
    assert gradients[x].tolist() == [3.0, 3.0]
    assert graph.watch is before


def test_an_op_tells_its_formula() -> None:
    y = leaf(1.0) * 2
    assert y.grad_fn.op.name == "mul"
    assert y.grad_fn.op.formula == "y = a b"
    assert y.grad_fn.op.tex()[1] == r"\bar{\mathrm{input}} = \bar y\,b"


def test_a_watcher_may_stop_the_program() -> None:
    class Stop(Recorder):
        def called(self, op: Any, args: Any, options: Any, out: Any) -> None:
            raise KeyboardInterrupt

    before = graph.observe(Stop())
    try:
        with pytest.raises(KeyboardInterrupt):
            leaf(1.0) * 2
    finally:
        graph.observe(before)
