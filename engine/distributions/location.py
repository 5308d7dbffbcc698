r"""Distributions over the line given by a place and a width: normal, Laplace, Cauchy, uniform, Student's t.

With $z = (x - \mu) / \sigma$ for the place $\mu$ (`loc`) and the width $\sigma$ (`scale`). Formulas: N. L. Johnson,
S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions" (1994, 1995).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import engine
from engine.distributions import constraints
from engine.distributions.exp_family import ExponentialFamily
from engine.distributions.gammas import Chi2
from engine.distributions.parameters import Elementwise
from engine.distributions.utils import broadcast_all, lazy_property, standard_normal
from engine.tensor import Tensor

__all__ = ["Cauchy", "Laplace", "Normal", "StudentT", "Uniform"]

_PLACED = {"loc": constraints.real, "scale": constraints.positive}


class _Placed(Elementwise):
    """A distribution with `loc` and `scale`: `loc + scale * z`."""

    loc: Tensor
    scale: Tensor
    arg_constraints: ClassVar[Any] = _PLACED
    support = constraints.real
    has_rsample = True

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc


class Normal(_Placed, ExponentialFamily):
    r"""The normal distribution, of density $e^{-z^2/2} / (\sigma \sqrt{2\pi})$."""

    _mean_carrier_measure = 0

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self._hold(validate_args, loc=loc, scale=scale)

    @property
    def stddev(self) -> Tensor:
        return self.scale

    @property
    def variance(self) -> Tensor:
        return self.stddev.pow(2)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        with engine.no_grad():
            return engine.normal(self.loc.expand(shape), self.scale.expand(shape))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        return self.loc + standard_normal(shape, self.loc.dtype, self.loc.device) * self.scale

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        away = value - self.loc
        return -(away**2) / (2 * self.scale**2) - self.scale.log() - 0.5 * math.log(2 * math.pi)

    def cdf(self, value: Any) -> Tensor:
        self._check(value)
        return 0.5 * (1 + engine.erf((value - self.loc) * self.scale.reciprocal() / math.sqrt(2)))

    def icdf(self, value: Any) -> Tensor:
        return self.loc + self.scale * engine.erfinv(2 * value - 1) * math.sqrt(2)

    def entropy(self) -> Tensor:
        return 0.5 + 0.5 * math.log(2 * math.pi) + engine.log(self.scale)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return self.loc / self.scale.pow(2), -0.5 * self.scale.pow(2).reciprocal()

    def _log_normalizer(self, x: Any, y: Any) -> Any:
        return -0.25 * x.pow(2) / y + 0.5 * engine.log(-math.pi / y)


class Laplace(_Placed):
    r"""Laplace's distribution, of density $e^{-|z|} / (2\sigma)$."""

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self._hold(validate_args, loc=loc, scale=scale)

    @property
    def variance(self) -> Tensor:
        return 2 * self.scale.pow(2)

    @property
    def stddev(self) -> Tensor:
        return 2**0.5 * self.scale

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        u = self.loc.new(shape).uniform_(engine.finfo(self.loc.dtype).eps - 1, 1)
        return self.loc - self.scale * u.sign() * engine.log1p(-u.abs())

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        return -engine.log(2 * self.scale) - engine.abs(value - self.loc) / self.scale

    def cdf(self, value: Any) -> Tensor:
        self._check(value)
        away = value - self.loc
        return 0.5 - 0.5 * away.sign() * engine.expm1(-away.abs() / self.scale)

    def icdf(self, value: Any) -> Tensor:
        term = value - 0.5
        return self.loc - self.scale * term.sign() * engine.log1p(-2 * term.abs())

    def entropy(self) -> Tensor:
        return 1 + engine.log(2 * self.scale)


