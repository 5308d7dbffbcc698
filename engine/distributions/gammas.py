r"""The gamma distribution and its kin: exponential, chi-square, beta, Dirichlet, Fisher and Snedecor's F.

Gradients of draws follow from the distribution function (M. Figurnov, S. Mohamed, A. Mnih, "Implicit
reparameterization gradients", 2018); they are those of `torch._standard_gamma` and `torch._dirichlet_grad`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import engine
from engine.autograd import Function
from engine.autograd.function import once_differentiable
from engine.dispatch import tensors
from engine.distributions import constraints
from engine.distributions.exp_family import ExponentialFamily
from engine.distributions.parameters import Elementwise, expanded
from engine.distributions.utils import broadcast_all, lazy_property
from engine.size import Size
from engine.tensor import Tensor

__all__ = ["Beta", "Chi2", "Dirichlet", "Exponential", "FisherSnedecor", "Gamma"]

_POSITIVE = constraints.positive


class Exponential(Elementwise, ExponentialFamily):
    r"""The exponential distribution, of density $\lambda e^{-\lambda x}$ with `rate` $\lambda$."""

    rate: Tensor
    arg_constraints: ClassVar[Any] = {"rate": _POSITIVE}
    support = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        self._hold(validate_args, rate=rate)

    @property
    def mean(self) -> Tensor:
        return self.rate.reciprocal()

    @property
    def mode(self) -> Tensor:
        return engine.zeros_like(self.rate)

    @property
    def stddev(self) -> Tensor:
        return self.rate.reciprocal()

    @property
    def variance(self) -> Tensor:
        return self.rate.pow(-2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.rate.new(self._extended_shape(sample_shape)).exponential_() / self.rate

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        return self.rate.log() - self.rate * value

    def cdf(self, value: Any) -> Tensor:
        self._check(value)
        return 1 - engine.exp(-self.rate * value)

    def icdf(self, value: Any) -> Tensor:
        return -engine.log1p(-value) / self.rate

    def entropy(self) -> Tensor:
        return 1.0 - engine.log(self.rate)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (-self.rate,)

    def _log_normalizer(self, x: Any) -> Any:
        return -engine.log(-x)


class Gamma(Elementwise, ExponentialFamily):
    r"""The gamma distribution, of density $\beta^\alpha x^{\alpha-1} e^{-\beta x} / \Gamma(\alpha)$.

    $\alpha$ is `concentration`, $\beta$ is `rate`.
    """

    concentration: Tensor
    rate: Tensor
    arg_constraints: ClassVar[Any] = {"concentration": _POSITIVE, "rate": _POSITIVE}
    support = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0
    _spread = ("concentration", "rate")

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self._hold(validate_args, concentration=concentration, rate=rate)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        value = tensors._standard_gamma(self.concentration.expand(shape)) / self.rate.expand(shape)
        value.detach().clamp_(min=engine.finfo(value.dtype).tiny)
        return value

    def log_prob(self, value: Any) -> Tensor:
        value = engine.as_tensor(value, dtype=self.rate.dtype, device=self.rate.device)
        self._check(value)
        alpha, beta = self.concentration, self.rate
        front = engine.xlogy(alpha, beta) + engine.xlogy(alpha - 1, value)
        return front - beta * value - engine.lgamma(alpha)

    def cdf(self, value: Any) -> Tensor:
        self._check(value)
        return engine.igamma(self.concentration, self.rate * value)

    def entropy(self) -> Tensor:
        alpha = self.concentration
        return alpha - engine.log(self.rate) + engine.lgamma(alpha) + (1.0 - alpha) * engine.digamma(alpha)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return self.concentration - 1, -self.rate

    def _log_normalizer(self, x: Any, y: Any) -> Any:
        return engine.lgamma(x + 1) + (x + 1) * engine.log(-y.reciprocal())


class Chi2(Gamma):
    r"""The chi-square distribution: the gamma distribution of concentration `df` / 2 and rate 1/2."""

    arg_constraints: ClassVar[Any] = {"df": _POSITIVE}

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        super().__init__(0.5 * df, 0.5, validate_args)

    @property
    def df(self) -> Tensor:
        """The degrees of freedom."""
        return self.concentration * 2


def _Dirichlet_backward(x: Any, concentration: Any, grad_output: Any) -> Any:
    total = concentration.sum(-1, True).expand_as(concentration)
    slope = tensors._dirichlet_grad(x, concentration, total)
    return slope * (grad_output - (x * grad_output).sum(-1, True))


class _Dirichlet(Function):
    """Draws of Dirichlet's distribution, with gradients by the concentrations."""

    @staticmethod
    def forward(ctx: Any, concentration: Any) -> Any:
        x = tensors._sample_dirichlet(concentration)
        ctx.save_for_backward(x, concentration)
        return x

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Any) -> Any:
        x, concentration = ctx.saved_tensors
        return _Dirichlet_backward(x, concentration, grad_output)


