"""ASGD."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class ASGD(Optimizer):
    r"""Stochastic gradient descent with a falling rate, and the average of where it has been.

        g ← ∇L(w) + weight_decay·w                      (−∇L with maximize)
        w ← (1 − lambd·η)·w − η·g
        a ← a + μ·(w − a)                               (`ax` in the state)
        η ← lr/(1 + lambd·lr·t)^alpha,   μ ← 1/max(1, t − t0)

    η begins as lr, μ as 1. Polyak and Juditsky, 1992.
    """

    memory = ("step", "eta", "mu", "ax")
    start: ClassVar[dict[str, float | str]] = {"eta": "lr", "mu": 1.0}
    captured = ("params, mus, etas, and state_steps", Optimizer.captured[1])

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        super().__init__(params, options_of(locals()))

    def rates(self, lane: Any, group: dict[str, Any]) -> tuple[Any, Any]:
        """η and μ of this step; those of the next are remembered."""
        eta, mu = lane.count("eta"), lane.count("mu")
        lane.set_count("eta", group["lr"] / (1 + group["lambd"] * group["lr"] * lane.step) ** group["alpha"])
        lane.set_count("mu", 1 / max(1, lane.step - group["t0"]))
        return eta, mu

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        eta, mu = lane.rates
        g = self.descent(w, g, lane, group, t, u)
        average = state["ax"]
        xp.multiply(w, k(1 - group["lambd"] * eta), w)
        xp.subtract(w, xp.multiply(g, k(eta), u), w)
        if mu == 1:
            xp.positive(w, average)
        else:
            xp.add(average, xp.multiply(xp.subtract(w, average, u), k(mu), u), average)


asgd = functional(
    ASGD,
    "axs:ax mus:mu etas:eta state_steps:step",
    "foreach maximize differentiable capturable has_complex",
    "lambd lr t0 alpha weight_decay",
)
