"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class SGD(Optimizer):
    r"""Steps against the gradient, with momentum where asked.

        g ← ∇L(w) + weight_decay·w          (−∇L with maximize)
        b ← momentum·b + (1 − dampening)·g  (at the first step b ← g)
        g ← g + momentum·b with nesterov, else b
        w ← w − lr·g

    Momentum by Polyak, 1964; nesterov as in Sutskever and others, 2013.
    """

    later: ClassVar[dict[str, Any]] = {"fused": False}
    optional = ("momentum_buffer",)

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, options_of(locals()))

    def memory_of(self, group: dict[str, Any]) -> tuple[str, ...]:
        """The running sum, where there is momentum."""
        return ("momentum_buffer",) if group["momentum"] else ()

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """One step, by the formula of the class."""
        xp, k = lane.xp, lane.number
        t, u = spare
        g = self.descent(w, g, lane, group, t, u)
        momentum = group["momentum"]
        if momentum:
            b = state["momentum_buffer"]
            if lane.first:
                xp.positive(g, b)
            else:
                xp.multiply(b, k(momentum), b)
                xp.add(b, xp.multiply(g, k(1 - group["dampening"]), u), b)
            g = xp.add(g, xp.multiply(b, k(momentum), u), t) if group["nesterov"] else b
        xp.subtract(w, xp.multiply(g, k(group["lr"]), u), w)


sgd = functional(
    SGD,
    "momentum_buffer_list:momentum_buffer",
    "has_sparse_grad foreach fused grad_scale found_inf",
    "weight_decay momentum lr dampening nesterov maximize",
    "d_p_list",
)
