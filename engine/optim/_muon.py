"""Muon."""

from __future__ import annotations

import math
from typing import Any

import engine
from engine.optim.functional import functional
from engine.optim.optimizer import Optimizer
from engine.optim.options import check_lr


class Muon(Optimizer):
    r"""Momentum whose step is made orthogonal: for the matrices inside of a network.

        b ← momentum·b + (1 − momentum)·∇L(w)
        g = (1 − momentum)·∇L(w) + momentum·b with nesterov, else b
        x = g/max(|g|, eps);   `ns_steps` times  x ← a·x + (b·A + c·A²)·x  with A = x·xᵀ
        w ← w·(1 − lr·weight_decay) − lr·s·x

    (a, b, c) are the `ns_coefficients` of this iteration of Newton and Schulz, which brings all singular values near 1
    and is computed in bfloat16. s = √max(1, rows/columns), or 0.2·√max(rows, columns) with "match_rms_adamw".
    Jordan and others, 2024; the second s: Liu and others, 2025.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        check_lr(lr)
        for title, value in (("Learning rate", lr), ("momentum", momentum), ("weight decay", weight_decay)):
            if not 0.0 <= value <= math.inf:
                raise ValueError(f"{title} should be >= 0 but is: {value}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for p in group["params"]:
                if p.ndim != 2:
                    raise ValueError(
                        f"Muon only supports 2D parameters whereas we found a parameter with size: {p.size()}"
                    )

    def move_one(self, p: Any, g: Any, state: dict[str, Any], memory: Any, start: Any, group: dict[str, Any]) -> None:
        """One step of a parameter, by the formula of the class."""
        if p.is_complex():
            raise RuntimeError("Muon does not support complex parameters")
        if g.ndim != 2:
            raise ValueError("Param gradient must be a 2D matrix")
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = engine.zeros_like(g)
        buffer = state["momentum_buffer"].lerp_(g, 1 - group["momentum"])
        update = g.lerp(buffer, group["momentum"]) if group["nesterov"] else buffer
        update = _orthogonal(update, group["ns_coefficients"], group["ns_steps"], group["eps"])
        rows, columns = p.shape
        scale = math.sqrt(max(1, rows / columns))
        if group["adjust_lr_fn"] == "match_rms_adamw":
            scale = 0.2 * math.sqrt(max(rows, columns))
        p.mul_(1 - group["lr"] * group["weight_decay"])
        p.add_(update, alpha=-float(group["lr"] * scale))


def _orthogonal(g: Any, coefficients: tuple[float, float, float], steps: int, eps: float) -> Any:
    """Nearly the orthogonal matrix that is nearest to g, in bfloat16."""
    if steps >= 100:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if len(coefficients) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
    a, b, c = coefficients
    x = g.bfloat16()
    wide = x.shape[0] <= x.shape[1]
    x = x if wide else x.T
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = engine.addmm(x, engine.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x if wide else x.T


muon = functional(
    Muon,
    "muon_momentum_bufs:momentum_buffer",
    "",
    "lr weight_decay momentum nesterov ns_coefficients ns_steps eps adjust_lr_fn has_complex",
)
