r"""The generalized Pareto distribution, of density $(1 + \xi z)^{-1/\xi - 1} / \sigma$ with $z = (x - \mu) / \sigma$.

For $\xi = 0$ it is the exponential distribution. J. Pickands, "Statistical inference using extreme order statistics"
(1975).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import engine
from engine.distributions import constraints
from engine.distributions.parameters import Elementwise
from engine.tensor import Tensor

__all__ = ["GeneralizedPareto"]


class GeneralizedPareto(Elementwise):
    r"""The generalized Pareto distribution with `loc` μ, `scale` σ and `concentration` ξ."""

    loc: Tensor
    scale: Tensor
    concentration: Tensor
    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real, "scale": constraints.positive, "concentration": constraints.real,
    }  # fmt: skip
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self._hold(validate_args, loc=loc, scale=scale, concentration=concentration)

    def _z(self, x: Any) -> Any:
        return (x - self.loc) / self.scale

    def _shape(self) -> tuple[Any, Any]:
        """Where the concentration is zero, and the concentration with ones there."""
        zero = engine.isclose(self.concentration, engine.zeros_like(self.concentration))
        return zero, engine.where(zero, engine.ones_like(self.concentration), self.concentration)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        return self.icdf(engine.rand(shape, dtype=self.loc.dtype, device=self.loc.device))

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        z = self._z(value)
        zero, safe = self._shape()
        bent = -(1 / safe + 1) * engine.log1p(safe * z)
        return engine.where(zero, -z, bent) - engine.log(self.scale)

    def log_survival_function(self, value: Any) -> Tensor:
        """The logarithm of the probability of what is larger than a value."""
        self._check(value)
        z = self._z(value)
        zero, safe = self._shape()
        return engine.where(zero, -z, -engine.log1p(safe * z) / safe)

    def log_cdf(self, value: Any) -> Tensor:
        """The logarithm of `cdf`."""
        return engine.log1p(-engine.exp(self.log_survival_function(value)))

    def cdf(self, value: Any) -> Tensor:
        return engine.exp(self.log_cdf(value))

    def icdf(self, value: Any) -> Tensor:
        zero, safe = self._shape()
        log_rest = engine.log1p(-value)
        bent = self.loc + self.scale / safe * engine.expm1(-safe * log_rest)
        return engine.where(zero, self.loc - self.scale * log_rest, bent)

    @property
    def mean(self) -> Tensor:
        finite = self.concentration < 1
        safe = engine.where(finite, self.concentration, 0.5)
        return engine.where(finite, self.loc + self.scale / (1 - safe), math.nan)

    @property
    def variance(self) -> Tensor:
        finite = self.concentration < 0.5
        safe = engine.where(finite, self.concentration, 0.25)
        return engine.where(finite, self.scale**2 / ((1 - safe) ** 2 * (1 - 2 * safe)), math.nan)

    def entropy(self) -> Tensor:
        return engine.broadcast_to(engine.log(self.scale) + self.concentration + 1, self._batch_shape)

    @property
    def mode(self) -> Tensor:
        return self.loc

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        bounded = self.concentration < 0
        upper = engine.where(bounded, self.loc - self.scale / self.concentration, math.inf)
        return constraints.interval(self.loc, upper)