class Cauchy(_Placed):
    r"""Cauchy's distribution, of density $1 / (\pi \sigma (1 + z^2))$; it has no mean and no finite variance."""

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self._hold(validate_args, loc=loc, scale=scale)

    @property
    def mean(self) -> Tensor:
        return engine.full(self._extended_shape(), math.nan, dtype=self.loc.dtype, device=self.loc.device)

    @property
    def variance(self) -> Tensor:
        return engine.full(self._extended_shape(), math.inf, dtype=self.loc.dtype, device=self.loc.device)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.loc + self.loc.new(self._extended_shape(sample_shape)).cauchy_() * self.scale

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        return -math.log(math.pi) - self.scale.log() - (((value - self.loc) / self.scale) ** 2).log1p()

    def cdf(self, value: Any) -> Tensor:
        self._check(value)
        return engine.atan((value - self.loc) / self.scale) / math.pi + 0.5

    def icdf(self, value: Any) -> Tensor:
        return engine.tan(math.pi * (value - 0.5)) * self.scale + self.loc

    def entropy(self) -> Tensor:
        return math.log(4 * math.pi) + self.scale.log()


class StudentT(Elementwise):
    r"""Student's t with `df` $\nu$, of density $\propto (1 + z^2/\nu)^{-(\nu+1)/2}$."""

    df: Tensor
    loc: Tensor
    scale: Tensor
    arg_constraints: ClassVar[Any] = {"df": constraints.positive, **_PLACED}
    support = constraints.real
    has_rsample = True

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self._chi2 = Chi2(broadcast_all(df, loc, scale)[0])  # before, so that it complains of a wrong `df`
        self._hold(validate_args, df=df, loc=loc, scale=scale)

    @lazy_property
    def _chi2(self) -> Chi2:
        return Chi2(self.df)

    @property
    def mean(self) -> Tensor:
        mean = self.loc.clone(memory_format=engine.contiguous_format)
        mean[self.df <= 1] = math.nan
        return mean

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        df, two = self.df, self.df > 2
        found = self.df.clone(memory_format=engine.contiguous_format)
        found[two] = self.scale[two].pow(2) * df[two] / (df[two] - 2)
        found[(df <= 2) & (df > 1)] = math.inf
        found[df <= 1] = math.nan
        return found

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        x = standard_normal(shape, self.df.dtype, self.df.device)
        z = self._chi2.rsample(sample_shape)
        return self.loc + self.scale * (x * engine.rsqrt(z / self.df))

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        y = (value - self.loc) / self.scale
        half = 0.5 * self.df
        front = self.scale.log() + 0.5 * self.df.log() + 0.5 * math.log(math.pi)
        front = front + engine.lgamma(half) - engine.lgamma(half + 0.5)
        return -0.5 * (self.df + 1.0) * engine.log1p(y**2.0 / self.df) - front

    def entropy(self) -> Tensor:
        half = 0.5 * self.df
        beta = engine.lgamma(half) + math.lgamma(0.5) - engine.lgamma(half + 0.5)
        slope = engine.digamma(half + 0.5) - engine.digamma(half)
        return self.scale.log() + 0.5 * (self.df + 1) * slope + 0.5 * self.df.log() + beta


class Uniform(Elementwise):
    r"""The uniform distribution on [low, high)."""

    low: Tensor
    high: Tensor
    has_rsample = True

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self._hold(validate_args, low=low, high=high)

    @property
    def arg_constraints(self) -> dict[str, Any]:
        return {"low": constraints.less_than(self.high), "high": constraints.greater_than(self.low)}

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        return constraints.interval(self.low, self.high)

    @property
    def mean(self) -> Tensor:
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Tensor:
        return math.nan * self.high

    @property
    def stddev(self) -> Tensor:
        return (self.high - self.low) / 12**0.5

    @property
    def variance(self) -> Tensor:
        return (self.high - self.low).pow(2) / 12

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        rand = engine.rand(shape, dtype=self.low.dtype, device=self.low.device)
        return self.low + rand * (self.high - self.low)

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        inside = self.low.le(value).type_as(self.low) * self.high.gt(value).type_as(self.low)
        return engine.log(inside) - engine.log(self.high - self.low)

    def cdf(self, value: Any) -> Tensor:
        self._check(value)
        return ((value - self.low) / (self.high - self.low)).clamp(min=0, max=1)

    def icdf(self, value: Any) -> Tensor:
        return value * (self.high - self.low) + self.low

    def entropy(self) -> Tensor:
        return engine.log(self.high - self.low)
