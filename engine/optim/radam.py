"""RAdam."""

from __future__ import annotations

from typing import Any

from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class RAdam(Optimizer):
    r"""Adam that trusts the mean square only once enough steps have been seen, and warms up until then.

        g ← ∇L(w) + weight_decay·w                        (−∇L with maximize)
        m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²,   m̂ = m/(1 − β₁ᵗ)
        ρ∞ = 2/(1 − β₂) − 1,   ρ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ)
        r = √((ρ − 4)(ρ − 2)·ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)·ρ))
        w ← w − lr·m̂·r·√(1 − β₂ᵗ)/(√v + eps)   if ρ > 5, else w ← w − lr·m̂

    With `decoupled_weight_decay` the decay is no part of g but w ← w·(1 − lr·weight_decay) before the step.
    Liu and others, 2020.
    """

    memory = ("step", "exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        options = options_of(locals(), "lr betas eps weight_decay maximize foreach capturable")
        super().__init__(params, options)

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k, step = lane.xp, lane.number, lane.step
        t, u = spare
        g = self.descent(w, g, lane, group, u, t)
        m, v = state["exp_avg"], state["exp_avg_sq"]
        beta1, beta2 = group["betas"]
        xp.add(m, xp.multiply(xp.subtract(g, m, t), k(1 - beta1), t), m)
        xp.multiply(v, k(beta2), v)
        xp.add(v, xp.multiply(xp.multiply(g, g, t), k(1 - beta2), t), v)
        rate = group["lr"] / (1 - beta1**step)
        most = 2 / (1 - beta2) - 1
        rho = most - 2 * step * beta2**step / (1 - beta2**step)
        if rho > 5:
            trust = ((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)) ** 0.5
            xp.divide(m, xp.add(xp.sqrt(v, t), k(group["eps"]), t), t)
            xp.multiply(t, k(rate * trust * (1 - beta2**step) ** 0.5), t)
        else:
            xp.multiply(m, k(rate), t)
        xp.subtract(w, t, w)


radam = functional(
    RAdam,
    "exp_avgs:exp_avg exp_avg_sqs:exp_avg_sq state_steps:step",
    "decoupled_weight_decay foreach differentiable capturable has_complex maximize",
    "beta1 beta2 lr weight_decay eps",
)
