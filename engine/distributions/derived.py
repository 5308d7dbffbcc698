r"""Distributions that transforms make of simpler ones: log-normal, Gumbel, Weibull, Pareto, half-normal and so on.

Formulas: N. L. Johnson, S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions" (1994, 1995); P. Kumaraswamy
(1980); for the logistic normal J. Aitchison, S. M. Shen (1980).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import engine
from engine.distributions import constraints
from engine.distributions.gammas import Exponential, Gamma
from engine.distributions.location import Cauchy, Normal, Uniform
from engine.distributions.transformed_distribution import TransformedDistribution
from engine.distributions.transforms import (
    AbsTransform,
    AffineTransform,
    ExpTransform,
    PowerTransform,
    StickBreakingTransform,
)
from engine.distributions.utils import broadcast_all, euler_constant
from engine.size import Size
from engine.tensor import Tensor

__all__ = [
    "Gumbel", "HalfCauchy", "HalfNormal", "InverseGamma", "Kumaraswamy", "LogNormal", "LogisticNormal", "Pareto",
    "Weibull",
]  # fmt: skip

_POSITIVE = constraints.positive
_PLACED = {"loc": constraints.real, "scale": _POSITIVE}


def _of_base(name: str) -> Any:
    """A parameter that the base distribution holds."""
    return property(lambda self: getattr(self.base_dist, name), doc=f"The base distribution's `{name}`.")


class _Derived(TransformedDistribution):
    """A distribution that holds parameters by itself, besides those of its base."""

    _held: tuple[str, ...] = ()

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        held = {name: getattr(self, name).expand(Size(batch_shape)) for name in self._held}
        new = super().expand(batch_shape, _instance)
        for name, value in held.items():
            setattr(new, name, value)
        new.transforms = new._made_transforms()
        return new

    def _made_transforms(self) -> list[Any]:
        """The transforms, from the parameters."""
        return self.transforms


class LogNormal(TransformedDistribution):
    r"""What has a normal logarithm: $e^{\mu + \sigma z}$."""

    arg_constraints: ClassVar[Any] = _PLACED
    support = _POSITIVE
    has_rsample = True
    loc, scale = _of_base("loc"), _of_base("scale")

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(loc, scale, validate_args=validate_args), ExpTransform(), validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return (self.loc + self.scale.pow(2) / 2).exp()

    @property
    def mode(self) -> Tensor:
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self) -> Tensor:
        square = self.scale.pow(2)
        return square.expm1() * (2 * self.loc + square).exp()

    def entropy(self) -> Tensor:
        return self.base_dist.entropy() + self.loc


class LogisticNormal(TransformedDistribution):
    """A point of the simplex, broken off a stick by the logistic functions of normal draws."""

    arg_constraints: ClassVar[Any] = _PLACED
    support = constraints.simplex
    has_rsample = True
    loc = property(lambda self: self.base_dist.base_dist.loc, doc="The normal distribution's `loc`.")
    scale = property(lambda self: self.base_dist.base_dist.scale, doc="The normal distribution's `scale`.")

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        if not base.batch_shape:
            base = base.expand([1])
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)


class Gumbel(_Derived):
    r"""Gumbel's distribution, of density $e^{-z - e^{-z}} / \sigma$: $\mu - \sigma \ln(-\ln u)$."""

    arg_constraints: ClassVar[Any] = _PLACED
    support = constraints.real
    _held = ("loc", "scale")

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        finfo = engine.finfo(self.loc.dtype)
        low, high = engine.full_like(self.loc, finfo.tiny), engine.full_like(self.loc, 1 - finfo.eps)
        if not isinstance(loc, Tensor) and not isinstance(scale, Tensor):
            base = Uniform(finfo.tiny, 1 - finfo.eps, validate_args=validate_args)
        else:
            base = Uniform(low, high, validate_args=validate_args)
        super().__init__(base, self._made_transforms(), validate_args=validate_args)

    def _made_transforms(self) -> list[Any]:
        inner = AffineTransform(loc=0, scale=-engine.ones_like(self.scale))
        outer = AffineTransform(loc=self.loc, scale=-self.scale)
        return [ExpTransform().inv, inner, ExpTransform().inv, outer]

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        y = (self.loc - value) / self.scale
        return (y - y.exp()) - self.scale.log()

    @property
    def mean(self) -> Tensor:
        return self.loc + self.scale * euler_constant

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def stddev(self) -> Tensor:
        return (math.pi / math.sqrt(6)) * self.scale

    @property
    def variance(self) -> Tensor:
        return self.stddev.pow(2)

    def entropy(self) -> Tensor:
        return self.scale.log() + (1 + euler_constant)


