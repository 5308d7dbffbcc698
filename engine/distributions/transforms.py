"""Transforms of numbers one by one, and the public names of all transforms."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Number
from typing import Any

import engine
from engine.distributions import constraints
from engine.distributions.transform import (
    ComposeTransform,
    IndependentTransform,
    ReshapeTransform,
    Transform,
    _InverseTransform,
    identity_transform,
)
from engine.distributions.transform_arrays import (
    CatTransform,
    CorrCholeskyTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    SoftmaxTransform,
    StackTransform,
    StickBreakingTransform,
    clipped_sigmoid,
)
from engine.distributions.utils import broadcast_all, lazy_property
from engine.nn.functional import softplus

__all__ = [
    "AbsTransform", "AffineTransform", "CatTransform", "ComposeTransform", "CorrCholeskyTransform",
    "CumulativeDistributionTransform", "ExpTransform", "IndependentTransform", "LowerCholeskyTransform",
    "PositiveDefiniteTransform", "PowerTransform", "ReshapeTransform", "SigmoidTransform", "SoftmaxTransform",
    "SoftplusTransform", "StackTransform", "StickBreakingTransform", "TanhTransform", "Transform",
    "identity_transform",
]  # fmt: skip
_clipped_sigmoid = clipped_sigmoid
_Inverse = _InverseTransform


def _unclipped(y: Any) -> Any:
    """The logit, of what lies inside (0, 1) by the rounding of its dtype."""
    finfo = engine.finfo(y.dtype)
    y = y.clamp(min=finfo.tiny, max=1.0 - finfo.eps)
    return y.log() - (-y).log1p()


class _Plain(Transform):
    """A transform without parameters: all of one class are equal."""

    domain = constraints.real
    forward: Callable[[Any], Any]
    backward: Callable[[Any], Any]
    slope: Callable[[Any, Any], Any]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self))

    __hash__ = None

    def _call(self, x: Any) -> Any:
        return type(self).forward(x)

    def _inverse(self, y: Any) -> Any:
        return type(self).backward(y)


class _Rising(_Plain):
    """A bijection that rises."""

    bijective = True
    sign = +1

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return type(self).slope(x, y)


class ExpTransform(_Rising):
    r"""$y = e^x$."""

    codomain = constraints.positive
    forward = staticmethod(lambda x: x.exp())
    backward = staticmethod(lambda y: y.log())
    slope = staticmethod(lambda x, y: x)


class SigmoidTransform(_Rising):
    r"""$y = 1 / (1 + e^{-x})$."""

    codomain = constraints.unit_interval
    forward = staticmethod(clipped_sigmoid)
    backward = staticmethod(_unclipped)
    slope = staticmethod(lambda x, y: -softplus(-x) - softplus(x))


class SoftplusTransform(_Rising):
    r"""$y = \ln(1 + e^x)$."""

    codomain = constraints.positive
    forward = staticmethod(softplus)
    backward = staticmethod(lambda y: (-y).expm1().neg().log() + y)
    slope = staticmethod(lambda x, y: -softplus(-x))


class TanhTransform(_Rising):
    r"""$y = \tanh x$."""

    codomain = constraints.interval(-1.0, 1.0)
    forward = staticmethod(lambda x: x.tanh())
    backward = staticmethod(engine.atanh)  # without bounds: the ends go to infinity
    slope = staticmethod(lambda x, y: 2.0 * (math.log(2.0) - x - softplus(-2.0 * x)))


class AbsTransform(_Plain):
    r"""$y = |x|$; the inverse takes the positive branch."""

    codomain = constraints.positive
    forward = staticmethod(lambda x: x.abs())
    backward = staticmethod(lambda y: y)


class PowerTransform(Transform):
    r"""$y = x^p$ with `exponent` p."""

    domain = constraints.positive
    codomain = constraints.positive
    bijective = True

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size=cache_size)
        (self.exponent,) = broadcast_all(exponent)

    def with_cache(self, cache_size: int = 1) -> Any:
        return self if self._cache_size == cache_size else PowerTransform(self.exponent, cache_size=cache_size)

    @lazy_property
    def sign(self) -> Any:
        """The sign of the exponent."""
        return self.exponent.sign()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PowerTransform) and bool(self.exponent.eq(other.exponent).all())

    __hash__ = None

    def _call(self, x: Any) -> Any:
        return x.pow(self.exponent)

    def _inverse(self, y: Any) -> Any:
        return y.pow(1 / self.exponent)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return (self.exponent * y / x).abs().log()

    def forward_shape(self, shape: Any) -> Any:
        return engine.broadcast_shapes(shape, getattr(self.exponent, "shape", ()))

    inverse_shape = forward_shape


class AffineTransform(Transform):
    r"""$y = \mu + \sigma x$ with `loc` μ and `scale` σ, over values of `event_dim` axes."""

    bijective = True

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size=cache_size)
        self.loc = loc
        self.scale = scale
        self._event_dim = event_dim

    @property
    def event_dim(self) -> int:
        return self._event_dim

    def _region(self) -> Any:
        return constraints.independent(constraints.real, self.event_dim) if self.event_dim else constraints.real

    domain = constraints.dependent_property(_region, is_discrete=False)
    codomain = constraints.dependent_property(_region, is_discrete=False)

    def with_cache(self, cache_size: int = 1) -> Any:
        if self._cache_size == cache_size:
            return self
        return AffineTransform(self.loc, self.scale, self.event_dim, cache_size=cache_size)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AffineTransform):
            return False
        for mine, theirs in ((self.loc, other.loc), (self.scale, other.scale)):
            same = mine == theirs
            if not (same if isinstance(same, bool) else same.all().item()):
                return False
        return True

    __hash__ = None

    @property
    def sign(self) -> Any:
        """The sign of the scale."""
        if isinstance(self.scale, Number):
            scale: Any = self.scale
            return 1 if scale > 0 else -1 if scale < 0 else 0
        return self.scale.sign()

    def _call(self, x: Any) -> Any:
        return self.loc + self.scale * x

    def _inverse(self, y: Any) -> Any:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        shape = x.shape
        scale: Any = self.scale
        fixed = isinstance(scale, (int, float))
        result = engine.full_like(x, math.log(abs(scale))) if fixed else engine.abs(scale).log()
        if self.event_dim:
            result = result.view((*result.size()[: -self.event_dim], -1)).sum(-1)
            shape = shape[: -self.event_dim]
        return result.expand(shape)

    def forward_shape(self, shape: Any) -> Any:
        return engine.broadcast_shapes(shape, getattr(self.loc, "shape", ()), getattr(self.scale, "shape", ()))

    inverse_shape = forward_shape


class CumulativeDistributionTransform(Transform):
    """The distribution function of a distribution of single numbers."""

    bijective = True
    codomain = constraints.unit_interval
    sign = +1

    def __init__(self, distribution: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size=cache_size)
        self.distribution = distribution

    @property
    def domain(self) -> Any:
        return self.distribution.support

    def _call(self, x: Any) -> Any:
        return self.distribution.cdf(x)

    def _inverse(self, y: Any) -> Any:
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return self.distribution.log_prob(x)

    def with_cache(self, cache_size: int = 1) -> Any:
        if self._cache_size == cache_size:
            return self
        return CumulativeDistributionTransform(self.distribution, cache_size=cache_size)
