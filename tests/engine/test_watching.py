"""The engine's own watchers beside the one from outside."""

from __future__ import annotations

from typing import Any

import engine as torch
from engine import graph
from engine.autograd import forward_ad
from engine.autograd.graph import saved_tensors_hooks


class Names:
    """A watcher that notes the names of ops."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.walks = 0

    def called(self, op: Any, args: Any, options: Any, out: Any) -> None:
        self.seen.append(op.name)

    def backward(self, root: Any, gradients: Any) -> None:
        self.walks += 1

    def entered(self, module: Any) -> None:
        self.seen.append("in")

    def left(self, module: Any) -> None:
        self.seen.append("out")


def test_the_one_from_outside_sees_the_program_while_others_watch() -> None:
    mine = Names()
    before = graph.observe(mine)
    try:
        with saved_tensors_hooks(lambda t: t * 1, lambda t: t):
            torch.nn.ReLU()(torch.ones(2, requires_grad=True)).sum().backward()
        assert [n for n in mine.seen if n != "mul"] == ["in", "relu", "out", "sum"]
        assert mine.walks == 1
        with forward_ad.dual_level():
            assert graph.observe(None) is mine
            torch.ones(2).exp()
            assert graph.observe(mine) is None
        assert graph.watch is mine
    finally:
        graph.observe(before)
    assert "exp" not in mine.seen


def test_levels_end_without_a_trace() -> None:
    before = graph.watch
    x = torch.ones(2)
    with forward_ad.dual_level():
        y = forward_ad.make_dual(x, x).exp()
        assert forward_ad.unpack_dual(y).tangent is not None
    assert graph.watch is before
    assert graph.duals is None
    assert forward_ad.unpack_dual(y).tangent is None
