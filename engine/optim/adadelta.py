"""Adadelta."""

from __future__ import annotations

from typing import Any

from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class Adadelta(Optimizer):
    r"""Steps in the unit of the weights: scaled by a running mean of their own squares.

        g ← ∇L(w) + weight_decay·w   (−∇L with maximize)
        v ← rho·v + (1 − rho)·g²
        Δ ← √(a + eps) / √(v + eps) · g
        a ← rho·a + (1 − rho)·Δ²
        w ← w − lr·Δ

    Zeiler, 2012.
    """

    memory = ("step", "square_avg", "acc_delta")
    captured = ("params and state_steps", "['cuda', 'xpu', 'hpu', 'privateuseone']")

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(params, options_of(locals(), "lr rho eps weight_decay maximize capturable"))

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        g = self.descent(w, g, lane, group, t, u)
        v, a = state["square_avg"], state["acc_delta"]
        keep, take, eps = k(group["rho"]), k(1 - group["rho"]), k(group["eps"])
        xp.multiply(v, keep, v)
        xp.add(v, xp.multiply(xp.multiply(g, g, u), take, u), v)
        change = xp.multiply(g, xp.sqrt(xp.divide(xp.add(a, eps), xp.add(v, eps, u), u), u), t)
        xp.multiply(a, keep, a)
        xp.add(a, xp.multiply(xp.multiply(change, change, u), take, u), a)
        xp.subtract(w, xp.multiply(change, k(group["lr"]), u), w)


adadelta = functional(
    Adadelta,
    "square_avgs:square_avg acc_deltas:acc_delta state_steps:step",
    "capturable foreach differentiable has_complex",
    "lr rho eps weight_decay maximize",
)
