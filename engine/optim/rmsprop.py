"""RMSprop."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class RMSprop(Optimizer):
    r"""Steps scaled by the root of a running mean of the squared gradient.

        g ← ∇L(w) + weight_decay·w                  (−∇L with maximize)
        v ← alpha·v + (1 − alpha)·g²
        r ← √v + eps,  centered: √(v − m²) + eps with m ← alpha·m + (1 − alpha)·g
        w ← w − lr·g/r,  with momentum: b ← momentum·b + g/r,  w ← w − lr·b

    Hinton, lecture notes, 2012; centered: Graves, 2013.
    """

    memory = ("step", "square_avg")
    later: ClassVar[dict[str, Any]] = {"momentum": 0, "centered": False}

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(
            params, options_of(locals(), "lr momentum alpha eps centered weight_decay capturable foreach", "alpha")
        )

    def memory_of(self, group: dict[str, Any]) -> tuple[str, ...]:
        """The count of steps, the running means, the running sum."""
        momentum, centered = group["momentum"] > 0, group["centered"]
        return (*self.memory, *["momentum_buffer"] * momentum, *["grad_avg"] * centered)

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        g = self.descent(w, g, lane, group, t, u)
        v, take = state["square_avg"], k(1 - group["alpha"])
        xp.multiply(v, k(group["alpha"]), v)
        xp.add(v, xp.multiply(xp.multiply(g, g, u), take, u), v)
        if group["centered"]:
            mean = state["grad_avg"]
            xp.add(mean, xp.multiply(xp.subtract(g, mean, u), take, u), mean)
            xp.subtract(v, xp.multiply(mean, mean, u), u)
            xp.sqrt(u, u)
        else:
            xp.sqrt(v, u)
        xp.divide(g, xp.add(u, k(group["eps"]), u), u)
        if group["momentum"] > 0:
            b = state["momentum_buffer"]
            xp.add(xp.multiply(b, k(group["momentum"]), b), u, b)
            xp.multiply(b, k(group["lr"]), u)
        else:
            xp.multiply(u, k(group["lr"]), u)
        xp.subtract(w, u, w)


rmsprop = functional(
    RMSprop,
    "square_avgs:square_avg grad_avgs:grad_avg momentum_buffer_list:momentum_buffer state_steps:step",
    "foreach maximize differentiable capturable has_complex",
    "lr alpha eps weight_decay momentum centered",
)
