"""Adagrad."""

from __future__ import annotations

from typing import Any, ClassVar

import engine
from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class Adagrad(Optimizer):
    r"""Steps scaled by the root of the sum of all squared gradients.

        g ← ∇L(w) + weight_decay·w   (−∇L with maximize)
        s ← s + g²                   (from initial_accumulator_value on)
        w ← w − lr/(1 + (t − 1)·lr_decay) · g / (√s + eps)

    Duchi and others, 2011.
    """

    memory = ("step", "sum")
    start: ClassVar[dict[str, float | str]] = {"sum": "initial_accumulator_value"}

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(params, options_of(locals(), "lr lr_decay eps"))
        for p in (p for group in self.param_groups for p in group["params"]):
            begin = initial_accumulator_value
            total = engine.full_like(p, complex(begin, begin) if p.is_complex() else begin)
            self.state[p] = {"step": engine.zeros(()), "sum": total}

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        g = self.descent(w, g, lane, group, t, u)
        total = state["sum"]
        xp.add(total, xp.multiply(g, g, u), total)
        rate = group["lr"] / (1 + (lane.step - 1) * group["lr_decay"])
        xp.add(xp.sqrt(total, u), k(group["eps"]), u)
        xp.divide(g, u, u)
        xp.subtract(w, xp.multiply(u, k(rate), u), w)


adagrad = functional(
    Adagrad,
    "state_sums:sum state_steps:step",
    "fused grad_scale found_inf has_sparse_grad foreach differentiable has_complex",
    "lr weight_decay lr_decay eps maximize",
)