class Dirichlet(ExponentialFamily):
    r"""Dirichlet's distribution over the simplex, of density $\propto \prod_i x_i^{\alpha_i - 1}$."""

    arg_constraints: ClassVar[Any] = {"concentration": constraints.independent(_POSITIVE, 1)}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        shape = concentration.shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        return expanded(self, batch_shape, _instance, ("concentration",), self._event_shape)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Tensor:
        above = (self.concentration - 1).clamp(min=0.0)
        mode = above / above.sum(-1, True)
        mask = (self.concentration < 1).all(dim=-1)
        corner = engine.nn.functional.one_hot(mode[mask].argmax(dim=-1), above.shape[-1])
        mode[mask] = corner.to(mode)
        return mode

    @property
    def variance(self) -> Tensor:
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return _Dirichlet.apply(self.concentration.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        alpha = self.concentration
        inside = engine.xlogy(alpha - 1.0, value).sum(-1)
        return inside + engine.lgamma(alpha.sum(-1)) - engine.lgamma(alpha).sum(-1)

    def entropy(self) -> Tensor:
        alpha, k = self.concentration, self.concentration.size(-1)
        total = alpha.sum(-1)
        whole = engine.lgamma(alpha).sum(-1) - engine.lgamma(total) - (k - total) * engine.digamma(total)
        return whole - ((alpha - 1.0) * engine.digamma(alpha)).sum(-1)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (self.concentration,)

    def _log_normalizer(self, x: Any) -> Any:
        return x.lgamma().sum(-1) - engine.lgamma(x.sum(-1))


class Beta(ExponentialFamily):
    r"""The beta distribution, of density $x^{a-1} (1-x)^{b-1} / B(a, b)$ with concentrations $a$ (1) and $b$ (0)."""

    arg_constraints: ClassVar[Any] = {"concentration1": _POSITIVE, "concentration0": _POSITIVE}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        if isinstance(concentration1, (int, float)) and isinstance(concentration0, (int, float)):
            both = engine.tensor([float(concentration1), float(concentration0)])
        else:
            both = engine.stack(broadcast_all(concentration1, concentration0), -1)
        self._dirichlet = Dirichlet(both, validate_args=validate_args)
        super().__init__(self._dirichlet._batch_shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = expanded(self, batch_shape, _instance, ())
        new._dirichlet = self._dirichlet.expand(Size(batch_shape))
        return new

    def _concentration(self, index: int) -> Any:
        return self._dirichlet.concentration[..., index]

    @property
    def concentration1(self) -> Tensor:
        """The concentration at 1."""
        return self._concentration(0)

    @property
    def concentration0(self) -> Tensor:
        """The concentration at 0."""
        return self._concentration(1)

    @property
    def mean(self) -> Tensor:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Tensor:
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self) -> Tensor:
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self._dirichlet.rsample(sample_shape).select(-1, 0)

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        return self._dirichlet.log_prob(engine.stack([value, 1.0 - value], -1))

    def entropy(self) -> Tensor:
        return self._dirichlet.entropy()

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return self.concentration1, self.concentration0

    def _log_normalizer(self, x: Any, y: Any) -> Any:
        return engine.lgamma(x) + engine.lgamma(y) - engine.lgamma(x + y)


class FisherSnedecor(Elementwise):
    r"""Fisher and Snedecor's F: the quotient of two chi-squares over their degrees of freedom, `df1` and `df2`."""

    df1: Tensor
    df2: Tensor
    arg_constraints: ClassVar[Any] = {"df1": _POSITIVE, "df2": _POSITIVE}
    support = _POSITIVE
    has_rsample = True

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        df1, df2 = broadcast_all(df1, df2)
        self._gamma1, self._gamma2 = Gamma(df1 * 0.5, df1), Gamma(df2 * 0.5, df2)
        self._hold(validate_args, df1=df1, df2=df2)

    @lazy_property
    def _gamma1(self) -> Gamma:
        return Gamma(self.df1 * 0.5, self.df1)

    @lazy_property
    def _gamma2(self) -> Gamma:
        return Gamma(self.df2 * 0.5, self.df2)

    @property
    def mean(self) -> Tensor:
        df2 = self.df2.clone(memory_format=engine.contiguous_format)
        df2[df2 <= 2] = engine.nan
        return df2 / (df2 - 2)

    @property
    def mode(self) -> Tensor:
        mode = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        mode[self.df1 <= 2] = engine.nan
        return mode

    @property
    def variance(self) -> Tensor:
        df2 = self.df2.clone(memory_format=engine.contiguous_format)
        df2[df2 <= 4] = engine.nan
        return 2 * df2.pow(2) * (self.df1 + df2 - 2) / (self.df1 * (df2 - 2).pow(2) * (df2 - 4))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        # The second gamma holds half of df2 over df2: each is a chi-square over its degrees of freedom.
        x1 = self._gamma1.rsample(sample_shape).view(shape)
        x2 = self._gamma2.rsample(sample_shape).view(shape)
        tiny = engine.finfo(x2.dtype).tiny
        x2.clamp_(min=tiny)
        return (x1 / x2).clamp_(min=tiny)

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        half1, half2, ratio = self.df1 * 0.5, self.df2 * 0.5, self.df1 / self.df2
        front = (half1 + half2).lgamma() - half1.lgamma() - half2.lgamma()
        middle = half1 * ratio.log() + (half1 - 1) * engine.log(value)
        return front + middle - (half1 + half2) * engine.log1p(ratio * value)
