"""Adafactor."""

from __future__ import annotations

import math
from typing import Any

import engine
from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import check_lr, plain
from engine.tensor import Tensor


class Adafactor(Optimizer):
    r"""Steps scaled by the root of a running mean square that is remembered, of a matrix, by its rows and columns only.

        g ← ∇L(w)  (−∇L with maximize),   β = 1 − t^beta2_decay
        α = max(eps₂, RMS(w))·min(lr, 1/√t),   w ← w·(1 − lr·weight_decay)
        r ← β·r + (1 − β)·mean of g² over the columns,   c ← β·c + (1 − β)·mean over the rows
        v = r·c / max(mean of r, eps₁)          (what has fewer than two axes: v ← β·v + (1 − β)·g²)
        u = g/√max(v, eps₁²),   w ← w − α·u/max(1, RMS(u)/d)

    eps₁ is the dtype's unless given. Shazeer and Stern, 2018.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        check_lr(lr)
        for title, value in (
            ("Learning rate", lr),
            ("epsilon1", 0 if eps[0] is None else eps[0]),
            ("epsilon2", eps[1]),
            ("weight_decay", weight_decay),
        ):
            if not 0.0 <= value <= math.inf:
                raise ValueError(f"{title} should be >= 0 but is: {value}")
        if not beta2_decay <= 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if not d >= 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for held in self.state.values():
            if "step" in held and not isinstance(held["step"], Tensor):  # as a number, which older versions saved
                held["step"] = engine.tensor(float(held["step"]))

    def move_one(self, p: Any, g: Any, state: dict[str, Any], memory: Any, start: Any, group: dict[str, Any]) -> None:
        """One step of a parameter, by the formula of the class."""
        if p.is_complex():
            raise RuntimeError("Adafactor does not support complex parameters")
        group = plain(group)
        factored = g.dim() > 1
        if "step" not in state:
            state["step"] = engine.tensor(0.0)
        for name, shape in (
            (("row_var", (*g.shape[:-1], 1)), ("col_var", (*g.shape[:-2], 1, g.shape[-1])))
            if factored
            else (("variance", g.shape),)
        ):
            if name not in state:
                state[name] = g.new_zeros(shape)
        state["step"] += 1
        step = state["step"].item()
        g = -g if group["maximize"] else g
        eps1, eps2 = group["eps"]
        eps1 = engine.finfo(p.dtype).eps if eps1 is None else eps1
        take = step ** group["beta2_decay"]
        alpha = max(eps2, _rms(p)) * min(group["lr"], step**-0.5)
        if group["weight_decay"]:
            p.mul_(1 - group["lr"] * group["weight_decay"])
        squares = g * g
        if factored:
            row, column = state["row_var"], state["col_var"]
            row.lerp_(squares.mean(-1, keepdim=True), take)
            column.lerp_(squares.mean(-2, keepdim=True), take)
            variance = row @ column / row.mean(-2, keepdim=True).clamp(min=eps1)
        else:
            variance = state["variance"].lerp_(squares, take)
        update: Tensor = g * variance.clamp(min=eps1 * eps1).rsqrt()
        p.add_(update, alpha=-alpha / max(1.0, _rms(update) / group["d"]))


def _rms(tensor: Any) -> float:
    """The root of the mean of the squares."""
    return tensor.norm(2).item() / tensor.numel() ** 0.5


adafactor = functional(
    Adafactor,
    "row_vars:row_var col_vars:col_var variances:variance state_steps:step",
    "foreach grad_scale found_inf has_complex",
    "d lr beta2_decay weight_decay eps1 eps2 maximize",
)
