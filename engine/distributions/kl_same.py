"""Divergences of distributions of one kind, and of those that hold others."""

from __future__ import annotations

import math
from typing import Any

import engine
from engine import autograd
from engine.dispatch import tensors
from engine.distributions import categories, derived, gammas, location, odds
from engine.distributions.continuous_bernoulli import ContinuousBernoulli
from engine.distributions.exp_family import ExponentialFamily
from engine.distributions.independent import Independent
from engine.distributions.kl import kl_divergence, register_kl
from engine.distributions.lowrank_multivariate_normal import (
    LowRankMultivariateNormal,
    lowrank_logdet,
    lowrank_mahalanobis,
)
from engine.distributions.multivariate_normal import MultivariateNormal, log_diagonal, mahalanobis
from engine.distributions.transformed_distribution import TransformedDistribution
from engine.distributions.utils import euler_constant, sum_rightmost
from engine.nn.functional import softplus


def _same(kind: Any) -> Any:
    return register_kl(kind, kind)


@_same(odds.Bernoulli)
def bernoullis(p: Any, q: Any) -> Any:
    """Infinite where q rules out what p allows."""
    ones = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    ones = engine.where(p.probs == 0, 0.0, engine.where(q.probs == 0, math.inf, ones))
    zeros = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    return ones + engine.where(p.probs == 1, 0.0, engine.where(q.probs == 1, math.inf, zeros))


@_same(gammas.Beta)
def betas(p: Any, q: Any) -> Any:
    sum_p, sum_q = p.concentration1 + p.concentration0, q.concentration1 + q.concentration0
    front = q.concentration1.lgamma() + q.concentration0.lgamma() + sum_p.lgamma()
    front = front - (p.concentration1.lgamma() + p.concentration0.lgamma() + sum_q.lgamma())
    first = (p.concentration1 - q.concentration1) * engine.digamma(p.concentration1)
    second = (p.concentration0 - q.concentration0) * engine.digamma(p.concentration0)
    return front + first + second + (sum_q - sum_p) * engine.digamma(sum_p)


@_same(odds.Binomial)
def binomials(p: Any, q: Any) -> Any:
    if (p.total_count < q.total_count).any():
        raise NotImplementedError("KL between Binomials where q.total_count > p.total_count is not implemented")
    one = p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p()
    return engine.where(p.total_count > q.total_count, math.inf, p.total_count * one)


@_same(categories.Categorical)
def categoricals(p: Any, q: Any) -> Any:
    terms = p.probs * (p.logits - q.logits)
    return engine.where(p.probs == 0, 0.0, engine.where(q.probs == 0, math.inf, terms)).sum(-1)


@_same(categories.OneHotCategorical)
def one_hots(p: Any, q: Any) -> Any:
    return categoricals(p._categorical, q._categorical)


@_same(location.Cauchy)
def cauchys(p: Any, q: Any) -> Any:
    square = (p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)
    return square.log() - (4 * p.scale * q.scale).log()


@_same(ContinuousBernoulli)
def continuous_bernoullis(p: Any, q: Any) -> Any:
    front = p.mean * (p.logits - q.logits) + p._cont_bern_log_norm() + engine.log1p(-p.probs)
    return front - q._cont_bern_log_norm() - engine.log1p(-q.probs)


@_same(gammas.Dirichlet)
def dirichlets(p: Any, q: Any) -> Any:
    total_p, total_q = p.concentration.sum(-1), q.concentration.sum(-1)
    front = total_p.lgamma() - total_q.lgamma() - (p.concentration.lgamma() - q.concentration.lgamma()).sum(-1)
    away = p.concentration.digamma() - total_p.digamma().unsqueeze(-1)
    return front + ((p.concentration - q.concentration) * away).sum(-1)


@_same(gammas.Exponential)
def exponentials(p: Any, q: Any) -> Any:
    ratio = q.rate / p.rate
    return -ratio.log() + ratio - 1


@_same(ExponentialFamily)
def exponential_families(p: Any, q: Any) -> Any:
    """The Bregman divergence of the log normalizer, for two of one family."""
    if not type(p) == type(q):  # noqa: E721  (of one class exactly)
        raise NotImplementedError(
            "The cross KL-divergence between different exponential families cannot                             "
            "be computed using Bregman divergences"
        )
    params = [each.detach().requires_grad_() for each in p._natural_params]
    others = q._natural_params
    normalizer = p._log_normalizer(*params)
    slopes = autograd.grad(normalizer.sum(), params, create_graph=True)
    result = q._log_normalizer(*others) - normalizer
    for mine, theirs, slope in zip(params, others, slopes, strict=True):
        result = result - sum_rightmost((theirs - mine) * slope, len(q.event_shape))
    return result


@_same(gammas.Gamma)
def gamma_pair(p: Any, q: Any) -> Any:
    front = q.concentration * (p.rate / q.rate).log() + engine.lgamma(q.concentration) - engine.lgamma(p.concentration)
    slope = (p.concentration - q.concentration) * engine.digamma(p.concentration)
    return front + slope + (q.rate - p.rate) * (p.concentration / p.rate)


