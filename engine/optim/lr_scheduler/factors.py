"""The schedules that multiply the rate by a factor now and then."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from engine.optim.lr_scheduler.base import LRScheduler, saved_function, values_of
from engine.optim.optimizer import Optimizer


class FactorLR(LRScheduler):
    """Base of these: `_factor` says by what the step to `last_epoch` multiplies, `_closed` the product of all so far.

    The product is that of the first step, at 0, too.
    """

    def _rates(self) -> list[Any]:
        rates = values_of(self.optimizer, "lr")
        factor = self._factor(self.last_epoch)
        return rates if factor is None else [rate * factor for rate in rates]

    def _get_closed_form_lr(self) -> list[Any]:
        factor = self._closed(self.last_epoch)
        return [base * factor for base in self.base_lrs]

    def _factor(self, t: int) -> float | None:
        """None for 1."""
        raise NotImplementedError

    def _closed(self, t: int) -> float:
        raise NotImplementedError


class LambdaLR(LRScheduler):
    """η = η₀ · lr_lambda(t), with one function for all groups or a list of one each."""

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = optimizer
        count = len(optimizer.param_groups)
        self.lr_lambdas: list[Any] = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * count
        if len(self.lr_lambdas) != count:
            raise ValueError(f"Expected {count} lr_lambdas, but got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[Any]:
        return [base * factor(self.last_epoch) for base, factor in zip(self.base_lrs, self.lr_lambdas, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """The state; of the functions only what objects with `__call__` hold, since others cannot be saved."""
        state = super().state_dict()
        state["lr_lambdas"] = [saved_function(each) for each in state.pop("lr_lambdas")]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take on a saved state; the functions stay, and objects get what they held."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "lr_lambdas"})
        for function, held in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=False):
            if held is not None:
                function.__dict__.update(held)


class MultiplicativeLR(LambdaLR):
    """η ← η · lr_lambda(t) from the first step on."""

    def _rates(self) -> list[Any]:
        rates = values_of(self.optimizer, "lr")
        if self._is_initial:
            return rates
        return [rate * factor(self.last_epoch) for factor, rate in zip(self.lr_lambdas, rates, strict=True)]


class StepLR(FactorLR):
    """η ← η · gamma at every `step_size`-th step."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float | None:
        return None if t == 0 or t % self.step_size else self.gamma

    def _closed(self, t: int) -> float:
        return self.gamma ** (t // self.step_size)


class MultiStepLR(FactorLR):
    """η ← η · gamma at each of the `milestones`."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float | None:
        return self.gamma ** self.milestones[t] if t in self.milestones else None

    def _closed(self, t: int) -> float:
        return self.gamma ** bisect_right(sorted(self.milestones.elements()), t)


class ExponentialLR(FactorLR):
    """η ← η · gamma at every step."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float | None:
        return None if self._is_initial else self.gamma

    def _closed(self, t: int) -> float:
        return self.gamma**t


class ConstantLR(FactorLR):
    """η = factor · η₀ for `total_iters` steps, then η₀."""

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if not 0 <= factor <= 1.0:
            raise ValueError("Constant multiplicative factor expected to be between 0 and 1.")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float | None:
        if t == 0:
            return self.factor
        return 1.0 / self.factor if t == self.total_iters else None

    def _closed(self, t: int) -> float:
        return self.factor + (t >= self.total_iters) * (1 - self.factor)


class LinearLR(FactorLR):
    """η from start_factor·η₀ to end_factor·η₀ in equal steps over `total_iters`, then η stays."""

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1.0:
            raise ValueError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.")
        if not 0 <= end_factor <= 1.0:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float | None:
        if t == 0:
            return self.start_factor
        if t > self.total_iters or self._is_initial:
            return None
        rise = self.end_factor - self.start_factor
        return 1.0 + rise / (self.total_iters * self.start_factor + (t - 1) * rise)

    def _closed(self, t: int) -> float:
        rise = self.end_factor - self.start_factor
        return self.start_factor + rise * min(self.total_iters, t) / self.total_iters


class PolynomialLR(FactorLR):
    """η = η₀ · (1 − t/total_iters)^power."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float | None:
        total = self.total_iters
        if self._is_initial or t > total:
            return None
        return ((1.0 - t / total) / (1.0 - (t - 1) / total)) ** self.power

    def _closed(self, t: int) -> float:
        return (1.0 - min(self.total_iters, t) / self.total_iters) ** self.power
