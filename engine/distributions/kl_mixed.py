r"""Divergences of distributions of two kinds: $\mathrm{KL}(p\|q) = -H(p) - E_p \ln q$.

For each q stands what $-E_p \ln q$ is, from moments of p: mean, variance, $E \ln x$, $E \ln(1-x)$, $E e^{-x/s}$.
Where p reaches beyond the support of q the divergence is infinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import engine
from engine.distributions.continuous_bernoulli import ContinuousBernoulli
from engine.distributions.derived import Gumbel, Pareto
from engine.distributions.gammas import Beta, Exponential, Gamma
from engine.distributions.kl import register_kl
from engine.distributions.location import Laplace, Normal, Uniform
from engine.distributions.odds import Bernoulli, Binomial, Poisson
from engine.distributions.utils import euler_constant


def infinite_like(tensor: Any) -> Any:
    """Infinities of a tensor's shape."""
    return engine.full_like(tensor, math.inf)


# ---- moments


def _x_log_x(x: Any) -> Any:
    return engine.special.xlogy(x, x)


def _mean(p: Any) -> Any:
    """E x; a Pareto distribution's without its limits, beyond which the divergence is infinite anyway."""
    return p.alpha * p.scale / (p.alpha - 1) if isinstance(p, Pareto) else p.mean


def _variance(p: Any) -> Any:
    """E x^2 - (E x)^2, likewise."""
    if isinstance(p, Pareto):
        return p.scale.pow(2) * p.alpha / ((p.alpha - 1).pow(2) * (p.alpha - 2))
    return p.variance


def _mean_log(p: Any) -> Any:
    """E ln x."""
    if isinstance(p, Beta):
        return p.concentration1.digamma() - (p.concentration1 + p.concentration0).digamma()
    if isinstance(p, Exponential):
        return -euler_constant - p.rate.log()
    if isinstance(p, Pareto):
        return p.scale.log() + p.alpha.reciprocal()
    return (_x_log_x(p.high) - _x_log_x(p.low)) / (p.high - p.low) - 1  # uniform


def _mean_log_rest(p: Any) -> Any:
    """E ln (1 - x) of a uniform distribution."""
    return (_x_log_x(1 - p.low) - _x_log_x(1 - p.high)) / (p.high - p.low) - 1


def _mean_of_decay(p: Any, scale: Any) -> Any:
    """E exp(-x / scale)."""
    if isinstance(p, Exponential):
        return p.rate * scale / (p.rate * scale + 1)
    if isinstance(p, Gamma):
        return (1 + (p.rate * scale).reciprocal()).pow(-p.concentration)
    if isinstance(p, Normal):
        return engine.exp(-p.loc / scale + 0.5 * (p.scale / scale).pow(2))
    return scale * (engine.exp(-p.low / scale) - engine.exp(-p.high / scale)) / (p.high - p.low)  # uniform


# ---- - E_p ln q, by q


def _beta(p: Any, q: Any) -> Any:
    a, b = q.concentration1, q.concentration0
    front = a.lgamma() + b.lgamma() - (a + b).lgamma()
    return front - (a - 1) * _mean_log(p) - (b - 1) * _mean_log_rest(p)


def _continuous_bernoulli(p: Any, q: Any) -> Any:
    return -p.mean * q.logits - engine.log1p(-q.probs) - q._cont_bern_log_norm()


def _exponential(p: Any, q: Any) -> Any:
    return q.rate * _mean(p) - q.rate.log()


def _gamma(p: Any, q: Any) -> Any:
    front = q.concentration.lgamma() - q.concentration * q.rate.log()
    return front - (q.concentration - 1) * _mean_log(p) + q.rate * _mean(p)


def _gumbel(p: Any, q: Any) -> Any:
    away = q.loc / q.scale
    return q.scale.log() + p.mean / q.scale - away + engine.exp(away) * _mean_of_decay(p, q.scale)


def _normal(p: Any, q: Any) -> Any:
    square = (_variance(p) + (_mean(p) - q.loc).pow(2)) / q.scale.pow(2)
    return 0.5 * (math.log(2 * math.pi) + square) + q.scale.log()


def _pareto(p: Any, q: Any) -> Any:
    return (q.alpha + 1) * _mean_log(p) - q.alpha.log() - q.alpha * q.scale.log()


def _uniform(p: Any, q: Any) -> Any:
    return (q.high - q.low).log()


# ---- where p reaches beyond q


