"""Adagrad and Adadelta: steps scaled by what the gradients have been, without momentum."""

from __future__ import annotations

from typing import Any

import engine
from engine.optim.lanes import Lane
from engine.optim.optimizer import Optimizer, options_of


class Adagrad(Optimizer):
    r"""Steps scaled by the root of the sum of all squared gradients.

        g ← ∇L(w) + weight_decay·w   (−∇L with maximize)
        s ← s + g²                   (from initial_accumulator_value on)
        w ← w − lr/(1 + (t − 1)·lr_decay) · g / (√s + eps)

    Duchi and others, 2011.
    """

    memory = ("step", "sum")

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

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimize more parameters; their sums begin here."""
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for p in group["params"]:
            begin = group["initial_accumulator_value"]
            begin = engine.full_like(p, complex(begin, begin) if p.is_complex() else begin)
            self.state[p] = {"step": engine.zeros(()), "sum": begin}

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Lane, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        g = self.descent(w, g, lane, group, t, u)
        total = state["sum"]
        xp.add(total, xp.multiply(g, g, u), total)
        rate = float(group["lr"]) / (1 + (lane.step - 1) * group["lr_decay"])
        xp.add(xp.sqrt(total, u), k(group["eps"]), u)
        xp.divide(g, u, u)
        xp.subtract(w, xp.multiply(u, k(rate), u), w)


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

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Lane, group: dict[str, Any]) -> None:
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
