"""Transforms of vectors and matrices, and those of parts side by side.

The bijections onto the simplex and onto Cholesky factors of correlations break sticks: the Stan Reference Manual,
"Constraint transforms"; D. Lewandowski, D. Kurowicka, H. Joe, "Generating random correlation matrices based on vines
and extended onion method" (2009).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import engine
from engine.dispatch import tensors
from engine.distributions import constraints
from engine.distributions.transform import Transform
from engine.distributions.utils import sum_rightmost, tril_matrix_to_vec, vec_to_tril_matrix
from engine.nn.functional import logsigmoid, pad, softplus


def clipped_sigmoid(x: Any) -> Any:
    """The sigmoid, held inside (0, 1) by the rounding of the dtype."""
    finfo = engine.finfo(x.dtype)
    return engine.clamp(engine.sigmoid(x), min=finfo.tiny, max=1.0 - finfo.eps)


class _Alike(Transform):
    """A transform without parameters: all of one class are equal."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self))

    __hash__ = None


class SoftmaxTransform(_Alike):
    r"""$y_i = e^{x_i} / \sum_j e^{x_j}$, no bijection; the inverse takes the logarithm."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def _call(self, x: Any) -> Any:
        probs = (x - x.max(-1, True)[0]).exp()
        return probs / probs.sum(-1, True)

    def _inverse(self, y: Any) -> Any:
        return y.log()

    def forward_shape(self, shape: Any) -> Any:
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        return shape

    inverse_shape = forward_shape


def _left(n: int, like: Any) -> Any:
    """How many parts are left after each break: n, n - 1, ..., 1."""
    return n + 1 - like.new_ones(n).cumsum(-1)


class StickBreakingTransform(_Alike):
    """A vector of n numbers as a point of the simplex of n + 1: each says which part of the rest breaks off."""

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def _call(self, x: Any) -> Any:
        z = clipped_sigmoid(x - _left(x.shape[-1], x).log())
        rest = (1 - z).cumprod(-1)
        return pad(z, [0, 1], value=1) * pad(rest, [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        parts = y[..., :-1]
        rest = engine.clamp(1 - parts.cumsum(-1), min=engine.finfo(y.dtype).tiny)
        return parts.log() - rest.log() + _left(parts.shape[-1], y).log()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        x = x - _left(x.shape[-1], x).log()
        return (-x + logsigmoid(x) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape: Any) -> Any:
        return self._grown(shape, 1)

    def inverse_shape(self, shape: Any) -> Any:
        return self._grown(shape, -1)

    @staticmethod
    def _grown(shape: Any, by: int) -> Any:
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        return type(shape)((*shape[:-1], shape[-1] + by))


class CorrCholeskyTransform(Transform):
    """A vector of n (n - 1) / 2 numbers as the Cholesky factor of a correlation matrix of n."""

    domain = constraints.real_vector
    codomain = constraints.corr_cholesky
    bijective = True

    def _call(self, x: Any) -> Any:
        x = engine.tanh(x)
        eps = engine.finfo(x.dtype).eps
        r = vec_to_tril_matrix(x.clamp(min=-1 + eps, max=1 - eps), diag=-1)
        # The canonical partial correlations of each row; what they leave makes the row's norm one.
        rest = (1 - r**2).sqrt().cumprod(-1)
        r = r + engine.eye(r.shape[-1], dtype=r.dtype, device=r.device)
        return r * pad(rest[..., :-1], [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        rest = 1 - engine.cumsum(y * y, dim=-1)
        before = pad(rest[..., :-1], [1, 0], value=1)
        t = tril_matrix_to_vec(y, diag=-1) / tril_matrix_to_vec(before, diag=-1).sqrt()
        return (t.log1p() - t.neg().log1p()) / 2

    def log_abs_det_jacobian(self, x: Any, y: Any, intermediates: Any = None) -> Any:
        # The matrix is triangular by rows: what is left of each row, to half, and the slopes of tanh.
        rest = tril_matrix_to_vec(1 - (y * y).cumsum(dim=-1), diag=-2)
        breaks = 0.5 * rest.log().sum(-1)
        return breaks - 2 * (x + softplus(-2 * x) - math.log(2.0)).sum(dim=-1)

    def forward_shape(self, shape: Any) -> Any:
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        count = shape[-1]
        size = round((0.25 + 2 * count) ** 0.5 + 0.5)
        if size * (size - 1) // 2 != count:
            raise ValueError("Input is not a flattened lower-diagonal number")
        return type(shape)((*shape[:-1], size, size))

    def inverse_shape(self, shape: Any) -> Any:
        if len(shape) < 2:
            raise ValueError("Too few dimensions on input")
        if shape[-2] != shape[-1]:
            raise ValueError("Input is not square")
        return type(shape)((*shape[:-2], shape[-1] * (shape[-1] - 1) // 2))


class LowerCholeskyTransform(_Alike):
    """Any matrix as a lower triangular one with a positive diagonal, the exponentials of its own; no bijection."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def _call(self, x: Any) -> Any:
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y: Any) -> Any:
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(_Alike):
    """Any matrix as a positive definite one, the product of its lower Cholesky form; no bijection."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def _call(self, x: Any) -> Any:
        x = LowerCholeskyTransform()(x)
        return x @ x.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform().inv(tensors.linalg_cholesky(y))


class _Parts(Transform):
    """Transforms of the parts of a tensor along an axis, and what is put together of the results."""

    transforms: list[Any]

    def __init__(self, tseq: Sequence[Any], dim: int = 0, cache_size: int = 0) -> None:
        if not all(isinstance(t, Transform) for t in tseq):
            raise AssertionError("All elements of tseq must be Transform instances")
        if cache_size:
            tseq = [t.with_cache(cache_size) for t in tseq]
        super().__init__(cache_size=cache_size)
        self.transforms = list(tseq)
        self.dim = dim

    @property
    def bijective(self) -> bool:
        return all(t.bijective for t in self.transforms)

    def _parts(self, z: Any) -> list[Any]:
        raise NotImplementedError

    def _check_axis(self, z: Any) -> None:
        if not -z.dim() <= self.dim < z.dim():
            raise AssertionError(f"dim {self.dim} out of range for tensor with {z.dim()} dimensions")


class CatTransform(_Parts):
    """Transforms of parts that stand behind each other along `dim`, each of its length."""

    def __init__(
        self, tseq: Sequence[Any], dim: int = 0, lengths: Sequence[int] | None = None, cache_size: int = 0
    ) -> None:
        super().__init__(tseq, dim, cache_size)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.transforms):
            raise AssertionError(f"lengths ({len(self.lengths)}) must match transforms ({len(self.transforms)})")

    @property
    def event_dim(self) -> Any:
        return max(t.event_dim for t in self.transforms)

    @property
    def length(self) -> int:
        """The length of all parts together."""
        return sum(self.lengths)

    def with_cache(self, cache_size: int = 1) -> Any:
        if self._cache_size == cache_size:
            return self
        return CatTransform(self.transforms, self.dim, self.lengths, cache_size)

    def _parts(self, z: Any, name: str = "x") -> list[Any]:
        self._check_axis(z)
        if z.size(self.dim) != self.length:
            raise AssertionError(f"{name}.size({self.dim}) = {z.size(self.dim)} must equal length {self.length}")
        starts = [sum(self.lengths[:i]) for i in range(len(self.lengths))]
        return [z.narrow(self.dim, start, length) for start, length in zip(starts, self.lengths, strict=True)]

    def _call(self, x: Any) -> Any:
        return engine.cat([t(v) for t, v in zip(self.transforms, self._parts(x), strict=True)], dim=self.dim)

    def _inverse(self, y: Any) -> Any:
        return engine.cat([t.inv(v) for t, v in zip(self.transforms, self._parts(y, "y"), strict=True)], dim=self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        found = []
        for t, before, after in zip(self.transforms, self._parts(x), self._parts(y, "y"), strict=True):
            part = t.log_abs_det_jacobian(before, after)
            if t.event_dim < self.event_dim:
                part = sum_rightmost(part, self.event_dim - t.event_dim)
            found.append(part)
        # The axis from the right, less the axes that a determinant takes up.
        dim = self.dim if self.dim < 0 else self.dim - x.dim()
        dim += self.event_dim
        return engine.cat(found, dim=dim) if dim < 0 else sum(found)

    @constraints.dependent_property
    def domain(self) -> Any:
        return constraints.cat([t.domain for t in self.transforms], self.dim, self.lengths)

    @constraints.dependent_property
    def codomain(self) -> Any:
        return constraints.cat([t.codomain for t in self.transforms], self.dim, self.lengths)


class StackTransform(_Parts):
    """Transforms of the slices along `dim`."""

    def with_cache(self, cache_size: int = 1) -> Any:
        return self if self._cache_size == cache_size else StackTransform(self.transforms, self.dim, cache_size)

    def _parts(self, z: Any, name: str = "x") -> list[Any]:
        self._check_axis(z)
        if z.size(self.dim) != len(self.transforms):
            count = len(self.transforms)
            raise AssertionError(f"{name}.size({self.dim}) = {z.size(self.dim)} must equal len(transforms) {count}")
        return [z.select(self.dim, i) for i in range(z.size(self.dim))]

    def _call(self, x: Any) -> Any:
        return engine.stack([t(v) for t, v in zip(self.transforms, self._parts(x), strict=True)], dim=self.dim)

    def _inverse(self, y: Any) -> Any:
        return engine.stack([t.inv(v) for t, v in zip(self.transforms, self._parts(y, "y"), strict=True)], dim=self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        parts = zip(self.transforms, self._parts(x), self._parts(y, "y"), strict=True)
        return engine.stack([t.log_abs_det_jacobian(a, b) for t, a, b in parts], dim=self.dim)

    @constraints.dependent_property
    def domain(self) -> Any:
        return constraints.stack([t.domain for t in self.transforms], self.dim)

    @constraints.dependent_property
    def codomain(self) -> Any:
        return constraints.stack([t.codomain for t in self.transforms], self.dim)
