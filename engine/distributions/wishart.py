r"""Wishart's distribution over positive definite matrices, $\propto |X|^{(\nu-p-1)/2} e^{-\mathrm{tr}(V^{-1}X)/2}$.

Draws by Bartlett's decomposition: a lower triangle of normals under the roots of chi-squares (W. B. Smith, R. R.
Hocking, "Algorithm AS 53: Wishart variate generator", 1972).
"""

from __future__ import annotations

import math
import warnings
from numbers import Number
from typing import Any

import engine
from engine.dispatch import tensors
from engine.distributions import constraints
from engine.distributions.exp_family import ExponentialFamily
from engine.distributions.gammas import Chi2
from engine.distributions.multivariate_normal import factor_of, log_diagonal, the_given
from engine.distributions.parameters import expanded
from engine.distributions.utils import lazy_property
from engine.size import Size
from engine.tensor import Tensor

__all__ = ["Wishart"]

_LOG_2 = math.log(2)
_TRIES = 10  # how often singular draws are drawn again


def _mvdigamma(x: Any, p: int) -> Any:
    """The derivative of the logarithm of the multivariate gamma function."""
    steps = engine.arange(p, dtype=x.dtype, device=x.device)
    return engine.digamma(x.unsqueeze(-1) - steps / 2).sum(-1)


def _clamp_above_eps(x: Any) -> Any:
    return x.clamp(min=engine.finfo(x.dtype).eps)


