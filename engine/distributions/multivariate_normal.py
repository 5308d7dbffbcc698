r"""The multivariate normal distribution.

$\ln p = -\tfrac12 (d \ln 2\pi + z^\top z) - \ln\det L$ with $z = L^{-1}(x-\mu)$.

Its spread is a covariance matrix, its inverse (the precision matrix), or its Cholesky factor L, whichever is given.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import engine
from engine.dispatch import tensors
from engine.distributions import constraints
from engine.distributions.distribution import Distribution
from engine.distributions.parameters import expanded
from engine.distributions.utils import lazy_property, standard_normal
from engine.tensor import Tensor

__all__ = ["MultivariateNormal"]


def batch_mv(bmat: Any, bvec: Any) -> Any:
    """Products of matrices and vectors, both batched."""
    return engine.matmul(bmat, bvec.unsqueeze(-1)).squeeze(-1)


def mahalanobis(tril: Any, x: Any) -> Any:
    """The squared lengths of L^-1 x for Cholesky factors L (..., n, n) and vectors (..., n)."""
    if tril.dim() == 2 and x.dim() > 1:  # all vectors at once
        columns = x.reshape(-1, x.shape[-1]).mT
        return tensors.linalg_solve_triangular(tril, columns, upper=False).pow(2).sum(0).reshape(x.shape[:-1])
    return tensors.linalg_solve_triangular(tril, x.unsqueeze(-1), upper=False).pow(2).sum((-2, -1))


def log_diagonal(tril: Any) -> Any:
    """The logarithm of the determinant of triangular matrices."""
    return tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def precision_to_scale_tril(precision: Any) -> Any:
    """The Cholesky factor of the inverse: turned by half, the factor of the precision matrix is its inverse."""
    turned = tensors.linalg_cholesky(engine.flip(precision, (-2, -1)))
    inverse = engine.transpose(engine.flip(turned, (-2, -1)), -2, -1)
    identity = engine.eye(precision.shape[-1], dtype=precision.dtype, device=precision.device)
    return tensors.linalg_solve_triangular(inverse, identity, upper=False)


_batch_mv, _batch_mahalanobis, _precision_to_scale_tril = batch_mv, mahalanobis, precision_to_scale_tril


def the_given(kind: type[Exception], **matrices: Any) -> tuple[str, Any]:
    """Which of the three matrices was given, and its value. Raises an error of that kind for none or several."""
    given = [(name, value) for name, value in matrices.items() if value is not None]
    if len(given) != 1:
        raise kind("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
    return given[0]


def factor_of(name: str, matrix: Any) -> Any:
    """The Cholesky factor of the covariance, from the matrix of that name."""
    if name == "scale_tril":
        return matrix
    return tensors.linalg_cholesky(matrix) if name == "covariance_matrix" else precision_to_scale_tril(matrix)


class MultivariateNormal(Distribution):
    """The normal distribution over vectors with mean `loc` and one of three matrices."""

    loc: Tensor
    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self, loc: Any, covariance_matrix: Any = None, precision_matrix: Any = None, scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:  # fmt: skip
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        name, matrix = the_given(
            ValueError, covariance_matrix=covariance_matrix, scale_tril=scale_tril, precision_matrix=precision_matrix
        )
        if matrix.dim() < 2:
            what = "scale_tril matrix" if name == "scale_tril" else name
            raise ValueError(f"{what} must be at least two-dimensional, with optional leading batch dimensions")
        batch_shape = engine.broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        setattr(self, name, matrix.expand((*batch_shape, -1, -1)))
        self.loc = loc.expand((*batch_shape, -1))
        super().__init__(batch_shape, self.loc.shape[-1:], validate_args=validate_args)
        self._unbroadcasted_scale_tril = factor_of(name, matrix)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = expanded(self, batch_shape, _instance, tuple(self.arg_constraints), self._event_shape)
        new._unbroadcasted_scale_tril = self._unbroadcasted_scale_tril
        return new

    def _spread(self, matrix: Any) -> Any:
        return matrix.expand((*self._batch_shape, *self._event_shape, *self._event_shape))

    @lazy_property
    def scale_tril(self) -> Any:
        """The Cholesky factor of the covariance."""
        return self._spread(self._unbroadcasted_scale_tril)

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The covariance."""
        return self._spread(engine.matmul(self._unbroadcasted_scale_tril, self._unbroadcasted_scale_tril.mT))

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the covariance."""
        return self._spread(engine.cholesky_inverse(self._unbroadcasted_scale_tril))

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        squares = self._unbroadcasted_scale_tril.pow(2).sum(-1)
        return squares.expand((*self._batch_shape, *self._event_shape))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        eps = standard_normal(shape, self.loc.dtype, self.loc.device)
        return self.loc + batch_mv(self._unbroadcasted_scale_tril, eps)

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        square = mahalanobis(self._unbroadcasted_scale_tril, value - self.loc)
        half_log_det = log_diagonal(self._unbroadcasted_scale_tril)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + square) - half_log_det

    def entropy(self) -> Tensor:
        half_log_det = log_diagonal(self._unbroadcasted_scale_tril)
        found = 0.5 * self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + half_log_det
        return found.expand(self._batch_shape) if self._batch_shape else found
