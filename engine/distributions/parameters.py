"""How distributions hold their parameters: each by itself, or as probabilities or logits, whichever was given."""

from __future__ import annotations

from typing import Any

from engine.distributions.distribution import Distribution
from engine.distributions.utils import broadcast_all, lazy_property, logits_to_probs, probs_to_logits
from engine.places import home_of
from engine.size import Size
from engine.tensor import Tensor

NONE = Size()


def owner(distribution: Any) -> Any:
    """The class of ours that a distribution is of, or is derived from."""
    ours = __package__ + "."
    return next(kind for kind in type(distribution).__mro__ if home_of(kind).startswith(ours))


def expanded(old: Any, batch_shape: Any, instance: Any, names: tuple[str, ...], event_shape: Any = NONE) -> Any:
    """A distribution like `old` whose parameters of these names, as far as it holds them, are spread over a batch."""
    new = old._get_checked_instance(owner(old), instance)
    batch_shape = Size(batch_shape)
    for name in names:
        if name in old.__dict__:
            value = old.__dict__[name]
            kept = value.dim() - len(old._batch_shape)  # the axes of one event
            setattr(new, name, value.expand((*batch_shape, *value.shape[value.dim() - kept :])))
    if "_given" in old.__dict__:
        new._given = old._given
    Distribution.__init__(new, batch_shape, event_shape, validate_args=False)
    new._validate_args = old._validate_args
    return new


class Elementwise(Distribution):
    """A distribution of single numbers, one for each element of its parameters brought to one shape."""

    # The attributes that `expand` spreads; those that `arg_constraints` names if empty.
    _spread: tuple[str, ...] = ()

    def _hold(self, validate_args: bool | None, **parameters: Any) -> None:
        """Keep parameters, numbers or tensors, under their names, and be a distribution of their shape."""
        values = broadcast_all(*parameters.values())
        for name, value in zip(parameters, values, strict=True):
            setattr(self, name, value)
        Distribution.__init__(self, values[0].size(), validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        return expanded(self, batch_shape, _instance, self._spread or tuple(self.arg_constraints))


def one_of(probs: Any, logits: Any) -> tuple[str, Any]:
    """Which of the two was given, and its value. Raises ValueError for both or none."""
    if (probs is None) == (logits is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both.")
    return ("logits", logits) if probs is None else ("probs", probs)


class Odds(Elementwise):
    """A distribution of single numbers with a probability or its logit, and perhaps other parameters."""

    _is_binary = True
    _given: str  # "probs" or "logits"

    def _hold_odds(self, probs: Any, logits: Any, validate_args: bool | None, **others: Any) -> None:
        self._given, value = one_of(probs, logits)
        self._hold(validate_args, **others, **{self._given: value})

    @property
    def _param(self) -> Tensor:
        return self.__dict__[self._given]

    @property
    def param_shape(self) -> Any:
        """The shape of the parameter that was given."""
        return self._param.size()

    def _new(self, *args: Any, **kwargs: Any) -> Tensor:
        return self._param.new(*args, **kwargs)

    @lazy_property
    def logits(self) -> Tensor:
        """The logarithm of the odds, or of the probabilities."""
        return probs_to_logits(self.probs, is_binary=self._is_binary)

    @lazy_property
    def probs(self) -> Tensor:
        """The probabilities."""
        return logits_to_probs(self.logits, is_binary=self._is_binary)