class Wishart(ExponentialFamily):
    """Wishart's distribution with `df` degrees of freedom and one of three matrices for the scale V."""

    df: Tensor
    support = constraints.positive_definite
    has_rsample = True
    _mean_carrier_measure = 0

    @property
    def arg_constraints(self) -> dict[str, Any]:
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self._event_shape[-1] - 1),
        }

    def __init__(
        self, df: Any, covariance_matrix: Any = None, precision_matrix: Any = None, scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:  # fmt: skip
        name, matrix = the_given(
            AssertionError,
            covariance_matrix=covariance_matrix,
            scale_tril=scale_tril,
            precision_matrix=precision_matrix,
        )
        if matrix.dim() < 2:
            raise ValueError("scale_tril must be at least two-dimensional, with optional leading batch dimensions")
        batch_shape, event_shape = matrix.shape[:-2], matrix.shape[-2:]
        if isinstance(df, Number):
            self.df = engine.tensor(df, dtype=matrix.dtype, device=matrix.device)
        else:
            batch_shape = engine.broadcast_shapes(batch_shape, df.shape)
            self.df = df.expand(batch_shape)
        if self.df.le(event_shape[-1] - 1).any():
            raise ValueError(f"Value of df={df} expected to be greater than ndim - 1 = {event_shape[-1] - 1}.")
        setattr(self, name, matrix.expand((*batch_shape, -1, -1)))
        super().__init__(batch_shape, event_shape, validate_args=validate_args)
        if self.df.lt(event_shape[-1]).any():
            warnings.warn(
                "Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.",
                stacklevel=2,
            )
        self._unbroadcasted_scale_tril = factor_of(name, matrix)
        self._batch_dims = list(range(-len(batch_shape), 0)) if batch_shape else []

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = expanded(self, batch_shape, _instance, (), self._event_shape)
        event = self._event_shape
        for name in ("df", "covariance_matrix", "precision_matrix", "scale_tril"):
            if name in self.__dict__:
                setattr(new, name, self.__dict__[name].expand((*new._batch_shape, *(() if name == "df" else event))))
        new._unbroadcasted_scale_tril = self._unbroadcasted_scale_tril
        new._batch_dims = list(range(-len(new._batch_shape), 0))
        return new

    @lazy_property
    def _dist_chi2(self) -> Chi2:
        steps = engine.arange(self._event_shape[-1], dtype=self.df.dtype, device=self.df.device)
        return Chi2(self.df.unsqueeze(-1) - steps.expand((*self._batch_shape, -1)))

    def _spread(self, matrix: Any) -> Any:
        return matrix.expand((*self._batch_shape, *self._event_shape))

    @lazy_property
    def scale_tril(self) -> Any:
        """The Cholesky factor of the scale."""
        return self._spread(self._unbroadcasted_scale_tril)

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The scale."""
        return self._spread(self._unbroadcasted_scale_tril @ self._unbroadcasted_scale_tril.mT)

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the scale."""
        tril = self._unbroadcasted_scale_tril
        identity = engine.eye(self._event_shape[-1], dtype=tril.dtype, device=tril.device)
        return self._spread(engine.cholesky_solve(identity, tril))

    def _df_of_matrix(self) -> Any:
        return self.df.view((*self._batch_shape, 1, 1))

    @property
    def mean(self) -> Tensor:
        return self._df_of_matrix() * self.covariance_matrix

    @property
    def mode(self) -> Tensor:
        factor = self.df - self.covariance_matrix.shape[-1] - 1
        factor = engine.where(factor <= 0, math.nan, factor)
        return factor.view((*self._batch_shape, 1, 1)) * self.covariance_matrix

    @property
    def variance(self) -> Tensor:
        v = self.covariance_matrix
        diagonal = v.diagonal(dim1=-2, dim2=-1)
        outer = diagonal.unsqueeze(-1) * diagonal.unsqueeze(-2)
        return self._df_of_matrix() * (v.pow(2) + outer)

    def _bartlett_sampling(self, sample_shape: Any = ()) -> Any:
        p = self._event_shape[-1]
        roots = _clamp_above_eps(self._dist_chi2.rsample(sample_shape).sqrt())
        noise = roots.diag_embed(dim1=-2, dim2=-1)
        rows, columns = engine.tril_indices(p, p, offset=-1)
        below = engine.randn(
            (*Size(sample_shape), *self._batch_shape, p * (p - 1) // 2), dtype=noise.dtype, device=noise.device
        )
        noise[..., rows, columns] = below
        factor = self._unbroadcasted_scale_tril @ noise
        return factor @ factor.mT

    def rsample(self, sample_shape: Any = (), max_try_correction: int | None = None) -> Tensor:
        """Draws; those that rounding left singular are drawn again, `max_try_correction` times.

        PyTorch's first test is turned round: it draws the regular ones again, once. For its numbers, so does this.
        """
        sample = self._bartlett_sampling(Size(sample_shape))
        again = self._is_regular(sample)
        if not again.all():
            warnings.warn("Singular sample detected.", stacklevel=2)
        for _ in range(_TRIES if max_try_correction is None else max_try_correction):
            if not again.any():
                break
            fresh = self._bartlett_sampling(again[again].shape)
            sample[again] = fresh
            again[again.clone()] = ~self._is_regular(fresh)
        return sample

    def _is_regular(self, sample: Any) -> Any:
        regular = self.support.check(sample)
        return regular.amax(self._batch_dims) if self._batch_dims else regular

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        nu, p, tril = self.df, self._event_shape[-1], self._unbroadcasted_scale_tril
        front = -nu * (p * _LOG_2 / 2 + log_diagonal(tril)) - engine.mvlgamma(nu / 2, p=p)
        determinant = (nu - p - 1) / 2 * tensors.linalg_slogdet(value).logabsdet
        trace = engine.cholesky_solve(value, tril).diagonal(dim1=-2, dim2=-1).sum(dim=-1)
        return front + determinant - trace / 2

    def entropy(self) -> Tensor:
        nu, p = self.df, self._event_shape[-1]
        front = (p + 1) * (p * _LOG_2 / 2 + log_diagonal(self._unbroadcasted_scale_tril))
        slopes = (nu - p - 1) / 2 * _mvdigamma(nu / 2, p=p)
        return front + engine.mvlgamma(nu / 2, p=p) - slopes + nu * p / 2

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return -self.precision_matrix / 2, (self.df - self._event_shape[-1] - 1) / 2

    def _log_normalizer(self, x: Any, y: Any) -> Any:
        p = self._event_shape[-1]
        half = y + (p + 1) / 2
        return half * (-tensors.linalg_slogdet(-2 * x).logabsdet + _LOG_2 * p) + engine.mvlgamma(half, p=p)