class Weibull(_Derived):
    r"""Weibull's distribution, of density $\frac kλ (x/λ)^{k-1} e^{-(x/λ)^k}$: `scale` λ, `concentration` k."""

    arg_constraints: ClassVar[Any] = {"scale": _POSITIVE, "concentration": _POSITIVE}
    support = _POSITIVE
    _held = ("scale", "concentration", "concentration_reciprocal")

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast_all(scale, concentration)
        self.concentration_reciprocal = self.concentration.reciprocal()
        base = Exponential(engine.ones_like(self.scale), validate_args=validate_args)
        super().__init__(base, self._made_transforms(), validate_args=validate_args)

    def _made_transforms(self) -> list[Any]:
        return [PowerTransform(self.concentration_reciprocal), AffineTransform(loc=0, scale=self.scale)]

    @property
    def mean(self) -> Tensor:
        return self.scale * engine.exp(engine.lgamma(1 + self.concentration_reciprocal))

    @property
    def mode(self) -> Tensor:
        k = self.concentration
        return self.scale * ((k - 1) / k) ** k.reciprocal()

    @property
    def variance(self) -> Tensor:
        square = engine.exp(2 * engine.lgamma(1 + self.concentration_reciprocal))
        return self.scale.pow(2) * (engine.exp(engine.lgamma(1 + 2 * self.concentration_reciprocal)) - square)

    def entropy(self) -> Tensor:
        inverse = self.concentration_reciprocal
        return euler_constant * (1 - inverse) + engine.log(self.scale * inverse) + 1


class Pareto(_Derived):
    r"""Pareto's distribution, of density $\alpha m^\alpha / x^{\alpha+1}$ from `scale` m on."""

    arg_constraints: ClassVar[Any] = {"alpha": _POSITIVE, "scale": _POSITIVE}
    _held = ("scale", "alpha")

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast_all(scale, alpha)
        base = Exponential(self.alpha, validate_args=validate_args)
        super().__init__(base, self._made_transforms(), validate_args=validate_args)

    def _made_transforms(self) -> list[Any]:
        return [ExpTransform(), AffineTransform(loc=0, scale=self.scale)]

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Tensor:
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def mode(self) -> Tensor:
        return self.scale

    @property
    def variance(self) -> Tensor:
        a = self.alpha.clamp(min=2)
        return self.scale.pow(2) * a / ((a - 1).pow(2) * (a - 2))

    def entropy(self) -> Tensor:
        return (self.scale / self.alpha).log() + (1 + self.alpha.reciprocal())


