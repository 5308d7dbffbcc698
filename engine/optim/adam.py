"""Adam."""

from __future__ import annotations

from typing import Any

from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import check_tensors, options_of
from engine.tensor import Tensor


class Adam(Optimizer):
    r"""Steps against a running mean of the gradient, scaled by the root of a running mean of its square.

        g ← ∇L(w) + weight_decay·w                 (−∇L with maximize)
        m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²
        v̂ ← v, or with amsgrad the largest v so far
        w ← w − lr/(1 − β₁ᵗ) · m / (√v̂ / √(1 − β₂ᵗ) + eps)

    With `decoupled_weight_decay` the decay is no part of g but w ← w·(1 − lr·weight_decay) before the step.
    Kingma and Ba, 2015; amsgrad: Reddi and others, 2018; decoupled: Loshchilov and Hutter, 2019.
    """

    memory = ("step", "exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_tensors(locals())
        options = options_of(
            locals(), "lr betas eps weight_decay amsgrad maximize foreach capturable differentiable fused"
        )
        super().__init__(params, options)

    def memory_of(self, group: dict[str, Any]) -> tuple[str, ...]:
        """The count of steps and the running means."""
        return (*self.memory, "max_exp_avg_sq") if group["amsgrad"] else self.memory

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        m, v = state["exp_avg"], state["exp_avg_sq"]
        beta1, beta2 = group["betas"]
        g = self.descent(w, g, lane, group, u, t)
        xp.subtract(g, m, t)
        xp.add(m, xp.multiply(t, k(1 - beta1), t), m)
        xp.multiply(v, k(beta2), v)
        xp.multiply(g, g, t)
        xp.add(v, xp.multiply(t, k(1 - beta2), t), v)
        if group["amsgrad"]:
            v = xp.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        rate = group["lr"] / (1 - beta1**lane.step)
        if rate or isinstance(rate, Tensor):  # put into the denominator, which saves a pass over the weights
            xp.sqrt(v, t)
            xp.multiply(t, k((1 - beta2**lane.step) ** -0.5 / rate), t)
            xp.add(t, k(group["eps"] / rate), t)
            xp.subtract(w, xp.divide(m, t, t), w)


adam = functional(
    Adam,
    "exp_avgs:exp_avg exp_avg_sqs:exp_avg_sq max_exp_avg_sqs:max_exp_avg_sq state_steps:step",
    "foreach capturable differentiable fused grad_scale found_inf has_complex decoupled_weight_decay",
    "amsgrad beta1 beta2 lr weight_decay eps maximize",
)
