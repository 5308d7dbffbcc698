r"""The multivariate normal distribution of covariance $W W^\top + D$, W of few columns and D diagonal.

By Woodbury's identity and the determinant lemma only the small capacitance matrix $I + W^\top D^{-1} W$ is factored.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import engine
from engine.dispatch import tensors
from engine.distributions import constraints
from engine.distributions.distribution import Distribution
from engine.distributions.multivariate_normal import batch_mv, log_diagonal, mahalanobis
from engine.distributions.parameters import expanded
from engine.distributions.utils import lazy_property, standard_normal
from engine.tensor import Tensor

__all__ = ["LowRankMultivariateNormal"]


def _plus_one(matrix: Any) -> Any:
    """A matrix plus the identity."""
    return matrix + engine.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device)


def capacitance_tril(factor: Any, diag: Any) -> Any:
    """The Cholesky factor of the capacitance matrix."""
    return tensors.linalg_cholesky(_plus_one(engine.matmul(factor.mT / diag.unsqueeze(-2), factor)))


def lowrank_logdet(factor: Any, diag: Any, tril: Any) -> Any:
    """The logarithm of the determinant of the covariance."""
    return 2 * log_diagonal(tril) + diag.log().sum(-1)


def lowrank_mahalanobis(factor: Any, diag: Any, x: Any, tril: Any) -> Any:
    """The squared lengths of vectors in the measure of the covariance."""
    inner = batch_mv(factor.mT / diag.unsqueeze(-2), x)
    return (x.pow(2) / diag).sum(-1) - mahalanobis(tril, inner)


_batch_capacitance_tril, _batch_lowrank_logdet = capacitance_tril, lowrank_logdet
_batch_lowrank_mahalanobis = lowrank_mahalanobis


class LowRankMultivariateNormal(Distribution):
    """The normal distribution with mean `loc`, `cov_factor` W (..., n, m) and `cov_diag`, the diagonal of D."""

    loc: Tensor
    cov_factor: Tensor
    cov_diag: Tensor
    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None) -> None:
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        event_shape = loc.shape[-1:]
        if cov_factor.dim() < 2:
            raise ValueError("cov_factor must be at least two-dimensional, with optional leading batch dimensions")
        if cov_factor.shape[-2:-1] != event_shape:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {event_shape[0]} x m")
        if cov_diag.shape[-1:] != event_shape:
            raise ValueError(f"cov_diag must be a batch of vectors with shape {event_shape}")
        try:
            columns = engine.broadcast_tensors(loc.unsqueeze(-1), cov_factor, cov_diag.unsqueeze(-1))
        except RuntimeError as error:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, cov_diag {cov_diag.shape}"
            ) from error
        self.loc, self.cov_factor, self.cov_diag = columns[0][..., 0], columns[1], columns[2][..., 0]
        self._unbroadcasted_cov_factor = cov_factor
        self._unbroadcasted_cov_diag = cov_diag
        self._capacitance_tril = capacitance_tril(cov_factor, cov_diag)
        super().__init__(self.loc.shape[:-1], event_shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = expanded(self, batch_shape, _instance, tuple(self.arg_constraints), self._event_shape)
        for name in ("_unbroadcasted_cov_factor", "_unbroadcasted_cov_diag", "_capacitance_tril"):
            setattr(new, name, getattr(self, name))
        return new

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @lazy_property
    def variance(self) -> Any:
        """The variance of each element."""
        found = self._unbroadcasted_cov_factor.pow(2).sum(-1) + self._unbroadcasted_cov_diag
        return found.expand((*self._batch_shape, *self._event_shape))

    def _spread(self, matrix: Any) -> Any:
        return matrix.expand((*self._batch_shape, *self._event_shape, *self._event_shape))

    @lazy_property
    def scale_tril(self) -> Any:
        """The Cholesky factor of the covariance, as it is of D^-1/2 (D + W W^T) D^-1/2 times D^1/2."""
        root = self._unbroadcasted_cov_diag.sqrt().unsqueeze(-1)
        scaled = self._unbroadcasted_cov_factor / root
        return self._spread(root * tensors.linalg_cholesky(_plus_one(engine.matmul(scaled, scaled.mT))))

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The covariance."""
        factor = self._unbroadcasted_cov_factor
        return self._spread(engine.matmul(factor, factor.mT) + engine.diag_embed(self._unbroadcasted_cov_diag))

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the covariance."""
        scaled = self._unbroadcasted_cov_factor.mT / self._unbroadcasted_cov_diag.unsqueeze(-2)
        a = tensors.linalg_solve_triangular(self._capacitance_tril, scaled, upper=False)
        return self._spread(engine.diag_embed(self._unbroadcasted_cov_diag.reciprocal()) - a.mT @ a)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        dtype, device = self.loc.dtype, self.loc.device
        for_factor = standard_normal((*shape[:-1], self.cov_factor.shape[-1]), dtype, device)
        for_diag = standard_normal(shape, dtype, device)
        return (
            self.loc
            + batch_mv(self._unbroadcasted_cov_factor, for_factor)
            + self._unbroadcasted_cov_diag.sqrt() * for_diag
        )

    def _held(self) -> tuple[Any, Any]:
        return self._unbroadcasted_cov_factor, self._unbroadcasted_cov_diag

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        square = lowrank_mahalanobis(*self._held(), value - self.loc, self._capacitance_tril)
        log_det = lowrank_logdet(*self._held(), self._capacitance_tril)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + log_det + square)

    def entropy(self) -> Tensor:
        log_det = lowrank_logdet(*self._held(), self._capacitance_tril)
        found = 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + log_det)
        return found.expand(self._batch_shape) if self._batch_shape else found
