"""The schedule that waits for a metric to stop getting better, and the rates of an optimizer's groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine.optim.optimizer import Optimizer
from engine.tensor import Tensor


def rates_of(optimizer: Optimizer) -> list[float]:
    """The learning rate of each group."""
    return [float(group["lr"]) for group in optimizer.param_groups]


def set_rate(group: dict[str, Any], rate: float) -> None:
    """Give a group a learning rate, in place where it is a tensor."""
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(rate)
    else:
        group["lr"] = rate


class Plateau:
    """What `ReduceLROnPlateau` does: it watches a metric and lowers the rates."""

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1.0:
            raise ValueError("Factor should be < 1.0.")
        if mode not in ("min", "max"):
            raise ValueError(f"mode {mode} is unknown!")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold mode {threshold_mode} is unknown!")
        self.optimizer = optimizer
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        count = len(optimizer.param_groups)
        self.min_lrs = [min_lr] * count if isinstance(min_lr, (int, float)) else list(min_lr)
        self.eps = eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self.last_epoch = 0
        self._last_lr = rates_of(self.optimizer)

    def is_better(self, a: float, best: float) -> bool:
        """Whether a metric is better than the best so far by the threshold."""
        sign = 1.0 if self.mode == "max" else -1.0
        if self.threshold_mode == "rel":
            best *= 1.0 + sign * self.threshold if math.isfinite(best) else 1.0
        else:
            best += sign * self.threshold
        return a > best if self.mode == "max" else a < best

    def step(self, metrics: Any) -> None:
        """Take note of the metric; lower the rates if it is time."""
        current = float(metrics)
        self.last_epoch += 1
        if self.is_better(current, self.best):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for group, least, rate in zip(
                self.optimizer.param_groups, self.min_lrs, rates_of(self.optimizer), strict=True
            ):
                lower = max(rate * self.factor, least)
                if rate - lower > self.eps:
                    set_rate(group, lower)
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = rates_of(self.optimizer)
