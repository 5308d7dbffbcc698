"""The schedule of one long cycle, which ends far below where it began."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine.optim.lr_scheduler.base import LRScheduler, check_optimizer, one_each
from engine.optim.lr_scheduler.cyclic import has_beta, set_momentum
from engine.optim.optimizer import Optimizer


def annealed(kind: str, start: float, end: float, part: float) -> float:
    """What is between start and end after a part of the way, along a half wave ("cos") or a line."""
    if kind == "cos":
        return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)
    return (end - start) * part + start


class OneCycleLR(LRScheduler):
    """η from max_lr/div_factor up to max_lr, then down to the first rate's `final_div_factor`-th part.

    The way up takes the part `pct_start` of all steps; with `three_phase` the way down is as long, and a third phase
    goes on to the end. With `cycle_momentum` the momentum goes the other way. Smith and Topin, 2019.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = check_optimizer(optimizer)
        if total_steps is not None:
            self.total_steps = _positive("total_steps", total_steps)
        elif epochs is not None and steps_per_epoch is not None:
            self.total_steps = _positive("epochs", epochs) * _positive("steps_per_epoch", steps_per_epoch)
        else:
            raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        ends = [pct_start * self.total_steps - 1, self.total_steps - 1]
        names = ["initial_lr", "max_lr", "min_lr"]
        if three_phase:
            ends.insert(1, 2 * pct_start * self.total_steps - 2)
            names.insert(2, "initial_lr")
        self._schedule_phases: list[dict[str, Any]] = [
            {
                "end_step": end,
                "start_lr": names[i],
                "end_lr": names[i + 1],
                "start_momentum": "base_momentum" if i == 1 else "max_momentum",
                "end_momentum": "max_momentum" if i else "base_momentum",
            }
            for i, end in enumerate(ends)
        ]
        if pct_start < 0 or pct_start > 1 or not isinstance(pct_start, float):
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self._anneal_func_type = anneal_strategy
        most = one_each("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, most, strict=True):
                group["initial_lr"] = rate / div_factor
                group["max_lr"] = rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.use_beta1 = has_beta(optimizer)
            bounds = (
                one_each("max_momentum", optimizer, max_momentum),
                one_each("base_momentum", optimizer, base_momentum),
            )
            if last_epoch == -1:
                for group, high, low in zip(optimizer.param_groups, *bounds, strict=True):
                    set_momentum(group, self.use_beta1, high)
                    group["max_momentum"] = high
                    group["base_momentum"] = low
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[Any]:
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(f"Tried to step {t} times. The specified number of total steps is {self.total_steps}")
        begin = 0.0
        for phase in self._schedule_phases:
            end = phase["end_step"]
            if t <= end or phase is self._schedule_phases[-1]:
                break
            begin = end
        part = (t - begin) / (end - begin)
        kind = self._anneal_func_type
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(annealed(kind, group[phase["start_lr"]], group[phase["end_lr"]], part))
            if self.cycle_momentum:
                momentum = annealed(kind, group[phase["start_momentum"]], group[phase["end_momentum"]], part)
                set_momentum(group, self.use_beta1, momentum)
        return rates


def _positive(name: str, value: Any) -> int:
    if value <= 0 or not isinstance(value, int):
        raise ValueError(f"Expected positive integer {name}, but got {value}")
    return value