class Kumaraswamy(_Derived):
    r"""Kumaraswamy's distribution, of density $a b x^{a-1} (1 - x^a)^{b-1}$: `concentration1` a, `concentration0` b."""

    arg_constraints: ClassVar[Any] = {"concentration1": _POSITIVE, "concentration0": _POSITIVE}
    support = constraints.unit_interval
    has_rsample = True
    _held = ("concentration1", "concentration0")

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        base = Uniform(
            engine.full_like(self.concentration0, 0), engine.full_like(self.concentration0, 1),
            validate_args=validate_args,
        )  # fmt: skip
        super().__init__(base, self._made_transforms(), validate_args=validate_args)

    def _made_transforms(self) -> list[Any]:
        return [
            PowerTransform(exponent=self.concentration0.reciprocal()),
            AffineTransform(loc=1.0, scale=-1.0),
            PowerTransform(exponent=self.concentration1.reciprocal()),
        ]

    def _moment(self, n: int) -> Any:
        a, b = self.concentration1, self.concentration0
        value = 1 + n / a
        return engine.exp(engine.lgamma(value) + engine.lgamma(b) - engine.lgamma(value + b)) * b

    @property
    def mean(self) -> Tensor:
        return self._moment(1)

    @property
    def mode(self) -> Tensor:
        """NaN: PyTorch's formula has a value only where there is no mode, and is masked there."""
        return (self.concentration1 * self.concentration0 * 0 + math.nan).exp()

    @property
    def variance(self) -> Tensor:
        return self._moment(2) - engine.pow(self.mean, 2)

    def entropy(self) -> Tensor:
        a, b = self.concentration1, self.concentration0
        harmonic = engine.digamma(b + 1) + euler_constant
        return (1 - b.reciprocal()) + (1 - a.reciprocal()) * harmonic - engine.log(a) - engine.log(b)


class _Half(TransformedDistribution):
    """The size of what a symmetric distribution around zero draws."""

    arg_constraints: ClassVar[Any] = {"scale": _POSITIVE}
    support = constraints.nonnegative
    has_rsample = True
    scale = _of_base("scale")

    @property
    def mode(self) -> Tensor:
        return engine.zeros_like(self.scale)

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        log_prob = self.base_dist.log_prob(value) + math.log(2)
        return engine.where(value >= 0, log_prob, -math.inf)

    def cdf(self, value: Any) -> Tensor:
        self._check(value)
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, value: Any) -> Tensor:
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self) -> Tensor:
        return self.base_dist.entropy() - math.log(2)


class HalfNormal(_Half):
    r"""The half-normal distribution: $|\sigma z|$ for a standard normal $z$."""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(0, scale, validate_args=False), AbsTransform(), validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Tensor:
        return self.scale.pow(2) * (1 - 2 / math.pi)


class HalfCauchy(_Half):
    r"""The half-Cauchy distribution: $|\sigma z|$ for a standard Cauchy $z$."""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Cauchy(0, scale, validate_args=False), AbsTransform(), validate_args=validate_args)

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        value = engine.as_tensor(value, dtype=self.scale.dtype, device=self.scale.device)
        return super().log_prob(value)

    @property
    def mean(self) -> Tensor:
        return engine.full(self._extended_shape(), math.inf, dtype=self.scale.dtype, device=self.scale.device)

    @property
    def variance(self) -> Tensor:
        return self.base_dist.variance


class InverseGamma(TransformedDistribution):
    r"""The inverse of a gamma draw, of density $\beta^\alpha x^{-\alpha-1} e^{-\beta/x} / \Gamma(\alpha)$."""

    arg_constraints: ClassVar[Any] = {"concentration": _POSITIVE, "rate": _POSITIVE}
    support = _POSITIVE
    has_rsample = True
    concentration, rate = _of_base("concentration"), _of_base("rate")

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        base = Gamma(concentration, rate, validate_args=validate_args)
        super().__init__(base, PowerTransform(exponent=-base.rate.new_ones(())), validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return engine.where(self.concentration > 1, self.rate / (self.concentration - 1), math.inf)

    @property
    def mode(self) -> Tensor:
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Tensor:
        a = self.concentration
        found = self.rate.square() / ((a - 1).square() * (a - 2))
        return engine.where(a > 2, found, math.inf)

    def entropy(self) -> Tensor:
        a = self.concentration
        return a + self.rate.log() + a.lgamma() - (1 + a) * a.digamma()
