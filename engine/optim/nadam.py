"""NAdam."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class NAdam(Optimizer):
    r"""Adam with Nesterov's momentum: the step looks ahead by the momentum that comes next.

        g ← ∇L(w) + weight_decay·w                        (−∇L with maximize)
        m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²
        μₜ = β₁·(1 − ½·0.96^(t·momentum_decay)),   Mₜ = μ₁·…·μₜ
        m̂ = μₜ₊₁·m/(1 − Mₜ₊₁) + (1 − μₜ)·g/(1 − Mₜ)
        w ← w − lr·m̂/(√(v/(1 − β₂ᵗ)) + eps)

    With `decoupled_weight_decay` the decay is no part of g but w ← w·(1 − lr·weight_decay) before the step.
    Dozat, 2016.
    """

    memory = ("step", "mu_product", "exp_avg", "exp_avg_sq")
    start: ClassVar[dict[str, float | str]] = {"mu_product": 1.0}
    captured = ("params, mu_products and state_steps", Optimizer.captured[1])

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        options = options_of(locals(), "lr betas eps weight_decay momentum_decay decoupled_weight_decay maximize")
        super().__init__(params, options)

    def rates(self, lane: Any, group: dict[str, Any]) -> tuple[Any, Any]:
        """What g and m are multiplied by, after the product of the momenta has got one more factor."""
        beta1, t, decay = group["betas"][0], lane.step, group["momentum_decay"]
        now, after = (beta1 * (1 - 0.5 * 0.96 ** (each * decay)) for each in (t, t + 1))
        product = lane.multiply_count("mu_product", now)
        return group["lr"] * (1 - now) / (1 - product), group["lr"] * after / (1 - product * after)

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        g = self.descent(w, g, lane, group, u, t)
        m, v = state["exp_avg"], state["exp_avg_sq"]
        beta1, beta2 = group["betas"]
        xp.add(m, xp.multiply(xp.subtract(g, m, t), k(1 - beta1), t), m)
        xp.multiply(v, k(beta2), v)
        xp.add(v, xp.multiply(xp.multiply(g, g, t), k(1 - beta2), t), v)
        by_g, by_m = lane.rates
        ahead = xp.add(xp.multiply(g, k(by_g), u), xp.multiply(m, k(by_m), t), u)
        xp.sqrt(xp.divide(v, k(1 - beta2**lane.step), t), t)
        xp.subtract(w, xp.divide(ahead, xp.add(t, k(group["eps"]), t), t), w)


nadam = functional(
    NAdam,
    "exp_avgs:exp_avg exp_avg_sqs:exp_avg_sq mu_products:mu_product state_steps:step",
    "decoupled_weight_decay foreach capturable differentiable has_complex maximize",
    "beta1 beta2 lr weight_decay momentum_decay eps",
)
