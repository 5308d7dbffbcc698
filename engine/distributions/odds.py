r"""Distributions over counts and over the unit interval that a probability $p$, or its logit, gives; and Poisson's.

Formulas: N. L. Johnson, A. W. Kemp, S. Kotz, "Univariate Discrete Distributions" (2005); for the continuous Bernoulli
G. Loaiza-Ganem, J. P. Cunningham, "The continuous Bernoulli: fixing a pervasive error in variational autoencoders"
(2019).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import engine
from engine.distributions import constraints
from engine.distributions.exp_family import ExponentialFamily
from engine.distributions.gammas import Gamma
from engine.distributions.parameters import Elementwise, Odds
from engine.distributions.utils import broadcast_all, lazy_property
from engine.nn.functional import binary_cross_entropy_with_logits, logsigmoid
from engine.tensor import Tensor

__all__ = ["Bernoulli", "Binomial", "Geometric", "NegativeBinomial", "Poisson"]

_ODDS = {"probs": constraints.unit_interval, "logits": constraints.real}


class Bernoulli(Odds, ExponentialFamily):
    r"""Bernoulli's distribution: 1 with probability $p$, else 0."""

    arg_constraints: ClassVar[Any] = _ODDS
    support = constraints.boolean
    has_enumerate_support = True
    _mean_carrier_measure = 0

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._hold_odds(probs, logits, validate_args)

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        mode = (self.probs >= 0.5).to(self.probs)
        mode[self.probs == 0.5] = math.nan
        return mode

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with engine.no_grad():
            return engine.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        logits, value = broadcast_all(self.logits, value)
        return -binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self) -> Tensor:
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand: bool = True) -> Tensor:
        values = engine.arange(2, dtype=self._param.dtype, device=self._param.device)
        values = values.view((-1,) + (1,) * len(self._batch_shape))
        return values.expand((-1, *self._batch_shape)) if expand else values

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (engine.logit(self.probs),)

    def _log_normalizer(self, x: Any) -> Any:
        return engine.log1p(engine.exp(x))


class Geometric(Odds):
    r"""The number of failures before the first success of probability $p$: $(1-p)^k p$."""

    arg_constraints: ClassVar[Any] = _ODDS
    support = constraints.nonnegative_integer

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._hold_odds(probs, logits, validate_args)
        if self._validate_args and probs is not None:
            value = self.probs
            if not (value > 0).all():
                invalid = value[value <= 0]
                raise ValueError(
                    f"Expected parameter probs ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to be positive but found invalid values:\n{invalid}"
                )

    @property
    def mean(self) -> Tensor:
        return 1.0 / self.probs - 1.0

    @property
    def mode(self) -> Tensor:
        return engine.zeros_like(self.probs)

    @property
    def variance(self) -> Tensor:
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        with engine.no_grad():
            u = self.probs.new(shape).uniform_(engine.finfo(self.probs.dtype).tiny, 1)
            return (u.log() / (-self.probs).log1p()).floor()

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        value, probs = broadcast_all(value, self.probs)
        probs = probs.clone(memory_format=engine.contiguous_format)
        probs[(probs == 1) & (value == 0)] = 0
        return value * (-probs).log1p() + self.probs.log()

    def entropy(self) -> Tensor:
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none") / self.probs


def _bounded_below(x: Any) -> Any:
    """x where it is positive, else zero, with the slope 1/2 at zero."""
    return (x.clamp(min=0) + x - x.clamp(max=0)) / 2


