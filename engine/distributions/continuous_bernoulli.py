r"""The continuous Bernoulli distribution over [0, 1], of density $C(\lambda)\,\lambda^x (1-\lambda)^{1-x}$.

$C(\lambda) = 2\,\mathrm{artanh}(1-2\lambda) / (1-2\lambda)$, which near 1/2 (between `lims`) is taken from its Taylor
series. G. Loaiza-Ganem, J. P. Cunningham, "The continuous Bernoulli: fixing a pervasive error in variational
autoencoders" (2019).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import engine
from engine.distributions import constraints
from engine.distributions.exp_family import ExponentialFamily
from engine.distributions.parameters import Odds
from engine.distributions.utils import broadcast_all, clamp_probs, lazy_property, logits_to_probs, probs_to_logits
from engine.nn.functional import binary_cross_entropy_with_logits
from engine.tensor import Tensor

__all__ = ["ContinuousBernoulli"]


class ContinuousBernoulli(Odds, ExponentialFamily):
    r"""The continuous Bernoulli distribution with `probs` $\lambda$ or its logit."""

    arg_constraints: ClassVar[Any] = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval
    has_rsample = True
    _mean_carrier_measure = 0

    def __init__(
        self, probs: Any = None, logits: Any = None, lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:  # fmt: skip
        self._lims = lims
        self._hold_odds(probs, logits, validate_args)

    def _hold(self, validate_args: bool | None, **parameters: Any) -> None:
        if "probs" in parameters:
            # Held off 0 and 1, and checked before only where checks were asked for, or asked not to be.
            (probs,) = broadcast_all(parameters["probs"])
            if validate_args is not None and not self.arg_constraints["probs"].check(probs).all():
                raise ValueError("The parameter probs has invalid values")
            parameters["probs"] = clamp_probs(probs)
        super()._hold(validate_args, **parameters)

    @lazy_property
    def probs(self) -> Tensor:
        """The probabilities, held off 0 and 1."""
        return clamp_probs(logits_to_probs(self.logits, is_binary=True))

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = super().expand(batch_shape, _instance)
        new._lims = self._lims
        return new

    def _is_far(self) -> Any:
        """Whether the probability is outside of the region where the series is taken."""
        return engine.max(engine.le(self.probs, self._lims[0]), engine.gt(self.probs, self._lims[1]))

    def _apart(self) -> Any:
        """The probabilities, those in the middle put at its lower end."""
        return engine.where(self._is_far(), self.probs, self._lims[0] * engine.ones_like(self.probs))

    _outside_unstable_region = _is_far
    _cut_probs = _apart

    def _cont_bern_log_norm(self) -> Any:
        """The logarithm of C."""
        cut = self._apart()
        # One of the two is taken; the other is kept inside its domain, so that no NaN reaches the gradient.
        below = engine.where(cut <= 0.5, cut, engine.zeros_like(cut))
        above = engine.where(cut >= 0.5, cut, engine.ones_like(cut))
        slope = engine.log(engine.abs(engine.log1p(-cut) - engine.log(cut)))
        width = engine.where(cut <= 0.5, engine.log1p(-2.0 * below), engine.log(2.0 * above - 1.0))
        x = engine.pow(self.probs - 0.5, 2)
        taylor = math.log(2.0) + (4.0 / 3.0 + 104.0 / 45.0 * x) * x
        return engine.where(self._is_far(), slope - width, taylor)

    @property
    def mean(self) -> Tensor:
        cut = self._apart()
        mean = cut / (2.0 * cut - 1.0) + 1.0 / (engine.log1p(-cut) - engine.log(cut))
        x = self.probs - 0.5
        taylor = 0.5 + (1.0 / 3.0 + 16.0 / 45.0 * engine.pow(x, 2)) * x
        return engine.where(self._is_far(), mean, taylor)

    @property
    def stddev(self) -> Tensor:
        return engine.sqrt(self.variance)

    @property
    def variance(self) -> Tensor:
        cut = self._apart()
        found = cut * (cut - 1.0) / engine.pow(1.0 - 2.0 * cut, 2)
        found = found + 1.0 / engine.pow(engine.log1p(-cut) - engine.log(cut), 2)
        x = engine.pow(self.probs - 0.5, 2)
        taylor = 1.0 / 12.0 - (1.0 / 15.0 - 128.0 / 945.0 * x) * x
        return engine.where(self._is_far(), found, taylor)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with engine.no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        return self.icdf(engine.rand(shape, dtype=self.probs.dtype, device=self.probs.device))

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        logits, value = broadcast_all(self.logits, value)
        front = -binary_cross_entropy_with_logits(logits, value, reduction="none")
        return front + self._cont_bern_log_norm()

    def cdf(self, value: Any) -> Tensor:
        self._check(value)
        cut = self._apart()
        inside = engine.pow(cut, value) * engine.pow(1.0 - cut, 1.0 - value) + cut - 1.0
        bounded = engine.where(self._is_far(), inside / (2.0 * cut - 1.0), value)
        below, above = engine.le(value, 0.0), engine.ge(value, 1.0)
        return engine.where(below, engine.zeros_like(value), engine.where(above, engine.ones_like(value), bounded))

    def icdf(self, value: Any) -> Tensor:
        cut = self._apart()
        inside = engine.log1p(-cut + value * (2.0 * cut - 1.0)) - engine.log1p(-cut)
        return engine.where(self._is_far(), inside / (engine.log(cut) - engine.log1p(-cut)), value)

    def entropy(self) -> Tensor:
        log_0, log_1 = engine.log1p(-self.probs), engine.log(self.probs)
        return self.mean * (log_0 - log_1) - self._cont_bern_log_norm() - log_0

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (probs_to_logits(self.probs, is_binary=True),)

    def _log_normalizer(self, x: Any) -> Any:
        far = engine.max(engine.le(x, self._lims[0] - 0.5), engine.gt(x, self._lims[1] - 0.5))
        cut = engine.where(far, x, (self._lims[0] - 0.5) * engine.ones_like(x))
        exact = engine.log(engine.abs(engine.special.expm1(cut))) - engine.log(engine.abs(cut))
        taylor = 0.5 * x + engine.pow(x, 2) / 24.0 - engine.pow(x, 4) / 2880.0
        return engine.where(far, exact, taylor)
