"""Each thread has switches of its own: what one records, or walks back over, is nothing to another."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import engine as torch
from engine import graph


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns every few operations."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def trained(seed: int) -> list[float]:
    """A model's weights after some steps with all that a thread can switch."""
    draw = torch.Generator().manual_seed(seed)
    w = torch.randn(3, 3, generator=draw).requires_grad_()
    x = torch.randn(5, 3, generator=draw)
    for _ in range(60):
        loss = ((x @ w).tanh() ** 2).mean()
        (slope,) = torch.autograd.grad((loss * loss).exp(), w, create_graph=True)
        w.grad = None
        (loss + slope.square().sum()).backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
        with torch.inference_mode():
            assert (x * 2).is_inference()
        assert not (x * 2).is_inference()
    return w.tolist()


def in_threads(calls: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_threads_train_as_if_alone(hasty: None) -> None:
    alone = [trained(seed) for seed in range(4)]
    together: dict[int, list[float]] = {}
    in_threads([lambda seed=seed: together.update({seed: trained(seed)}) for seed in range(4)])  # type: ignore[misc]
    assert [together.get(seed) for seed in range(4)] == alone
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


def test_a_new_thread_records_whatever_its_maker_does() -> None:
    seen: list[bool] = []
    with torch.no_grad():
        in_threads([lambda: seen.append(torch.is_grad_enabled())])
        assert not torch.is_grad_enabled()
    assert seen == [True]


def test_what_is_queued_on_a_walk_runs_at_its_end() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 3
    order: list[str] = []
    torch.autograd.graph.register_multi_grad_hook((x, y), lambda gradients: order.append(f"all {len(gradients)}"))
    x.register_hook(lambda gradient: order.append("x"))
    y.sum().backward()
    assert order == ["all 2", "x"]  # the last gradient of all is that of x, whose hooks run in their order


def test_what_inference_made_is_refused_by_the_op_that_would_save_it_and_watched_for_no_longer_than_it_lives() -> None:
    w = torch.ones(3, requires_grad=True)
    with torch.inference_mode():
        x = torch.arange(3.0) * 1
        half = x[1:]
    assert (w + x).tolist() == [1, 2, 3]  # nothing of it is saved
    assert (w * x.clone()).tolist() == [0, 1, 2]
    for call in (lambda x, _: w * x, lambda _, v: w[1:] * v, lambda x, _: w.dot(x), lambda x, _: Scaled.apply(w, x)):
        with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
            call(x, half)
    del x, half
    gc.collect()
    w * 2  # the first op after it is gone sees that
    assert graph.watch is None


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, input: Any, scale: Any) -> Any:
        ctx.save_for_backward(scale)
        return input * scale

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        return gradient * ctx.saved_tensors[0], None


_FINALIZERS = """
import contextvars, gc, weakref
{}
variables = [contextvars.ContextVar(str(i)) for i in range(24)]
for each in variables:
    each.set(object())
last = contextvars.ContextVar("last")


class Knot:
    pass


def knotted():
    one, two = Knot(), Knot()
    one.next, two.next = two, one
    return weakref.ref(one, lambda _: [each.set(object()) for each in variables])


gc.set_threshold(1, 1000, 1000)
dying = []
for i in range(40_000):
    dying = [knotted()]
    variables[i % 24].set([])
    last.set([i])
"""


def test_a_finalizer_may_set_what_is_being_set() -> None:
    # Collections inside `ContextVar.set` crash the interpreter before Python 3.12, two times of three in this program.
    program = [sys.executable, "-c", _FINALIZERS.format("import engine")]
    running = [subprocess.Popen(program, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [(each.wait(), each.communicate()[1]) for each in running] == [(0, "")] * 4
