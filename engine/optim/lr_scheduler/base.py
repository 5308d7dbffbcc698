"""The base of the schedulers: the rates of an optimizer's groups, and the steps from one to the next."""

from __future__ import annotations

import functools
import types
import warnings
import weakref
from collections.abc import Sequence
from typing import Any

from engine.optim.optimizer import Optimizer
from engine.places import Placed
from engine.tensor import Tensor

_SEE = "See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
_BEFORE = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call "
    "them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result in "
    "PyTorch skipping the first value of the learning rate schedule. " + _SEE
)
_OVERRIDDEN = (
    "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization. Please, make sure "
    "to call `optimizer.step()` before `lr_scheduler.step()`. " + _SEE
)
EPOCH_DEPRECATION_WARNING = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use "
    "`scheduler.step()` to step the scheduler. During the deprecation, if epoch is different from None, the closed "
    "form is used instead of the new chainable form, where available. Please open an issue if you are unable to "
    "replicate your use case: https://github.com/pytorch/pytorch/issues/new/choose."
)
_NO_INITIAL = (
    "param 'initial_lr' is not specified in param_groups[{}] when resuming scheduler with last_epoch >= 0.\n"
    "This typically happens when:\n"
    "1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n"
    "2. You're using last_epoch >= 0 for a fresh training run (not recommended)"
)


def values_of(optimizer: Optimizer, name: str) -> list[Any]:
    """An option of each group: numbers, or copies of tensors."""
    return [copied(group[name]) for group in optimizer.param_groups]


def copied(value: Any) -> Any:
    """The value, which does not change with a tensor."""
    return value.clone() if isinstance(value, Tensor) else value


def set_value(group: dict[str, Any], name: str, value: Any) -> None:
    """Give a group an option, in place where it is a tensor."""
    if isinstance(group[name], Tensor):
        group[name].fill_(value.item() if isinstance(value, Tensor) else value)
    else:
        group[name] = value


def one_each(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """A value for each group: as given, or the same for all; ValueError for another number of values."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [copied(value) for _ in range(count)]
    if len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, "
            f"param_groups has {count}."
        )
    return [copied(each) for each in value]


def check_optimizer(optimizer: Any) -> Optimizer:
    """The optimizer; TypeError for what is none."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
    return optimizer


class LRScheduler(Placed):
    """Base of the schedulers: a subclass gives `get_lr`, the rates for `last_epoch`.

    Where it has `_get_closed_form_lr` too, that is asked when a step says the epoch.
    """

    _get_lr_called_within_step: bool = False
    _is_initial: bool = False
    _last_lr: list[Any]

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = check_optimizer(optimizer)
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copied(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(_NO_INITIAL.format(index))
        self.base_lrs = values_of(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        _count_steps(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def get_lr(self) -> Sequence[Any]:
        """The rate of each group for `last_epoch`; to be called by `step` only."""
        if not self._get_lr_called_within_step and type(self)._rates is not LRScheduler._rates:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
                UserWarning,
                stacklevel=2,
            )
        return self._rates()

    def _rates(self) -> Sequence[Any]:
        raise NotImplementedError

    def get_last_lr(self) -> list[Any]:
        """The rates that the last step set."""
        return self._last_lr

    def step(self, epoch: float | None = None) -> None:
        """Go on to the next rates, or to those of an epoch."""
        if self._step_count == 1:
            if not hasattr(self.optimizer.step, "counted"):
                warnings.warn(_OVERRIDDEN, UserWarning, stacklevel=2)
            elif not self.optimizer._opt_called:  # type: ignore[attr-defined]
                warnings.warn(_BEFORE, UserWarning, stacklevel=2)
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH_DEPRECATION_WARNING, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch: float | None = None) -> None:
        self._get_lr_called_within_step = True
        try:
            if epoch is None:
                self.last_epoch += 1
                rates = self.get_lr()
            else:
                self.last_epoch = epoch  # type: ignore[assignment]
                closed = getattr(self, "_get_closed_form_lr", self.get_lr)
                rates = closed()
        finally:
            self._get_lr_called_within_step = False
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_value(group, "lr", rate)
        self._last_lr = values_of(self.optimizer, "lr")

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on later, but for the optimizer."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take on a saved state."""
        self.__dict__.update(state_dict)


def saved_function(function: Any) -> dict[str, Any] | None:
    """What is saved of a function of the program: the attributes of an object that is called, None of a function."""
    return None if isinstance(function, types.FunctionType) else function.__dict__.copy()


def _count_steps(optimizer: Any) -> None:
    """Let the optimizer note that it has stepped, whatever its class does in `step`."""
    if hasattr(optimizer.step, "counted"):
        return
    optimizer._opt_called = False
    step = optimizer.step.__func__
    stepped = weakref.ref(optimizer)  # it holds the function, which must not hold it

    @functools.wraps(step)
    def noted(*args: Any, **kwargs: Any) -> Any:
        optimizer: Any = stepped()
        optimizer._opt_called = True
        return step(optimizer, *args, **kwargs)

    noted.counted = True  # type: ignore[attr-defined]
    optimizer.step = noted
