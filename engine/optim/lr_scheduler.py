"""Learning rates that change over a run: each scheduler gives the next rate of a group from the one it has.

So schedulers can be chained. In the formulas η is the group's rate, η₀ the one it began with, t the number of steps of
the scheduler so far.
"""

from __future__ import annotations

import math
import types
import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from engine.optim.optimizer import Optimizer
from engine.optim.plateau import Plateau, rates_of, set_rate


class LRScheduler:
    """Base of the schedulers: a subclass gives `get_lr`, the rates for `last_epoch`."""

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    "param 'initial_lr' is not specified in param_groups"
                    f"[{index}] when resuming scheduler with last_epoch >= 0"
                )
        self.base_lrs = [float(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._step_count = 0
        _count_steps(optimizer)
        self.step()

    def get_lr(self) -> list[float]:
        """The rate of each group for `last_epoch`."""
        raise NotImplementedError

    def get_last_lr(self) -> list[float]:
        """The rates that the last step set."""
        return self._last_lr

    def step(self) -> None:
        """Go on to the next rates."""
        if self._step_count == 1 and not self.optimizer._stepped:  # type: ignore[attr-defined]
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you "
                "should call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to "
                "do this will result in PyTorch skipping the first value of the learning rate schedule. See more "
                "details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        self.last_epoch += 1
        for group, rate in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            set_rate(group, rate)
        self._last_lr = rates_of(self.optimizer)

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on later, but for the optimizer."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take on a saved state."""
        self.__dict__.update(state_dict)


_LRScheduler = LRScheduler  # its name before PyTorch 2.0, which schedulers of one's own still inherit from


def _count_steps(optimizer: Any) -> None:
    """Let the optimizer note that it has stepped, whatever its class does in `step`."""
    if hasattr(optimizer, "_stepped"):
        return
    optimizer._stepped = False
    step = type(optimizer).step

    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._stepped = True
        return step(self, *args, **kwargs)

    optimizer.step = types.MethodType(noted, optimizer)


class LambdaLR(LRScheduler):
    """η = η₀ · lr_lambda(t), with one function for all groups or a list of one each."""

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        count = len(optimizer.param_groups)
        self.lr_lambdas = [lr_lambda] * count if callable(lr_lambda) else list(lr_lambda)
        if len(self.lr_lambdas) != count:
            raise ValueError(f"Expected {count} lr_lambdas, but got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """By the formula of the class."""
        return [base * factor(self.last_epoch) for base, factor in zip(self.base_lrs, self.lr_lambdas, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """The state without the functions, which cannot be saved."""
        return {**super().state_dict(), "lr_lambdas": [None] * len(self.lr_lambdas)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take on a saved state; the functions stay."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "lr_lambdas"})


class MultiplicativeLR(LambdaLR):
    """η ← η · lr_lambda(t) from the first step on."""

    def get_lr(self) -> list[float]:
        """By the formula of the class."""
        if self.last_epoch == 0:
            return rates_of(self.optimizer)
        return [
            rate * factor(self.last_epoch)
            for rate, factor in zip(rates_of(self.optimizer), self.lr_lambdas, strict=True)
        ]


class StepLR(LRScheduler):
    """η ← η · gamma at every `step_size`-th step."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """By the formula of the class."""
        due = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return [rate * self.gamma if due else rate for rate in rates_of(self.optimizer)]


class MultiStepLR(LRScheduler):
    """η ← η · gamma at each of the `milestones`."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """By the formula of the class."""
        return [rate * self.gamma ** self.milestones[self.last_epoch] for rate in rates_of(self.optimizer)]


class ExponentialLR(LRScheduler):
    """η ← η · gamma at every step."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """By the formula of the class."""
        return [rate * self.gamma if self.last_epoch > 0 else rate for rate in rates_of(self.optimizer)]


class ConstantLR(LRScheduler):
    """η = factor · η₀ for `total_iters` steps, then η₀."""

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if not 0 <= factor <= 1.0:
            raise ValueError("Constant multiplicative factor expected to be between 0 and 1.")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """By the formula of the class."""
        if self.last_epoch == 0:
            return [rate * self.factor for rate in rates_of(self.optimizer)]
        return [
            rate / self.factor if self.last_epoch == self.total_iters else rate for rate in rates_of(self.optimizer)
        ]


class LinearLR(LRScheduler):
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

    def get_lr(self) -> list[float]:
        """By the formula of the class."""
        if self.last_epoch == 0:
            return [rate * self.start_factor for rate in rates_of(self.optimizer)]
        if self.last_epoch > self.total_iters:
            return rates_of(self.optimizer)
        rise = self.end_factor - self.start_factor
        factor = 1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise)
        return [rate * factor for rate in rates_of(self.optimizer)]


class PolynomialLR(LRScheduler):
    """η = η₀ · (1 − t/total_iters)^power."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """By the formula of the class."""
        t, total = self.last_epoch, self.total_iters
        if t == 0 or t > total:
            return rates_of(self.optimizer)
        factor = ((1.0 - t / total) / (1.0 - (t - 1) / total)) ** self.power
        return [rate * factor for rate in rates_of(self.optimizer)]


class CosineAnnealingLR(LRScheduler):
    """η = eta_min + (η₀ − eta_min) · (1 + cos(π·t/T_max)) / 2. Loshchilov and Hutter, 2017, without restarts."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """By the formula of the class, taken from one step to the next."""
        t, rates = self.last_epoch, rates_of(self.optimizer)
        if t == 0:
            return rates
        if (t - 1 - self.T_max) % (2 * self.T_max) == 0:  # the valley, where the step from the last rate is 0/0
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            return [rate + (base - self.eta_min) * rise for rate, base in zip(rates, self.base_lrs, strict=True)]
        factor = (1 + math.cos(math.pi * t / self.T_max)) / (1 + math.cos(math.pi * (t - 1) / self.T_max))
        return [factor * (rate - self.eta_min) + self.eta_min for rate in rates]


class SequentialLR(LRScheduler):
    """Schedulers one after the other, the next one from each of the `milestones` on."""

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "Sequential Schedulers expects number of schedulers provided to be one more than the number of "
                f"milestone points, but got number of schedulers {len(schedulers)} and the number of milestones to be "
                f"equal to {len(milestones)}"
            )
        self.optimizer = optimizer
        self._schedulers = list(schedulers)
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            set_rate(group, group["initial_lr"])
        for scheduler in self._schedulers:
            scheduler.last_epoch -= 1
        self._begin(self._schedulers[0])

    def _begin(self, scheduler: LRScheduler) -> None:
        scheduler.last_epoch = -1
        scheduler._step_count = 0
        scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def step(self) -> None:
        """A step of the scheduler whose turn it is."""
        self.last_epoch += 1
        index = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[index]
        if index and self._milestones[index - 1] == self.last_epoch:
            for group in self.optimizer.param_groups:
                set_rate(group, group["initial_lr"])
            self._begin(scheduler)
        else:
            scheduler.step()
            self._last_lr = scheduler.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """The state, with those of the schedulers."""
        return {**super().state_dict(), "_schedulers": [each.state_dict() for each in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take on a saved state."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "_schedulers"})
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)


class ReduceLROnPlateau(Plateau, LRScheduler):  # type: ignore[misc]  # its step takes the metric
    """η ← factor · η when a metric has not got better for more than `patience` steps."""
