"""Adamax."""

from __future__ import annotations

from typing import Any

from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class Adamax(Optimizer):
    r"""Adam with the largest gradient, slowly forgotten, in the place of the mean square.

        g ← ∇L(w) + weight_decay·w   (−∇L with maximize)
        m ← β₁·m + (1 − β₁)·g,   u ← max(β₂·u, |g| + eps)
        w ← w − lr/(1 − β₁ᵗ) · m / u

    Kingma and Ba, 2015.
    """

    memory = ("step", "exp_avg", "exp_inf")

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        super().__init__(params, options_of(locals(), "lr betas eps weight_decay foreach maximize differentiable"))

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        g = self.descent(w, g, lane, group, t, u)
        m, largest = state["exp_avg"], state["exp_inf"]
        beta1, beta2 = group["betas"]
        xp.add(m, xp.multiply(xp.subtract(g, m, u), k(1 - beta1), u), m)
        xp.multiply(largest, k(beta2), largest)
        xp.maximum(largest, xp.add(xp.absolute(g, u), k(group["eps"]), u), out=largest)
        xp.divide(m, largest, u)
        xp.subtract(w, xp.multiply(u, k(group["lr"] / (1 - beta1**lane.step)), u), w)


adamax = functional(
    Adamax,
    "exp_avgs:exp_avg exp_infs:exp_inf state_steps:step",
    "foreach maximize differentiable capturable has_complex",
    "eps beta1 beta2 lr weight_decay",
)
