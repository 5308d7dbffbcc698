r"""Mixtures of distributions of one family: $p(x) = \sum_k w_k\,p_k(x)$."""

from __future__ import annotations

from typing import Any, ClassVar

import engine
from engine.distributions import constraints
from engine.distributions.categories import Categorical
from engine.distributions.distribution import Distribution
from engine.size import Size
from engine.tensor import Tensor

__all__ = ["MixtureSameFamily"]


class MixtureSameFamily(Distribution):
    """A categorical distribution over the components, which are the last batch axis of the other distribution."""

    arg_constraints: ClassVar[Any] = {}
    has_rsample = False

    def __init__(
        self, mixture_distribution: Any, component_distribution: Any, validate_args: bool | None = None
    ) -> None:
        self._mixture_distribution = mixture_distribution
        self._component_distribution = component_distribution
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(" The Mixture distribution needs to be an  instance of torch.distributions.Categorical")
        if not isinstance(component_distribution, Distribution):
            raise ValueError("The Component distribution needs to be an instance of torch.distributions.Distribution")
        inner = component_distribution.batch_shape[:-1]
        for of_mixture, of_components in zip(reversed(mixture_distribution.batch_shape), reversed(inner), strict=False):
            if of_mixture != 1 and of_components != 1 and of_mixture != of_components:
                raise ValueError(
                    f"`mixture_distribution.batch_shape` ({mixture_distribution.batch_shape}) is not compatible with "
                    f"`component_distribution.batch_shape`({inner})"
                )
        count = mixture_distribution.logits.shape[-1]
        components = component_distribution.batch_shape[-1]
        if count is not None and components is not None and count != components:
            raise ValueError(
                f"`mixture_distribution component` ({count}) does not equal `component_distribution.batch_shape[-1]` "
                f"({components})"
            )
        self._num_component = count
        event_shape = component_distribution.event_shape
        self._event_ndims = len(event_shape)
        super().__init__(batch_shape=inner, event_shape=event_shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(MixtureSameFamily, _instance)
        batch_shape = Size(batch_shape)
        new._component_distribution = self._component_distribution.expand((*batch_shape, self._num_component))
        new._mixture_distribution = self._mixture_distribution.expand(batch_shape)
        new._num_component = self._num_component
        new._event_ndims = self._event_ndims
        event_shape = new._component_distribution.event_shape
        Distribution.__init__(new, batch_shape=batch_shape, event_shape=event_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    @constraints.dependent_property
    def support(self) -> Any:
        return constraints.MixtureSameFamilyConstraint(self._component_distribution.support)

    @property
    def mixture_distribution(self) -> Any:
        """The distribution over the components."""
        return self._mixture_distribution

    @property
    def component_distribution(self) -> Any:
        """The components."""
        return self._component_distribution

    def _weighted(self, of_components: Any) -> Any:
        """The mean over the components of what each of them has."""
        weights = self._pad_mixture_dimensions(self.mixture_distribution.probs)
        return (weights * of_components).sum(-1 - self._event_ndims)

    @property
    def mean(self) -> Tensor:
        return self._weighted(self.component_distribution.mean)

    @property
    def variance(self) -> Tensor:
        # Var = E Var + Var E
        inside = self._weighted(self.component_distribution.variance)
        away = self.component_distribution.mean - self._pad(self.mean)
        return inside + self._weighted(away.pow(2.0))

    def cdf(self, x: Any) -> Tensor:
        return (self.component_distribution.cdf(self._pad(x)) * self.mixture_distribution.probs).sum(-1)

    def log_prob(self, x: Any) -> Tensor:
        self._check(x)
        of_components = self.component_distribution.log_prob(self._pad(x))
        weights = engine.log_softmax(self.mixture_distribution.logits, dim=-1)
        return engine.logsumexp(of_components + weights, dim=-1)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with engine.no_grad():
            sample_shape = Size(sample_shape)
            axis = len(sample_shape) + len(self.batch_shape)
            event = self.event_shape
            chosen = self.mixture_distribution.sample(sample_shape)
            shape = chosen.shape
            draws = self.component_distribution.sample(sample_shape)
            chosen = chosen.reshape((*shape, *(1,) * (len(event) + 1)))
            chosen = chosen.repeat((*(1,) * len(shape), 1, *event))
            return engine.gather(draws, axis, chosen).squeeze(axis)

    def _pad(self, x: Any) -> Any:
        return x.unsqueeze(-1 - self._event_ndims)

    def _pad_mixture_dimensions(self, x: Any) -> Any:
        missing = len(self.batch_shape) - len(self.mixture_distribution.batch_shape)
        shape = x.shape
        return x.reshape((*shape[:-1], *(1,) * missing, *shape[-1:], *(1,) * self._event_ndims))

    def __repr__(self) -> str:
        return f"MixtureSameFamily(\n  {self.mixture_distribution},\n  {self.component_distribution})"
