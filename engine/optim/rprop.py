"""Rprop."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class Rprop(Optimizer):
    r"""Steps by the sign of the gradient alone, each element with a step size of its own.

        g ← ∇L(w)                                       (−∇L with maximize)
        η ← η·η₊ where g·g′ > 0, η·η₋ where g·g′ < 0,   held between the `step_sizes`
        g ← 0 where g·g′ < 0
        w ← w − sign(g)·η,   g′ ← g

    (η₋, η₊) are the `etas`; η begins as lr. Riedmiller and Braun, 1993.
    """

    memory = ("step", "prev", "step_size")
    start: ClassVar[dict[str, float | str]] = {"step_size": "lr"}

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        options = options_of(locals(), "lr etas step_sizes foreach maximize differentiable")
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(params, options)

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        if group["maximize"]:
            g = xp.negative(g, t)
        before, size = state["prev"], state["step_size"]
        (shrink, grow), (least, most) = group["etas"], group["step_sizes"]
        agreed = xp.multiply(g, before, u)
        turned = agreed < 0
        factor = xp.where(turned, k(shrink), xp.where(agreed > 0, k(grow), k(1.0)))
        xp.minimum(xp.maximum(xp.multiply(size, factor, size), k(least), out=size), k(most), out=size)
        g = xp.where(turned, k(0.0), g)
        xp.subtract(w, xp.multiply(xp.sign(g, u), size, u), w)
        xp.positive(g, before)


rprop = functional(
    Rprop,
    "prevs:prev step_sizes:step_size state_steps:step",
    "foreach capturable maximize differentiable has_complex",
    "step_size_min step_size_max etaminus etaplus",
)