@_same(derived.Gumbel)
def gumbels(p: Any, q: Any) -> Any:
    ratio, away = p.scale / q.scale, (q.loc - p.loc) / q.scale
    last = engine.exp(away + (1 + ratio).lgamma())
    return -ratio.log() - away + ratio * euler_constant + last - (1 + euler_constant)


@_same(odds.Geometric)
def geometrics(p: Any, q: Any) -> Any:
    return -p.entropy() - engine.log1p(-q.probs) / p.probs - q.logits


@_same(derived.HalfNormal)
def half_normals(p: Any, q: Any) -> Any:
    return normals(p.base_dist, q.base_dist)


@_same(location.Laplace)
def laplaces(p: Any, q: Any) -> Any:
    ratio, away = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + away / q.scale + ratio * engine.exp(-away / p.scale) - 1


@_same(location.Normal)
def normals(p: Any, q: Any) -> Any:
    ratio = (p.scale / q.scale).pow(2)
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).pow(2) - 1 - ratio.log())


@_same(derived.Pareto)
def paretos(p: Any, q: Any) -> Any:
    ratio = q.alpha / p.alpha
    result = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return engine.where(p.scale < q.scale, math.inf, result)


@_same(odds.Poisson)
def poissons(p: Any, q: Any) -> Any:
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@_same(location.Uniform)
def uniforms(p: Any, q: Any) -> Any:
    result = ((q.high - q.low) / (p.high - p.low)).log()
    return engine.where((q.low > p.low) | (q.high < p.high), math.inf, result)


@_same(TransformedDistribution)
def transformed(p: Any, q: Any) -> Any:
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError
    return kl_divergence(p.base_dist, q.base_dist)


@_same(Independent)
def independents(p: Any, q: Any) -> Any:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


# ---- multivariate normals: a trace, a distance, two determinants


def _trace(matrix: Any) -> Any:
    """The trace of M M^T."""
    return matrix.pow(2).sum((-2, -1))


def _solved(tril: Any, right: Any, q: Any, p: Any) -> Any:
    """L^-1 R, both spread over the common batch."""
    n = q.event_shape[0]
    batch = engine.broadcast_shapes(q._batch_shape, p._batch_shape)
    right = right.expand((*batch, n, right.shape[-1]))
    return tensors.linalg_solve_triangular(tril.expand((*batch, n, n)), right, upper=False)


def _log_det(d: Any) -> Any:
    """The logarithm of the determinant of the covariance."""
    if isinstance(d, MultivariateNormal):
        return 2 * log_diagonal(d._unbroadcasted_scale_tril)
    return lowrank_logdet(d._unbroadcasted_cov_factor, d._unbroadcasted_cov_diag, d._capacitance_tril)


def _distance(d: Any, away: Any) -> Any:
    if isinstance(d, MultivariateNormal):
        return mahalanobis(d._unbroadcasted_scale_tril, away)
    return lowrank_mahalanobis(d._unbroadcasted_cov_factor, d._unbroadcasted_cov_diag, away, d._capacitance_tril)


def _roots(p: Any) -> list[Any]:
    """Matrices whose squares add up to the covariance."""
    if isinstance(p, MultivariateNormal):
        return [p._unbroadcasted_scale_tril]
    return [p._unbroadcasted_cov_factor, p._unbroadcasted_cov_diag.sqrt().diag_embed()]


def _traces(q: Any, p: Any) -> Any:
    """tr(Sigma_q^-1 Sigma_p)."""
    if isinstance(q, MultivariateNormal):
        return sum(_trace(_solved(q._unbroadcasted_scale_tril, root, q, p)) for root in _roots(p))
    # Woodbury: D^-1 - D^-1 W C^-1 W^T D^-1
    diag = q._unbroadcasted_cov_diag.unsqueeze(-1)
    scaled = q._unbroadcasted_cov_factor.mT / diag.mT
    a = tensors.linalg_solve_triangular(q._capacitance_tril, scaled, upper=False)
    return sum(_trace(root / diag.sqrt()) - _trace(a.matmul(root)) for root in _roots(p))


def _multivariate(p_kind: Any, q_kind: Any, sentence: str) -> None:
    @register_kl(p_kind, q_kind)
    def divergence(p: Any, q: Any) -> Any:
        if p.event_shape != q.event_shape:
            raise ValueError(sentence)
        away = _distance(q, q.loc - p.loc)
        return 0.5 * (_log_det(q) - _log_det(p) + _traces(q, p) + away - p.event_shape[0])


for _p, _q, _which in (
    (MultivariateNormal, MultivariateNormal, "two Multivariate Normals"),
    (MultivariateNormal, LowRankMultivariateNormal, "two (Low Rank) Multivariate Normals"),
    (LowRankMultivariateNormal, MultivariateNormal, "two (Low Rank) Multivariate Normals"),
    (LowRankMultivariateNormal, LowRankMultivariateNormal, "two Low Rank Multivariate Normals"),
):
    _multivariate(
        _p,
        _q,
        f"KL-divergence between {_which} with                          different event shapes cannot be computed",
    )
