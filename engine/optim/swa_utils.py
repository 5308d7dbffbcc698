"""Averages of the weights that a model has had on its way: stochastic weight averaging and moving averages.

Izmailov and others, 2018; the exponential moving average: Polyak and Juditsky, 1992.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

import engine
from engine import nn
from engine.modes import no_grad
from engine.nn.batch_norm import _BatchNorm
from engine.optim.lr_scheduler import LRScheduler
from engine.optim.lr_scheduler.base import one_each, values_of
from engine.optim.optimizer import Optimizer
from engine.tensor import Tensor

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]


def _check_decay(decay: float) -> None:
    if decay < 0.0 or decay > 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def get_ema_avg_fn(decay: float = 0.999) -> Callable[..., Any]:
    """The function that moves an average towards a weight: decay·average + (1 − decay)·weight."""
    _check_decay(decay)

    @no_grad()
    def ema_update(ema_param: Any, current_param: Any, num_averaged: Any) -> Any:
        return decay * ema_param + (1 - decay) * current_param

    return ema_update


def get_swa_avg_fn() -> Callable[..., Any]:
    """The function that adds a weight to the equal average of n: average + (weight − average)/(n + 1)."""

    @no_grad()
    def swa_update(averaged_param: Any, current_param: Any, num_averaged: Any) -> Any:
        return averaged_param + (current_param - averaged_param) / (num_averaged + 1)

    return swa_update


def _on_lists(one: Callable[..., Any], name: str) -> Callable[..., None]:
    """The function of one average as one of lists of averages, which are changed in place."""

    def update(averages: list[Any], current: list[Any], num_averaged: Any) -> None:
        for average, weight in zip(averages, current, strict=True):
            average.copy_(one(average, weight, num_averaged))

    update.__name__ = update.__qualname__ = name
    return no_grad()(update)


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable[..., None]:
    """`get_ema_avg_fn` for lists of weights."""
    return _on_lists(get_ema_avg_fn(decay), "ema_update")


def get_swa_multi_avg_fn() -> Callable[..., None]:
    """`get_swa_avg_fn` for lists of weights."""
    return _on_lists(get_swa_avg_fn(), "swa_update")


class AveragedModel(nn.Module):
    """A copy of a model with averages of the weights that the model has had: the equal one unless told.

    `avg_fn(average, weight, n)` gives the next average of n + 1; `multi_avg_fn` changes a list of averages in place.
    With `use_buffers` buffers are averaged too, without it they are copied.
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: nn.Module,
        device: Any = None,
        avg_fn: Callable[..., Any] | None = None,
        multi_avg_fn: Callable[..., None] | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", engine.tensor(0, dtype=engine.int64, device=device))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the averaged copy answers."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: nn.Module) -> None:
        """Take the weights that the model has now into the averages."""
        mine, theirs = _weights(self.module, self.use_buffers), _weights(model, self.use_buffers)
        averages = [average.detach() for average in mine]
        weights = [weight.detach().to(average.device) for average, weight in zip(averages, theirs, strict=False)]
        if self.n_averaged == 0:
            for average, weight in zip(averages, weights, strict=False):
                average.copy_(weight)
        elif self.avg_fn is None:
            (self.multi_avg_fn or get_swa_multi_avg_fn())(averages, weights, self.n_averaged)
        else:
            for average, weight in zip(averages, weights, strict=False):
                average.copy_(self.avg_fn(average, weight, self.n_averaged.to(average.device)))
        if not self.use_buffers:
            for copy, buffer in zip(self.module.buffers(), model.buffers(), strict=False):
                copy.detach().copy_(buffer.detach().to(copy.device))
        self.n_averaged += 1


def _weights(model: nn.Module, buffers: bool) -> list[Any]:
    return list(chain(model.parameters(), model.buffers()) if buffers else model.parameters())


@no_grad()
def update_bn(loader: Iterable[Any], model: nn.Module, device: Any = None) -> None:
    """Compute the running means and variances of the model's batch norms anew, by one pass over the data.

    Of a batch that is a list or a tuple the first member goes into the model.
    """
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    was_training = model.training
    model.train()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all batches
    for batch in loader:
        given = batch[0] if isinstance(batch, (list, tuple)) else batch
        model(given if device is None else given.to(device))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """η goes to `swa_lr` over `anneal_epochs` steps, along a half wave ("cos") or a line, and stays there."""

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: Any,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        for rate, group in zip(one_each("swa_lr", optimizer, swa_lr), optimizer.param_groups, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self._anneal_strategy = anneal_strategy
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _part(self, step: int) -> float:
        """How much of the rate after a step is `swa_lr`."""
        t = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return t if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * t)) / 2

    def _rates(self) -> list[Any]:
        """By the formula of the class, taken from one step to the next."""
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._part(step - 1), self._part(step)
        rates = []
        for rate, aim in zip(values_of(self.optimizer, "lr"), values_of(self.optimizer, "swa_lr"), strict=True):
            first = aim if before == 1 else (rate - before * aim) / (1 - before)
            rates.append(aim * now + first * (1 - now))
        return rates