def _below_zero(p: Any, q: Any) -> Any:
    return p.low < 0


def _beyond_unit(p: Any, q: Any) -> Any:
    return (p.high > 1) | (p.low < 0)


def _to_the_ends(p: Any, q: Any) -> Any:
    """PyTorch counts an interval that touches an end of [0, 1] as one that passes it."""
    return (p.high >= 1) | (p.low <= 0)


# p, q, - E_p ln q, where infinite
_PAIRS: list[tuple[Any, Any, Callable[[Any, Any], Any], Callable[[Any, Any], Any] | None]] = [
    (Beta, ContinuousBernoulli, _continuous_bernoulli, None),
    (Beta, Exponential, _exponential, None),
    (Beta, Gamma, _gamma, None),
    (Beta, Normal, _normal, None),
    (Beta, Uniform, _uniform, lambda p, q: (q.low > 0) | (q.high < 1)),
    (ContinuousBernoulli, Exponential, _exponential, None),
    (ContinuousBernoulli, Normal, _normal, None),
    (ContinuousBernoulli, Uniform, _uniform, lambda p, q: (q.low >= 0) | (q.high <= 1)),  # likewise, PyTorch's
    (Exponential, Gamma, _gamma, None),
    (Exponential, Gumbel, _gumbel, None),
    (Exponential, Normal, _normal, None),
    (Gamma, Exponential, _exponential, None),
    (Gamma, Gumbel, _gumbel, None),
    (Gamma, Normal, _normal, None),
    (Gumbel, Normal, _normal, None),
    (Laplace, Normal, _normal, None),
    (Normal, Gumbel, _gumbel, None),
    (Pareto, Exponential, _exponential, lambda p, q: p.alpha <= 1),
    (Pareto, Gamma, _gamma, lambda p, q: p.alpha <= 1),
    (Pareto, Normal, _normal, lambda p, q: p.alpha <= 2),
    (Uniform, Beta, _beta, _beyond_unit),
    (Uniform, ContinuousBernoulli, _continuous_bernoulli, _to_the_ends),
    (Uniform, Exponential, _exponential, _below_zero),
    (Uniform, Gamma, _gamma, _below_zero),
    (Uniform, Gumbel, _gumbel, None),
    (Uniform, Normal, _normal, None),
    (Uniform, Pareto, _pareto, lambda p, q: p.low < q.scale),
]
_UNIT = (Beta, ContinuousBernoulli, Pareto, Uniform)
# What has more than a bounded or a positive support has infinite divergences from those.
_INFINITE: list[tuple[Any, tuple[Any, ...]]] = [
    (Beta, (Pareto,)),
    (ContinuousBernoulli, (Pareto,)),
    (Exponential, _UNIT),
    (Gamma, _UNIT),
    (Gumbel, (*_UNIT, Exponential, Gamma)),
    (Laplace, (*_UNIT, Exponential, Gamma)),
    (Normal, (*_UNIT, Exponential, Gamma)),
    (Pareto, (Beta, ContinuousBernoulli, Uniform)),
    (Poisson, (Bernoulli, Binomial)),
]


def _enter(p_kind: Any, q_kind: Any, cross: Callable[[Any, Any], Any], beyond: Any) -> None:
    @register_kl(p_kind, q_kind)
    def divergence(p: Any, q: Any) -> Any:
        result = cross(p, q) - p.entropy()
        return result if beyond is None else engine.where(beyond(p, q), math.inf, result)


for _entry in _PAIRS:
    _enter(*_entry)


def _always(p: Any, q: Any) -> Any:
    return infinite_like(p.mean)


for _p, _qs in _INFINITE:
    for _q in _qs:
        register_kl(_p, _q)(_always)


@register_kl(Bernoulli, Poisson)
def bernoulli_poisson(p: Any, q: Any) -> Any:
    """Both factorials that can come are one."""
    return -p.entropy() - (p.probs * q.rate.log() - q.rate)


@register_kl(Normal, Laplace)
def normal_laplace(p: Any, q: Any) -> Any:
    """By the mean distance of a normal number from a point."""
    away = p.loc - q.loc
    z = away / p.scale
    spread = math.sqrt(2 / math.pi) * p.scale * engine.exp(-0.5 * z.pow(2)) + away * engine.erf(math.sqrt(0.5) * z)
    return -(p.scale / q.scale).log() + spread / q.scale - 0.5 * (1 + math.log(0.5 * math.pi))