class Binomial(Odds):
    r"""The number of successes in `total_count` $n$ trials: $\binom nk p^k (1-p)^{n-k}$."""

    total_count: Tensor
    arg_constraints: ClassVar[Any] = {"total_count": constraints.nonnegative_integer, **_ODDS}
    has_enumerate_support = True

    def __init__(
        self, total_count: Any = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._hold_odds(probs, logits, validate_args, total_count=total_count)

    def _hold(self, validate_args: bool | None, **parameters: Any) -> None:
        count = parameters["total_count"]
        odds = next(value for name, value in parameters.items() if name != "total_count")
        count, odds = broadcast_all(count, odds)
        super()._hold(validate_args, total_count=count.type_as(odds), **{self._given: odds})

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.probs

    @property
    def mode(self) -> Tensor:
        return ((self.total_count + 1) * self.probs).floor().clamp(max=self.total_count)

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        with engine.no_grad():
            return engine.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        n, logits = self.total_count, self.logits
        log_choose = engine.lgamma(n + 1) - engine.lgamma(value + 1) - engine.lgamma(n - value + 1)
        # log(1 + e^logit) without overflow
        soft = _bounded_below(logits) + engine.log1p(engine.exp(-engine.abs(logits)))
        return log_choose + value * logits - n * soft

    def entropy(self) -> Tensor:
        total = int(self.total_count.max())
        if not self.total_count.min() == total:
            raise NotImplementedError("Inhomogeneous total count not supported by `entropy`.")
        log_prob = self.log_prob(self.enumerate_support(False))
        return -(engine.exp(log_prob) * log_prob).sum(0)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        total = int(self.total_count.max())
        if not self.total_count.min() == total:
            raise NotImplementedError("Inhomogeneous total count not supported by `enumerate_support`.")
        values = engine.arange(1 + total, dtype=self._param.dtype, device=self._param.device)
        values = values.view((-1,) + (1,) * len(self._batch_shape))
        return values.expand((-1, *self._batch_shape)) if expand else values


class NegativeBinomial(Odds):
    r"""The number of successes before `total_count` failures: $\frac{\Gamma(n+k)}{k!\,\Gamma(n)} p^k (1-p)^n$."""

    total_count: Tensor
    arg_constraints: ClassVar[Any] = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }
    support = constraints.nonnegative_integer

    def __init__(
        self, total_count: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._hold_odds(probs, logits, validate_args, total_count=total_count)

    def _hold(self, validate_args: bool | None, **parameters: Any) -> None:
        count, odds = broadcast_all(parameters["total_count"], parameters[self._given])
        super()._hold(validate_args, total_count=count.type_as(odds), **{self._given: odds})

    @property
    def mean(self) -> Tensor:
        return self.total_count * engine.exp(self.logits)

    @property
    def mode(self) -> Tensor:
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Tensor:
        return self.mean / engine.sigmoid(-self.logits)

    @lazy_property
    def _gamma(self) -> Gamma:
        return Gamma(concentration=self.total_count, rate=engine.exp(-self.logits), validate_args=False)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with engine.no_grad():
            return engine.poisson(self._gamma.sample(sample_shape=sample_shape))

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        n = self.total_count
        unnormalized = n * logsigmoid(-self.logits) + value * logsigmoid(self.logits)
        normalization = engine.lgamma(1.0 + value) + engine.lgamma(n) - engine.lgamma(n + value)
        # With no failure to wait for, zero is certain.
        return unnormalized - normalization.masked_fill(n + value == 0.0, 0.0)


class Poisson(Elementwise, ExponentialFamily):
    r"""Poisson's distribution of counts of mean `rate`: $\lambda^k e^{-\lambda} / k!$."""

    rate: Tensor
    arg_constraints: ClassVar[Any] = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        self._hold(validate_args, rate=rate)

    @property
    def mean(self) -> Tensor:
        return self.rate

    @property
    def mode(self) -> Tensor:
        return self.rate.floor()

    @property
    def variance(self) -> Tensor:
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with engine.no_grad():
            return engine.poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        rate, value = broadcast_all(self.rate, value)
        return value.xlogy(rate) - rate - (value + 1).lgamma()

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (engine.log(self.rate),)

    def _log_normalizer(self, x: Any) -> Any:
        return engine.exp(x)
