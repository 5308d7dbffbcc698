"""Forward mode, `vmap`, hooks on saved tensors and autocast, each in threads of its own beside threads that train."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import engine as torch
from engine import graph
from engine.autograd import forward_ad
from engine.autograd.graph import saved_tensors_hooks
from engine.func import grad, jvp, vmap
from engine.threaded import Mode

ROUNDS = 25


@pytest.fixture(autouse=True)
def hasty() -> Iterator[None]:
    """Threads that take turns every few operations."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


X = torch.linspace(-1, 1, 12).reshape(3, 4)


def forward() -> Any:
    """Tangents by hand and by a transform."""
    with forward_ad.dual_level():
        y = (forward_ad.make_dual(X, torch.ones(3, 4)).tanh() * X).sum(0)
        by_hand = forward_ad.unpack_dual(y).tangent
    return by_hand.tolist(), jvp(lambda x: x.sin().sum(), (X,), (X,))[1].item()


def mapped() -> Any:
    """Each row's own gradient; a mapped tensor must not be looked at, a draw must not be made."""
    rows = vmap(grad(lambda x: (x**3).sum()))(X).tolist()
    with pytest.raises(RuntimeError, match="item"):
        vmap(lambda x: x.sum().item())(X)
    with pytest.raises(RuntimeError, match="random"):
        vmap(lambda x: x + torch.randn(4))(X)
    return rows


def saved() -> Any:
    """A way back over values that were doubled when they were saved."""
    x = X.clone().requires_grad_()
    with saved_tensors_hooks(lambda t: t * 2, lambda t: t):
        y = (x * x).sum()
    y.backward()
    return x.grad.tolist()


def lowered() -> Any:
    """A product in bfloat16."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = X @ X.T
    return str(y.dtype), y.float().tolist()


def trained() -> Any:
    """Steps of a model, with draws and a look at numbers: what none of the modes of others may touch."""
    torch.randn(2).sum().item()
    w = X.clone().requires_grad_()
    (w @ X.T).exp().mean().backward()
    return str((w @ X.T).dtype), w.grad.tolist()


def test_threads_in_different_modes_compute_as_if_alone() -> None:
    tasks: list[Callable[[], Any]] = [forward, mapped, saved, lowered, trained, forward, mapped, saved]
    alone = [task() for task in tasks]
    wrong: list[Any] = []

    def work(task: Callable[[], Any], want: Any) -> None:
        try:
            for _ in range(ROUNDS):
                got = task()
                if got != want:
                    wrong.append((task.__name__, got, want))
        except Exception as error:
            wrong.append((task.__name__, error))

    threads = [threading.Thread(target=work, args=pair) for pair in zip(tasks, alone, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong
    assert (graph.watch, graph.duals, graph.marks, graph.saving, graph.casting) == (None,) * 5


def test_a_mode_is_found_while_any_thread_is_in_it() -> None:
    class Listening(Mode):
        place = "listening"

        def __init__(self) -> None:
            self.heard = 0

        def called(self, *call: Any) -> None:
            self.heard += 1

    mode = Listening()
    inside, done = threading.Event(), threading.Event()

    def stay() -> None:
        mode.enter()
        inside.set()
        done.wait()
        mode.leave()

    thread = threading.Thread(target=stay)
    thread.start()
    inside.wait()
    try:
        mode.enter()
        X + 1
        mode.leave()
        assert graph.listening is mode  # type: ignore[attr-defined]
        assert mode.heard == 1  # by this thread, and told once though two are in the mode
    finally:
        done.set()
        thread.join()
    assert graph.listening is None  # type: ignore[attr-defined]
    assert graph.watch is None
    del graph.listening  # type: ignore[attr-defined]
