r"""Exponential families: densities $p(x; \theta) = \exp(\langle t(x), \theta\rangle - F(\theta) + k(x))$."""

from __future__ import annotations

from typing import Any

from engine import autograd
from engine.distributions.distribution import Distribution
from engine.tensor import Tensor

__all__ = ["ExponentialFamily"]


class ExponentialFamily(Distribution):
    r"""A distribution with natural parameters $\theta$, a log normalizer $F$ and a carrier measure $k$."""

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        raise NotImplementedError

    def _log_normalizer(self, *natural_params: Any) -> Any:
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self) -> Any:
        raise NotImplementedError

    def entropy(self) -> Tensor:
        r"""$F(\theta) - \langle\theta, \nabla F(\theta)\rangle - E\,k(x)$: a Bregman divergence of the log normalizer.

        F. Nielsen and R. Nock, "Entropies and cross-entropies of exponential families" (2010).
        """
        params = [p.detach().requires_grad_() for p in self._natural_params]
        normalizer = self._log_normalizer(*params)
        slopes = autograd.grad(normalizer.sum(), params, create_graph=True)
        result = normalizer - self._mean_carrier_measure
        for param, slope in zip(params, slopes, strict=True):
            result = result - (param * slope).reshape((*self._batch_shape, -1)).sum(-1)
        return result
