"""Adam and its decoupled form."""

from __future__ import annotations

from typing import Any

from engine.optim.lanes import Lane
from engine.optim.optimizer import Optimizer, options_of


class Adam(Optimizer):
    r"""Steps against a running mean of the gradient, scaled by the root of a running mean of its square.

        g ← ∇L(w) + weight_decay·w                 (−∇L with maximize)
        m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²
        v̂ ← v, or with amsgrad the largest v so far
        w ← w − lr/(1 − β₁ᵗ) · m / (√v̂ / √(1 − β₂ᵗ) + eps)

    With `decoupled_weight_decay` the decay is no part of g but w ← w·(1 − lr·weight_decay) before the step.
    Kingma and Ba, 2015; amsgrad: Reddi and others, 2018; decoupled: Loshchilov and Hutter, 2019.
    """

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
        super().__init__(params, options_of(locals(), "lr betas eps weight_decay amsgrad maximize"))

    def memory_of(self, group: dict[str, Any]) -> tuple[str, ...]:
        """The count of steps and the running means."""
        return ("step", "exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else []))

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Lane, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        m, v = state["exp_avg"], state["exp_avg_sq"]
        beta1, beta2 = group["betas"]
        lr, decay = float(group["lr"]), group["weight_decay"]
        if group["maximize"]:
            g = xp.negative(g, u)
        if decay and group["decoupled_weight_decay"]:
            xp.multiply(w, k(1 - lr * decay), w)
        elif decay:
            g = xp.add(g, xp.multiply(w, k(decay), t), u)
        xp.subtract(g, m, t)
        xp.add(m, xp.multiply(t, k(1 - beta1), t), m)
        xp.multiply(v, k(beta2), v)
        xp.multiply(g, g, t)
        xp.add(v, xp.multiply(t, k(1 - beta2), t), v)
        if group["amsgrad"]:
            v = xp.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        rate = lr / (1 - beta1**lane.step)
        if rate:  # put into the denominator, which saves a pass over the weights
            xp.sqrt(v, t)
            xp.multiply(t, k((1 - beta2**lane.step) ** -0.5 / rate), t)
            xp.add(t, k(group["eps"] / rate), t)
            xp.subtract(w, xp.divide(m, t, t), w)


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

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Lane, group: dict[str, Any]) -> None:
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
        xp.subtract(w, xp.multiply(u, k(float(group["lr"]) / (1 - beta1**lane.step)), u), w)


class AdamW(Adam):
    """Adam with decoupled weight decay, 0.01 unless told."""

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )
