r"""The LKJ distribution over Cholesky factors of correlations: $\propto \prod_{i \ge 2} L_{ii}^{2\eta - 2 + d - i}$.

Draws by the onion method, a row after the other. D. Lewandowski, D. Kurowicka, H. Joe, "Generating random correlation
matrices based on vines and extended onion method" (2009), section 3.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import engine
from engine.distributions import constraints
from engine.distributions.distribution import Distribution
from engine.distributions.gammas import Beta
from engine.distributions.parameters import expanded
from engine.distributions.utils import broadcast_all
from engine.size import Size
from engine.tensor import Tensor

__all__ = ["LKJCholesky"]


class LKJCholesky(Distribution):
    """The LKJ distribution for matrices of `dim`; `concentration` η of 1 is uniform over correlations."""

    concentration: Tensor
    arg_constraints: ClassVar[Any] = {"concentration": constraints.positive}
    support = constraints.corr_cholesky

    def __init__(self, dim: int, concentration: Any = 1.0, validate_args: bool | None = None) -> None:
        if dim < 2:
            raise ValueError(f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}.")
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        # The square of a row's length left of the diagonal.
        marginal = self.concentration + 0.5 * (dim - 2)
        offset = engine.arange(dim - 1, dtype=self.concentration.dtype, device=self.concentration.device)
        offset = engine.cat([offset.new_zeros((1,)), offset])
        self._beta = Beta(offset + 0.5, marginal.unsqueeze(-1) - 0.5 * offset)
        super().__init__(self.concentration.size(), Size((dim, dim)), validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = expanded(self, batch_shape, _instance, ("concentration",), self._event_shape)
        new.dim = self.dim
        new._beta = self._beta.expand((*Size(batch_shape), self.dim))
        return new

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with engine.no_grad():
            length = self._beta.sample(sample_shape).unsqueeze(-1)
            shape = self._extended_shape(sample_shape)
            normal = engine.randn(shape, dtype=length.dtype, device=length.device).tril(-1)
            direction = normal / normal.norm(dim=-1, keepdim=True)
            direction[..., 0, :].fill_(0.0)  # the first row has nothing left of the diagonal
            w = engine.sqrt(length) * direction
            tiny = engine.finfo(w.dtype).tiny
            diagonal = engine.clamp(1 - engine.sum(w**2, dim=-1), min=tiny).sqrt()
            return w + engine.diag_embed(diagonal)

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        diagonal = value.diagonal(dim1=-1, dim2=-2)[..., 1:]
        order = engine.arange(2, self.dim + 1, device=self.concentration.device)
        order = 2 * (self.concentration - 1).unsqueeze(-1) + self.dim - order
        unnormalized = engine.sum(order * diagonal.log(), dim=-1)
        less = self.dim - 1
        alpha = self.concentration + 0.5 * less
        normalizer = engine.mvlgamma(alpha - 0.5, less) - engine.lgamma(alpha) * less
        return unnormalized - (0.5 * less * math.log(math.pi) + normalizer)
